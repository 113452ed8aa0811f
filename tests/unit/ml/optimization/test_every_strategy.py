"""What holds for every strategy: evidence that runs on published marts, intervals, stable ids, degenerate input."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from ml.contracts import columns_of
from ml.optimization import OptimizationParams, strategies
from ml.optimization.portfolio import in_order
from tests.unit.ml.optimization.worlds import AS_OF, SCORED, everything, recommend, strategy

MARTS = Path(__file__).resolve().parents[4] / "dbt_project" / "models" / "marts"
NAMES = [each.name for each in strategies()]
RECOMMENDING = NAMES


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables with the columns that marts promise, in a file that is called like its schema."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as marts; create schema marts.marts; use marts.marts")
        for path in sorted(MARTS.rglob("*.yml")):
            for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
                columns = [f'"{c["name"]}" {c["data_type"]}' for c in model["columns"] if "data_type" in c]
                if columns:
                    connection.execute(f"create table {model['name']} ({', '.join(columns)})")
        yield connection


def test_there_are_the_strategies_that_are_promised():
    assert set(NAMES) >= {
        "cheaper_model_same_token_mix", "smaller_model_for_short_requests", "model_cascade", "prompt_caching",
        "semantic_caching", "batch_tier", "flex_tier", "small_request_batching", "prompt_length", "output_length",
        "provider_arbitrage", "right_sizing", "spot_instances", "reserved_capacity", "auto_scaling", "quantization",
        "multi_cloud", "batch_size", "idle_gpus", "unused_keys", "high_cost_users", "second_provider",
    }  # fmt: skip


@pytest.mark.parametrize("name", RECOMMENDING)
def test_evidence_runs_as_printed_on_published_marts(name: str, marts: duckdb.DuckDBPyConnection):
    found = recommend(name, **everything())
    assert len(found) >= 1
    for query in found["evidence_query"]:
        marts.execute(query).fetchall()


@pytest.mark.parametrize("name", RECOMMENDING)
def test_a_row_says_what_to_do_and_how_sure_it_is(name: str):
    for row in recommend(name, **everything()).to_dict("records"):
        assert row["title"]
        assert row["description"]
        assert len(json.loads(row["actions"])) >= 2
        assert row["effort"] in ("low", "medium", "high")
        assert row["risk"] in ("low", "medium", "high")
        assert 1 <= row["priority"] <= 5
        assert 0 <= row["saving_lower_usd"] <= row["saving_usd"] <= row["saving_upper_usd"]
        assert row["projected_cost_usd"] == row["current_cost_usd"] - row["saving_usd"]
        assert sum(Decimal(saving) for _, _, saving in json.loads(row["slices"])) == row["saving_usd"]


@pytest.mark.parametrize("name", RECOMMENDING)
def test_ids_are_those_of_the_next_day(name: str):
    world = everything()
    today = set(recommend(name, **world)["recommendation_id"])
    for rows in world.values():
        for row in rows:
            if "usage_date" in row:
                row["usage_date"] += timedelta(days=1)
    frames = {key: pd.DataFrame(world[key]) for key in strategy(name).inputs}
    tomorrow = strategy(name).recommend(
        frames, as_of=AS_OF + timedelta(days=1), scored_at_utc=SCORED, params=OptimizationParams()
    )
    assert set(tomorrow["recommendation_id"]) == today


def empty(name: str, world: dict[str, list]) -> dict[str, pd.DataFrame]:
    """Frames without rows that have their columns, as the warehouse gives them."""
    return {key: pd.DataFrame(columns=list(world[key][0]) if world[key] else ["x"]) for key in strategy(name).inputs}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_gives_nothing(name: str):
    frames = empty(name, everything())
    if strategy(name).lacking is None or strategy(name).lacking(frames) is None:
        found = strategy(name).recommend(frames, as_of=AS_OF, scored_at_utc=SCORED, params=OptimizationParams())
        assert found.empty
        assert list(found.columns) == columns_of("recommendations")


@pytest.mark.parametrize(
    "value",
    [None, float("nan"), Decimal(0), Decimal(-5), Decimal(10) ** 24, "one day", "1970"],
    ids=["NULL", "NaN", "zero", "refund", "huge", "one day", "1970"],
)
def test_odd_amounts_and_days_neither_crash_nor_leave_bounds_open(value):
    world = everything()
    for rows in world.values():
        for row in rows:
            for column in ("cost_usd", "idle_cost", "busy_cost", "spare_cost"):
                if column in row and value not in ("one day", "1970"):
                    row[column] = value
    if value in ("one day", "1970"):
        for key, rows in world.items():
            dated = [row for row in rows if "usage_date" in row][:3]
            if dated and value == "one day":
                world[key] = [row for row in rows if row.get("usage_date") == dated[0]["usage_date"]]
            elif dated:
                world[key] = rows + [row | {"usage_date": AS_OF.replace(year=1970)} for row in dated]
    rows = []
    for name in RECOMMENDING:
        asked = strategy(name)
        frames = {key: pd.DataFrame(world[key]) if world[key] else empty(name, world)[key] for key in asked.inputs}
        if asked.lacking is None or asked.lacking(frames) is None:
            rows += asked.recommend(frames, as_of=AS_OF, scored_at_utc=SCORED, params=OptimizationParams()).to_dict(
                "records"
            )
    for row in rows:
        bounds = [row[name] for name in ("saving_lower_usd", "saving_usd", "saving_upper_usd")]
        assert all(isinstance(bound, Decimal) and bound.is_finite() for bound in bounds), row["strategy"]
        assert bounds == sorted(bounds)


def test_together_they_never_promise_more_than_is_spent():
    """300 USD a day of tokens at 2 and 10 USD a million, 384 of two GPUs: 9,000 and 11,520 in 30 days."""
    found = pd.concat([recommend(name, **everything()) for name in RECOMMENDING], ignore_index=True)
    ordered = in_order(found)
    tokens, gpus = Decimal(9000), Decimal(2 * 24 * 8 * 30)
    is_gpu = ordered["scope_type"] == "host"
    assert sum(ordered.loc[~is_gpu, "incremental_saving_usd"]) <= tokens
    assert sum(ordered.loc[is_gpu, "incremental_saving_usd"]) <= gpus
    assert sum(ordered.loc[~is_gpu, "saving_usd"]) > tokens, "alone they would: that is why they are put in order"


def test_queries_of_inputs_say_which_tables_they_read():
    for each in strategies():
        for query in each.inputs.values():
            assert re.search(r"\bfrom (staging|intermediate|marts|seeds)\.", query), each.name
        schemas = {table.split(".")[0] for table in each.reads}
        assert schemas <= {"staging", "intermediate", "marts", "seeds"}, each.reads
