"""Lands a drop folder: what is new or changed in it, whole files at a time, safe to kill at any moment.

Data flow: files of a folder -> parser -> `raw_<source>` tables, `files` and `quarantine`.

Order of a run: remove what an unsettled load left behind; compare the folder with the registry; delete
everything about the files to be landed again; append them in one dlt load; settle it in one transaction.
Put here: that order. Keep out: SQL, dlt, formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.database import connect, ensure_tables, transaction
from ingestion.landing.forgotten import forgetting
from ingestion.landing.links import outside_links
from ingestion.landing.model import LandingReport, Parser
from ingestion.landing.notes import Note
from ingestion.landing.planning import Plan, compare, keeps, route_files
from ingestion.landing.reading import FileResult, TablePart, read_file
from ingestion.landing.registry import forget, registered_files, remove_unsettled
from ingestion.landing.scan import Scan, long_left, scan_with_mounts
from ingestion.landing.settling import Settlement, settle, withdraw
from ingestion.landing.shapes import changed_by_hand, forget_miscounted, refuse_what_is_lost, start_again
from ingestion.landing.source import DropFolderSource
from ingestion.limits import limited_to

Progress = Callable[[str], None]
PASSES = 3
"""A second pass lands files again whose superseded rows are due once more; a third is never needed."""
FILES_TOLD = 20
"""About so many files of a load are told of one by one: Dagster stores each message, which costs more than a small
file does."""
SECONDS_UNTOLD = 10
"""So long a file is read without a word."""


def land_drop_folder(
    source: DropFolderSource, settings: Settings, *, now: datetime, progress: Progress | None = None
) -> LandingReport:
    """Bring a source's raw tables up to date with its folder and say what was done."""
    now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    say = progress or (lambda line: None)
    report = LandingReport(source=source.name, is_on=True)
    with (
        limited_to(settings.limits),
        forgetting(settings.home),
        connect(settings.warehouse_path),
    ):  # opening the file takes 70 ms of CPU: while it is open, nothing
        return _bring_up_to_date(source, settings, now, say, report)


def _bring_up_to_date(
    source: DropFolderSource, settings: Settings, now: datetime, say: Progress, report: LandingReport
) -> LandingReport:
    ensure_tables(settings.warehouse_path)
    with connect(settings.warehouse_path) as db:
        repaired = remove_unsettled(db, source.dataset)
    if repaired:
        report.notes.append(
            Note("landed_again", f"an earlier run was interrupted; {repaired} files are landed again", count=repaired)
        )
    report.notes += [note for note in outside_links(source.folder) if source.tells(note.file or "")]
    for prefix, place in source.mounts:
        report.notes += [replace(note, file=f"{prefix}/{note.file}") for note in outside_links(place)]
    scanned = scan_with_mounts(source.folder, source.mounts)
    if "" in scanned.unseen:
        state = "is empty" if source.folder.is_dir() else "does not exist"
        if not scanned.files:
            report.is_on = False
            report.off_reason = f"{source.folder} {state}; put files there or set {source.folder_variable}"
            report.notes += _undo_changes_by_hand(source, settings, scanned)
            report.notes += _kept_without_folder(source, settings, state)
            return report
        report.notes += _kept_without_folder(source, settings, state)
    report.notes += _undo_changes_by_hand(source, settings, scanned)
    report.notes += [note for note in long_left(scanned, now) if source.tells(note.file or "")]
    plan = route_files(source, scanned.files, report)
    forced: set[int] = set()
    set_aside = 0
    for _ in range(PASSES):
        compare(source, settings, plan, scanned, forced, now, report)
        settlement = _land(source, settings, plan, now, say, report)
        set_aside = settlement.set_aside
        report.files_superseded += settlement.newly_superseded
        on_disk = {candidate.file_id for candidate in plan.candidates}
        forced = settlement.revived_file_ids & on_disk
        if not forced:
            break
    report.files_unchanged = plan.unchanged
    if set_aside:
        message = f"not counted: {counted(set_aside, 'row that repeats', 'rows that repeat')} calls of other files"
        report.notes.append(Note("other", message, count=set_aside))
    return report


def _undo_changes_by_hand(source: DropFolderSource, settings: Settings, scanned: Scan) -> list[Note]:
    """Empty what was changed by hand, so that it is landed again; refuses where a file is no longer there."""
    on_disk = {found.relative_path for found in scanned.files}
    with connect(settings.warehouse_path) as db:
        what = changed_by_hand(db, source.dataset)
        if what:
            files = registered_files(db, source.dataset)
            absent = [file for file in files if file.path not in on_disk]
            kept = [f.path for f in absent if not on_disk or (f.path is not None and keeps(source, settings, f))]
            refuse_what_is_lost(db, source.dataset, kept, what)
            with transaction(db):
                start_again(db, source.dataset)
            words = "; ".join(what)
            return [Note("landed_again", f"changed by hand: {words}. All files of {source.name} are landed again")]
        count, gone = forget_miscounted(db, source.dataset, on_disk)
    notes = []
    if count:
        message = counted(count, "file", "files") + " had other rows in the warehouse than were landed; landed again"
        notes.append(Note("landed_again", message, count=count))
    if gone and on_disk:
        message = f"rows of {len(gone)} files that are no longer there were changed by hand, such as {gone[0]}"
        notes.append(Note("rows_changed", message, count=len(gone)))
    return notes


