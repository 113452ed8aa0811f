"""Cheaper model for the same token mix: exact arithmetic, honest exclusions."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from ml.contracts import columns_of
from ml.optimization import OptimizationParams, classify_model, strategies
from ml.optimization.model_classes import model_family, model_generation
from ml.optimization.scoring import score_saving
from ml.optimization.strategies.cheaper_model import STRATEGY, recommend_cheaper_models

AS_OF = date(2026, 3, 1)
SCORED = datetime(2026, 3, 1, 6)  # noqa: DTZ001
PER_MILLION = Decimal("0.000001")


def usage(model: str = "gpt-4o", days: int = 30, cost: str | None = "7.50", **more: object) -> pd.DataFrame:
    """Each day 1 M uncached input tokens at 2.50 USD and 0.5 M output tokens at 10 USD per million: 7.50 USD."""
    rows = []
    for back in range(1, days + 1):
        head = {
            "usage_date": AS_OF - timedelta(days=back),
            "provider_id": "openai",
            "model_id": model,
            "project_id": "proj_search",
            "team_id": "search",
            "max_input_tokens": 20_000,
        }
        half = None if cost is None else Decimal("2.5")
        rest = None if cost is None else Decimal(cost) - Decimal("2.5")
        rows.append({**head, "meter": "uncached_input", "quantity": 1_000_000, "cost_usd": half, **more})
        rows.append({**head, "meter": "output", "quantity": 500_000, "cost_usd": rest, **more})
        rows.append({**head, "meter": "request", "quantity": 100, "cost_usd": Decimal(0), **more})
    return pd.DataFrame(rows)


def card(model: str, input_price: str, output_price: str | None, window: int | None = 128_000, **more: object) -> list:
    head = {"provider_id": "openai", "model_id": model, "context_window": window, **more}
    rows = [{**head, "meter": "uncached_input", "price_usd_per_unit": Decimal(input_price) * PER_MILLION}]
    if output_price is not None:
        rows.append({**head, "meter": "output", "price_usd_per_unit": Decimal(output_price) * PER_MILLION})
    return rows


def recommend(prices: list, frame: pd.DataFrame | None = None, **kwargs: object) -> pd.DataFrame:
    frame = usage() if frame is None else frame
    return recommend_cheaper_models(frame, pd.DataFrame(prices), as_of=AS_OF, scored_at_utc=SCORED, **kwargs)


CURRENT = card("gpt-4o", "2.50", "10")


def test_saving_is_exact():
    found = recommend(CURRENT + card("gpt-4.1", "2", "8"))
    assert list(found.columns) == columns_of("recommendations")
    row = found.iloc[0]
    assert row["current_cost_usd"] == Decimal("225.0")
    assert row["projected_cost_usd"] == Decimal("180")
    assert row["saving_usd"] == Decimal("45")
    assert row["saving_pct"] == pytest.approx(20)
    assert (row["scope_type"], row["scope_id"]) == ("project", "proj_search")
    assert (row["period_start_date"], row["period_end_date"]) == (date(2026, 1, 30), date(2026, 2, 28))
    assert row["score"] == pytest.approx(45 * 0.9)
    assert (row["effort"], row["risk"]) == ("low", "low")


def test_the_best_of_several_candidates_is_the_only_row_and_the_others_are_evidence():
    found = recommend(CURRENT + card("gpt-4.1", "2", "8") + card("gpt-5", "1.25", "10"))
    assert list(found["suggested_model_id"]) == ["gpt-4.1"]
    evidence = json.loads(found["evidence"].iloc[0])
    assert evidence["alternatives"] == [{"model_id": "gpt-5", "saving_usd": "37.500000000000"}]
    assert {m["meter"]: m["quantity"] for m in evidence["meters"]} == {
        "uncached_input": 30_000_000,
        "output": 15_000_000,
        "request": 3000,
    }


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(card("gpt-4.1-mini", "0.4", "1.6"), id="other class"),
        pytest.param(card("gpt-4.1", "2", None), id="a used meter has no price"),
        pytest.param(card("gpt-4.1", "2", "8", window=16_000), id="window too small"),
        pytest.param(card("gpt-4.1", "2", "8", window=None), id="window unknown"),
        pytest.param(card("gpt-4.1", "2.49", "10"), id="saves too little"),
        pytest.param(card("gpt-4-turbo", "10", "30"), id="dearer"),
        pytest.param(card("gpt-4.1", "2", "8", is_deprecated=True), id="deprecated"),
        pytest.param([{**r, "provider_id": "azure"} for r in card("gpt-4.1", "2", "8")], id="other provider"),
        pytest.param(card("mystery", "1", "1"), id="unknown class"),
    ],
)
def test_not_recommended(candidate: list):
    assert recommend(CURRENT + candidate).empty


def test_unpriced_usage_gives_no_recommendation():
    assert recommend(CURRENT + card("gpt-4.1", "2", "8"), usage(cost=None)).empty


def test_requests_without_a_price_are_no_unknown_cost():
    frame = usage()
    frame["cost_usd"] = frame["cost_usd"].where(frame["meter"] != "request", None)
    assert recommend(CURRENT + card("gpt-4.1", "2", "8"), frame)["current_cost_usd"].iloc[0] == Decimal("225")


def test_a_context_step_counts_when_requests_can_reach_it():
    stepped = card("gpt-4.1", "1", "4") + card("gpt-4.1", "3", "12", context_over_tokens=10_000)
    assert recommend(CURRENT + stepped).empty
    beyond = card("gpt-4.1", "1", "4") + card("gpt-4.1", "3", "12", context_over_tokens=50_000)
    assert recommend(CURRENT + beyond)["projected_cost_usd"].iloc[0] == Decimal("90")


def test_batch_tokens_are_priced_as_batch():
    prices = CURRENT + card("gpt-4.1", "2", "8")
    assert recommend(prices, usage(price_variant="processing=batch")).empty
    batch = card("gpt-4.1", "1", "4", price_variant="processing=batch")
    assert recommend(prices + batch, usage(price_variant="processing=batch"))["projected_cost_usd"].iloc[0] == 90


def test_days_outside_the_window_do_not_count():
    frame = usage(days=45)
    today = frame.iloc[:3].assign(usage_date=AS_OF)
    found = recommend(CURRENT + card("gpt-4.1", "2", "8"), pd.concat([frame, today]))
    assert found["current_cost_usd"].iloc[0] == Decimal("225.0")
    assert recommend(CURRENT + card("gpt-4.1", "2", "8"), usage(days=5)).empty


def test_a_team_without_project_is_its_own_scope():
    found = recommend(CURRENT + card("gpt-4.1", "2", "8"), usage(project_id=None))
    assert (found["scope_type"].iloc[0], found["scope_id"].iloc[0]) == ("team", "search")


def test_ids_are_stable_and_the_frame_is_deterministic():
    prices = CURRENT + card("gpt-4.1", "2", "8")
    pd.testing.assert_frame_equal(recommend(prices), recommend(list(reversed(prices)), usage().iloc[::-1]))


def test_the_evidence_query_runs_and_returns_the_quantities():
    frame = usage(project_id="o'hara")
    row = recommend(CURRENT + card("gpt-4.1", "2", "8"), frame).iloc[0]
    connection = duckdb.connect()
    hourly = frame.rename(columns={"cost_usd": "contracted_cost_usd"}).assign(
        price_variant="standard", is_billable=True
    )
    connection.register("incoming", hourly)
    connection.execute("create table fct_llm_usage_hourly as select * from incoming")
    answer = {m: int(q) for m, _, q, _ in connection.execute(row["evidence_query"]).fetchall()}
    assert answer == {m["meter"]: m["quantity"] for m in json.loads(row["evidence"])["meters"]}


def busy_day(frame: pd.DataFrame, back: int, factor: int) -> pd.DataFrame:
    rows = frame["usage_date"] == AS_OF - timedelta(days=back)
    for column in ("quantity", "cost_usd"):
        frame[column] = frame[column].where(~rows, frame[column] * factor)
    return frame


def test_a_one_off_day_is_not_extrapolated():
    """A hundredfold day within thirty equal ones of 7.50 USD: the days ahead cost 225 USD, not 967.50."""
    found = recommend(CURRENT + card("gpt-4.1", "2", "8"), busy_day(usage(), 5, 100)).iloc[0]
    assert (found["current_cost_usd"], found["saving_usd"]) == (Decimal(225), Decimal(45))
    assert json.loads(found["evidence"])["one_off_days_left_out"] == ["2026-02-24"]


def test_a_job_of_every_week_is_no_one_off():
    """Four Mondays of 75 USD and 26 days of 7.50 USD; the newest 14 days have two Mondays: 240 USD."""
    frame = usage()
    for back in range(1, 31):
        if (AS_OF - timedelta(days=back)).weekday() == 0:
            frame = busy_day(frame, back, 10)
    found = recommend(CURRENT + card("gpt-4.1", "2", "8"), frame).iloc[0]
    assert found["current_cost_usd"] == pytest.approx(Decimal(240) / 14 * 30)


def test_a_price_cut_already_in_force_is_not_promised():
    """Paid 2.50 and 10 USD per million until now; the list says 2 and 8 today: 2 and 8 elsewhere saves nothing."""
    then = usage().assign(list_price_usd_per_unit=None)
    for meter, price in (("uncached_input", "2.50"), ("output", "10")):
        then.loc[then["meter"] == meter, "list_price_usd_per_unit"] = Decimal(price) * PER_MILLION
    cut = card("gpt-4o", "2", "8")
    assert recommend(cut + card("gpt-4.1", "2", "8"), then).empty
    row = recommend(cut + card("gpt-4.1", "1", "4"), then).iloc[0]
    assert (row["current_cost_usd"], row["saving_usd"]) == (Decimal(180), Decimal(90))
    announced = CURRENT + cut  # both versions: the list says now what it will say in three weeks
    assert recommend(announced + card("gpt-4.1", "2", "8"), then).empty


def test_a_discount_holds_on_the_price_in_force():
    """A tenth off: 2.25 and 9 USD were paid, of a list of 2.50 and 10; at 2 and 8 it will be 1.80 and 7.20."""
    then = usage(cost="6.75").assign(list_price_usd_per_unit=None)
    for meter, price, paid in (("uncached_input", "2.50", "2.25"), ("output", "10", "4.50")):
        rows = then["meter"] == meter
        then.loc[rows, "list_price_usd_per_unit"] = Decimal(price) * PER_MILLION
        then.loc[rows, "cost_usd"] = Decimal(paid)
    row = recommend(card("gpt-4o", "2", "8") + card("gpt-4.1", "1", "4"), then).iloc[0]
    assert row["current_cost_usd"] == Decimal(162)


def test_a_workload_that_stopped_is_not_promised():
    frame = usage()
    prices = CURRENT + card("gpt-4.1", "2", "8")
    stopped = frame[frame["usage_date"] < AS_OF - timedelta(days=5)]
    assert recommend(prices, stopped).empty
    office = frame[[day.weekday() < 5 for day in frame["usage_date"]]]  # AS_OF is a Sunday
    assert len(recommend(prices, office)) == 1, "a weekend is no end"
    trickle = busy_day(frame, 31, 1)
    for back in range(1, 8):
        rows = trickle["usage_date"] == AS_OF - timedelta(days=back)
        for column in ("quantity", "cost_usd"):
            trickle[column] = trickle[column].where(~rows, trickle[column] / 10)
    assert recommend(prices, trickle).empty, "a tenth is left: 22.50 USD in 30 days, of which 4.50 would be saved"


def test_the_saving_has_an_interval():
    """Equal weeks: the least width, 5 % of the 45 USD, and 5 % of the 180 USD that other token counts may move."""
    row = recommend(CURRENT + card("gpt-4.1", "2", "8")).iloc[0]
    assert (row["saving_lower_usd"], row["saving_upper_usd"]) == (Decimal("33.75"), Decimal("56.25"))


def test_ids_stay_from_run_to_run():
    prices = CURRENT + card("gpt-4.1", "2", "8")
    today = recommend(prices).iloc[0]
    frame = usage()
    frame["usage_date"] = [day + timedelta(days=1) for day in frame["usage_date"]]
    tomorrow = recommend_cheaper_models(
        frame, pd.DataFrame(prices + card("gpt-5", "1", "4")), as_of=AS_OF + timedelta(days=1), scored_at_utc=SCORED
    ).iloc[0]
    assert today["recommendation_id"] == tomorrow["recommendation_id"]
    assert today["saving_usd"] != tomorrow["saving_usd"]


def test_score_weighs_risk_and_effort():
    params = OptimizationParams()
    assert score_saving(Decimal(100), "medium", "low", params) == Decimal(60)
    assert score_saving(Decimal(100), "high", "medium", params) == Decimal(15)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o", "general"), ("gpt-4o-mini", "small"), ("gpt-4.1-nano", "nano"), ("gpt-5.2", "general"),
        ("gpt-5-pro", "frontier"), ("o3", "reasoning"), ("o4-mini", "small"), ("claude-opus-4-5", "frontier"),
        ("claude-sonnet-4-5", "general"), ("claude-haiku-4-5", "small"), ("gemini-2.5-pro", "general"),
        ("gemini-2.5-flash", "small"), ("gemini-2.5-flash-lite", "nano"), ("text-embedding-3-small", "embedding"),
        ("llama-3.1-8b-instant", "nano"), ("llama-3.3-70b-versatile", "large_open"), ("mistral-small-latest", "small"),
        ("whisper-large-v3", "speech"), ("anthropic/claude-sonnet-4", "general"), ("gpt-6-sol", None),
        ("ft:gpt-4o", None), ("mistral-nemo:free", None), ("mixtral-8x7b-32768", "large_open"),
        ("our-own-model", None), (None, None),
    ],
)  # fmt: skip
def test_model_classes(model: str | None, expected: str | None):
    assert classify_model(model) == expected


@pytest.mark.parametrize(
    ("model", "family", "generation"),
    [
        ("gpt-4o-2024-05-13", "gpt", (4, 0)),
        ("gpt-4.1", "gpt", (4, 1)),
        ("claude-3-5-haiku-latest", "claude", (3, 5)),
        ("regional.anthropic.claude-sonnet-4-20250514-v1:0", "claude", (4, 0)),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude", (4, 5)),
        ("mistral-large-latest", "mistral", None),
    ],
)
def test_families_and_generations(model: str, family: str, generation: tuple[int, int] | None):
    assert (model_family(model), model_generation(model)) == (family, generation)


def test_an_older_generation_is_a_high_risk():
    found = recommend(card("gpt-5", "2.50", "10") + card("gpt-4.1", "1", "4"), usage(model="gpt-5"))
    assert found["risk"].iloc[0] == "high"


def test_a_swap_never_changes_where_the_model_runs():
    ours, cheaper = "regional.anthropic.claude-sonnet-4-5", "global.anthropic.claude-sonnet-4-6"
    assert recommend(card(ours, "2.50", "10") + card(cheaper, "1", "4"), usage(model=ours)).empty


def test_what_a_strategy_reads_are_the_tables_of_its_queries():
    assert STRATEGY.reads == (
        "intermediate.int_model_mix_daily",
        "intermediate.int_negotiated_prices",
        "marts.dim_models",
        "marts.dim_prices_current",
        "seeds.meters",
    )
    assert STRATEGY in strategies()


def test_a_strategy_gives_whole_rows_of_its_own():
    frame = recommend(CURRENT + card("gpt-4.1", "2", "8"))
    assert STRATEGY.checked(frame) is frame
    with pytest.raises(ValueError, match="columns are missing: effort, risk"):
        STRATEGY.checked(frame.drop(columns=["effort", "risk"]))
    with pytest.raises(ValueError, match="rows are of another strategy: mine"):
        STRATEGY.checked(frame.assign(strategy="mine"))
