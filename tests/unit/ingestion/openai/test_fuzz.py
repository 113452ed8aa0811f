"""Damaged answers, COSTOPS_TEST_ANSWERS of them: each ends in rows, quarantine or a clear error; nothing vanishes."""

from __future__ import annotations

import copy
import io
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from ingestion.api import ApiClient, ApiError, DateRange, RetryPolicy, Spool
from ingestion.landing.model import SourceFile
from ingestion.sources.openai.endpoints import endpoints
from ingestion.sources.openai.pipeline import PARSERS

ANSWERS = int(os.environ.get("COSTOPS_TEST_ANSWERS", "1500"))
DAY = date(2026, 2, 1)
START = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
NOW = datetime(2026, 2, 5, tzinfo=UTC).replace(tzinfo=None)
ODD: list[Any] = [
    None, True, "", "abc", "12", "1e3", -1, 0, 1.5, 2**63, 10**40, 1e308, [], {}, [[]], {"value": {}}, "\ud800", "NaN",
    "9" * 5000, "ümläut", "1730419200",
]  # fmt: skip


class Canned(BaseAdapter):
    """Answers every request with the same bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.body = b""
        self.status = 200

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The canned answer."""
        response = requests.Response()
        response.status_code, response.raw, response.request = self.status, io.BytesIO(self.body), request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Nothing to close."""


def published(name: str) -> dict[str, Any]:
    """A sound answer: one day."""
    if name == "costs":
        amount = {"value": "0.10", "currency": "usd"}
        results = [{"object": "organization.costs.result", "amount": amount, "line_item": "m, input", "quantity": 2.5}]
        buckets = [(START, START + 86400)]
    else:
        results = [{"input_tokens": 10, "input_cached_tokens": 4, "output_tokens": 5, "model": "m", "batch": False}]
        buckets = [(START + 3600 * hour, START + 3600 * (hour + 1)) for hour in range(24)]
    data = [
        {"object": "bucket", "start_time": start, "end_time": end, "results": copy.deepcopy(results)}
        for start, end in buckets
    ]
    return {"object": "page", "data": data, "has_more": False, "next_page": None}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key of it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


def damaged(answer: dict[str, Any], chance: random.Random) -> bytes:
    """One to three injuries to an answer."""
    for _ in range(chance.randint(1, 3)):
        found = list(places(answer))
        if not found:
            break
        container, key = chance.choice(found)
        injury = chance.randrange(5)
        if injury == 0:
            del container[key]
        elif injury == 1 and isinstance(container, dict):
            container[f"new_{chance.randrange(9)}"] = chance.choice(ODD)
        elif injury == 2 and isinstance(container, list):
            chance.shuffle(container)
        elif injury == 3 and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            container[key] = chance.choice(ODD)
    body = json.dumps(answer).encode()
    wound = chance.randrange(30)
    if wound == 0:
        return body[: chance.randrange(len(body))]
    if wound == 1:
        at = chance.randrange(len(body))
        return body[:at] + b"\xff\xfe" + body[at:]
    return b"<html>502</html>" if wound == 2 else body


def results_in(body: bytes) -> int:
    """Results that a reader could hope to find; a bucket that is repeated as it is counts once."""
    data = list({json.dumps(bucket, sort_keys=True): bucket for bucket in json.loads(body)["data"]}.values())
    lists = [bucket.get("results", bucket.get("result")) for bucket in data if isinstance(bucket, dict)]
    return sum(len(each) for each in lists if isinstance(each, list))


@pytest.mark.parametrize("name", ["usage_completions", "costs"])
def test_damaged_answers_are_landed_quarantined_or_refused(name: str, tmp_path: Path) -> None:
    chance = random.Random(11)
    endpoint = next(each for each in endpoints() if each.name == name)
    client = ApiClient("https://provider.example/v1", policy=RetryPolicy(max_attempts=1))
    canned = Canned()
    client._session.mount("https://", canned)
    parser = PARSERS["costs" if name == "costs" else "usage"]
    outcomes: Counter[str] = Counter()
    for _ in range(ANSWERS // 2):
        canned.body = damaged(published(name), chance)
        try:
            days = list(endpoint.pull(client, DateRange(DAY, DAY), now=NOW))
        except ApiError:
            outcomes["refused"] += 1
            continue
        [day] = days
        sound = 24 if name != "costs" else 1
        assert day.is_complete is (day.reason is None)
        landed = quarantined = 0
        if day.records:
            Spool(tmp_path).write(name, DAY, day.records)
            path = Spool(tmp_path).path(name, DAY)
            for batch in parser(SourceFile(path, path.name, 1, NOW, "x", NOW)):
                landed += batch.table.num_rows if batch.table is not None else 0
                quarantined += len(batch.quarantined)
        if landed + quarantined < min(sound, results_in(canned.body)):
            assert not day.is_complete, canned.body
        outcomes["quarantined" if quarantined else "landed" if landed else "incomplete"] += 1
    assert min(outcomes["refused"], outcomes["quarantined"], outcomes["landed"]) > ANSWERS // 40, outcomes
