"""What is planted in the sample company is found, with kind, cause and first day, in what its files say.

By default five months of it; the whole year with COSTOPS_BENCH_SIZE=full.
`python -m tests.benchmarks.anomalies.test_sample_company` prints every incident and what was planted.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from ingestion.demo.company import GroundTruth, PlantedFact, generate
from ml.anomalies.detect import detect_anomalies
from ml.anomalies.exceptions import quiet_days
from ml.anomalies.params import AnomalyParams
from ml.anomalies.price_list import with_price_list
from ml.anomalies.sources import BILLED, METERED
from ml.anomalies.views import told_once
from tests.benchmarks.anomalies.sample_prices import price_change_rows
from tests.benchmarks.anomalies.sample_rows import billed_rows, calendar_of, metered_rows
from tests.benchmarks.size import IS_FULL

LAST, DAYS = (date(2026, 11, 28), 400) if IS_FULL else (date(2026, 10, 31), 150)
PARAMS = AnomalyParams(holiday_countries=("US", "DE"))
"""The company rests on 1 May too."""
SEEN = {
    "runaway_agent": "runaway_agent",
    "cache_break": "cache_break",
    "missing_days": "missing_data",
    "price_change": "price_change",
}
"""Planted kinds that change what is spent in a day, and what they are called."""
NOT_SEEN = {
    "budget_crossing": "a budget's own rule tells of it; the day is the runaway agent's",
    "unknown_model": "has no price, and its bill is under a dollar a day",
    "unknown_tier": "has no price and no bill",
    "untagged_key": "always there",
    "shared_key": "always there",
    "shared_fee": "always there: the fee of each first of a month",
    "overhead": "always there, and no spend",
    "retries": "always there",
    "reorganisation": "moves under a dollar a day from team to team",
    "new_project": "under a dollar a day",
    "contract_renewal": "3 % of a provider, under a dollar a day",
    "late_refund": "about a dollar once, on a bill that comes two months later",
}
COLUMNS = {"api_key": "api_key_id", "project": "project_id", "provider": "provider_id", "model": "model_id"}
WORTH_USD = 1.0


@dataclass(frozen=True)
class Looked:
    """A company with what was found in it. `incidents` of both views, `flagged` slice-days, `prices` that changed."""

    truth: GroundTruth
    prices: pd.DataFrame
    incidents: pd.DataFrame
    flagged: pd.DataFrame


def look(folder: Path, last: date, days: int, seed: int = 7) -> Looked:
    generate(folder, seed=seed, last_date=last, days=days)
    truth = GroundTruth.load(folder)
    rows = {"metered": metered_rows(truth, calendar_of(truth, days)), "billed": billed_rows(truth)}
    as_of = last + timedelta(days=1)
    found = [
        detect_anomalies(rows[s.basis], s, as_of=as_of, scored_at_utc=datetime(2026, 12, 1), params=PARAMS)  # noqa: DTZ001
        for s in (METERED, BILLED)
    ]
    found[0], prices = with_price_list(
        found[0],
        rows["metered"],
        price_change_rows(truth, calendar_of(truth, days)),
        as_of=as_of,
        scored_at_utc=datetime(2026, 12, 1),  # noqa: DTZ001
        params=PARAMS,
    )
    told = told_once(found[0], rows["metered"], found[1], rows["billed"])
    scores = pd.concat([each.scores for each in told], ignore_index=True)
    incidents = pd.concat([each.incidents for each in told], ignore_index=True)
    return Looked(truth, prices, incidents.sort_values("first_date"), scores[scores["is_anomaly"]])


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    return look(tmp_path_factory.mktemp("company"), LAST, DAYS)


def worth(fact: PlantedFact, looked: Looked) -> float:
    """USD a day of the planted prices at the usage before them: of the model, or of all models of its provider that
    detection does not tell of by themselves."""
    prices = looked.prices[looked.prices["valid_from_date"] == fact.start_date]
    by_model = prices["change_usd_a_day"].astype(float).groupby([prices["provider_id"], prices["model_id"]]).sum().abs()
    own = by_model.xs(fact.subject_id, level="model_id")
    known = detected(fact.start_date, looked)
    left = by_model[[model not in known for model in by_model.index.get_level_values("model_id")]]
    return max(float(own.iloc[0]), float(left.groupby("provider_id").sum().reindex(own.index, fill_value=0.0).iloc[0]))


def detected(since: date, looked: Looked) -> set[str]:
    """Models whose price of that day detection tells of without the list."""
    usual = looked.incidents.loc[looked.incidents["model_name"] != "price_list", "incident_id"]
    prices = looked.prices[(looked.prices["valid_from_date"] == since) & looked.prices["incident_id"].isin(usual)]
    return set(prices["model_id"])


def due(looked: Looked) -> list[PlantedFact]:
    """What has to be found."""
    return [
        fact
        for fact in looked.truth.planted
        if fact.kind in SEEN
        and (
            fact.kind != "price_change"
            or fact.subject_id in detected(fact.start_date, looked)
            or worth(fact, looked) >= WORTH_USD
        )
    ]


def causes(incident: pd.Series, fact: PlantedFact) -> list[dict[str, str]]:
    """What an incident names: of prices that changed together each model, else the first slice."""
    named = [each["where"] for each in json.loads(incident["slices"])]
    return named if fact.kind == "price_change" and incident["model_name"] == "price_list" else named[:1]


def test_every_planted_kind_is_seen_or_said_why_not(looked: Looked):
    assert {fact.kind for fact in looked.truth.planted} <= set(SEEN) | set(NOT_SEEN)
    assert {fact.kind for fact in due(looked)} == set(SEEN)


def test_planted_events_are_found_on_their_first_day_with_kind_and_cause(looked: Looked):
    for fact in due(looked):
        same_day = looked.incidents[looked.incidents["first_date"] == fact.start_date]
        named = [(each["kind"], where) for _, each in same_day.iterrows() for where in causes(each, fact)]
        assert (SEEN[fact.kind], {COLUMNS[fact.subject_type]: fact.subject_id}) in named, (fact, named)


def test_each_is_told_once(looked: Looked):
    for fact in due(looked):
        where = {COLUMNS[fact.subject_type]: fact.subject_id}
        known = looked.incidents[
            (looked.incidents["kind"] == SEEN[fact.kind])
            & (looked.incidents["first_date"] <= fact.end_date)
            & (looked.incidents["last_date"] >= fact.start_date)
        ]
        assert sum(where in causes(each, fact) for _, each in known.iterrows()) == 1, fact


def test_a_planted_price_that_is_not_told_is_listed_with_what_it_lacks(looked: Looked):
    listed = looked.prices.set_index(["model_id", "valid_from_date"])
    for fact in looked.truth.facts("price_change"):
        rows = listed.loc[[(fact.subject_id, fact.start_date)]]
        assert rows["is_told"].all() or rows["reason"].str.contains("less than the smallest change that is told").all()
        assert rows["is_told"].all() or worth(fact, looked) < WORTH_USD


def test_no_fall_on_a_holiday_is_flagged(looked: Looked):
    days = pd.DatetimeIndex(pd.to_datetime(looked.flagged["usage_date"]))
    falls = looked.flagged[(looked.flagged["impact_usd"] < 0).to_numpy() & quiet_days(days, PARAMS.holiday_countries)]
    assert falls.empty, falls[["series_id", "usage_date", "impact_usd"]].to_string()


def test_what_raises_an_alert_is_rare(looked: Looked):
    alerting = looked.incidents[looked.incidents["severity"].isin(["warning", "critical"])]
    assert len(alerting) <= (DAYS - 28) / 7 / 3


def show(looked: Looked) -> None:
    for each in looked.incidents.itertuples():
        print(each.severity, each.basis, each.status, each.reason)
    for fact in looked.truth.planted:
        print("planted:", fact.kind, fact.start_date, fact.subject_id, "" if fact.kind in SEEN else NOT_SEEN[fact.kind])
    for each in looked.prices.itertuples():
        print("price:", each.model_id, each.context_tier, each.meter, each.valid_from_date, each.is_told, each.reason)


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        show(look(Path(made), date(2026, 11, 28), 400, *map(int, sys.argv[1:2])))
