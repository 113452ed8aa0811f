"""Strategies of optimisation on the warehouse: each reads its inputs and replaces its own rows, and no other's.

Put here: reading for a strategy, writing what it says. Keep out: strategies (`ml.optimization`).
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from ml.contracts import columns_of
from ml.optimization import OptimizationParams, Strategy, strategies
from orchestration.warehouse.frames import read_frame, replace_rows


@dataclass(frozen=True)
class Recommended:
    """What became of one strategy; `failure` is None where it was done, `skipped` says what it lacked."""

    name: str
    version: str
    rows: int = 0
    saving_usd: Decimal = Decimal(0)
    failure: str | None = None
    skipped: str | None = None

    @property
    def result(self) -> str:
        """In a word."""
        if self.failure:
            return "failed"
        return "skipped" if self.skipped else "recommended" if self.rows else "nothing_found"


def recommend(
    connection: duckdb.DuckDBPyConnection,
    strategy: Strategy,
    as_of: date,
    now: datetime,
    log: Any,
    read: MutableMapping[str, pd.DataFrame] | None = None,
) -> Recommended:
    """Replace the rows of one strategy by what it recommends now. Where it fails they stay as they are.

    `read` has frames by query and is added to, so that what several strategies ask for is read once.
    """
    log.info(f"asking {strategy.name} what could cost less")
    known = {} if read is None else read
    try:
        inputs = {}
        for name, query in strategy.inputs.items():
            if query not in known:
                known[query] = read_frame(connection, query, {"as_of": as_of} if "$as_of" in query else None)
            inputs[name] = known[query]
        skipped = strategy.lacking(inputs) if strategy.lacking else None
        if skipped:
            advice = pd.DataFrame(columns=columns_of("recommendations"))
        else:
            advice = strategy.recommend(inputs, as_of=as_of, scored_at_utc=now, params=OptimizationParams())
        rows = replace_rows(connection, "recommendations", strategy.checked(advice), of={"strategy": strategy.name})
    except Exception as error:
        return Recommended(
            strategy.name, strategy.version, failure=f"strategy {strategy.name}: {type(error).__name__}: {error}"
        )
    saving = sum((Decimal(str(each)) for each in advice["saving_usd"].dropna()), Decimal(0))
    return Recommended(strategy.name, strategy.version, rows, saving, skipped=skipped)


def drop_retired(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove what strategies recommended that are no longer there."""
    names = [strategy.name for strategy in strategies()]
    connection.execute("delete from ml.recommendations where not list_contains(?, strategy)", [names])


def put_in_order(connection: duckdb.DuckDBPyConnection) -> None:
    """Say of every recommendation where it stands, and what it brings after those before it."""
    from ml.optimization.portfolio import in_order

    rows = read_frame(
        connection,
        "select r.* replace (coalesce(v.status, 'proposed') as status) from ml.recommendations as r "
        "left join ml.verified_savings as v on v.recommendation_id = r.recommendation_id order by r.recommendation_id",
    )
    if not rows.empty:
        replace_rows(connection, "recommendations", in_order(rows))


def note_results(connection: duckdb.DuckDBPyConnection, done: Sequence[Recommended], now: datetime) -> None:
    """Write down what became of each strategy."""
    rows = [
        {
            "strategy": each.name,
            "version": each.version,
            "result": each.result,
            "reason": each.failure or each.skipped,
            "recommendation_count": each.rows,
            "scored_at_utc": now,
        }
        for each in done
    ]
    replace_rows(connection, "strategy_results", pd.DataFrame(rows, columns=columns_of("strategy_results")))
