"""Files of a folder by dlt's state: what is new, changed, restated or gone since the last run.

Put here: that comparison, as landing's `planning` and `settling` make it by the registry. Keep out: reading a file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dlt.common import logger

from ingestion.landing.model import LandingReport, Parser, SourceFile, stable_id
from ingestion.landing.planning import Candidate, route_files
from ingestion.landing.reading import FileResult, read_file
from ingestion.landing.registry import DATE_OUT_OF_RANGE, SCOPE_SEPARATOR, RegisteredFile
from ingestion.landing.scan import Scan, fingerprint, scan_with_mounts
from ingestion.landing.source import DropFolderSource
from ingestion.standalone.reading import deliver
from ingestion.standalone.tables import Delivered, markers
from ingestion.vocabulary.refusals import code_of

State = dict[str, Any]
Known = dict[str, State]
"""By path: what the state keeps of a file."""


def changed_files(source: DropFolderSource, known: Known, tables: set[str], now: datetime) -> Iterator[Delivered]:
    """The rows of what changed, and markers of what is gone; `known` is brought up to date on the way.

    `tables` are those that the run loads: a file that was read for fewer is read again.
    """
    scanned = scan_with_mounts(source.folder, source.mounts)
    if "" in scanned.unseen and not scanned.files:
        logger.warning(f"{source.name}: {source.folder} is empty or not there; what was loaded from it stays")
        return
    report = LandingReport(source.name, True)
    plan = route_files(source, scanned.files, report)
    for note in report.notes:
        logger.info(f"{source.name}: {note}")
    yield from _gone(source, scanned, known, now)
    files = {file.relative_path: (each, file) for each, file in _hashed(source, plan.candidates, known, now)}
    due = {path for path, (_, file) in files.items() if _is_due(known.get(path), file, tables)}
    restated = _restated(source, known, {path: files[path] for path in due}, now)
    due |= {path for path in files if path in known and known[path]["restated"] != restated.get(path, {})}
    for path in sorted(due):
        candidate, file = files[path]
        result = FileResult(file, source.name, candidate.source_format)
        lost = restated.get(path, {})
        refused_dates = False
        for part in deliver(result, candidate.parser, source.dataset, scope_sql=source.scope_sql, restated=lost):
            refused_dates = refused_dates or _has_refused_dates(part)
            yield part
        known[path] = _kept(result, now) | {
            "restated": lost,
            "tables": sorted(tables),
            "has_refused_dates": refused_dates,
        }


def _gone(source: DropFolderSource, scanned: Scan, known: Known, now: datetime) -> Iterator[Delivered]:
    for path in [path for path in known if scanned.is_gone(path) and not source.keeps_removed(path)]:
        yield from markers(source.dataset, stable_id(path), now)
        del known[path]


def _hashed(
    source: DropFolderSource, candidates: list[Candidate], known: Known, now: datetime
) -> Iterator[tuple[Candidate, SourceFile]]:
    for candidate in candidates:
        found, before = candidate.found, known.get(candidate.found.relative_path)
        companions = [source.folder / each for each in source.companions(found.relative_path)]
        looks = [found.size_bytes, found.modified_at_utc.isoformat()]
        same = _registered(found.relative_path, before) if before and before["looks"] == looks else None
        try:
            content = fingerprint(
                found, same if same and same.content_hash else None, companions, source.reading_of(found.relative_path)
            )
        except OSError as error:
            content = ""
            logger.warning(f"{source.name}: {found.relative_path} cannot be read: {error.strerror or error}")
        if before and content:
            before["looks"] = looks
        yield (
            candidate,
            SourceFile(found.path, found.relative_path, found.size_bytes, found.modified_at_utc, content, now),
        )


def _is_due(before: State | None, file: SourceFile, tables: set[str]) -> bool:
    if before is None or not file.content_hash or before["content_hash"] != file.content_hash:
        return True
    return before["has_refused_dates"] or not tables <= set(before["tables"])


def _restated(
    source: DropFolderSource, known: Known, due: dict[str, tuple[Candidate, SourceFile]], now: datetime
) -> dict[str, dict[str, int]]:
    """By path and scope: the days, as bits, that newer deliveries restate. Files that are due are read once for this
    alone, as only their rows say what they restate."""
    if source.find_superseded is None:
        return {}
    registered = {path: _registered(path, before) for path, before in known.items()}
    for path, (candidate, file) in due.items():
        registered[path] = _registered(path, _kept(_read(candidate.parser, file, candidate.source_format, source), now))
    paths = {file.file_id: path for path, file in registered.items()}
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for file_id, scope, days in source.find_superseded(sorted(registered.values(), key=lambda file: file.path)):
        scopes = found[paths[file_id]]
        scopes[scope] = scopes.get(scope, 0) | days
    return dict(found)


def _read(parser: Parser, file: SourceFile, source_format: str, source: DropFolderSource) -> FileResult:
    result = FileResult(file, source.name, source_format)
    assert file.read_at_utc is not None
    for _ in read_file(result, parser, source.dataset, file.read_at_utc):
        pass
    return result


def _kept(result: FileResult, now: datetime) -> State:
    file = result.file
    return {
        "format": result.source_format,
        "content_hash": file.content_hash,
        "looks": [file.size_bytes, file.modified_at_utc.isoformat()],
        "rows": sum(result.rows_by_table.values()),
        "quarantined": result.quarantined_rows,
        "scopes": sorted(result.scopes),
        "read_at_utc": now.isoformat(),
    }


def _registered(path: str, kept: State) -> RegisteredFile:
    size, modified = kept["looks"]
    return RegisteredFile(
        stable_id(path),
        path,
        kept["format"],
        size,
        datetime.fromisoformat(modified),
        kept["content_hash"],
        kept["rows"],
        kept["quarantined"],
        SCOPE_SEPARATOR.join(kept["scopes"]) or None,
        False,
        datetime.fromisoformat(kept["read_at_utc"]),
    )


def _has_refused_dates(part: Delivered) -> bool:
    """Whether rows were refused by their time, which may only have been too early to read them."""
    is_quarantine = part.table_name == "quarantine"
    return is_quarantine and code_of(DATE_OUT_OF_RANGE) in part.rows["reason"].to_pylist()
