"""Backfills one API source: pulls the days asked for, shows how it goes, says what is complete afterwards.

Put here: driving a source outside the main job. Keep out: which days are due (`ingestion.api`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from rich.console import Console
from rich.table import Table

from ingestion.api.errors import ApiError
from ingestion.config import Settings
from ingestion.landing.counting import counted
from orchestration.home.clock import utc_now
from orchestration.home.last_good import heal
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.home.paths import prepare_home
from orchestration.running.sources import API_SOURCES
from orchestration.text.terminal import plain
from orchestration.warehouse.completeness import STATUSES, days_by_endpoint


class BackfillError(RuntimeError):
    """The backfill cannot start or did not finish; the message says what to do."""


def backfill(
    settings: Settings,
    console: Console,
    name: str,
    *,
    from_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    now: datetime | None = None,
) -> None:
    """Pull what is not complete between two days (both included) into the raw tables of `name`.

    Each day is on disk before the next is asked for, so an interrupted backfill goes on where it stopped.
    `force` asks for every day again and believes a day that comes back empty.

    Raises:
        BackfillError: unknown source, source off, or the provider did not give everything.
        HomeIsBusyError: a run holds the home.
    """
    source = API_SOURCES.get(name)
    if source is None:
        raise BackfillError(f"no API source is called {name!r}; there are {', '.join(API_SOURCES)}")
    reason = source.off_reason(settings)
    if reason:
        raise BackfillError(f"{name} is off: {reason}")
    first = from_date or settings.api.backfill_from
    now = now or utc_now()
    prepare_home(settings)
    with hold_home(settings):
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=console.print)
        heal(settings, console.print)
        with _progress(console, name) as tell:
            try:
                report = source.land(settings, now=now, progress=tell, from_date=first, to_date=to_date, force=force)
            except ApiError as error:
                raise BackfillError(
                    f"{error}\nWhat was received is landed. The same command goes on where this one stopped."
                ) from None
        for note in report.notes:
            console.print(f"  {note}", highlight=False, soft_wrap=True, markup=False)
        if report.quarantined_rows:
            console.print(f"  [yellow]{counted(report.quarantined_rows, 'row is', 'rows are')} in quarantine[/]")
        _print_days(settings, console, name, first, to_date)


@contextmanager
def _progress(console: Console, name: str) -> Iterator[Callable[[str], None]]:
    """A live line in a terminal; elsewhere one line per finished window."""
    with console.status(f"{name}: asking") as status:

        def tell(line: str) -> None:
            if console.is_terminal:
                status.update(line)
            elif ", window " in line:
                console.print(f"  {line}", highlight=False, soft_wrap=True, markup=False)

        yield tell


def _print_days(settings: Settings, console: Console, name: str, first: date, last: date | None) -> None:
    table = Table(title=f"{name} from {first}", title_justify="left", title_style="bold", show_edge=False)
    for column in ("endpoint", *STATUSES, "days", "why not complete"):
        table.add_column(column, justify="right" if column in STATUSES else "left", overflow="fold")
    for row in days_by_endpoint(settings.warehouse_path, f"raw_{name}", first, last):
        span = f"{row.first} – {row.last}" if row.first else "no days"
        table.add_row(row.endpoint, *(f"{row.days_by_status[s]:,}" for s in STATUSES), span, plain(row.note or ""))
    console.print(table)
    console.print("The marts have these days after the next: costops run", highlight=False)
