"""`costops docs`: the documentation as one static site.

Put here: options, what is said while it is built. Keep out: building it (`orchestration.documentation`).
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ingestion.config import Settings
from orchestration.commands.shared import HomeOption, console, errors, fail, settings_of
from orchestration.text.terminal import plain

WAIT_SECONDS = 20.0


def register(app: typer.Typer) -> None:
    """Add the command to `costops`."""
    app.command()(docs)


def docs(
    to: Annotated[Path | None, typer.Option("--to", help="Folder of the site. Default: docs/ in the home.")] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open it when it is built.")] = True,
    quick: Annotated[bool, typer.Option("--quick", help="Our own pages and tables only, without dbt's pages.")] = False,
    home: HomeOption = None,
) -> None:
    """Build the documentation: pages, every table and column, dbt's pages, what queries answer on this home."""
    from orchestration.documentation.answers import Answers
    from orchestration.documentation.catalogue import catalogue
    from orchestration.documentation.site import Site, build, start_page
    from orchestration.documentation.sources import docs_dir, lineage_page, manifest, readme
    from orchestration.home.dbt_project import DbtError
    from orchestration.publishing.query import NothingPublishedError, open_published

    settings = settings_of(home)
    folder = (to or settings.home / "docs").expanduser().resolve()
    if folder.exists() and not (folder / "search.js").exists() and any(folder.iterdir()):
        raise fail(f"--to {folder} holds something else; name an empty or a new folder", 2)
    with ExitStack() as stack:
        connection = None
        try:
            connection = stack.enter_context(open_published(settings))
        except NothingPublishedError:
            _say("nothing is published yet: queries are not answered, types are those of dbt (costops run publishes)")
        page = lineage = None
        try:
            with console.status("reading dbt's project"):
                project = manifest(settings)
            if not quick:
                with console.status("building dbt's pages"):
                    page = _dbt_page(settings)
                if page is not None and (page.parent / "catalog.json").exists():
                    with console.status("following columns"):
                        lineage = lineage_page(settings, _say)
        except DbtError as error:
            raise fail(str(error)) from None
        answers = Answers(connection) if connection else None
        dashboards = settings.published_dir / "dashboards" / "index.html"
        site = Site(
            docs_dir(), readme(), catalogue(project, connection), answers, page, lineage,
            os.path.relpath(dashboards, folder) if dashboards.exists() else None,
        )  # fmt: skip
        with console.status("writing pages"):
            count = build(site, folder)
    console.print(f"{count} pages: {plain(str(start_page(folder)))}", soft_wrap=True, highlight=False)
    if answers and answers.failed:
        _say(f"{len(answers.failed)} of {answers.count + len(answers.failed)} queries are not answered on this home")
    if open_:
        typer.launch(str(start_page(folder)))


def _dbt_page(settings: Settings) -> Path:
    """With types and sizes where the warehouse can be held, else without."""
    from orchestration.documentation.sources import dbt_page
    from orchestration.home.lock import HomeIsBusyError, hold_home

    if not settings.warehouse_path.exists():
        return dbt_page(settings, has_catalog=False)
    try:
        with hold_home(settings, wait_seconds=WAIT_SECONDS):
            return dbt_page(settings, has_catalog=True)
    except HomeIsBusyError:
        _say("a run holds the home: dbt's pages are built without types and sizes")
        return dbt_page(settings, has_catalog=False)


def _say(words: str) -> None:
    errors.print(f"[yellow]note:[/] {plain(words)}", highlight=False, soft_wrap=True)
