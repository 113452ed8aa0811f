"""What a developer's own coding agents used: sessions of Claude Code and Codex in a home folder, at list prices.

Data flow: `~/.claude/projects`, `~/.codex/sessions` → `<home>/mine.duckdb` → days × models. Only files that are new or
changed are read. Put here: finding, keeping, adding up. Keep out: formats (`ingestion.sources.events`), printing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.agent_folders import Places
from ingestion.landing.model import SourceFile
from ingestion.landing.scan import scan
from ingestion.sources.events import claude_code, codex
from ingestion.sources.events.plans import is_covered as is_marked
from ingestion.sources.events.usage_shapes.batches import SCHEMA
from ingestion.vocabulary.meters import METERS
from ml.quotes import quote_usage
from orchestration.pricing.price_book import METER_KINDS, PriceBook, PricedModel, UnknownModelError

READ_AGAIN_SINCE = 2
"""Raised when a reader changes what it makes of a file: then everything is read again."""
PARSERS = {"claude_code": claude_code.parse, "codex": codex.parse}
READABLE = (".jsonl", ".jsonl.gz", ".jsonl.zst")
_METER_COLUMNS = {meter.name: meter.raw_column for meter in METERS if meter.raw_column}
_OUTPUT = " + ".join(f"coalesce({name}, 0)" for name in SCHEMA.names if name.endswith("output_tokens"))


@dataclass(frozen=True)
class Session:
    """A session file: the agent that wrote it, where it lies, and the path below the events folder it is known by."""

    agent: str
    path: Path
    relative_path: str


@dataclass
class DayOfModel:
    """What one model did on one day (UTC). `list_value` is that of the calls that have a price."""

    day: date
    agent: str
    model: str
    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    list_value: Decimal = Decimal(0)
    unpriced_calls: int = 0
    plan_value: Decimal = Decimal(0)
    """The part of `list_value` that a plan is known to cover."""


@dataclass
class Mined:
    """Everything found, and what had to be read for it."""

    days: list[DayOfModel]
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    unreadable: int = 0
    folders: list[Path] = field(default_factory=list)


def sessions(places: Places) -> list[Session]:
    """The sessions of all places."""
    return list(_session_files(places))


def _session_files(places: Places) -> Iterator[Session]:
    """Every session file, by the rules of the drop folders: no link that leads out is followed."""
    for prefix, folder in places:
        for file in scan(folder).files if folder.is_dir() else ():
            if file.relative_path.lower().endswith(READABLE):
                yield Session(prefix.split("/")[0], file.path, f"{prefix}/{file.relative_path}")


def mine(places: Places, kept_at: Path, book: PriceBook, plan_covered: tuple[str, ...] = ()) -> Mined:
    """Read what is new and add everything up."""
    kept_at.parent.mkdir(parents=True, exist_ok=True)
    result = Mined([], folders=[folder for _, folder in places if folder.is_dir()])
    with duckdb.connect(str(kept_at)) as db:
        _prepare(db)
        known = {path: (size, time) for path, size, time in db.execute("select path, size, time from files").fetchall()}
        for session in _session_files(places):
            try:
                stat = session.path.stat()
            except OSError:
                continue
            result.files += 1
            if known.get(str(session.path)) == (stat.st_size, stat.st_mtime_ns):
                continue
            result.files_read += 1
            result.bytes_read += stat.st_size
            result.unreadable += _keep(db, session, stat)
        result.days = list(_priced(db, book, plan_covered))
    return result


def _prepare(db: duckdb.DuckDBPyConnection) -> None:
    """The tables, made anew when another version of the readers filled them. Files that are gone stay counted."""
    db.execute("create table if not exists versions (version integer)")
    if db.execute("select max(version) from versions").fetchall() != [(READ_AGAIN_SINCE,)]:
        for table in ("calls", "files", "versions"):
            db.execute(f"drop table if exists {table}")
        db.execute(f"create table versions as select {READ_AGAIN_SINCE} as version")
    empty = pa.table({each.name: pa.array([], each.type) for each in SCHEMA})
    db.register("empty", empty)
    db.execute("create table if not exists calls as select ''::varchar as path, * from empty limit 0")
    db.execute("create table if not exists files (path varchar primary key, size bigint, time bigint)")
    db.unregister("empty")


def _keep(db: duckdb.DuckDBPyConnection, session: Session, stat: os.stat_result) -> int:
    """Replace a file's calls; how many lines could not be read."""
    modified = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None)
    path = session.path
    file = SourceFile(path, session.relative_path, stat.st_size, modified, "")
    bad = 0
    tables = []
    for batch in PARSERS[session.agent](file):
        bad += len(batch.quarantined)
        if batch.table is not None:
            tables.append(batch.table)
    db.execute("begin")
    db.execute("delete from calls where path = ?", [str(path)])
    for table in tables:
        db.register("new_calls", table)
        db.execute("insert into calls by name select ?::varchar as path, * from new_calls", [str(path)])
        db.unregister("new_calls")
    db.execute("insert or replace into files values (?, ?, ?)", [str(path), stat.st_size, stat.st_mtime_ns])
    db.execute("commit")
    return bad


