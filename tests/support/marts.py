"""Compares two published copies row for row.

Columns that say when a run happened differ by nature and are left out; everything else must agree.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

RUN_TIME_SUFFIXES = (
    "_inputs_fingerprint",
    "_loaded_at_utc",
    "scored_at_utc",
    "resolved_at_utc",
    "landed_at_utc",
    "quarantined_at_utc",
    "first_seen_at_utc",
    "last_seen_at_utc",
    "delivered_at_utc",
    "known_from_utc",
    "known_to_utc",
    "modified_at_utc",
    "published_at_utc",
    "BillingPeriodCreated",
    "BillingPeriodLastUpdated",
    "InvoiceDetailCreated",
    "InvoiceDetailLastUpdated",
)
SAID_BY_RUNS = (*RUN_TIME_SUFFIXES, "_at_utc")
"""Every instant besides: what two homes that ran at other times may differ in."""


def published_marts(home: Path) -> Path:
    """The published database of a home."""
    return home / "published" / "costops.duckdb"


def differences(left: Path, right: Path, may_differ: tuple[str, ...] = RUN_TIME_SUFFIXES) -> dict[str, str]:
    """What differs between two published databases, by mart; empty when they agree row for row.

    Columns whose names end with one of `may_differ` are not compared.
    """
    connection = duckdb.connect()
    connection.execute(f"attach '{left}' as l (read_only)")
    connection.execute(f"attach '{right}' as r (read_only)")
    found: dict[str, str] = {}
    columns = {side: _columns(connection, side) for side in ("l", "r")}
    for mart in sorted(columns["l"].keys() | columns["r"].keys()):
        if columns["l"].get(mart) != columns["r"].get(mart):
            found[mart] = f"columns differ: {columns['l'].get(mart)} / {columns['r'].get(mart)}"
            continue
        names = ", ".join(f'"{name}"' for name, _ in columns["l"][mart] if not name.endswith(may_differ))
        only = {
            side: _count(
                connection, f"select {names} from {side}.marts.{mart}", f"select {names} from {o}.marts.{mart}"
            )
            for side, o in (("l", "r"), ("r", "l"))
        }
        if any(only.values()):
            found[mart] = f"{only['l']} rows only left, {only['r']} only right"
    connection.close()
    return found


def _count(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    row = connection.execute(f"select count(*) from (({one}) except all ({other}))").fetchone()
    return int(row[0]) if row else 0


def _columns(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, list[tuple[str, str]]]:
    rows = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_catalog = ? and table_schema = 'marts' order by table_name, ordinal_position",
        [side],
    ).fetchall()
    marts: dict[str, list[tuple[str, str]]] = {}
    for mart, name, kind in rows:
        marts.setdefault(mart, []).append((name, kind))
    return marts
