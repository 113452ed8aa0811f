"""What a run has to do: which files a source reads and which of them are new or changed.

Put here: the comparison of folder and registry. Keep out: landing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.database import connect
from ingestion.landing.model import CLOCK_TOLERANCE_DAYS, LandingReport, Parser, SourceFile, stable_id
from ingestion.landing.notes import Note
from ingestion.landing.reader_code import is_read_otherwise
from ingestion.landing.registry import RegisteredFile, refused_as_future, registered_files, touch
from ingestion.landing.scan import FoundFile, Scan, fingerprint
from ingestion.landing.source import DropFolderSource


@dataclass(frozen=True)
class Candidate:
    """A file of the folder together with who reads it."""

    found: FoundFile
    source_format: str
    parser: Parser

    @property
    def file_id(self) -> int:
        """The id the file has or will have."""
        return stable_id(self.found.relative_path)


@dataclass
class Plan:
    """What a run has to do."""

    candidates: list[Candidate] = field(default_factory=list)
    to_land: list[tuple[Candidate, SourceFile]] = field(default_factory=list)
    moved_from: list[int] = field(default_factory=list)
    """Files that are gone and whose very content now lies under another name: their rows would count twice."""
    removed: list[RegisteredFile] = field(default_factory=list)
    """Files that are gone from the folder: their rows go too."""
    unchanged: int = 0


def route_files(source: DropFolderSource, found: list[FoundFile], report: LandingReport) -> Plan:
    """A plan with a candidate for every file the source reads; the others are noted."""
    plan = Plan()
    for file in found:
        route = source.route(file.relative_path)
        if isinstance(route, tuple):
            plan.candidates.append(Candidate(file, *route))
        elif not source.tells(file.relative_path):
            continue
        elif route is None:
            report.notes.append(Note("unknown_format", "not a file this source reads", file.relative_path))
        elif isinstance(route, Note):
            report.notes.append(route if route.file is not None else replace(route, file=file.relative_path))
        elif route:
            report.notes.append(Note("passed_over", route.removeprefix(f"{file.relative_path}: "), file.relative_path))
    return plan


def compare(
    source: DropFolderSource,
    settings: Settings,
    plan: Plan,
    scanned: Scan,
    forced: set[int],
    now: datetime,
    report: LandingReport,
) -> None:
    """Fill in `to_land`. A file of known size and time is not read; one that only got a new time is noted."""
    with connect(settings.warehouse_path) as db:
        known = {file.path: file for file in registered_files(db, source.dataset)}
        plan.to_land, plan.moved_from, plan.unchanged = [], [], 0
        present = {candidate.found.relative_path for candidate in plan.candidates}
        forced = forced | refused_as_future(db, source.dataset, now + timedelta(days=CLOCK_TOLERANCE_DAYS))
        gone = {(file.source_format, file.content_hash): file for file in known.values() if file.path not in present}
        read_anew = 0
        for candidate in plan.candidates:
            found, before = candidate.found, known.get(candidate.found.relative_path)
            companions = [source.folder / each for each in source.companions(found.relative_path)]
            try:
                same = before if before and _looks_same(found, before) else None
                content_hash = fingerprint(found, same, companions, source.reading_of(found.relative_path))
            except OSError as error:
                content_hash = ""
                about = _named(error, found, source.folder)
                note = Note("unreadable_file", f"cannot be read: {error.strerror or error}", about)
                report.notes += [] if note in report.notes else [note]
            is_due = before is not None and before.file_id in forced
            if before and not is_due and content_hash and content_hash == before.content_hash:
                if not _looks_same(found, before):
                    touch(db, source.dataset, before.file_id, found.size_bytes, found.modified_at_utc)
                plan.unchanged += 1
                continue
            read_anew += bool(same and content_hash and is_read_otherwise(content_hash, same.content_hash))
            file = SourceFile(
                found.path, found.relative_path, found.size_bytes, found.modified_at_utc, content_hash, now
            )
            plan.to_land.append((candidate, file))
            moved = gone.get((candidate.source_format, content_hash)) if content_hash else None
            if moved is not None:
                plan.moved_from.append(moved.file_id)
                report.notes.append(
                    Note("file_moved", f"{moved.path} is now {found.relative_path}", found.relative_path)
                )
        if read_anew:
            number = counted(read_anew, "file", "files")
            them = "it" if read_anew == 1 else "them"
            message = f"{number} of {source.name} read again, as this version may read {them} in another way"
            report.notes.append(Note("landed_again", message, count=read_anew))
        renamed = set(plan.moved_from)
        plan.removed = [
            file
            for file in known.values()
            if file.file_id not in renamed and scanned.is_gone(file.path) and not keeps(source, settings, file)
        ]
        report.notes += map(_withdrawn, plan.removed)


def _named(error: OSError, found: FoundFile, folder: Path) -> str:
    """The file that an error is about: the one found, or another of the folder that is read together with it."""
    other = Path(str(error.filename or found.path))
    is_other = other != found.path and other.is_relative_to(folder)
    return other.relative_to(folder).as_posix() if is_other else found.relative_path


def keeps(source: DropFolderSource, settings: Settings, file: RegisteredFile) -> bool:
    """Whether a file keeps its rows when it is removed."""
    return source.folder_variable in settings.keep_removed or source.keeps_removed(file.path)


def _withdrawn(file: RegisteredFile) -> Note:
    rows = "with it went " + counted(file.row_count, "row", "rows") if file.row_count else "it had no row that counted"
    return Note("file_gone", f"{file.path} was removed: {rows}", file=file.path, count=file.row_count)


def _looks_same(found: FoundFile, before: RegisteredFile) -> bool:
    same = (found.size_bytes, found.modified_at_utc) == (before.size_bytes, before.modified_at_utc)
    return same and bool(before.content_hash)
