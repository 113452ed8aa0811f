"""`costops schedules`: reports that go out by themselves, listed, paused, resumed, deleted, sent.

Put here: options and printing. Keep out: when an entry is due, sending (`orchestration.reports`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestion.config import Settings
from orchestration.commands.shared import HomeOption, console, errors, fail, published, settings_of
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.reports.schedules import Schedule
    from orchestration.reports.template import Template

schedules = typer.Typer(
    help="Reports that go out by themselves: reports/schedules.yml of the home.", no_args_is_help=True
)
NameArgument = Annotated[str, typer.Argument(help="The entry's name: `costops schedules list` shows them.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.add_typer(schedules, name="schedules")


@schedules.command("list")
def list_(home: HomeOption = None) -> None:
    """Name, report, when it is due, to whom, what became of the newest."""
    from rich.table import Table

    from orchestration.reports.deliveries import Deliveries

    settings = settings_of(home)
    found, _ = _loaded(settings)
    if not found:
        console.print(
            f"No report goes out by itself; entries stand in {plain(str(settings.home / 'reports'))}/schedules.yml"
        )
        return
    newest = {line["schedule"]: line for line in Deliveries(settings.state_dir).lines()}
    table = Table(show_edge=False, header_style="bold")
    for name in ("Name", "Report", "When", "By", "Newest"):
        table.add_column(name, overflow="fold")
    for each in found:
        line = newest.get(each.name)
        became = (
            "–" if line is None else f"{line['due_at_utc'][:16]} {'sent' if line['is_delivered'] else line['problem']}"
        )
        when = f"{each.words}{' (paused)' if each.is_paused else ''}"
        by = ", ".join(delivery.channel for delivery in each.deliveries)
        table.add_row(*(plain(text) for text in (each.name, f"{each.template}, {each.form}", when, by, became)))
    console.print(table)


@schedules.command()
def pause(name: NameArgument, home: HomeOption = None) -> None:
    """Send nothing of this entry until it is resumed."""
    from orchestration.reports.schedules import set_paused

    _change(home, lambda folder: set_paused(folder, name, is_paused=True))
    console.print(f"{plain(name)} is paused")


@schedules.command()
def resume(name: NameArgument, home: HomeOption = None) -> None:
    """Send again what is due from now on."""
    from orchestration.reports.schedules import set_paused

    _change(home, lambda folder: set_paused(folder, name, is_paused=False))
    console.print(f"{plain(name)} is no longer paused")


@schedules.command()
def delete(name: NameArgument, home: HomeOption = None) -> None:
    """Take the entry out of the file."""
    from orchestration.reports.schedules import delete as take_out

    _change(home, lambda folder: take_out(folder, name))
    console.print(f"{plain(name)} is deleted")


@schedules.command()
def send(
    name: Annotated[
        str | None, typer.Argument(help="Only this entry, paused or not. Default: all that are due.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Send what is due and has not arrived: what a scheduler of your own calls; the daemon does it by itself."""
    from orchestration.home.clock import utc_now
    from orchestration.reports.deliveries import Deliveries
    from orchestration.reports.sending import send_due

    settings = settings_of(home)
    found, templates = _loaded(settings)
    chosen = [each for each in found if name in (None, each.name)]
    if name is not None and not chosen:
        raise fail(f"there is no schedule {name!r}; there are: {', '.join(each.name for each in found) or 'none'}", 2)
    with published(home) as connection:
        done = send_due(
            connection, chosen, templates, settings.report_variables, settings.home / "reports",
            Deliveries(settings.state_dir), utc_now(), is_forced=name is not None,
        )  # fmt: skip
    for each in done:
        became = "was sent before" if each.was_sent else each.problem or "sent"
        console.print(f"{plain(each.schedule)} by {each.channel}: {plain(became)}", soft_wrap=True, highlight=False)
    if not done:
        console.print("Nothing is due.")
    if any(each.problem for each in done):
        raise typer.Exit(1)


def _loaded(settings: Settings) -> tuple[list[Schedule], dict[str, Template]]:
    from orchestration.reports.schedules import load_schedules
    from orchestration.reports.template import load_templates

    folder = settings.home / "reports"
    templates, problems = load_templates(folder)
    found, wrong = load_schedules(folder, templates)
    for problem in [*problems, *wrong]:
        errors.print(f"[yellow]left out:[/] {plain(problem)}", highlight=False, soft_wrap=True)
    return found, templates


def _change(home: Path | None, change: object) -> None:
    from orchestration.reports.schedules import ScheduleError

    try:
        change(settings_of(home).home / "reports")  # type: ignore[operator]
    except ScheduleError as error:
        raise fail(str(error), 2) from None
