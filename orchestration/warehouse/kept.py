"""Which tables of the warehouse are kept outside it besides prices, and how they are made ready.

Put here: the list, making these tables anew where they were changed by hand. Keep out: how rows are kept
(`ingestion.landing.keeping`), prices (their landing keeps them).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion.config import Settings
from ingestion.landing.counting import counted
from ingestion.landing.keeping import PRICE_TABLES, KeptState, KeptTable
from orchestration.alerting.actions import ensure_actions_table
from orchestration.alerting.deliveries import ensure_deliveries_table
from orchestration.alerting.store import upgrade_alerts_table
from orchestration.warehouse.adjustments import ensure_adjustment_tables
from orchestration.warehouse.frames import ensure_ml_tables
from orchestration.warehouse.identity_tables import ensure_identity_tables

ADJUSTMENTS = KeptTable("adjustments", "price_adjustments", ("adjustment_id",))
ALERTS = KeptTable(
    "alerts",
    "alerts",
    ("alert_id",),
    (
        "greatest(last_seen_at_utc, delivered_at_utc, acknowledged_at_utc, opened_at_utc, escalated_at_utc, "
        "resolved_at_utc, recovery_delivered_at_utc) desc",
        "acknowledged_at_utc desc nulls last",
        "recovery_delivered_at_utc desc nulls last",
        "resolved_at_utc desc nulls last",
        "delivered_at_utc desc nulls last",
    ),
)
DELIVERIES = KeptTable("alerts", "deliveries", ("delivery_id",))
OUTBOX = KeptTable("alerts", "outbox", ("notice_id", "channel"))
ACTIONS = KeptTable("alerts", "actions", ("action_id",))
"""What people acknowledged and muted."""
FORECASTS = tuple(
    KeptTable("ml", table, ("forecast_run_id",), ("scored_at_utc desc",), key)
    for table, key in (
        ("cost_forecasts", ("forecast_run_id", "series_id", "model_name", "forecast_date")),
        ("forecast_accuracy", ("forecast_run_id", "series_id", "model_name")),
        ("period_forecasts", ("forecast_run_id", "series_id", "period_type")),
    )
)
"""What was forecast before: a later forecast does not say it again."""
SNAPSHOTS = KeptTable("ml", "recommendation_snapshots", ("recommendation_id",), ("taken_at_utc",))
"""Recommendations as they were when somebody acted on them: later ones say something else."""
KEPT = (ADJUSTMENTS, ALERTS, DELIVERIES, OUTBOX, ACTIONS, *FORECASTS, SNAPSHOTS)


def ready_tables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Make the tables that neither landing nor dbt makes, whole: what they lack comes from the kept state.

    A table whose columns were changed by hand is made anew; returns words on each.
    """
    upgrade_alerts_table(connection)
    changed = changes(connection)
    for schema, table, kind, _ in changed:
        if kind == "table":
            connection.execute(f"create or replace temp table before_{table} as from {schema}.{table}")
        connection.execute(f"drop {kind} {schema}.{table}")
    make_tables(connection)
    broken: list[str] = []
    state = KeptState(settings.state_dir, broken.append)
    again: dict[str, int] = {}
    for each in (*PRICE_TABLES, *KEPT):
        told = len(broken)
        if each in KEPT:  # prices recall their own when they land
            state.recall(connection, each)
        if (len(broken) > told or not state.parts(each)) and (count := state.keep(connection, each)):
            again[each.name] = count
    said = []
    if broken or again:
        files = counted(len(broken), "file", "files")
        rows = counted(sum(again.values()), "row", "rows")
        said.append(
            f"{state.folder}: {files} could not be read (now *.broken) and {rows} lacked; what the warehouse has is "
            f"kept again ({', '.join(again) or 'nothing was lacking'})"
        )
    for schema, name, kind, what in changed:
        kept = next((known for known in KEPT if known.name == f"{schema}.{name}"), None)
        lost = _bring_over(connection, kept) if kept and kind == "table" else 0
        then = f"it was made anew from {settings.state_dir}" if kept else "it was made anew and is filled by this run"
        said.append(f"{schema}.{name} was changed by hand: {what}; {then}"
                    + (f", {lost} rows could not be read" if lost else ""))  # fmt: skip
    return said


@contextmanager
def recalled(settings: Settings, *tables: KeptTable) -> Iterator[duckdb.DuckDBPyConnection]:
    """Kept tables as they were last kept, in memory: for whoever must not hold up a run that writes the warehouse."""
    with duckdb.connect() as connection:
        make_tables(connection)
        state = KeptState(settings.state_dir)
        for each in tables:
            state.recall(connection, each)
        yield connection


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make these tables where they are missing."""
    ensure_ml_tables(connection)
    ensure_deliveries_table(connection)
    ensure_actions_table(connection)
    ensure_adjustment_tables(connection)
    ensure_identity_tables(connection)


_COLUMNS = """
    select schema_name, table_name, column_name, data_type from duckdb_columns()
    where database_name = current_database() and schema_name in ('ml', 'alerts', 'adjustments', 'identity') order by all
"""


def changes(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str]]:
    """Schema and name of tables that lack a column or have it in another type, `table` or `view`, and what is wrong."""
    with duckdb.connect() as pattern:
        make_tables(pattern)
        declared = pattern.execute(_COLUMNS).fetchall()
    found = {(schema, table, column): kind for schema, table, column, kind in connection.execute(_COLUMNS).fetchall()}
    views = set(connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall())
    present = {(schema, table) for schema, table, _ in found}
    changed: dict[tuple[str, str], str] = {}
    for schema, table, column, kind in declared:
        have = found.get((schema, table, column))
        if (schema, table) in views:
            changed[schema, table] = "it is a view"
        elif (schema, table) in present and have != kind:
            changed[schema, table] = f"column {column} is {have} and was {kind}" if have else f"column {column} is gone"
    return [(*name, "view" if name in views else "table", what) for name, what in changed.items()]


def _bring_over(connection: duckdb.DuckDBPyConnection, table: KeptTable) -> int:
    """Take over rows of the changed table whose unit no part has; returns how many could not be."""
    before = f"before_{table.table}"
    had = {name for name, *_ in connection.execute(f"describe {before}").fetchall()}
    if not had.issuperset(table.unit):
        return 0
    new = [(name, kind) for name, kind, *_ in connection.execute(f"describe {table.name}").fetchall() if name in had]
    on = " and ".join(f"n.{column} is not distinct from o.{column}" for column in table.unit)
    values = ", ".join(f'try_cast(o."{name}" as {kind}) as "{name}"' for name, kind in new)
    rows = f"select {values} from {before} o where not exists (from {table.name} n where {on})"
    try:
        connection.execute(f"insert into {table.name} by name {rows}")
        return 0
    except duckdb.ConstraintException:
        return int(connection.execute(f"select count(*) from ({rows})").fetchall()[0][0])


def keep(connection: duckdb.DuckDBPyConnection, settings: Settings, *tables: KeptTable) -> None:
    """Keep what the tables have and no part has yet."""
    state = KeptState(settings.state_dir)
    for table in tables:
        state.keep(connection, table)
