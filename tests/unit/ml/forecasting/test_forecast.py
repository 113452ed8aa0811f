"""The forecast of rows of spend: sums, prices, fees, what is new, what is odd."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.forecasting import ForecastParams, forecast_spend
from ml.forecasting.leaves import daily_leaves
from ml.forecasting.tables import forecast_rows, outlook_rows
from tests.unit.ml.forecasting.spend import FIRST, SCORED, SHORT, after, forecast, points, rows, series, weekly


def company(days: int = 150) -> pd.DataFrame:
    """Three providers, four models, three teams; a leaf each, levels from 1 to 81 USD a day."""
    leaves = itertools.islice(itertools.product("abc", ["m1", "m2", "m3", "m4"], ["x", "y", None]), 20)
    return pd.concat(
        rows(weekly(days, level=1 + (3 * n) ** 1.07, seed=n), provider_id=p, model_id=m, team_id=t)
        for n, (p, m, t) in enumerate(leaves)
    )


def test_children_sum_to_their_parents() -> None:
    part = forecast(company(), 150).parts[0]
    kinds = np.array(part.names.scope_types)
    total = part.points[kinds == "total"][0]
    for level in ("provider", "model", "team", "project", "cost_center"):
        assert np.abs(part.points[kinds == level].sum(axis=0) - total).max() < 1e-6
        assert np.abs(part.tokens[kinds == level].sum(axis=0) - part.tokens[kinds == "total"][0]).max() < 1e-3


def test_the_same_rows_give_the_same_tables_twice_in_any_order_and_as_decimals() -> None:
    frame = company(100)
    frame["cost_usd"] = frame["cost_usd"].round(6)
    shuffled = frame.sample(frac=1, random_state=3)
    decimals = frame.assign(cost_usd=[Decimal(repr(float(v))) for v in frame["cost_usd"]])
    first, again, third = (forecast_rows(forecast(each, 100), SCORED) for each in (frame, frame, decimals))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first, third)
    pd.testing.assert_frame_equal(first, forecast_rows(forecast(shuffled, 100), SCORED), rtol=1e-9)


def test_an_interval_of_a_sum_is_narrower_than_the_sum_of_the_intervals() -> None:
    part = forecast(company(), 150).parts[0]
    width = part.quantiles()[:, :30, 6] - part.quantiles()[:, :30, 2]
    kinds = np.array(part.names.scope_types)
    assert width[kinds == "total"].mean() < 0.8 * width[kinds == "model"].sum(axis=0).mean()


def test_a_price_cut_moves_the_forecast_on_its_day_and_only_there() -> None:
    frame = pd.concat([rows(weekly(120), model_id="cut"), rows(weekly(120, seed=1), model_id="same")])
    before = forecast(frame, 120)

    def cut(day: date) -> pd.DataFrame:
        return pd.DataFrame(
            {"provider_id": "acme", "model_id": "cut", "valid_from_date": ["1900-01-01", str(day)],
             "price_index": [10.0, 4.0]}
        )  # fmt: skip

    now, later = forecast(frame, 120, price_steps=cut(after(120))), forecast(frame, 120, price_steps=cut(after(125)))
    assert points(now, "model:cut") == pytest.approx(0.4 * points(before, "model:cut"))
    assert points(later, "model:cut")[:5] == pytest.approx(points(before, "model:cut")[:5])
    assert points(later, "model:cut")[5:] == pytest.approx(0.4 * points(before, "model:cut")[5:])
    assert points(now, "model:same") == pytest.approx(points(before, "model:same"))
    assert points(now, "total:all") == pytest.approx(points(now, "model:cut") + points(now, "model:same"))


def test_a_cut_of_last_week_is_not_forecast_twice() -> None:
    volume = weekly(120, noise=0.02)
    paid = np.r_[volume[:113], volume[113:] * 0.4]
    steps = pd.DataFrame(
        {"provider_id": "acme", "model_id": "m", "valid_from_date": ["1900-01-01", str(after(113))],
         "price_index": [10.0, 4.0]}
    )  # fmt: skip
    said = points(forecast(rows(paid), 120, price_steps=steps), "total:all")
    assert said[:28].sum() == pytest.approx(0.4 * volume[-28:].sum(), rel=0.05)


def test_a_monthly_fee_is_no_weekly_one() -> None:
    usage = weekly(150, noise=0.05)
    fee = np.zeros(150)
    fee[[0, 31, 59, 90, 120]] = 500.0  # the first of each month from January to May
    apart = forecast(pd.concat([rows(usage), rows(fee, is_scheduled=True)]), 150)
    within = forecast(rows(usage + fee), 150)
    first_of_june, first_of_july = 1, 31  # 150 days end with 30 May
    for said in (apart, within):
        ahead = points(said, "total:all")
        assert ahead[[first_of_june, first_of_july]] == pytest.approx([600, 600], rel=0.12)
        assert np.delete(ahead, [first_of_june, first_of_july]).max() < 140


def test_a_new_model_takes_over_from_the_old_one() -> None:
    old, new = weekly(150, noise=0.02), np.zeros(150)
    new[144:], old[144:] = old[144:], 0.0
    said = forecast(pd.concat([rows(old, model_id="old"), rows(new[144:], model_id="new").assign(
        usage_date=pd.date_range(FIRST + pd.Timedelta(days=144), periods=6).date)]), 150)  # fmt: skip
    part, number = series(said, "model:new")
    assert number not in part.published
    assert points(said, "model:new")[:28].mean() == pytest.approx(new[144:].mean(), rel=1e-6)
    assert points(said, "total:all")[:28].sum() > 0.9 * weekly(150, noise=0.02)[-28:].sum()


def test_what_slept_for_months_is_forecast_as_nothing_within_narrow_bounds() -> None:
    sleeping = np.r_[np.zeros(100), 9000.0, np.zeros(199)]
    said = forecast(pd.concat([rows(weekly(300)), rows(sleeping, team_id="asleep")]), 300)
    part, number = series(said, "team:other")
    assert part.points[number].max() == 0
    assert part.quantiles()[number].max() < 1


@pytest.mark.parametrize("seed", range(5))
def test_no_interval_is_wider_than_twenty_times_the_largest_value(seed: int) -> None:
    random = np.random.default_rng(seed)
    wild = random.standard_cauchy(90) * (random.random(90) < 0.4)
    part = forecast(pd.concat([rows(wild), rows(weekly(200), team_id="calm")]), 90).parts[0]
    bounds = part.quantiles()
    assert ((bounds[:, :, -1] - bounds[:, :, 0]).max(axis=1) <= 20 * part.largest + 1e-9).all()


def test_own_costs_and_infrastructure_stay_out_of_the_forecast_of_models() -> None:
    own = rows(np.full(120, 7.0), cost_kind="own", is_scheduled=True, provider_id=None, model_id=None)
    alone, beside = forecast(rows(weekly(120)), 120), forecast(pd.concat([rows(weekly(120)), own]), 120)
    assert points(beside, "total:all") == pytest.approx(points(alone, "total:all"))
    assert points(beside, "cost_kind:own") == pytest.approx(np.full(60, 7.0))


def test_a_provider_that_is_late_is_not_idle() -> None:
    late = rows(weekly(118, seed=2), provider_id="late", team_id="late")
    said = forecast(pd.concat([rows(weekly(120)), late]), 120)
    assert points(said, "provider:late")[:28].mean() == pytest.approx(weekly(118, seed=2)[-28:].mean(), rel=0.1)
    assert said.notes == ("llm spend of late is not delivered for the newest 2 days, which are taken for usual ones",)


def test_one_runaway_day_is_not_repeated_but_a_new_level_is() -> None:
    runaway, level = weekly(120), weekly(120)
    runaway[118] *= 60
    level[114:] *= 3
    flagged = pd.DataFrame({"series_id": "team:search", "ds": pd.date_range(FIRST, periods=120)[114:]})
    one = pd.DataFrame({"series_id": ["team:search"], "ds": [FIRST + pd.Timedelta(days=118)]})
    assert points(forecast(rows(runaway), 120, anomalous_days=one), "total:all").max() < 200
    assert (
        points(forecast(rows(level), 120, anomalous_days=flagged), "total:all")[:7].sum() > 1.5 * weekly(120)[-7:].sum()
    )


def test_below_fourteen_days_nothing_is_published_and_from_then_on_it_is() -> None:
    for days, published in ((13, 0), (14, 6)):
        part = forecast(rows(weekly(days)), days).parts[0]
        assert len(part.published) == published


ODD = {
    "one point": np.array([5.0]),
    "zeros": np.zeros(100),
    "constant": np.full(100, 3.0),
    "not a number": np.r_[weekly(99), np.nan],
    "infinite": np.r_[weekly(99), np.inf],
    "refunds": weekly(100) * np.where(np.arange(100) % 9, 1, -2),
    "only credits": -weekly(100),
    "tiny": weekly(100) * 1e-14,
    "huge": weekly(100) * 1e10,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_histories_give_finite_bounds_in_order(name: str) -> None:
    said = forecast(rows(ODD[name]), len(ODD[name]))
    for table in (forecast_rows(said, SCORED), outlook_rows(said, SCORED)):
        figures = table.filter(like="_usd").to_numpy(dtype=float)
        assert np.isfinite(figures).all()
    for part in said.parts:
        assert (np.diff(part.quantiles(), axis=2) >= 0).all()


def test_a_row_of_1970_and_ten_thousand_new_slices_are_forecast_in_bounded_time() -> None:
    ancient = rows(np.array([3.0])).assign(usage_date=date(1970, 1, 1))
    new = pd.DataFrame({"team_id": [f"t{n}" for n in range(10_000)], "project_id": [f"p{n}" for n in range(10_000)]})
    new = rows(np.array([0.01])).drop(columns=["team_id", "project_id"]).merge(new, how="cross")
    frame = pd.concat([ancient, rows(weekly(200)), new.assign(usage_date=after(199))])
    began = time.process_time()
    said = forecast(frame, 200)
    assert time.process_time() - began < 20
    assert len(said.parts[0].names.ids) < 1200
    assert any("older than the 400 days" in each for each in said.folded)
    assert any("members of team" in each for each in said.folded)


def test_gaps_are_days_without_spend() -> None:
    frame = rows(weekly(60))
    spend = daily_leaves(frame.drop(index=[10, 11]), after(60), SHORT)
    assert spend is not None
    assert spend.values[0, [10, 11]].tolist() == [0.0, 0.0]


def test_no_rows_and_none_before_the_first_day_give_nothing() -> None:
    empty = rows(np.array([])).astype({"cost_kind": object, "is_scheduled": bool})
    assert forecast_spend(empty, as_of=date(2026, 1, 1)).parts == ()
    assert forecast_spend(rows(weekly(9)), as_of=FIRST.date()).parts == ()


@pytest.mark.parametrize("model", ["seasonal_naive", "weekday_median", "theta", "linear", "arima_5_1_0", "ets"])
def test_every_model_can_be_the_published_one(model: str) -> None:
    part = forecast(company(100), 100, replace(SHORT, model=model)).parts[0]
    kinds = np.array(part.names.scope_types)
    assert np.abs(part.points[kinds == "model"].sum(axis=0) - part.points[kinds == "total"][0]).max() < 1e-6


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no forecast model 'best'; there are .*prophet"):
        ForecastParams(model="best")


def test_days_whose_data_is_missing_are_no_low_days() -> None:
    """One of two providers brings nothing for the last three days, which would be taken for a new, lower level."""
    whole = [rows(weekly(120, 50.0, 0.02), provider_id="a"), rows(weekly(120, 50.0, 0.02, 1), provider_id="b")]
    silent = whole[1].copy()
    silent.loc[117:, ["cost_usd", "tokens"]] = 0.0
    lacking = pd.concat([whole[0], silent])
    days = [(FIRST + pd.Timedelta(days=each)).date() for each in (117, 118, 119)]
    want = points(forecast(pd.concat(whole), 120), "total:all")[:14].sum()
    fooled = points(forecast(lacking, 120), "total:all")[:14].sum()
    found = forecast_spend(lacking, as_of=after(120), params=SHORT, incomplete_days=days)
    assert fooled < 0.9 * want
    assert points(found, "total:all")[:14].sum() == pytest.approx(want, rel=0.03)
    assert points(found, "provider:a") == pytest.approx(points(forecast(lacking, 120), "provider:a"))


def test_a_day_that_is_whole_is_as_it_was() -> None:
    frame = company(100)
    usual = points(forecast(frame, 100), "total:all")
    again = forecast_spend(
        frame, as_of=after(100), params=SHORT, incomplete_days=[after(70), after(300), date(2020, 1, 1)]
    )
    assert points(again, "total:all") == pytest.approx(usual)
