"""`costops dashboard`: opening, listing, checking, exchanging dashboards.

Put here: options and exit codes. Keep out: pages (`dashboards`).
"""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ingestion.landing.counting import counted
from orchestration.commands.shared import Format, FormatOption, HomeOption, console, fail, print_json, settings_of
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from ingestion.config import Settings
    from orchestration.dashboards.catalog import Found
    from orchestration.dashboards.site import Site

NameArgument = Annotated[str, typer.Argument(help="Name of a dashboard, as `costops dashboard list` shows it.")]


class _OpensByName(TyperGroup):
    """A group whose first word, where it is no command, is the dashboard to open."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `open` before it."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["open", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    group = typer.Typer(
        cls=_OpensByName,
        help="Pages of what is spent, why, and what to do. `costops dashboard` opens the list, with a name that one.",
    )
    group.command("open")(open_)
    group.command("list")(list_)
    group.command()(check)
    group.command()(export)
    group.command()(grafana)
    group.command("import")(import_)
    group.command()(new)
    app.add_typer(group, name="dashboard")


def open_(
    name: Annotated[str | None, typer.Argument(help="Name of a dashboard; without one the list of all.")] = None,
    open_page: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Show it in the browser. Default: in a terminal.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Bring the pages up to date and open one; prints where it lies."""
    site = _site(settings_of(home))
    page = site.index if name is None else site.page(name)
    if name is not None and name not in site.names:
        wrong = [str(fault) for fault in site.faults if Path(fault.file).stem == name]
        raise fail("\n".join(wrong) or f"there is no dashboard {name!r}; there are: {', '.join(site.names)}")
    _print_faults(site)
    console.print(plain(str(page)), highlight=False, soft_wrap=True)
    if open_page if open_page is not None else sys.stdout.isatty():
        webbrowser.open(page.as_uri())


def list_(home: HomeOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Every dashboard: shipped and your own."""
    from orchestration.dashboards.catalog import find

    every = find(settings_of(home).dashboards_dir)
    if format_ is Format.JSON:
        print_json([_described(found) for found in every])
        return
    for found in every:
        row = _described(found)
        words = f"{row['title']}: {row['description']}" if found.dashboard else f"wrong: {found.faults[0]}"
        whose = "shipped" if found.is_shipped else "yours"
        console.print(f"{row['name']:<16} {whose:<8} {plain(words)}", soft_wrap=True, highlight=False)


def check(
    path: Annotated[Path | None, typer.Argument(help="A file; without one all dashboards.")] = None,
    home: HomeOption = None,
) -> None:
    """Check definitions against the published marts; each fault names file, widget, field and remedy."""
    from orchestration.dashboards.catalog import find
    from orchestration.dashboards.reading import read_file
    from orchestration.dashboards.statements import check as check_marts
    from orchestration.publishing.query import NothingPublishedError, open_published

    settings = settings_of(home)
    try:
        connection = open_published(settings)
    except NothingPublishedError as error:
        raise fail(str(error)) from None
    count = 0
    with connection:
        read = [(path, *read_file(path))] if path else [
            (found.path, found.dashboard, list(found.faults)) for found in find(settings.dashboards_dir)
        ]  # fmt: skip
        for file, dashboard, faults in read:
            for fault in [*faults, *(check_marts(dashboard, file, connection) if dashboard else [])]:
                console.print(plain(str(fault)), highlight=False, soft_wrap=True)
                count += 1
    if count:
        raise typer.Exit(1)
    console.print(f"{counted(len(read), 'dashboard', 'dashboards')}, nothing wrong", highlight=False)


def export(
    name: NameArgument,
    to: Annotated[Path, typer.Option("--to", help="FILE.json or FILE.yml for the definition, FILE.html for the page.")],
    team: Annotated[
        str | None, typer.Option("--team", help="Only the rows of this team (its id), in the page to FILE.html.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write a dashboard to a file: its definition, or its page to be given away, for one team or all."""
    from orchestration.dashboards.exchange import ExchangeError, export_definition, export_page

    settings = settings_of(home)
    try:
        if to.suffix == ".html":
            told = export_page(settings, name, to, team)
        elif team is not None:
            raise fail("--team restricts the rows of a page: write --to FILE.html", 2)
        else:
            told = export_definition(settings, name, to)
    except (ExchangeError, OSError) as error:
        raise fail(str(error)) from None
    for words in told:
        console.print(plain(words), highlight=False, soft_wrap=True)


def grafana(
    to: Annotated[Path, typer.Option("--to", help="FILE.json for Grafana's import.")],
    name: Annotated[
        str | None, typer.Argument(help="Name of a dashboard; without one the overview that is shipped for Grafana.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write a dashboard for Grafana over the marts in PostgreSQL."""
    from orchestration.dashboards.exchange import ExchangeError, export_grafana

    try:
        told = export_grafana(settings_of(home), name, to)
    except (ExchangeError, OSError) as error:
        raise fail(str(error)) from None
    for words in told:
        console.print(plain(words), highlight=False, soft_wrap=True)


def import_(
    path: Annotated[Path, typer.Argument(help="A definition, as YAML or JSON.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also where you have one of its name.")] = False,
    home: HomeOption = None,
) -> None:
    """Check a definition and take it among your own."""
    from orchestration.dashboards.exchange import ExchangeError, import_definition

    try:
        made = import_definition(settings_of(home), path, replace=replace)
    except (ExchangeError, OSError) as error:
        raise fail(str(error)) from None
    console.print(plain(str(made)), highlight=False, soft_wrap=True)


def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and _.")],
    home: HomeOption = None,
) -> None:
    """Write the beginning of a dashboard of your own, ready to be changed."""
    from orchestration.dashboards.exchange import ExchangeError, new_definition

    try:
        made = new_definition(settings_of(home), name)
    except (ExchangeError, OSError) as error:
        raise fail(str(error)) from None
    console.print(f"{plain(str(made))}\nSee it with: costops dashboard {plain(name)}", highlight=False, soft_wrap=True)


def _site(settings: Settings) -> Site:
    from orchestration.dashboards.site import write_site
    from orchestration.publishing.query import NothingPublishedError

    try:
        return write_site(settings)
    except (NothingPublishedError, OSError) as error:
        raise fail(str(error)) from None


def _print_faults(site: Site) -> None:
    for fault in site.faults:
        console.print(f"[yellow]not shown[/] {plain(str(fault))}", highlight=False, soft_wrap=True)


def _described(found: Found) -> dict[str, Any]:
    dashboard = found.dashboard
    return {
        "name": dashboard.name if dashboard else found.path.stem,
        "title": dashboard.title if dashboard else "",
        "description": dashboard.description if dashboard else "",
        "tags": list(dashboard.tags) if dashboard else [],
        "owner": dashboard.owner if dashboard else "",
        "audience": list(dashboard.audience) if dashboard else [],
        "is_public": bool(dashboard and dashboard.is_public),
        "is_shipped": found.is_shipped,
        "file": str(found.path),
        "faults": [str(fault) for fault in found.faults],
    }
