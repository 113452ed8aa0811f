"""Keeps what landing noticed in `raw_landing.notes`, as long as it holds.

A note about the content of a file is written in the transaction that settles the file and goes with its registry row;
one about a folder or a run (files passed over, questions between deliveries) is there until a later landing of
the source no longer says it. So a run that finds nothing new still knows everything.

Put here: bounds, writing, forgetting. Keep out: kinds of notes, printing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import duckdb

from ingestion.config import Settings
from ingestion.landing.database import connect, transaction
from ingestion.landing.model import LandingReport
from ingestion.landing.note_kinds import NOTE_KINDS
from ingestion.landing.notes import Note
from ingestion.vocabulary.raw_types import NOTES

NOTES_PER_KIND = 50
"""Of one kind in one file; the others are counted in a last note."""
RUN_NOTES_PER_KIND = 500
"""Of one kind about a whole folder."""
LONGEST_MESSAGE = 2_000
_TABLE = "raw_landing.notes"
_AS_NOTE = "kind, message, file_path, row_number, affected_count, amount, amount_currency"
"""What a `Note` is made of, in its order."""


@dataclass
class BoundedNotes:
    """Notes of one file (or folder): each once, at most `limit` of a kind, the rest counted."""

    limit: int = NOTES_PER_KIND
    found: dict[Note, None] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    beyond: Counter[str] = field(default_factory=Counter)

    def add(self, notes: Iterable[Note], file: str | None) -> None:
        """Take in notes of a batch; those that name no file are about `file`."""
        for note in notes:
            note = note if note.file is not None else replace(note, file=file)
            if note in self.found:
                continue
            if self.kept[note.kind] >= self.limit:
                self.beyond[note.kind] += 1
                continue
            self.kept[note.kind] += 1
            self.found[note] = None

    def all(self, file: str | None) -> list[Note]:
        """What is kept, and how much more there was."""
        more = [
            Note(kind, f"and {count:,} more of this kind{' in this file' if file else ''}", file, count=count)
            for kind, count in self.beyond.items()
        ]
        return [*self.found, *more]


def keep_file_notes(
    db: duckdb.DuckDBPyConnection, source: str, file_id: int, notes: Sequence[Note], now: datetime
) -> None:
    """Replace the notes of one landed file; part of the transaction that settles it."""
    known = _first_seen(db, f"source = '{source}' and _source_file_id = {file_id}")
    db.execute(f"delete from {_TABLE} where source = ? and _source_file_id = ?", [source, file_id])
    _insert(db, source, file_id, notes, known, now)


def keep_run_notes(settings: Settings, source: str, dataset: str, report: LandingReport, now: datetime) -> None:
    """Replace what a source said about its folder and run, forget notes of files that are gone, stamp what holds.

    Afterwards `report.notes` are all notes that hold, also on files that this run did not read, and those of this run.
    """
    now = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    kept = set(report.kept_notes)
    bounded = BoundedNotes(limit=RUN_NOTES_PER_KIND)
    bounded.add((note for note in report.notes if note not in kept), None)
    of_run = f"source = '{source}' and _source_file_id is null"
    with connect(settings.warehouse_path) as db, transaction(db):
        known = _first_seen(db, of_run)
        db.execute(f"delete from {_TABLE} where {of_run}")
        forget_orphans(db, source, dataset)
        _insert(db, source, None, bounded.all(None), known, now)
        db.execute(f"update {_TABLE} set last_seen_at_utc = ? where source = ?", [now, source])
        rows = db.execute(
            f"select {_AS_NOTE} from {_TABLE} where source = ? "
            "order by severity_rank, kind, file_path, row_number, message",
            [source],
        ).fetchall()
    holding = [Note(kind if kind in NOTE_KINDS else "other", *rest) for kind, *rest in rows]
    report.notes = holding + [note for note in report.notes if not NOTE_KINDS[note.kind].is_lasting]


def standing(settings: Settings, source: str, kind: str) -> list[Note]:
    """What an earlier run said of a source's folder and nobody took back."""
    with connect(settings.warehouse_path) as db:
        rows = db.execute(
            f"select {_AS_NOTE} from {_TABLE} where source = ? and kind = ? and _source_file_id is null "
            "order by file_path, message",
            [source, kind],
        ).fetchall()
    return [Note(*row) for row in rows]


def forget_orphans(db: duckdb.DuckDBPyConnection, source: str, dataset: str) -> None:
    """Delete notes of files that the registry no longer has."""
    has_files = db.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = 'files'", [dataset]
    ).fetchone()
    if has_files and has_files[0]:
        db.execute(
            f"delete from {_TABLE} where source = ? and _source_file_id is not null "
            f"and _source_file_id not in (select file_id from {dataset}.files)",
            [source],
        )


def _first_seen(db: duckdb.DuckDBPyConnection, condition: str) -> dict[tuple[str, str, str | None], datetime]:
    rows = db.execute(
        f"select kind, message, file_path, min(first_seen_at_utc) from {_TABLE} where {condition} group by all"
    ).fetchall()
    return {(kind, message, path): seen for kind, message, path, seen in rows}


def _insert(
    db: duckdb.DuckDBPyConnection,
    source: str,
    file_id: int | None,
    notes: Iterable[Note],
    known: dict[tuple[str, str, str | None], datetime],
    now: datetime,
) -> None:
    rows = []
    for note in notes:
        kind = NOTE_KINDS[note.kind]
        if not kind.is_lasting:
            continue
        message, path = storable(note.message), storable(note.file) if note.file is not None else None
        seen = known.get((note.kind, message, path), now)
        severity = kind.pressing.name.lower()
        rows.append((source, path, file_id, note.row, note.kind, severity, int(kind.pressing), kind.one, message,
                     kind.remedy or None, note.count, note.amount, note.currency, seen, now))  # fmt: skip
    if rows:
        db.executemany(f"insert into {_TABLE} ({', '.join(NOTES)}) values ({', '.join('?' * len(NOTES))})", rows)


def storable(text: str) -> str:
    """Text that any table can hold: lone surrogates escaped, very long text cut with a word about it."""
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:LONGEST_MESSAGE]}... (cut: {len(text)} characters)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
