"""Detection: planted events are found with their cause, the weekly rhythm is quiet, the future never leaks."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.anomalies.decompose import DRIVERS
from ml.anomalies.detect import ANOMALY_COLUMNS, INCIDENT_COLUMNS, Detection
from tests.unit.ml.anomalies.companies import company, day, detect, on, priced

DAYS = 150
COUNTS = ["request_count", "uncached_input_tokens", "cache_read_tokens", "output_tokens"]


@pytest.fixture(scope="module")
def found() -> Detection:
    """Key 3 runs away on day 140; the cache of team_1 breaks on days 100 to 103."""
    rows = company(DAYS)
    rows[COUNTS] = rows[COUNTS].astype(float)
    rows.loc[on(rows, 140, 140, api_key_id="key_3"), COUNTS] *= 35.0
    broken = on(rows, 100, 103, team_id="team_1")
    rows.loc[broken, "uncached_input_tokens"] += rows.loc[broken, "cache_read_tokens"]
    rows.loc[broken, "cache_read_tokens"] = 0.0
    return detect(priced(rows))


def incident_of(found: Detection, first: int) -> pd.Series:
    incidents = found.incidents[found.incidents["first_date"] == day(first)]
    assert len(incidents) == 1, found.incidents[["kind", "scope_id", "first_date"]].to_string()
    return incidents.iloc[0]


def test_a_runaway_key_is_one_incident_with_its_key_as_the_cause(found: Detection):
    incident = incident_of(found, 140)
    assert (incident["kind"], incident["scope_type"], incident["scope_id"]) == ("runaway_agent", "api_key", "key_3")
    assert incident["severity"] == "critical"
    assert {"api_key:key_3", "team:team_3", "total:all"} <= set(json.loads(incident["series_ids"]))
    assert incident["volume_change_usd"] > Decimal("0.95") * incident["impact_usd"]


def test_a_broken_cache_is_found_on_its_first_day_and_named(found: Detection):
    incident = incident_of(found, 100)
    assert (incident["kind"], incident["scope_type"], incident["scope_id"]) == ("cache_break", "team", "team_1")
    assert day(103) <= incident["last_date"] <= day(106)
    assert max(DRIVERS, key=lambda name: incident[f"{name}_change_usd"]) == "cache_rate"


def test_drivers_sum_to_the_impact_exactly(found: Detection):
    for row in found.incidents.to_dict("records"):
        assert sum(row[f"{name}_change_usd"] for name in DRIVERS) == row["impact_usd"]
        assert row["impact_usd"] == row["actual_cost_usd"] - row["expected_cost_usd"]


def test_columns_and_money(found: Detection):
    scores = found.scores
    assert list(scores.columns) == ANOMALY_COLUMNS
    assert list(found.incidents.columns) == INCIDENT_COLUMNS
    assert scores["anomaly_id"].is_unique
    assert all(isinstance(v, Decimal) for v in scores["impact_usd"])
    assert (scores["impact_usd"] == scores["actual_cost_usd"] - scores["expected_cost_usd"]).all()
    assert scores["p_value"].between(0, 1, inclusive="right").all()
    assert (scores["fitted_through_date"] < scores["usage_date"]).all()
    assert scores[["z_score", "same_weekday_z", "isolation_score"]].notna().all().all()
    assert scores.loc[scores["is_anomaly"], ["incident_id", "severity", "reason"]].notna().all().all()


def test_the_normal_weekly_rhythm_is_quiet():
    scores = detect(company(200)).scores
    assert len(scores) > 3000
    weeks = (200 - 28) / 7
    assert scores.loc[scores["is_anomaly"], "usage_date"].nunique() <= 1.5 * weeks
    assert scores["severity"].isin(["warning", "critical"]).mean() < 0.002


def test_fed_day_by_day_it_says_what_the_whole_history_says():
    rows = company(75, keys=6)
    rows.loc[on(rows, 68, 70, api_key_id="key_3"), COUNTS] *= 6
    rows = priced(rows)
    batch = detect(rows).scores
    days = []
    for number in range(66, 72):
        until = detect(rows[rows["usage_date"] <= day(number)]).scores
        days.append(until[until["usage_date"] == day(number)])
    told = ["reason"]  # in the words of the newest run
    expected = batch[batch["usage_date"].between(day(66), day(71))].drop(columns=told).reset_index(drop=True)
    single = pd.concat(days).drop(columns=told).reset_index(drop=True)
    assert expected["is_anomaly"].sum() > 3
    pd.testing.assert_frame_equal(single, expected)


def test_a_changed_future_never_changes_a_past_score():
    rows = company(130, keys=6)
    changed = rows.copy()
    later = on(changed, 101, 130)
    changed.loc[later, "cost_usd"] = np.random.default_rng(1).lognormal(6, 2, int(later.sum()))
    before, after = (detect(f).scores for f in (rows, changed))
    before, after = (s[s["usage_date"] < day(101)].reset_index(drop=True) for s in (before, after))
    assert len(before) > 500
    pd.testing.assert_frame_equal(before, after)


def test_scoring_begins_after_four_weeks_and_ends_before_the_day_of_the_run():
    scores = detect(company(60, keys=4)).scores
    assert day(28) <= scores["usage_date"].min() <= day(36)
    assert scores["usage_date"].max() == day(59)
    assert detect(company(27, keys=4)).scores.empty


def test_a_fall_is_shown_but_only_as_information():
    rows = company(120, keys=4)
    rows[COUNTS] = rows[COUNTS].astype(float)
    rows.loc[on(rows, 110, 110), COUNTS] *= 0.01
    found = detect(priced(rows))
    row = found.scores.query("series_id == 'total:all'").set_index("usage_date").loc[day(110)]
    assert row["is_anomaly"]
    assert row["severity"] == "info"
    assert row["impact_usd"] < 0
    assert incident_of(found, 110)["kind"] == "missing_data"


def test_small_money_is_nobodys_problem():
    rows = company(120, keys=4)
    rows["cost_usd"] /= 10_000
    rows.loc[on(rows, 110, 110), "cost_usd"] *= 30
    assert not detect(rows).scores["is_anomaly"].any()


def test_ids_do_not_depend_on_the_run():
    rows = company(90, keys=4)
    rows.loc[on(rows, 70, 70, api_key_id="key_1"), [*COUNTS, "cost_usd"]] *= 20
    early, late = detect(rows[rows["usage_date"] <= day(71)]), detect(rows)
    assert set(early.scores["anomaly_id"]) <= set(late.scores["anomaly_id"])
    assert day(70) in set(early.incidents["first_date"])
    assert set(early.incidents["incident_id"]) <= set(late.incidents["incident_id"])


def test_a_level_shift_stays_one_incident_until_the_past_has_adapted():
    rows = company(140, keys=6)
    rows.loc[on(rows, 90, 140, team_id="team_1"), [*COUNTS, "cost_usd"]] *= 1.8
    rows = priced(rows)
    at_first, later, long_after = (incident_of(detect(rows[rows["usage_date"] <= day(d)]), 90) for d in (93, 110, 139))
    assert at_first["incident_id"] == later["incident_id"] == long_after["incident_id"]
    assert [i["status"] for i in (at_first, later, long_after)] == ["open", "open", "adapted"]
    assert later["kind"] == "level_shift"
    assert (later["scope_type"], later["scope_id"]) == ("team", "team_1")


def test_a_fall_on_a_day_whose_data_is_missing_is_no_anomaly_and_says_why() -> None:
    rows = company(DAYS)
    lacking = priced(rows[~on(rows, 145, 146, api_key_id="key_3") & ~on(rows, 145, 146, api_key_id="key_1")])
    fooled = detect(lacking).scores
    assert fooled[fooled["usage_date"].isin([day(145), day(146)])]["is_anomaly"].any()
    scores = detect(lacking, incomplete_days=frozenset({day(145), day(146)})).scores
    there = scores["usage_date"].isin([day(145), day(146)])
    fell = scores["impact_usd"] < 0
    assert not scores[there & fell]["is_anomaly"].any()
    assert set(scores[there & fell]["reason"]) == {"data of this day is missing"}
    measured = ["series_id", "usage_date", "actual_cost_usd", "expected_cost_usd", "p_value"]
    pd.testing.assert_frame_equal(scores[measured], fooled[measured])
