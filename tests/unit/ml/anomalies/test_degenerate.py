"""Degenerate input has a stated result in bounded time: never a crash, never a number that is none."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.unit.ml.anomalies.companies import SOURCE, company, day, detect, on

MONEY = ["actual_cost_usd", "expected_cost_usd", "impact_usd"]


def bare(costs: list[float], start: int = 0) -> pd.DataFrame:
    days = [day(start + n) for n in range(len(costs))]
    return pd.DataFrame({"usage_date": days, "team_id": "a", "provider_id": "p", "cost_usd": costs})


RANDOM = np.random.default_rng(5)
CASES = {
    "one point": bare([1.0]),
    "zeros": bare([0.0] * 90),
    "constant": bare([7.0] * 90),
    "unknown": bare([float("nan")] * 90),
    "some unknown": bare([float("nan") if n % 3 else 5.0 for n in range(120)]),
    "infinite": bare([5.0] * 60 + [float("inf"), float("-inf")] + [5.0] * 40),
    "gaps": bare([9.0] * 200).iloc[::17],
    "refunds": bare([(-1.0) ** n * n for n in range(120)]),
    "one refund": bare([50.0] * 80 + [-4000.0] + [50.0] * 20),
    "huge": bare([1e14] * 60 + [1e15] + [1e14] * 20),
    "tiny": bare([1e-13] * 90),
    "asleep for months": bare([100.0] * 30 + [0.0] * 150 + [100.0] * 5),
}


@pytest.mark.parametrize("name", CASES)
def test_a_stated_result(name: str):
    found = detect(CASES[name])
    assert found.scores[MONEY].notna().all().all()
    numbers = found.scores[["z_score", "same_weekday_z", "isolation_score", "p_value"]].astype(float)
    assert np.isfinite(numbers.to_numpy()).all()
    assert found.incidents[[c for c in found.incidents if c.endswith("_usd")]].notna().all().all()


def test_a_constant_is_no_anomaly_and_waking_up_is():
    assert not detect(CASES["constant"]).scores["is_anomaly"].any()
    woken = detect(CASES["asleep for months"]).scores.query("is_anomaly")
    assert day(180) in set(woken["usage_date"])
    assert (woken["expected_cost_usd"].astype(float) <= 100.0).all()


def test_no_rows_at_all():
    assert detect_empty().scores.empty
    assert detect_empty().incidents.empty


def detect_empty():
    from tests.unit.ml.anomalies.companies import QUICK, SCORED, detect_anomalies

    rows = bare([1.0]).iloc[:0]
    return detect_anomalies(rows, SOURCE, as_of=date(2026, 1, 1), scored_at_utc=SCORED, params=QUICK)


def test_a_row_of_1970_costs_nothing_and_changes_nothing():
    rows = company(70, keys=3)
    old = rows.iloc[:1].assign(usage_date=date(1970, 1, 1))
    started = time.process_time()
    found = detect(pd.concat([rows, old], ignore_index=True))
    assert time.process_time() - started < 10
    pd.testing.assert_frame_equal(found.scores, detect(rows).scores)


def test_ten_thousand_new_slices_in_a_day():
    rows = company(90, keys=4)
    flood = pd.DataFrame(
        {
            "usage_date": day(89),
            "provider_id": "openai",
            "team_id": [f"new_team_{n}" for n in range(10_000)],
            "model_id": "model_0",
            "api_key_id": [f"new_key_{n}" for n in range(10_000)],
            "cost_usd": 0.5,
            "request_count": 1,
        }
    )
    started = time.process_time()
    found = detect(pd.concat([rows, flood], ignore_index=True))
    assert time.process_time() - started < 30
    assert found.scores["series_id"].nunique() < 100
    last = found.scores.query("series_id == 'total:all'").iloc[-1]
    assert last["usage_date"] == day(89)
    assert last["is_anomaly"]


def test_a_day_without_any_data_is_missing_data():
    rows = company(100, keys=4)
    found = detect(rows[~on(rows, 80, 81)])
    incident = found.incidents[found.incidents["first_date"] == day(80)].iloc[0]
    assert incident["kind"] == "missing_data"
    assert incident["actual_cost_usd"] == 0