def _priced(db: duckdb.DuckDBPyConnection, book: PriceBook, plan_covered: tuple[str, ...]) -> Iterator[DayOfModel]:
    """Days and models in order; of copies and snapshots of a call the fullest counts."""
    result = db.execute(
        f"""select * from calls
        qualify row_number() over (partition by event_id order by {_OUTPUT} desc, requested_at_utc, path) = 1
        order by requested_at_utc, event_id"""
    )
    names = [each[0] for each in result.description]
    models: dict[tuple[Any, ...], PricedModel | None] = {}
    days: dict[tuple[date, str, str], DayOfModel] = {}
    for values in iter(result.fetchone, None):
        row = dict(zip(names, values, strict=True))
        at = row["requested_at_utc"]
        model = row["served_model"] or row["requested_model"] or "unknown"
        key = (at.date(), row["event_source"], model)
        day = days.setdefault(key, DayOfModel(*key))
        is_covered = row["event_source"] in plan_covered or is_marked(row["tags"])
        _add(day, row, _value(row, model, book, models, is_covered), is_covered)
    yield from sorted(days.values(), key=lambda day: (day.day, day.agent, day.model))


def _add(day: DayOfModel, row: dict[str, Any], value: Decimal | None, is_covered: bool) -> None:
    day.calls += 1
    day.cached_tokens += row["cache_read_tokens"] or 0
    written = ("cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
    day.input_tokens += sum(row[name] or 0 for name in ("uncached_input_tokens", *written))
    day.output_tokens += row["output_tokens"] or 0
    if value is None:
        day.unpriced_calls += 1
    else:
        day.list_value += value
        day.plan_value += value if is_covered else 0


def _value(
    row: dict[str, Any],
    model: str,
    book: PriceBook,
    models: dict[tuple[Any, ...], PricedModel | None],
    is_covered: bool,
) -> Decimal | None:
    """The list value of one call; None where the list has no price for it."""
    if row["is_billable"] is False and not is_covered:
        return Decimal(0)
    tier = row["served_service_tier"] or row["requested_service_tier"] or ""
    key = (model, row["provider_name"], tier, row["speed"], row["region"], bool(row["is_batch"]))
    if key not in models:
        models[key] = _find(book, key)
    priced = models[key]
    if priced is None or row["unknown_usage_reason"]:
        return None
    quantities = {meter: row[column] or 0 for meter, column in _METER_COLUMNS.items() if column in row}
    return quote_usage(
        priced.offer.prices,
        quantities,
        at=row["requested_at_utc"],
        price_variant=priced.price_variant,
        kinds=METER_KINDS,
    ).list_cost


def _find(book: PriceBook, key: tuple[Any, ...]) -> PricedModel | None:
    model, provider, tier, speed, region, is_batch = key
    try:
        return book.find(
            model, provider=provider or "", is_batch=is_batch, tier=tier, speed=speed or "", region=region or ""
        )
    except UnknownModelError:
        return None
