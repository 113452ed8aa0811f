"""`costops run`, `costops demo`, `costops backfill`.

Put here: options, what is said at the end, exit codes. Keep out: the run (`orchestration.running`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestion.config import Settings
from orchestration.commands import own_sessions
from orchestration.commands.shared import HomeOption, console, errors, fail, parse_date, parse_window, settings_of
from orchestration.home.lock import HomeIsBusyError
from orchestration.text.terminal import plain

if TYPE_CHECKING:
    from orchestration.running.main_job import Wish
    from orchestration.running.progress import RunTally

DEMO_HOME = Path(".costops-demo")
WITH_WARNINGS = 3
"""Exit code of a run that built and published all it could while something counts nowhere or is asked about."""


def register(app: typer.Typer) -> None:
    """Add the commands to `costops`."""
    app.command()(run)
    app.command()(demo)
    app.command(name="backfill")(backfill_source)


def execute(
    settings: Settings,
    wish: Wish | None = None,
    clock: datetime | None = None,
    accept_warnings: bool = False,
    wait_seconds: float = 0.0,
    accept_clock: bool = False,
) -> None:
    """Run the main job and say how it went; ends with an exit code where that is not well."""
    from orchestration.home.clock_check import ClockIsBehindError
    from orchestration.home.dbt_project import DbtError
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.running.main_job import UnknownSelectionError, run_main_job
    from orchestration.running.variables import unused_variables, wrong_words

    if wrong := wrong_words(settings):
        raise fail(wrong[0], 2)
    for words in unused_variables(settings):
        console.print(f"  [yellow]![/] {plain(words)}", highlight=False, soft_wrap=True)
    try:
        result = run_main_job(
            settings,
            console,
            wish,
            clock=clock,
            wait_seconds=wait_seconds,
            accept_clock=accept_clock,
        )
    except (
        HomeIsBusyError,
        WarehouseIsLockedError,
        ClockIsBehindError,
        UnknownSelectionError,
        DbtError,
    ) as error:
        raise fail(str(error)) from None
    if result.done:
        console.print(
            f"\n[bold]{plain(result.done[:1].upper() + result.done[1:])}.[/]", highlight=False, soft_wrap=True
        )
    if result.failed_sources:
        _summarize(settings, result.tally)
        errors.print(f"\n[red]Failed: {plain(', '.join(result.failed_sources))}[/]. All else went on.")
    elif not result.succeeded:
        errors.print(f"[red]The run failed[/] (Dagster run {result.run_id}).")
    for words in result.errors[:10]:
        errors.print(words[:2000], highlight=False, markup=False, soft_wrap=True)
    if result.failed_sources:
        raise typer.Exit(1)
    if not result.succeeded:
        errors.print(
            "What was published before stays as it was. See the whole run with: costops ui --home "
            + plain(settings.home),
            highlight=False,
        )
        _tell_notes(settings)
        raise typer.Exit(1)
    if _summarize(settings, result.tally) and not accept_warnings:
        raise typer.Exit(WITH_WARNINGS)


def _summarize(settings: Settings, tally: RunTally) -> bool:
    """Print what a run gave and noticed; returns whether it ended with warnings."""
    from orchestration.publishing.query import NothingPublishedError
    from orchestration.running.summary import print_summary

    try:
        held_back = print_summary(settings, tally, console)
    except NothingPublishedError as error:
        held_back = 0
        console.print(plain(error), highlight=False, soft_wrap=True)
    if settings.reads_local:
        own_sessions.print_used(settings)
    warns = _tell_notes(settings) or held_back > 0
    if warns:
        console.print("\n[yellow]Done with warnings[/]: all that could be built is built and published; see above.")
    return warns


def _tell_notes(settings: Settings) -> bool:
    from orchestration.running.landing_notes import print_groups, read_groups

    groups = read_groups(settings)
    print_groups(groups, console)
    return any(group.warns for group in groups)


def run(
    home: HomeOption = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day to rebuild even if nothing changed.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day to rebuild even if nothing changed.")] = None,
    select: Annotated[
        str | None, typer.Option(help="A part of the job, as a Dagster selection: 'kind:dlt' (landing), 'kind:dbt'.")
    ] = None,
    accept_warnings: Annotated[
        bool, typer.Option("--accept-warnings", help="End with exit code 0 instead of 3 where there are warnings.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another run on this home before giving up.")
    ] = 180.0,
    local: Annotated[
        bool, typer.Option("--local", help="Also read this person's sessions of Claude Code and Codex, where they lie.")
    ] = False,
    accept_clock: Annotated[
        bool, typer.Option("--accept-clock", help="Go on although the clock is earlier than the newest landing.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Build everything from nothing and make every check.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what would be built, and because of what; nothing is done.")
    ] = False,
) -> None:
    """Run the main job: land every source, then build, score, alert and publish what is due because of it.

    Exit code 0: all is fine. 1: the run failed. 2: wrong use. 3: done, with warnings (see docs/cli.md).
    """
    from orchestration.commands.due import explain_due
    from orchestration.running.main_job import Wish, configured_sources, has_anything_to_read

    settings = settings_of(home)
    first, last = parse_window(from_, to)
    if local or settings.reads_local:
        settings = own_sessions.found(replace(settings, reads_local=True), must_be=not has_anything_to_read(settings))
    if not has_anything_to_read(settings):
        console.print("[bold]No source is configured, so there is nothing to run on.[/]\n")
        for name, reason in configured_sources(settings).items():
            console.print(f"  {name:10} off: {plain(reason)}", highlight=False, soft_wrap=True)
        console.print(
            f"\nPut usage into {plain(str(settings.events_dir))}/<format>/ (docs/formats.md), bills into\n"
            f"{plain(str(settings.billing_dir))}/, or set a provider's key (docs/getting_started.md).\n\n"
            "Or see it work on a generated company first, in a home of its own:\n\n    costops demo\n\n"
            "Your own usage of Claude Code and Codex needs no set-up:\n\n    costops mine\n    costops run --local\n",
            soft_wrap=True,
            highlight=False,
        )
        raise typer.Exit(2)
    if explain:
        explain_due(settings, console)
        return
    execute(
        settings,
        Wish(first, last, select, full),
        accept_warnings=accept_warnings,
        wait_seconds=wait,
        accept_clock=accept_clock,
    )


def demo(
    home: Annotated[Path, typer.Option("--home", help="Home of the demo, apart from any real one.")] = DEMO_HOME,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    days: Annotated[int, typer.Option(min=35, help="Days of history.")] = 400,
    scale: Annotated[float, typer.Option(min=0.01, help="Size: 1 is about 250,000 requests.")] = 1.0,
    last_date: Annotated[str | None, typer.Option(help="Last day of the data. Default: yesterday (UTC).")] = None,
) -> None:
    """Generate the sample company in a home of its own, simulate its providers, run the main job on them."""
    from orchestration.running.demo import DemoHomeError, prepare_demo, running_demo

    last = parse_date(last_date, "--last-date") or datetime.now(UTC).date() - timedelta(days=1)
    try:
        prepare_demo(home, console, seed=seed, days=days, scale=scale, last_date=last)
    except DemoHomeError as error:
        raise fail(str(error)) from None
    with running_demo(home, console, days=days, last_date=last) as demo:
        execute(demo.settings, clock=demo.clock, accept_warnings=True)


def backfill_source(
    source: Annotated[str, typer.Argument(help="An API source such as openai; a name that is none lists them.")],
    from_: Annotated[str | None, typer.Option("--from", help="First day. Default: COSTOPS_BACKFILL_FROM.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day. Default: today (UTC).")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Ask for complete days again, and believe a day that comes back empty.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Pull days of one provider that are not complete yet. Interrupted, it goes on where it stopped."""
    from orchestration.home.lock import WarehouseIsLockedError
    from orchestration.running.backfill import BackfillError, backfill

    first, last = parse_window(from_, to)
    try:
        backfill(settings_of(home), console, source, from_date=first, to_date=last, force=force)
    except (BackfillError, HomeIsBusyError, WarehouseIsLockedError) as error:
        raise fail(str(error)) from None
