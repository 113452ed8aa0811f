"""Strategies of optimisation on the warehouse: each reads its inputs and replaces its own rows, and no other's.

Put here: reading for a strategy, writing what it says. Keep out: strategies (`ml.optimization`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from ml.optimization import OptimizationParams, Strategy, strategies
from orchestration.warehouse.frames import read_frame, replace_rows


@dataclass(frozen=True)
class Recommended:
    """What became of one strategy; `failure` is None where it was done."""

    name: str
    version: str
    rows: int = 0
    saving_usd: Decimal = Decimal(0)
    failure: str | None = None


def recommend(
    connection: duckdb.DuckDBPyConnection, strategy: Strategy, as_of: date, now: datetime, log: Any
) -> Recommended:
    """Replace the rows of one strategy by what it recommends now. Where it fails they stay as they are."""
    log.info(f"asking {strategy.name} what could cost less")
    try:
        inputs = {
            name: read_frame(connection, query, {"as_of": as_of} if "$as_of" in query else None)
            for name, query in strategy.inputs.items()
        }
        advice = strategy.recommend(inputs, as_of=as_of, scored_at_utc=now, params=OptimizationParams())
        rows = replace_rows(connection, "recommendations", strategy.checked(advice), of={"strategy": strategy.name})
    except Exception as error:
        return Recommended(
            strategy.name, strategy.version, failure=f"strategy {strategy.name}: {type(error).__name__}: {error}"
        )
    saving = sum((Decimal(str(each)) for each in advice["saving_usd"].dropna()), Decimal(0))
    return Recommended(strategy.name, strategy.version, rows, saving)


def drop_retired(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what strategies recommended that are no longer there."""
    names = [strategy.name for strategy in strategies()]
    connection.execute("delete from ml.recommendations where not list_contains(?, strategy)", [names])
