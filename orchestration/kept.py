"""Which tables of the warehouse are kept outside it besides prices, and when they are read back.

Put here: the list. Keep out: how rows are kept (`ingestion.landing.keeping`), prices (their landing keeps them).
"""

from __future__ import annotations

import duckdb

from ingestion.config import Settings
from ingestion.landing.keeping import KeptState, KeptTable

ADJUSTMENTS = KeptTable("adjustments", "price_adjustments", ("adjustment_id",))
ALERTS = KeptTable(
    "alerts",
    "alerts",
    ("alert_id",),
    (
        "greatest(last_seen_at_utc, delivered_at_utc, acknowledged_at_utc) desc",
        "acknowledged_at_utc desc nulls last",
        "delivered_at_utc desc nulls last",
    ),
)
FORECASTS = tuple(
    KeptTable("ml", table, ("forecast_run_id",), ("scored_at_utc desc",), key)
    for table, key in (
        ("cost_forecasts", ("forecast_run_id", "series_id", "model_name", "forecast_date")),
        ("forecast_accuracy", ("forecast_run_id", "series_id", "model_name")),
    )
)
"""What was forecast before: a later forecast does not say it again."""


def recall_all(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Give the tables back what they lack; they must exist."""
    state = KeptState(settings.state_dir)
    return sum(state.recall(connection, table) for table in (ADJUSTMENTS, ALERTS, *FORECASTS))


def keep(connection: duckdb.DuckDBPyConnection, settings: Settings, *tables: KeptTable) -> None:
    """Keep what the tables have and no part has yet."""
    state = KeptState(settings.state_dir)
    for table in tables:
        state.keep(connection, table)
