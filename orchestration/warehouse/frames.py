"""Frames out of the warehouse and into the tables that machine learning writes.

Put here: reading and writing frames, their columns and types. Keep out: connections (`connection`), the models (`ml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa

MONEY = pa.decimal128(38, 12)


INSTANT = pa.timestamp("us")


_DUCKDB_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "bool": "BOOLEAN",
    "date": "DATE",
    "at": "TIMESTAMP",
    "dec": "DECIMAL(38,12)",
    "float": "DOUBLE",
}


_ARROW_TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "at": INSTANT,
    "dec": MONEY,
    "float": pa.float64(),
}


ML_TABLES: dict[str, dict[str, str]] = {
    "cost_forecasts": {
        "forecast_run_id": "text",
        "series_id": "text",
        "scope_type": "text",
        "scope_id": "text",
        "forecast_date": "date",
        "model_name": "text",
        "model_version": "text",
        "is_selected": "bool",
        "horizon_days": "int",
        "predicted_cost_usd": "dec",
        "lower_cost_usd": "dec",
        "upper_cost_usd": "dec",
        "interval_coverage": "float",
        "trained_from_date": "date",
        "trained_through_date": "date",
        "scored_at_utc": "at",
    },
    "forecast_accuracy": {
        "forecast_run_id": "text",
        "series_id": "text",
        "scope_type": "text",
        "scope_id": "text",
        "model_name": "text",
        "model_version": "text",
        "backtest_folds": "int",
        "mae_usd": "dec",
        "wape_ratio": "float",
        "mase_ratio": "float",
        "is_selected": "bool",
        "selection_reason": "text",
        "scored_at_utc": "at",
    },
    "cost_anomalies": {
        "anomaly_id": "text",
        "series_id": "text",
        "scope_type": "text",
        "scope_id": "text",
        "usage_date": "date",
        "actual_cost_usd": "dec",
        "expected_cost_usd": "dec",
        "impact_usd": "dec",
        "isolation_score": "float",
        "p_value": "float",
        "is_anomaly": "bool",
        "severity": "text",
        "reason": "text",
        "model_name": "text",
        "model_version": "text",
        "fitted_through_date": "date",
        "scored_at_utc": "at",
    },
    "recommendations": {
        "recommendation_id": "text",
        "strategy": "text",
        "scope_type": "text",
        "scope_id": "text",
        "current_model_id": "text",
        "suggested_model_id": "text",
        "provider_id": "text",
        "evidence": "text",
        "evidence_query": "text",
        "period_start_date": "date",
        "period_end_date": "date",
        "current_cost_usd": "dec",
        "projected_cost_usd": "dec",
        "saving_usd": "dec",
        "saving_pct": "float",
        "effort": "text",
        "risk": "text",
        "score": "float",
        "status": "text",
        "model_name": "text",
        "model_version": "text",
        "scored_at_utc": "at",
    },
    "implied_prices": {
        "implied_price_id": "text",
        "provider_id": "text",
        "charge_source": "text",
        "billing_account_id": "text",
        "sku_id": "text",
        "model_id": "text",
        "meter": "text",
        "price_variant": "text",
        "context_tier": "text",
        "stretch_from_date": "date",
        "stretch_to_date": "date",
        "billed_day_count": "int",
        "charge_count": "int",
        "quantity": "dec",
        "quantity_source": "text",
        "billed_cost_usd": "dec",
        "expected_cost_usd": "dec",
        "list_price_usd_per_unit": "dec",
        "contracted_price_usd_per_unit": "dec",
        "reference": "text",
        "fitted_price_usd_per_unit": "dec",
        "lower_price_usd_per_unit": "dec",
        "upper_price_usd_per_unit": "dec",
        "snapped_price_usd_per_unit": "dec",
        "snap_rule": "text",
        "baseline_price_usd_per_unit": "dec",
        "price_ratio": "float",
        "previous_price_ratio": "float",
        "classification": "text",
        "is_drift": "bool",
        "changed_on_date": "date",
        "monthly_effect_usd": "dec",
        "confidence": "float",
        "reason": "text",
        "collinear_meters": "text",
        "variance_inflation": "float",
        "condition_number": "float",
        "irregular_day_count": "int",
        "model_name": "text",
        "model_version": "text",
        "scored_at_utc": "at",
    },
}
"""Columns of the tables that machine learning writes; dbt declares the same ones as sources."""


def read_frame(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None
) -> pd.DataFrame:
    """A query's rows as a frame in which decimals stay decimals and dates stay dates."""
    cursor = connection.execute(sql, parameters or {})
    return cursor.fetch_arrow_table().to_pandas(date_as_object=True)


def scoring_date(connection: duckdb.DuckDBPyConnection, today: date) -> date:
    """The day after the newest day with spend, and never later than today: every day before it is complete."""
    row = connection.execute("select max(usage_date) from marts.fct_allocated_costs_daily").fetchone()
    newest = row[0] if row else None
    return today if newest is None else min(today, newest + timedelta(days=1))


def ensure_ml_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema `ml` and its empty tables where they are missing."""
    connection.execute("create schema if not exists ml")
    for table, columns in ML_TABLES.items():
        body = ", ".join(f"{name} {_DUCKDB_TYPES[kind]}" for name, kind in columns.items())
        connection.execute(f"create table if not exists ml.{table} ({body})")


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, *, key: Sequence[str] = ()
) -> int:
    """Write `frame` to `ml.<table>` in one transaction and return its number of rows.

    Rows with the same values of `key` are replaced; without a key the table is replaced whole. Columns
    must be those of `ML_TABLES[table]`, whose types they are cast to.

    Raises:
        KeyError: a column is missing.
    """
    rows = _to_arrow(frame, ML_TABLES[table])
    names = ", ".join(ML_TABLES[table])
    connection.register("incoming_rows", rows)
    try:
        connection.execute("begin")
        if key:
            match = " and ".join(f"t.{column} is not distinct from i.{column}" for column in key)
            keys = ", ".join(key)
            connection.execute(
                f"delete from ml.{table} t where exists (select 1 from (select distinct {keys} from incoming_rows) i "
                f"where {match})"
            )
        else:
            connection.execute(f"delete from ml.{table}")
        connection.execute(f"insert into ml.{table} ({names}) select {names} from incoming_rows")
        connection.execute("commit")
    except Exception:
        connection.execute("rollback")
        raise
    finally:
        connection.unregister("incoming_rows")
    return rows.num_rows


def _to_arrow(frame: pd.DataFrame, columns: dict[str, str]) -> pa.Table:
    arrays = []
    for name, kind in columns.items():
        values = frame[name]
        if kind == "dec":
            arrays.append(pa.array([_money(value) for value in values], MONEY))
        elif kind in ("date", "at"):
            instants = pd.to_datetime(values, utc=False)
            arrays.append(pa.Array.from_pandas(instants).cast(INSTANT).cast(_ARROW_TYPES[kind]))
        else:
            arrays.append(pa.Array.from_pandas(values, type=_ARROW_TYPES[kind]))
    return pa.table(arrays, names=list(columns))


def _money(value: object) -> Decimal | None:
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT:
        return None
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    return amount.quantize(Decimal(1).scaleb(-12))
