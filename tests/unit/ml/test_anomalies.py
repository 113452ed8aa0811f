"""Anomalies: the planted runaway is found, the weekly rhythm is quiet, the future never leaks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.anomalies import ANOMALY_COLUMNS, AnomalyParams, detect_anomalies
from ml.series import slice_daily_costs
from tests.unit.ml.synthetic import FIRST_DAY, long_frame, weekly_spend

SCORED = datetime(2026, 3, 1, 6)  # noqa: DTZ001
DAYS = 150


def detect(frame: pd.DataFrame, days: int = DAYS, params: AnomalyParams | None = None) -> pd.DataFrame:
    as_of = (FIRST_DAY + pd.Timedelta(days=days)).date()
    return detect_anomalies(frame, as_of=as_of, scored_at_utc=SCORED, params=params)


@pytest.fixture(scope="module")
def company_costs() -> pd.DataFrame:
    """Twelve keys in four teams; key_3 calls sixty times as often on day 146, for 14 hours."""
    parts = []
    for number in range(12):
        spend = weekly_spend(DAYS, seed=number, level_usd=20 + 5 * number, noise=0.15)
        requests = (spend * 10).round()
        if number == 3:
            spend.iloc[146] *= 35
            requests.iloc[146] *= 35
        parts.append(
            pd.DataFrame(
                {
                    "usage_date": spend.index.date,
                    "provider_id": ["openai", "anthropic"][number % 2],
                    "team_id": f"team_{number % 4}",
                    "model_id": f"model_{number % 3}",
                    "api_key_id": f"key_{number}",
                    "cost_usd": spend.to_numpy(),
                    "request_count": requests.to_numpy(),
                    "input_tokens": requests.to_numpy() * 900,
                    "cache_read_tokens": requests.to_numpy() * 300,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def company_scores(company_costs: pd.DataFrame) -> pd.DataFrame:
    return detect(slice_daily_costs(company_costs, ("total", "provider", "team", "model", "api_key")))


def test_the_runaway_key_is_flagged_in_every_scope_it_shows_in(company_scores: pd.DataFrame):
    day = (FIRST_DAY + pd.Timedelta(days=146)).date()
    flagged = company_scores[company_scores["is_anomaly"] & (company_scores["usage_date"] == day)]
    assert {"api_key:key_3", "team:team_3", "provider:anthropic", "model:model_0", "total:all"} == set(
        flagged["series_id"]
    )
    row = flagged.set_index("series_id").loc["api_key:key_3"]
    assert row["severity"] == "critical"
    assert "above" in row["reason"]
    assert "calls ×" in row["reason"]


def test_columns_and_money(company_scores: pd.DataFrame):
    assert list(company_scores.columns) == ANOMALY_COLUMNS
    assert company_scores["anomaly_id"].is_unique
    assert all(isinstance(v, Decimal) for v in company_scores["impact_usd"])
    difference = company_scores["actual_cost_usd"] - company_scores["expected_cost_usd"]
    assert (company_scores["impact_usd"] == difference).all()
    assert company_scores["p_value"].between(0, 1, inclusive="right").all()
    assert (company_scores["fitted_through_date"] < company_scores["usage_date"]).all()


def test_the_normal_weekly_rhythm_is_quiet():
    frames = [long_frame(weekly_spend(300, seed=n, noise=0.15), "team", f"t{n}") for n in range(10)]
    scores = detect(pd.concat(frames), 300)
    assert len(scores) > 2500
    assert scores["is_anomaly"].mean() < 0.005


def test_a_changed_future_never_changes_a_past_score(company_costs: pd.DataFrame):
    frame = slice_daily_costs(company_costs, ("total", "team", "api_key"))
    cut = FIRST_DAY + pd.Timedelta(days=101)
    changed = frame.copy()
    later = changed["ds"] >= cut
    changed.loc[later, "y"] = np.random.default_rng(1).lognormal(6, 2, int(later.sum()))
    changed.loc[later, "request_count"] = 1.0
    before, after = (detect(f) for f in (frame, changed))
    before, after = (s[s["usage_date"] < cut.date()].reset_index(drop=True) for s in (before, after))
    pd.testing.assert_frame_equal(before, after)
    truncated = detect(frame[frame["ds"] < cut])
    pd.testing.assert_frame_equal(before, truncated.reset_index(drop=True))


def test_nothing_is_scored_before_four_weeks_of_history():
    scores = detect(long_frame(weekly_spend(60)), 60)
    assert scores["usage_date"].min() == (FIRST_DAY + pd.Timedelta(days=28)).date()
    assert detect(long_frame(weekly_spend(27)), 27).empty


def test_the_day_of_the_run_is_not_scored():
    scores = detect(long_frame(weekly_spend(60)), 59)
    assert scores["usage_date"].max() == (FIRST_DAY + pd.Timedelta(days=58)).date()


def test_a_fall_is_shown_but_only_as_information():
    spend = weekly_spend(120, noise=0.05)
    spend.iloc[110] = 0.5
    row = detect(long_frame(spend), 120).set_index("usage_date").loc[spend.index[110].date()]
    assert row["is_anomaly"]
    assert row["severity"] == "info"
    assert row["impact_usd"] < 0


def test_small_money_is_nobodys_problem():
    spend = weekly_spend(120, level_usd=0.01)
    spend.iloc[110] *= 60
    assert not detect(long_frame(spend), 120)["is_anomaly"].any()


def test_refunds_and_gaps_are_scored():
    spend = weekly_spend(120)
    spend.iloc[60] = -400.0
    scores = detect(long_frame(spend.drop(spend.index[80])), 120)
    assert spend.index[80].date() in set(scores["usage_date"])
    assert scores["isolation_score"].notna().all()


def test_a_key_outside_the_watched_ones_appears_on_the_day_it_runs_away():
    params = AnomalyParams(watched_members=2)
    frames = [long_frame(weekly_spend(100, seed=n, level_usd=[100, 80, 2][n]), "api_key", f"k{n}") for n in range(3)]
    runaway = frames[2]
    runaway.loc[95, "y"] = 60 * 300.0
    scores = detect(pd.concat(frames), 100, params)
    days = scores.loc[scores["scope_id"] == "k2", "usage_date"]
    assert days.iloc[0] == runaway.loc[95, "ds"].date()
    assert scores.query("scope_id == 'k2'")["is_anomaly"].iloc[0]


def test_ids_do_not_depend_on_the_run():
    frame = long_frame(weekly_spend(60))
    assert detect(frame, 50)["anomaly_id"].isin(detect(frame, 60)["anomaly_id"]).all()


def test_unknown_cost_is_left_out_and_a_missing_team_is_unallocated():
    costs = pd.DataFrame(
        {
            "usage_date": [date(2026, 1, 1)] * 3,
            "provider_id": ["a", "a", None],
            "team_id": [None, "x", "x"],
            "cost_usd": [Decimal("1.5"), None, Decimal("2")],
        }
    )
    series = slice_daily_costs(costs, ("total", "provider", "team")).set_index("series_id")["y"]
    assert series.to_dict() == {
        "total:all": Decimal("3.5"),
        "provider:a": Decimal("1.5"),
        "team:unallocated": Decimal("1.5"),
        "team:x": Decimal("2"),
    }


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match="team_id"):
        slice_daily_costs(pd.DataFrame({"usage_date": [], "cost_usd": []}), ("total", "team"))
