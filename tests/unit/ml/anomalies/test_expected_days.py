"""What looks odd and is expected: monthly fees and public holidays; and what only looks like them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tests.unit.ml.anomalies.companies import QUICK, company, day, detect, on, priced
from tests.unit.ml.anomalies.test_detect import COUNTS
from tests.unit.ml.synthetic import FIRST_DAY

AMERICAN = replace(QUICK, holiday_countries=("US",))


def number(text: str) -> int:
    return (pd.Timestamp(text) - FIRST_DAY).days


def with_fees(rows: pd.DataFrame, days: list[str], usd: float) -> pd.DataFrame:
    fees = rows.iloc[: len(days)].assign(usage_date=[pd.Timestamp(d).date() for d in days], cost_usd=usd)
    fees[COUNTS] = 0
    return pd.concat([rows, fees.assign(api_key_id="fee", team_id="fee")], ignore_index=True)


def test_a_fee_that_comes_on_the_first_of_each_month_is_no_anomaly_after_its_first_time():
    firsts = [f"2025-{month:02d}-01" for month in range(2, 8)]
    scores = detect(with_fees(company(210, keys=4), firsts, 400.0)).scores
    flagged = scores[scores["is_anomaly"] & scores["usage_date"].isin([pd.Timestamp(d).date() for d in firsts[1:]])]
    assert flagged.empty, flagged[["usage_date", "series_id"]].to_string()
    twice = detect(with_fees(company(210, keys=4), firsts, 400.0).pipe(with_fees, ["2025-06-17"], 400.0)).scores
    assert (
        twice.query("is_anomaly and series_id == 'total:all'")["usage_date"]
        .isin([pd.Timestamp("2025-06-17").date()])
        .any()
    )


def test_a_quiet_holiday_is_no_anomaly_and_the_same_fall_on_another_day_is():
    rows = company(215, keys=4)
    rows[COUNTS] = rows[COUNTS].astype(float)
    fourth, tuesday = number("2025-07-04"), number("2025-07-22")
    for quiet in (fourth, tuesday):
        rows.loc[on(rows, quiet, quiet), COUNTS] *= 0.25
    scores = detect(priced(rows), AMERICAN).scores
    fallen = scores[scores["is_anomaly"] & (scores["impact_usd"] < 0)]
    assert day(fourth) not in set(fallen["usage_date"])
    assert day(tuesday) in set(fallen["usage_date"])
