"""Faults on demand: what a client meets, and that the truth is told in the end."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import requests

from ingestion.demo.company import GroundTruth
from ingestion.demo.providers import Faults, Restatement, ScriptedFault, Urls

START = int(datetime.fromisoformat("2026-11-10T00:00:00+00:00").timestamp())
USAGE = {"start_time": START, "limit": 31}


def usage(session: requests.Session, urls: Urls, timeout: float = 10.0) -> requests.Response:
    return session.get(f"{urls.openai}/organization/usage/completions", params=USAGE, timeout=timeout)


def tokens(answer: requests.Response) -> int:
    return sum(one["input_tokens"] for bucket in answer.json()["data"] for one in bucket["results"])


def test_scripted_faults_come_once_each_and_are_noted(openai: requests.Session, urls: Urls) -> None:
    kinds = ["error_500", "error_503", "too_many_requests", "html"]
    scripted = [ScriptedFault("/usage/completions", kind) for kind in kinds]
    urls.simulator.faults = Faults(scripted=scripted, retry_after_seconds=2)
    answers = [usage(openai, urls) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [500, 503, 429, 502, 200]
    assert answers[2].headers["retry-after"] == "2"
    assert "error" in answers[0].json()
    counts = urls.simulator.journal.counts
    assert counts()["openai /organization/usage/completions"] == 5
    assert counts(failed=True).total() == 4


def test_a_cut_answer_breaks_in_mid_body(openai: requests.Session, urls: Urls) -> None:
    urls.simulator.faults = Faults(scripted=[ScriptedFault("completions", "cut")])
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        usage(openai, urls)
    assert usage(openai, urls).status_code == 200


def test_a_hanging_answer_times_out(openai: requests.Session, urls: Urls) -> None:
    urls.simulator.faults = Faults(scripted=[ScriptedFault("completions", "hang")], hang_seconds=0.6)
    with pytest.raises((requests.exceptions.Timeout, requests.exceptions.ConnectionError)):
        usage(openai, urls, timeout=0.2)
    assert usage(openai, urls).status_code == 200


@pytest.mark.parametrize("kind", ["half_json", "bad_utf8"])
def test_broken_bodies_come_with_200(openai: requests.Session, urls: Urls, kind: str) -> None:
    urls.simulator.faults = Faults(scripted=[ScriptedFault("completions", kind)])
    answer = usage(openai, urls)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.content.decode())


def test_random_failures_repeat_with_their_seed_and_spare_the_patient(openai: requests.Session, urls: Urls) -> None:
    def run(seed: int) -> list[int]:
        faults = Faults(failure_rate=0.5, kinds=("error_500",), seed=seed, max_in_a_row=2)
        urls.simulator.faults = faults
        return [usage(openai, urls).status_code for _ in range(40)]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    assert 8 < first.count(500) < 32
    assert "500500500" not in "".join(map(str, first))


def test_newest_buckets_grow_until_they_are_the_truth(
    openai: requests.Session, urls: Urls, reached: pd.DataFrame
) -> None:
    urls.simulator.faults = Faults(growth_days=2)
    seen = []
    for hours in (0, 12, 24, 36, 48):
        urls.simulator.now = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hours)
        seen.append(tokens(usage(openai, urls)))
    assert seen == sorted(seen)
    assert seen[0] < seen[1] < seen[-1]
    rows = reached[(reached["provider_id"] == "openai") & (reached["model"] != "text-embedding-3-small")]
    rows = rows[rows["requested_at_utc"] >= "2026-11-10"]
    names = ["uncached_input_tokens", "cache_read_tokens", "cache_write_tokens"]
    assert seen[-1] == rows[names].to_numpy().sum()


def costs(session: requests.Session, urls: Urls) -> dict[int, Decimal]:
    answer = session.get(
        f"{urls.openai}/organization/costs", params={"start_time": START, "limit": 180}, timeout=10
    ).json()
    return {
        bucket["start_time"]: sum((Decimal(one["amount"]["value"]) for one in bucket["results"]), Decimal(0))
        for bucket in answer["data"]
    }


def test_costs_grow_and_are_right_in_the_end(openai: requests.Session, urls: Urls, truth: GroundTruth) -> None:
    urls.simulator.faults = Faults(growth_days=2)
    early = costs(openai, urls)
    urls.simulator.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    late = costs(openai, urls)
    due = Counter()
    for row in truth.charges[truth.charges["provider_id"] == "openai"].itertuples():
        due[int(pd.Timestamp(row.charge_date).timestamp())] += row.billed_cost_usd
    assert all(late[start] == due[start] for start in late if start in due)
    assert any(early[start] < late[start] for start in early)


def test_a_restated_week_is_wrong_and_then_right(openai: requests.Session, urls: Urls) -> None:
    right = tokens(usage(openai, urls)), sum(costs(openai, urls).values())
    week = Restatement(date(2026, 11, 11), date(2026, 11, 17), corrected_at=datetime(2026, 11, 25, tzinfo=UTC))
    urls.simulator.faults = Faults(restatement=week)
    wrong = tokens(usage(openai, urls)), sum(costs(openai, urls).values())
    assert wrong[0] < right[0]
    assert wrong[1] < right[1]
    urls.simulator.now = datetime(2026, 11, 25, tzinfo=UTC)
    first_days = {**USAGE, "end_time": START + 12 * 86_400}
    address = f"{urls.openai}/organization/usage/completions"
    assert tokens(openai.get(address, params=first_days, timeout=10)) == right[0]


def test_another_process_can_set_clock_and_faults(urls: Urls) -> None:
    address = f"{urls.root}/__faults"
    wanted: dict[str, Any] = {
        "now": "2026-11-20T00:00:00",
        "faults": {
            "failure_rate": 0.2,
            "kinds": ["cut"],
            "restatement": {"first": "2026-11-01", "last": "2026-11-07", "corrected_at": "2026-11-21T00:00:00"},
            "scripted": [{"endpoint": "costs", "kind": "slow"}],
        },
    }
    assert requests.post(address, json=wanted, timeout=10).status_code == 200
    assert urls.simulator.now == datetime.fromisoformat("2026-11-20T00:00:00")
    assert urls.simulator.faults.kinds == ("cut",)
    assert requests.get(address, timeout=10).json()["now"] == "2026-11-20T00:00:00"
    for bad in ({"faults": {"failure_rate": 7}}, {"faults": {"nonsense": 1}}, {"now": "later"}, []):
        assert requests.post(address, json=bad, timeout=10).status_code == 400
