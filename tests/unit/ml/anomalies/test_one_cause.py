"""One cause is one incident: prices, days without calls, calls that went elsewhere, holidays, usage and its bill."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.anomalies.detect import Detection
from ml.anomalies.prices import EFFECT, with_price_effect
from ml.anomalies.sources import BILLED
from ml.anomalies.views import told_once
from tests.unit.ml.anomalies.companies import QUICK, SOURCE, company, day, detect, on, priced
from tests.unit.ml.anomalies.test_detect import COUNTS
from tests.unit.ml.synthetic import FIRST_DAY

COSTS = ["uncached_input_cost_usd", "cache_read_cost_usd", "output_cost_usd"]


def cheaper(rows: pd.DataFrame, since: int, factor: float, **where: str) -> pd.DataFrame:
    rows.loc[on(rows, since, 999, **where), COSTS] *= factor
    return rows.assign(cost_usd=rows[COSTS].sum(axis=1))


def test_a_price_cut_is_found_on_its_day_although_usage_grows_over_it():
    rows = company(120, keys=6)
    rows[COUNTS] = rows[COUNTS].astype(float)
    rows.loc[on(rows, 100, 119, model_id="model_1"), COUNTS] *= 1.4
    found = detect(cheaper(priced(rows), 100, 0.7, model_id="model_1")).incidents
    incident = found[(found["first_date"] == day(100)) & (found["kind"] == "price_change")]
    assert incident[["scope_type", "scope_id"]].to_numpy().tolist() == [["model", "model_1"]]
    assert incident["price_change_usd"].iloc[0] < 0


def test_the_effect_of_a_price_is_the_usage_at_both_prices_and_nothing_else():
    rows = cheaper(company(60, keys=4), 40, 0.5, model_id="model_1")
    effect = with_price_effect(rows)[EFFECT]
    after = on(rows, 40, 42, model_id="model_1")
    np.testing.assert_allclose(effect[after], -rows.loc[after, "cost_usd"], rtol=1e-9)  # half of what it was
    np.testing.assert_allclose(effect[on(rows, 0, 39)], 0.0, atol=1e-9)
    np.testing.assert_allclose(effect[on(rows, 40, 42, model_id="model_0")], 0.0, atol=1e-9)


def test_a_price_that_scatters_with_the_length_of_prompts_has_not_changed():
    rows = company(90, keys=4)
    rows[COSTS] *= np.random.default_rng(3).uniform(0.7, 1.3, (len(rows), 1))
    effect = with_price_effect(rows)[EFFECT]
    late = on(rows, 60, 89)
    assert float(effect[late].abs().sum()) < 0.02 * float(rows.loc[late, "cost_usd"].sum())


def test_days_without_calls_are_seen_where_dollars_are_too_wild_to_tell():
    rows = company(140, keys=8, noise=0.1)
    wild = np.random.default_rng(5).lognormal(0, 1.0, len(rows))
    tokens = COUNTS[1:]
    rows[tokens] = rows[tokens].mul(np.where(rows["provider_id"] == "openai", wild, 1.0), axis=0)
    rows = priced(rows)
    lacking = rows[~on(rows, 120, 121, provider_id="openai")]
    found = detect(lacking).incidents
    gone = found[(found["first_date"] == day(120)) & (found["kind"] == "missing_data")]
    assert gone[["scope_type", "scope_id"]].to_numpy().tolist() == [["provider", "openai"]]
    assert gone["last_date"].iloc[0] == day(121)


def test_calls_that_go_to_a_new_model_at_the_same_cost_are_no_news():
    rows = company(140, keys=6, noise=0.08)
    rows.loc[on(rows, 110, 139, model_id="model_1"), "model_id"] = "model_9"
    scores = detect(priced(rows)).scores
    moved = scores[scores["is_anomaly"] & scores["series_id"].isin(["model:model_1", "model:model_9"])]
    assert moved.empty, moved[["series_id", "usage_date"]].to_string()


def test_a_quiet_turn_of_the_year_makes_neither_itself_nor_the_days_after_it_an_anomaly():
    days = pd.date_range(FIRST_DAY, periods=420, unit="us")
    quiet = np.isin(days.strftime("%m-%d"), [*(f"12-{n}" for n in range(24, 32)), "01-01", "01-02"])
    rows = company(420, keys=4, noise=0.05)
    rows[COUNTS] = rows[COUNTS].astype(float)
    first = int(np.flatnonzero(quiet)[0])
    assert quiet.sum() >= 8
    for number in np.flatnonzero(quiet):
        rows.loc[on(rows, number, number), COUNTS] *= 0.3
    scores = detect(priced(rows), replace(QUICK, holiday_countries=("US",))).scores
    odd = scores[scores["is_anomaly"] & scores["usage_date"].between(day(first), day(first + 30))]
    assert odd.empty, odd[["series_id", "usage_date", "impact_usd"]].to_string()


@pytest.fixture(scope="module")
def usage() -> pd.DataFrame:
    rows = company(120, keys=6)
    rows[COUNTS] = rows[COUNTS].astype(float)
    rows.loc[on(rows, 100, 102, api_key_id="key_1"), COUNTS] *= 12
    return priced(rows)


def bill_of(usage: pd.DataFrame, factor: float = 1.0) -> pd.DataFrame:
    """The same money by account, one account for each team."""
    charges = usage.rename(columns={"team_id": "sub_account_id"}).assign(
        service_name="LLM",
        charge_category="Usage",
        region_id=None,
        item_id=usage["model_id"],
        quantity=usage["cost_usd"],
    )
    kept = ["usage_date", "provider_id", "sub_account_id", "service_name", "charge_category", "region_id", "item_id"]
    charges = charges[[*kept, "quantity", "cost_usd"]]
    return charges.assign(quantity=charges["quantity"] * factor, cost_usd=charges["cost_usd"] * factor)


def test_usage_and_the_bill_that_charges_for_it_are_told_once(usage: pd.DataFrame):
    metered, billed = detect(usage), detect(bill_of(usage), source=BILLED)
    assert day(100) in set(billed.incidents["first_date"])
    both = told_once(metered, usage, billed, bill_of(usage))
    incidents = pd.concat([each.incidents for each in both])
    assert incidents["first_date"].tolist().count(day(100)) == 1
    (mine,) = incidents[incidents["first_date"] == day(100)].to_dict("records")
    assert (mine["basis"], mine["scope_id"]) == ("metered", "key_1")
    assert "billed/sub_account:team_1" in mine["series_ids"]
    flagged = both[1].scores.query("is_anomaly and usage_date == @day(100)")
    assert set(flagged["incident_id"]) == {mine["incident_id"]}
    assert set(flagged["reason"]) == {mine["reason"]}
    pd.testing.assert_frame_equal(both[0].scores, metered.scores)


def test_a_bill_that_grows_without_usage_is_told_by_itself(usage: pd.DataFrame):
    calm = usage[~on(usage, 100, 102)]
    calm = pd.concat([calm, usage[on(usage, 93, 95)].assign(usage_date=usage["usage_date"] + pd.Timedelta(days=7))])
    metered: Detection = detect(calm)
    charges = bill_of(usage)
    billed = detect(charges, source=BILLED)
    both = told_once(metered, calm, billed, charges)
    alone = both[1].incidents[both[1].incidents["first_date"] == day(100)]
    assert alone["basis"].tolist() == ["billed"]
    assert alone["impact_usd"].iloc[0] > Decimal(100)
    assert SOURCE.basis == "metered"
