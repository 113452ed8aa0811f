"""The sample company's truth and what the marts say, summed by the same columns so that the two can be compared.

Put here: sums on both sides. Keep out: assertions, standing anything up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from ingestion.demo.company import GroundTruth

PROVIDERS = ("anthropic", "openai", "azure", "aws", "groq")


def tokens(
    truth: GroundTruth, *columns: str, providers: tuple[str, ...] = PROVIDERS, nameless: tuple[str, ...] = ()
) -> dict[tuple[Any, ...], int]:
    """The truth's tokens by some columns: whether logged or not, and also what a gateway answered itself.

    `nameless` are the event sources whose logs name no project.
    """
    usage = truth.usage[truth.usage["provider_id"].isin(providers)]
    usage = usage.assign(project_id=usage["project_id"].mask(usage["event_source"].isin(nameless)))
    meters = [column for column in usage.columns if column.endswith("_tokens") and not column.startswith("reasoning")]
    usage = usage.assign(
        tokens=usage[meters].sum(axis=1),
        usage_date=pd.to_datetime(usage["usage_date"]).dt.date,
        model_id=usage["price_model_id"].fillna(usage["model"]),
    )
    found = usage.groupby(list(columns), dropna=False)["tokens"].sum()
    keys = (key if isinstance(key, tuple) else (key,) for key in found.index)
    return {_plain(key): int(count) for key, count in zip(keys, found, strict=True) if count}


def landed_tokens(marts: duckdb.DuckDBPyConnection, *columns: str, where: str = "true") -> dict[tuple[Any, ...], int]:
    """The same of the hourly fact; `marts` is a connection whose schema is that of the marts."""
    found = marts.execute(
        f"select {', '.join(columns)}, sum(quantity)::bigint from fct_llm_usage_hourly "
        f"where is_token and {where} group by all"
    ).fetchall()
    return {tuple(key): count for *key, count in found if count}


def billed(truth: GroundTruth, *columns: str) -> dict[tuple[Any, ...], Decimal]:
    """What the truth's bills charge by some columns; `model_id` is the priced model."""
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    charges = truth.charges.rename(columns={"price_model_id": "model_id"})
    for *key, cost in charges[[*columns, "billed_cost_usd"]].itertuples(index=False, name=None):
        found[_plain(key)] += cost
    return {key: cost for key, cost in found.items() if cost}


def landed_costs(marts: duckdb.DuckDBPyConnection, *columns: str) -> dict[tuple[Any, ...], Decimal]:
    """The same of the charges."""
    found = marts.execute(f"select {', '.join(columns)}, sum(billed_cost_usd) from fct_charges group by all").fetchall()
    return {tuple(key): cost for *key, cost in found if cost}


def _plain(key: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(None if pd.isna(value) else value for value in key)


def one(marts: duckdb.DuckDBPyConnection, sql: str) -> tuple:
    """The one row of a statement."""
    row = marts.execute(sql).fetchone()
    assert row is not None
    return row
