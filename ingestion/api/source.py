"""Pulls what is due from a provider into the spool and lands it: the order of one run.

Days that are not complete and the look-back are asked for; each day is on disk before the next window is asked,
so a run that is killed or fails goes on where it stopped. What was received is landed even when something failed.

Put here: that order. Keep out: requests, files, fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.api.client import ApiClient
from ingestion.api.errors import ApiError, NotEntitledError, NotFoundError, WrongCredentialError
from ingestion.api.model import ApiSource, DayPages, Endpoint, Record
from ingestion.api.pulls import FILE_NAME, MISSING, NOT_ENTITLED, SKIPPED_404, Ledger, PullState, parse_ledger
from ingestion.api.spool import Spool
from ingestion.api.windows import DateRange, due_days, last_day, windows
from ingestion.config import Settings
from ingestion.landing import DropFolderSource, LandingReport, land_drop_folder
from ingestion.landing.counting import counted
from ingestion.landing.database import connect, ensure_tables
from ingestion.landing.notes import Note
from ingestion.landing.registry import forget_files_without_rows
from ingestion.landing.source import Route

Progress = Callable[[str], None]
FAILURES_IN_A_ROW = 2
"""Endpoints that may fail one after the other before the provider counts as down."""


def pull_and_land(
    source: ApiSource,
    settings: Settings,
    client: ApiClient | None,
    *,
    now: datetime,
    from_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    progress: Progress | None = None,
    off_reason: str | None = None,
) -> LandingReport:
    """Bring a source's raw tables up to date; `client` None (with a reason) means the source is off.

    Pulled is what is due from `from_date` (default: the source's start) to `to_date` (default: today), both
    included; `force` asks for every day of them again and believes a day that comes back empty. Raises an
    `ApiError` after landing what was received.
    """
    now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    if client is None:
        return _off(source, settings, now, progress, off_reason or f"{source.credential_variable} is not set")
    run = PullRun(source, client, Spool(settings.spool_dir / source.name), now, progress or (lambda line: None), force)
    run.pull(from_date, to_date)
    if from_date or to_date or force:
        _repair(source, settings, run)
    report = land(source, settings, now=now, progress=progress)
    report.notes[:0] = run.notes
    if run.errors:
        raise type(run.errors[0])(f"{source.name}: " + "; ".join(dict.fromkeys(map(str, run.errors))))
    return report


def _off(source: ApiSource, settings: Settings, now: datetime, progress: Progress | None, reason: str) -> LandingReport:
    """Nothing is asked; what was received earlier still counts, also in a warehouse that was made anew."""
    if any((settings.spool_dir / source.name).glob("*/*.jsonl.gz")):
        report = land(source, settings, now=now, progress=progress)
    else:
        ensure_tables(settings.warehouse_path)
        report = LandingReport(source=source.name, is_on=False)
    report.is_on, report.off_reason = False, reason
    return report


def _repair(source: ApiSource, settings: Settings, run: PullRun) -> None:
    """A backfill also lands days again whose rows were deleted from the warehouse."""
    if not settings.warehouse_path.exists():
        return
    ensure_tables(settings.warehouse_path)
    with connect(settings.warehouse_path) as db:
        emptied = forget_files_without_rows(db, source.dataset)
    if emptied:
        message = counted(emptied, "file", "files") + " had no rows in the warehouse any more; landed again"
        run.notes.append(Note("landed_again", message, count=emptied))


def land(source: ApiSource, settings: Settings, *, now: datetime, progress: Progress | None = None) -> LandingReport:
    """Land the spool as it is, without a request."""
    drop_folder = DropFolderSource(
        name=source.name,
        dataset=source.dataset,
        folder=settings.spool_dir / source.name,
        folder_variable=source.credential_variable,
        keeps_removed=lambda relative_path: True,
        route=lambda path: ("pulls", parse_ledger) if path == FILE_NAME else _route(source, path),
    )
    return land_drop_folder(drop_folder, settings, now=now, progress=progress)


def _route(source: ApiSource, path: str) -> Route:
    return source.route(path)


@dataclass
class PullRun:
    """One run of one source."""

    source: ApiSource
    client: ApiClient
    spool: Spool
    now: datetime
    say: Progress
    force: bool = False
    notes: list[Note] = field(default_factory=list)
    errors: list[ApiError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.spool.folder)

    def pull(self, from_date: date | None, to_date: date | None) -> None:
        """Every endpoint in turn. A credential that is refused everywhere, or a provider that is down, ends it."""
        failed_in_a_row = 0
        for endpoint in self.source.endpoints:
            failures = len(self.errors)
            self._pull_endpoint(endpoint, from_date, to_date)
            failed_in_a_row = failed_in_a_row + 1 if len(self.errors) > failures else 0
            refused_at_once = bool(self.errors) and isinstance(self.errors[0], WrongCredentialError)
            if failed_in_a_row >= FAILURES_IN_A_ROW or (refused_at_once and not self.counts["days"]):
                break
        self.ledger.compact()
        if self.counts["rewritten"]:
            days = self.counts["rewritten"]
            self.notes.append(Note("run_figures", counted(days, "day was restated", "days were restated"), count=days))
        if self.counts["kept"]:
            message = (
                f"{self.counts['kept']} days that had rows came back empty; the rows were kept and the days count as "
                "missing. If the provider is right: costops backfill --force"
            )
            self.notes.append(Note("days_kept", message, count=self.counts["kept"]))
        self.notes.append(Note("run_figures", counted(self.client.request_count, "request", "requests")))

    def _pull_endpoint(self, endpoint: Endpoint, from_date: date | None, to_date: date | None) -> None:
        wanted = DateRange(from_date or self.source.start_date, min(to_date or last_day(self.now), last_day(self.now)))
        due: list[date] = []
        try:
            if endpoint.window_days is None:
                for pages in endpoint.pull(self.client, wanted, now=self.now):
                    self._keep(endpoint, pages)
            else:
                due = list(wanted) if self.force else self._due(endpoint, wanted)
                self._pull_windows(endpoint, due)
            self.ledger.clear(endpoint.name, self.now)
        except NotFoundError as error:
            self.notes.append(Note("other", f"{endpoint.name}: skipped, the provider does not know it (404)"))
            self.ledger.mark(endpoint.name, None, SKIPPED_404, str(error), self.now)
        except NotEntitledError as error:
            self.notes.append(Note("not_entitled", f"{endpoint.name}: not entitled: {error}"))
            self.ledger.mark(endpoint.name, None, NOT_ENTITLED, str(error), self.now)
        except ApiError as error:
            self.errors.append(error)
            self._mark_missing(endpoint, due, str(error))

    def _due(self, endpoint: Endpoint, wanted: DateRange) -> list[date]:
        spooled = self.spool.days(endpoint.name)
        complete = {day: at for day, at in self.ledger.complete_days(endpoint.name).items() if day in spooled}
        lookback = getattr(endpoint, "lookback_days", None)
        return due_days(wanted, complete, self.source.lookback_days if lookback is None else lookback, self.now)

    def _pull_windows(self, endpoint: Endpoint, due: list[date]) -> None:
        planned = windows(due, endpoint.window_days or 1)
        for number, window in enumerate(planned, 1):
            for pages in endpoint.pull(self.client, window, now=self.now):
                self._keep(endpoint, pages)
            self.say(
                f"{self.source.name}: {endpoint.name}, window {number} of {len(planned)} "
                f"({window.first} to {window.last}), {self.client.request_count} requests"
            )

    def _keep(self, endpoint: Endpoint, pages: DayPages) -> None:
        """One day to the spool and the ledger."""
        name, day = endpoint.name, pages.day
        before = self.ledger.get(name, day)
        if day is not None and self._is_lost(before, pages):
            if pages.is_out_of_reach and before and before.was_complete and self.spool.has(name, day):
                return
            reason = "no longer reported" if pages.records else pages.reason or "the provider gave no bucket"
            if before and before.row_count:
                self.counts["kept"] += bool(pages.records)
                reason += f"; the {before.row_count} rows received earlier are kept"
            self.ledger.mark(name, day, MISSING, reason, self.now)
            return
        records = pages.records if day is not None else self._with_unlisted(endpoint, pages.records)
        digest, _ = self.spool.write(name, day, records)
        state = self.ledger.record(name, pages, digest, self.now)
        self.counts["days"] += 1
        if before and state.restatement_count > before.restatement_count and day is not None:
            self.counts["rewritten"] += 1

    def _is_lost(self, before: PullState | None, pages: DayPages) -> bool:
        """Whether a day says nothing at all, or no longer what it said; a forced pull believes the latter."""
        is_emptied = before is not None and before.row_count > 0 and not pages.row_count
        return not pages.records or (is_emptied and not self.force)

    def _with_unlisted(self, endpoint: Endpoint, records: list[Record]) -> list[Record]:
        """A list plus what it held earlier: a deleted key still has a name in old rows."""
        path: Path = self.spool.path(endpoint.name, None)
        key_of = getattr(endpoint, "key_of", None)
        if key_of is None or not path.is_file():
            return records
        listed = {key_of(record.payload) for record in records}
        try:
            earlier = list(self.spool.read(path))
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return records
        gone = [record for record in earlier if key_of(record.payload) not in listed]
        return records + [Record(record.request, record.payload, record.kind, is_listed=False) for record in gone]

    def _mark_missing(self, endpoint: Endpoint, due: list[date], reason: str) -> None:
        for day in due:
            if self.ledger.get(endpoint.name, day) is None:
                self.ledger.mark(endpoint.name, day, MISSING, reason, self.now)
        if endpoint.window_days is None:
            self.ledger.mark(endpoint.name, None, MISSING, reason, self.now)
