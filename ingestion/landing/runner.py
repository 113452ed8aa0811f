"""Lands a drop folder: what is new or changed in it, whole files at a time, safe to kill at any moment.

Data flow: files of a folder -> parser -> `raw_<source>` tables, `files` and `quarantine`.

Order of a run: remove what an unsettled load left behind; compare the folder with the registry; delete
everything about the files to be landed again; append them in one dlt load; settle it in one transaction.
Put here: that order. Keep out: SQL, dlt, formats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingestion.config import Settings
from ingestion.landing.database import connect, ensure_tables
from ingestion.landing.model import LandingReport, Parser, SourceFile
from ingestion.landing.reading import FileResult, TablePart, read_file
from ingestion.landing.registry import RegisteredFile, forget, registered_files, remove_unsettled, touch
from ingestion.landing.scan import FoundFile, fingerprint, scan
from ingestion.landing.settling import Settlement, settle
from ingestion.landing.source import DropFolderSource

Progress = Callable[[str], None]
PASSES = 3
"""A second pass lands files again whose superseded rows are due once more; a third is never needed."""
NOTES = 20


@dataclass(frozen=True)
class Candidate:
    """A file of the folder together with who reads it."""

    found: FoundFile
    source_format: str
    parser: Parser


@dataclass
class Plan:
    """What a run has to do."""

    candidates: list[Candidate] = field(default_factory=list)
    to_land: list[tuple[Candidate, SourceFile]] = field(default_factory=list)
    unchanged: int = 0


def land_drop_folder(
    source: DropFolderSource, settings: Settings, *, now: datetime, progress: Progress | None = None
) -> LandingReport:
    """Bring a source's raw tables up to date with its folder and say what was done."""
    now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    say = progress or (lambda line: None)
    report = LandingReport(source=source.name, is_on=True)
    ensure_tables(settings.warehouse_path)
    with connect(settings.warehouse_path) as db:
        repaired = remove_unsettled(db, source.dataset)
    if repaired:
        report.notes.append(f"an earlier run was interrupted; {repaired} files are landed again")
    found = scan(source.folder) if source.folder.is_dir() else []
    if not found:
        state = "is empty" if source.folder.is_dir() else "does not exist"
        report.is_on = False
        report.off_reason = f"{source.folder} {state}; put files there or set {source.folder_variable}"
        return report
    plan = _route(source, found, report)
    forced: set[int] = set()
    for _ in range(PASSES):
        _compare(source, settings, plan, forced, report)
        settlement = _land(source, settings, plan, now, say, report)
        report.files_superseded += settlement.newly_superseded
        on_disk = {source_id(candidate) for candidate in plan.candidates}
        forced = settlement.revived_file_ids & on_disk
        if not forced:
            break
    report.files_unchanged = plan.unchanged
    if len(report.notes) > NOTES:
        report.notes[NOTES:] = [f"... and {len(report.notes) - NOTES} more notes"]
    return report


def source_id(candidate: Candidate) -> int:
    """The file id a candidate will have."""
    found = candidate.found
    return SourceFile(found.path, found.relative_path, 0, found.modified_at_utc, "").file_id


def _route(source: DropFolderSource, found: list[FoundFile], report: LandingReport) -> Plan:
    plan = Plan()
    passed_over: Counter[str] = Counter()
    for file in found:
        route = source.route(file.relative_path)
        if isinstance(route, tuple):
            plan.candidates.append(Candidate(file, *route))
        elif route is None:
            passed_over[f"{file.relative_path}: not a file this source reads"] += 1
        elif route:
            passed_over[route] += 1
    for note, count in passed_over.items():
        report.notes.append(note if count == 1 else f"{note} ({count} files)")
    return plan


def _compare(source: DropFolderSource, settings: Settings, plan: Plan, forced: set[int], report: LandingReport) -> None:
    """Fill in `to_land`. A file of known size and time is not read; one that only got a new time is noted."""
    with connect(settings.warehouse_path) as db:
        known = {file.path: file for file in registered_files(db, source.dataset)}
        plan.to_land, plan.unchanged = [], 0
        for candidate in plan.candidates:
            found, before = candidate.found, known.get(candidate.found.relative_path)
            companions = source.companions(found.relative_path)
            if before and before.file_id not in forced and not companions and _looks_same(found, before):
                plan.unchanged += 1
                continue
            try:
                content_hash = fingerprint(found.path, [source.folder / each for each in companions])
            except OSError as error:
                content_hash = ""
                report.notes.append(f"{found.relative_path} cannot be read: {error.strerror or error}")
            if before and before.file_id not in forced and content_hash and content_hash == before.content_hash:
                if not _looks_same(found, before):
                    touch(db, source.dataset, before.file_id, found.size_bytes, found.modified_at_utc)
                plan.unchanged += 1
                continue
            file = SourceFile(found.path, found.relative_path, found.size_bytes, found.modified_at_utc, content_hash)
            plan.to_land.append((candidate, file))


def _looks_same(found: FoundFile, before: RegisteredFile) -> bool:
    same = (found.size_bytes, found.modified_at_utc) == (before.size_bytes, before.modified_at_utc)
    return same and bool(before.content_hash)


def _land(
    source: DropFolderSource, settings: Settings, plan: Plan, now: datetime, say: Progress, report: LandingReport
) -> Settlement:
    with connect(settings.warehouse_path) as db:
        forget(db, source.dataset, [file.file_id for _, file in plan.to_land])
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
                say(f"{source.name}: file {number} of {total}, {result.file.relative_path}")
                yield from read_file(result, parser, source.dataset, now)

        load_id = _append(parts(), source, settings)
        done += len(load)
        with connect(settings.warehouse_path) as db:
            settlement = settle(db, source, load_id, results, now)
        _account(source, results, settlement, report)
        say(f"{source.name}: {done} of {total} files landed, {sum(report.rows_by_table.values()):,} rows")
    with connect(settings.warehouse_path) as db:
        return settle(db, source, None, [], now)


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
        report.notes += [f"{result.file.relative_path}: {note}" for note in result.notes]
        for table, rows in result.rows_by_table.items():
            report.rows_by_table[table] = report.rows_by_table.get(table, 0) + rows
    for table, repeats in zip(source.unique_columns, settlement.repeats, strict=False):
        set_aside = repeats.identical + repeats.conflicting
        if set_aside:
            report.rows_by_table[table] = report.rows_by_table.get(table, 0) - set_aside
        report.quarantined_rows += repeats.conflicting
        if repeats.identical:
            column = source.unique_columns[table]
            report.notes.append(f"{repeats.identical} rows repeat an {column} with the same values and count once")
