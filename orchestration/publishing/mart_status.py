"""Which version of each mart is published: the one just built, or the last good one where it is held back.

Put here: that choice, and the mart `rpt_mart_status` that tells it. Keep out: copying, what holds a mart back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.publishing.mart_health import HeldBack

MART_SCHEMA = "marts"
STATUS_MART = "rpt_mart_status"
STATUS_COLUMNS = {
    "mart": "varchar",
    "status": "varchar",
    "published_at_utc": "timestamp",
    "held_back_since_utc": "timestamp",
    "reason": "varchar",
    "remedy": "varchar",
}
CURRENT, STALE, MISSING = "current", "stale", "missing"


def choose_sources(
    connection: duckdb.DuckDBPyConnection, published: Path, held_back: Mapping[str, HeldBack], now: datetime
) -> dict[str, str]:
    """The table to copy of each mart, by name; the warehouse is attached as `warehouse`.

    Of a held-back mart that is the one of the copy before; where there is none, it is left out and named as missing.
    """
    built = set(_tables(connection, "warehouse"))
    before = _attach_before(connection, published)
    published_at = _published_at(connection, published, before)
    sources: dict[str, str] = {}
    rows: list[tuple[object, ...]] = []
    for mart in sorted(built | set(held_back)):
        held = held_back.get(mart)
        if held is None:
            sources[mart] = f'warehouse.{MART_SCHEMA}."{mart}"'
            rows.append((mart, CURRENT, now, None, None, None))
            continue
        status = STALE if mart in before else MISSING
        if mart in before:
            sources[mart] = f'before.{MART_SCHEMA}."{mart}"'
        since = datetime.fromisoformat(held.since)
        rows.append((mart, status, published_at.get(mart), since, held.reason, held.remedy))
    columns = ", ".join(f"{name} {kind}" for name, kind in STATUS_COLUMNS.items())
    connection.execute(f"create temp table {STATUS_MART} ({columns})")
    connection.executemany(f"insert into {STATUS_MART} values ({', '.join('?' * len(STATUS_COLUMNS))})", rows)
    sources[STATUS_MART] = f"temp.{STATUS_MART}"
    return sources


def _attach_before(connection: duckdb.DuckDBPyConnection, published: Path) -> set[str]:
    """The marts of the copy before, attached as `before`; none where it is missing or cannot be read."""
    if not published.exists():
        return set()
    try:
        quoted = str(published).replace("'", "''")
        connection.execute(f"attach '{quoted}' as before (read_only)")
    except duckdb.Error:
        return set()
    return set(_tables(connection, "before"))


def _published_at(connection: duckdb.DuckDBPyConnection, published: Path, before: set[str]) -> dict[str, datetime]:
    """When the version of each mart in the copy before was published."""
    if STATUS_MART in before:
        rows = connection.execute(f"select mart, published_at_utc from before.{MART_SCHEMA}.{STATUS_MART}").fetchall()
        return {mart: at for mart, at in rows if at is not None}
    if not before:
        return {}
    written = datetime.fromtimestamp(published.stat().st_mtime, UTC).replace(tzinfo=None)
    return dict.fromkeys(before, written)


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_catalog = ? and table_schema = ? order by 1",
        [database, MART_SCHEMA],
    ).fetchall()
    return [name for (name,) in rows]