def _kept_without_folder(source: DropFolderSource, settings: Settings, state: str) -> list[Note]:
    """A whole folder that is gone may be a disk that is not mounted: its rows stay, and the run asks."""
    with connect(settings.warehouse_path) as db:
        kept = [file for file in registered_files(db, source.dataset) if not keeps(source, settings, file)]
    if not kept:
        return []
    rows = sum(file.row_count for file in kept)
    message = (
        f"{source.folder} {state}, and {counted(len(kept), 'file', 'files')} with "
        f"{counted(rows, 'row', 'rows')} landed from it before: what they hold still counts. "
        "If files were removed on purpose, put an empty README.txt there"
    )
    return [Note("folder_gone", message, count=len(kept))]


def _land(
    source: DropFolderSource, settings: Settings, plan: Plan, now: datetime, say: Progress, report: LandingReport
) -> Settlement:
    with connect(settings.warehouse_path) as db:
        withdraw(db, source, [file.file_id for file in plan.removed], now)
        report.files_removed += len(plan.removed)
        forget(db, source.dataset, [*(file.file_id for _, file in plan.to_land), *plan.moved_from])
    ordinary = [pair for pair in plan.to_land if not source.is_bulk(pair[0].found)]
    loads = [ordinary] if ordinary else []
    loads += [[pair] for pair in plan.to_land if source.is_bulk(pair[0].found)]
    done, total = 0, len(plan.to_land)
    for load in loads:
        results = [FileResult(file, source.name, candidate.source_format) for candidate, file in load]
        parsers = [candidate.parser for candidate, _ in load]

        def parts(
            results: list[FileResult] = results, parsers: list[Parser] = parsers, start: int = done
        ) -> Iterator[TablePart]:
            for number, (result, parser) in enumerate(zip(results, parsers, strict=True), start + 1):
                if (number - 1) % max(1, total // FILES_TOLD) == 0:
                    say(f"{source.name}: file {number} of {total}, {result.file.relative_path}")
                yield from _telling(read_file(result, parser, source.dataset, now), result, say)

        load_id = _append(parts(), source, settings)
        done += len(load)
        with connect(settings.warehouse_path) as db:
            settlement = settle(db, source, load_id, results, now)
        _account(source, results, settlement, report)
        say(f"{source.name}: {done} of {total} files landed, {sum(report.rows_by_table.values()):,} rows")
    with connect(settings.warehouse_path) as db:
        return settle(db, source, None, [], now)


def _telling(parts: Iterator[TablePart], result: FileResult, say: Progress) -> Iterator[TablePart]:
    """The parts of a file, with a word of how far it is where that takes long."""
    told = monotonic()
    for part in parts:
        if monotonic() - told > SECONDS_UNTOLD:
            rows = sum(result.rows_by_table.values()) + result.quarantined_rows
            say(f"{result.source}: {rows:,} rows of {result.file.relative_path} read")
            told = monotonic()
        yield part


def _append(parts: Iterator[TablePart], source: DropFolderSource, settings: Settings) -> str | None:
    from ingestion.landing.loading import append  # dlt takes a second to import; most readers never load

    return append(parts, source.dataset, settings.warehouse_path, settings.dlt_dir)


def _account(
    source: DropFolderSource, results: list[FileResult], settlement: Settlement, report: LandingReport
) -> None:
    report.files_superseded += settlement.newly_superseded
    for result in results:
        report.files_landed += 1
        report.bytes_read += result.file.size_bytes
        report.quarantined_rows += result.quarantined_rows
        report.notes += result.notes
        report.kept_notes += result.notes
        for table, rows in result.rows_by_table.items():
            report.rows_by_table[table] = report.rows_by_table.get(table, 0) + rows
    for table, repeats in zip(source.unique_columns, settlement.repeats, strict=False):
        column = source.unique_columns[table]
        set_aside = repeats.identical + repeats.conflicting
        if set_aside:
            report.rows_by_table[table] = report.rows_by_table.get(table, 0) - set_aside
        report.quarantined_rows += repeats.conflicting
        if repeats.told_apart:
            shared = counted(repeats.told_apart, "call shares", "calls share")
            message = f"{shared} an {column} with another call of the source; each counts"
            report.notes.append(Note("repeated_id", message, count=repeats.told_apart))
        if repeats.identical:
            repeated = counted(repeats.identical, "row repeats", "rows repeat")
            message = f"{repeated} an {column} with the same values; each counts once"
            report.notes.append(Note("run_figures", message, count=repeats.identical))
