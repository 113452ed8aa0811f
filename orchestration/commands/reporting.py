"""`costops report` and the short ones: `today`, `month`, `team`, `model`, `budget`.

Put here: options, where a file goes. Keep out: what a report says (`orchestration.reports`).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestion.config import Settings
from orchestration.commands.shared import HomeOption, console, errors, fail, published, settings_of
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.reports.building import Asked
    from orchestration.reports.content import Report
    from orchestration.reports.template import Template


class ReportFormat(StrEnum):
    """What a report becomes."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    MD = "md"
    TERMINAL = "terminal"


PeriodOption = Annotated[
    str | None,
    typer.Option("--period", help="2026-10, 2026-Q3, 2026-W44, month, last_month, 30d … Default: the template's."),
]
TeamOption = Annotated[str | None, typer.Option("--team", help="About this team only, by id or name; several: a,b.")]
CustomerOption = Annotated[str | None, typer.Option("--customer", help="About this customer only; several: a,b.")]
ProviderOption = Annotated[str | None, typer.Option("--provider", help="About this provider only; several: a,b.")]
ReportFormatOption = Annotated[
    ReportFormat | None,
    typer.Option("--format", help="html, pdf, xlsx, md or terminal. Default: as --to ends, else the template's first."),
]
ToOption = Annotated[
    Path | None, typer.Option("--to", help="The file or folder to write. Default: reports/ in the home.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.command()(report)
    for short in (today, month, team, model, budget):
        app.command()(short)


def report(
    name: Annotated[str, typer.Argument(help="Which: `costops report list` shows them.")] = "list",
    period: PeriodOption = None,
    format_: ReportFormatOption = None,
    team: TeamOption = None,
    customer: CustomerOption = None,
    provider: ProviderOption = None,
    to: ToOption = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the file when it is written.")] = False,
    home: HomeOption = None,
) -> None:
    """Write a report: executive_monthly, daily_summary, team …; `list` and `check` say what there is."""
    from orchestration.reports.building import Asked

    settings = settings_of(home)
    if name == "list":
        return _list(settings)
    if name == "check":
        return _check(settings)
    template = _template(settings, name)
    form = _form(format_, to) or template.formats[0]
    made = _built(home, template, Asked(period, team, customer, provider))
    if form == "terminal":
        return _show(made)
    path = _write(made, form, to or settings.home / "reports")
    console.print(f"Written: {plain(str(path))}", soft_wrap=True, highlight=False)
    if open_:
        typer.launch(str(path))
    return None


def today(team: TeamOption = None, home: HomeOption = None) -> None:
    """What was spent today so far, against yesterday."""
    _short("today", home, team=team)


def month(period: PeriodOption = None, team: TeamOption = None, home: HomeOption = None) -> None:
    """What the month cost so far, why it changed, where it ends."""
    _short("month", home, period, team)


def team(
    name: Annotated[str | None, typer.Argument(help="The team, by id or name; without it, which there are.")] = None,
    period: PeriodOption = None,
    home: HomeOption = None,
) -> None:
    """What one team spent, on what, why it changed, what it should do."""
    _short("team", home, period, name)


def model(period: PeriodOption = None, team: TeamOption = None, home: HomeOption = None) -> None:
    """What each model cost, per call and per token."""
    _short("model", home, period, team)


def budget(period: PeriodOption = None, team: TeamOption = None, home: HomeOption = None) -> None:
    """Where each budget stands and where it ends."""
    _short("budget", home, period, team)


def _short(name: str, home: Path | None, period: str | None = None, team: str | None = None) -> None:
    from orchestration.reports.building import Asked

    _show(_built(home, _template(settings_of(home), name), Asked(period, team)))


def _template(settings: Settings, name: str) -> Template:
    from orchestration.reports.template import load_templates

    found, problems = load_templates(settings.home / "reports")
    for problem in problems:
        errors.print(f"[yellow]left out:[/] {plain(problem)}", highlight=False, soft_wrap=True)
    if name not in found:
        raise fail(f"there is no report {name!r}; there are: {', '.join(sorted(found))}", 2)
    return found[name]


def _built(home: Path | None, template: Template, asked: Asked) -> Report:
    from orchestration.reports.building import ReportError, build_report

    with published(home) as connection:
        try:
            return build_report(connection, template, asked)
        except ReportError as error:
            raise fail(str(error), 2) from None


def _show(made: Report) -> None:
    from orchestration.reports.rendering.screen import show

    show(made, console)


def _write(made: Report, form: str, to: Path) -> Path:
    from orchestration.reports.files import file_name, write

    path = to if to.suffix and not to.is_dir() else to / file_name(made, form)
    try:
        return write(made, form, path)
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror}") from None


def _form(format_: ReportFormat | None, to: Path | None) -> str | None:
    """What is asked for, by its name or by the file's ending; the two must agree."""
    from orchestration.reports.rendering import ENDINGS

    ending = "" if to is None or to.is_dir() else to.suffix.lower()
    by_ending = next((form for form, usual in ENDINGS.items() if usual == ending), None)
    if ending and by_ending is None:
        raise fail(f"a report is no {ending} file: end {to} with one of {', '.join(ENDINGS.values())}", 2)
    if format_ and by_ending and format_.value != by_ending:
        raise fail(f"--format {format_.value} and {to} do not agree: leave one away", 2)
    return format_.value if format_ else by_ending


def _list(settings: Settings) -> None:
    from rich.table import Table

    from orchestration.reports.template import load_templates

    found, problems = load_templates(settings.home / "reports")
    grid = Table.grid(padding=(0, 2))
    for name, each in sorted(found.items()):
        grid.add_row(plain(name), plain(each.description))
    console.print(grid)
    console.print(f"\nA template of your own is a file in {plain(str(settings.home / 'reports'))}/", soft_wrap=True)
    for problem in problems:
        errors.print(f"[yellow]left out:[/] {plain(problem)}", highlight=False, soft_wrap=True)


def _check(settings: Settings) -> None:
    from orchestration.reports.template import load_templates

    found, problems = load_templates(settings.home / "reports")
    if problems:
        raise fail("\n".join(problems))
    console.print(f"{len(found)} templates, nothing wrong")
