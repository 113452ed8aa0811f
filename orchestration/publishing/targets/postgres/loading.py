"""Writes the parts that the database lacks into tables of their own, beside those that readers see.

Put here: which parts are new, their tables, rows and indexes. Keep out: showing them (`publication`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ml.identity import stable_id
from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.parts import WHOLE, Part, Parts, parts_of, quoted
from orchestration.publishing.targets.postgres.columns import expression, travels, type_of
from orchestration.publishing.targets.postgres.server import COPY, SERVER, Server, text
from orchestration.publishing.targets.postgres.state import NAME_BYTES, Schema, State, StoredPart

INDEXED = (
    "usage_date",
    "charge_date",
    "month_start_date",
    "week_start_date",
    "provider_id",
    "team_id",
    "owner_team_id",
    "model_id",
)
"""What people filter by."""
INDEX_FROM_ROWS = 5_000
"""Below, reading all of a table is as quick."""
MOST_COLUMNS = 1600


@dataclass
class Loaded:
    """What a publication wrote, by mart; nothing of it is shown yet."""

    columns: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    parts: dict[str, list[StoredPart]] = field(default_factory=dict)
    """All parts of each mart that was looked at, those that were kept too."""
    rows_written: int = 0
    parts_written: int = 0
    notes: list[str] = field(default_factory=list)


def load(server: Server, schema: Schema, state: State, contents: Mapping[str, str]) -> Loaded:
    """Write every part that is not in the database as it is, for version `state.version + 1`.

    A mart that is made from what it was made from before is not looked at.
    """
    loaded = Loaded()
    version = state.version + 1
    fresh = _fresh_schema(server, schema, version)
    stored = {(part.mart, part.month): part for part in state.parts if part.last_version is None}
    new: list[tuple[str, Parts, Part, StoredPart]] = []
    for mart, made_from in sorted(contents.items()):
        if made_from and mart in state.marts and state.marts[mart].made_from == made_from:
            continue
        found = parts_of(server.connection, f"{COPY}.{MART_SCHEMA}.{quoted(mart)}")
        if trouble := _cannot_travel(mart, found):
            loaded.notes.append(trouble)
            continue
        loaded.columns[mart] = tuple((name, type_of(kind)) for name, kind in found.columns)
        kept = loaded.parts.setdefault(mart, [])
        for part in found.parts:
            before = stored.get((mart, part.month))
            if before and before.fingerprint == part.fingerprint:
                kept.append(before)
                continue
            table = f"{quoted(fresh)}.{quoted(_table_name(mart, part.month))}"
            kept.append(StoredPart(mart, part.month, part.fingerprint, table, version, None))
            new.append((mart, found, part, kept[-1]))
    if new:
        with server.transaction():
            _write(server, fresh, new)
    loaded.parts_written = len(new)
    loaded.rows_written = sum(part.row_count for _, _, part, _ in new)
    loaded.notes += _changed_types(new)
    return loaded


def _fresh_schema(server: Server, schema: Schema, version: int) -> str:
    """A schema of tables that is not there: that of a publication that ended midway is never written into, nor one of a
    publication that goes on elsewhere."""
    there = server.rows(
        f"select coalesce(max(substr(nspname, {len(schema.name) + 3})::integer), 0) as newest from pg_namespace "
        f"where nspname ~ {text(schema.versions)}"
    )
    return schema.at(max(version, there[0][0] + 1))


def _write(server: Server, schema: str, new: Sequence[tuple[str, Parts, Part, StoredPart]]) -> None:
    """Make all tables, then fill them: the extension reads the catalogue once.

    Rows go as text: in the binary form the extension takes 3 µs for each decimal, five times as long.
    """
    server.run(
        "set local client_min_messages = warning",
        f"create schema {quoted(schema)}",
        *(_create(found, stored) for _, found, _, stored in new),
    )
    server.copy("call pg_clear_cache()")
    for mart, found, part, stored in new:
        values = ", ".join(expression(name, kind) for name, kind in found.columns)
        is_binary = any(kind == "BLOB" for _, kind in found.columns)
        server.copy(f"set pg_use_binary_copy = {is_binary}")
        server.copy(
            f"insert into {SERVER}.{stored.table} select {values} "
            f"from {COPY}.{MART_SCHEMA}.{quoted(mart)} where {found.condition(part)}"
        )
    server.run(*(statement for _, found, part, stored in new for statement in _finishing(found, part, stored)))


def _create(found: Parts, stored: StoredPart) -> str:
    columns = ", ".join(f"{quoted(name)} {type_of(kind)}" for name, kind in found.columns)
    return f"create table {stored.table} ({columns})"


def _finishing(found: Parts, part: Part, stored: StoredPart) -> list[str]:
    """Indexes, and what the planner knows of a table."""
    names = {name for name, _ in found.columns}
    indexed = [name for name in INDEXED if name in names] if part.row_count >= INDEX_FROM_ROWS else []
    return [*(f"create index on {stored.table} ({quoted(name)})" for name in indexed), f"analyze {stored.table}"]


def _table_name(mart: str, month: str) -> str:
    name = mart if month == WHOLE else f"{mart}_{month.replace('-', '_')}"
    return name if len(name.encode()) <= NAME_BYTES else f"{name[:20]}_{stable_id(mart, month)}"


def _cannot_travel(mart: str, found: Parts) -> str | None:
    """Why PostgreSQL cannot have a mart; it would cut names in silence."""
    long = [name for name in (mart, *(name for name, _ in found.columns)) if len(name.encode()) > NAME_BYTES]
    if long:
        return f"{mart} was left out: the name {long[0]} is longer than PostgreSQL's {NAME_BYTES} bytes"
    if len(found.columns) > MOST_COLUMNS:
        return f"{mart} was left out: it has {len(found.columns)} columns, PostgreSQL's tables {MOST_COLUMNS} at most"
    return None


def _changed_types(new: Sequence[tuple[str, Parts, Part, StoredPart]]) -> list[str]:
    """What became text, once a mart."""
    lost = {
        mart: [f"{name} ({kind})" for name, kind in found.columns if not travels(kind)] for mart, found, _, _ in new
    }
    return [f"{mart}: PostgreSQL has no such type, written as text: {', '.join(of)}" for mart, of in lost.items() if of]
