"""Damaged answers on the way to the spool: every item is spooled for landing to judge, or the pull is a clear error."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from ingestion.api import ApiClient, ApiError, DateRange, Endpoint
from ingestion.api.client import Page
from ingestion.api.numbers import loads
from ingestion.sources.anthropic.endpoints import ClaudeCodeEndpoint, endpoints
from ingestion.sources.groq.endpoints import RateEndpoint
from ingestion.sources.groq.parse import TOKENS_IN
from ingestion.sources.openrouter.endpoints import ActivityEndpoint
from tests.unit.ingestion.anthropic import answers
from tests.unit.ingestion.groq.test_quirks import samples, series
from tests.unit.ingestion.openrouter.test_quirks import item
from tests.unit.ingestion.reading.spooled.test_mangled_lines import mutate

NOW = datetime(2026, 8, 3, tzinfo=UTC).replace(tzinfo=None)
DAY = DateRange(date(2026, 8, 1), date(2026, 8, 1))
MUTATIONS = 1_500
EXTREME = ["1e999999", "1E-999999", "9" * 400, "-1e999998"]


class OneAnswer:
    """A client that gives the same answer to everything."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def pages(self, *args: Any, **kwargs: Any) -> Iterator[Page]:
        yield Page(self.body, None, 1, NOW)

    def get(self, *args: Any, **kwargs: Any) -> Page:
        return next(self.pages())


def reports(name: str) -> Endpoint:
    return next(each for each in endpoints() if each.name == name)


CASES: dict[str, tuple[Endpoint, dict[str, Any]]] = {
    "usage": (reports("messages_usage"), {"data": [answers.hour(1, answers.usage_result()), answers.hour(2)]}),
    "cost": (reports("cost_report"), {"data": [answers.day(answers.cost_result())]}),
    "claude_code": (ClaudeCodeEndpoint(), {"data": [answers.claude_code_record()]}),
    "api_keys": (reports("api_keys"), {"data": [{"id": "k", "name": "n", "partial_key_hint": "sk-...AA"}]}),
    "rates": (
        RateEndpoint("tokens_in", TOKENS_IN),
        {"status": "success", "data": {"resultType": "matrix", "result": [series(TOKENS_IN, *samples(["1", "2"]))]}},
    ),
    "activity": (ActivityEndpoint(), {"data": [item(), item(endpoint_id="other")]}),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_damaged_answer_is_spooled_or_refused(name: str) -> None:
    endpoint, intact = CASES[name]
    chance = random.Random(f"answers {name}")
    spooled = 0
    for number in range(MUTATIONS):
        body = mutate(deepcopy(intact), chance)
        text = json.dumps(body)
        if number % 5 == 0:
            text = text.replace("1500", chance.choice(EXTREME)).replace('"1"', f'"{chance.choice(EXTREME)}"')
            text = text.replace("123.78912", chance.choice(EXTREME)).replace("0.015", chance.choice(EXTREME))
        client = cast(ApiClient, OneAnswer(loads(text)))
        try:
            days = list(endpoint.pull(client, DAY, now=NOW))
        except ApiError:
            continue
        spooled += sum(len(day.records) for day in days)
    assert spooled > MUTATIONS // 3
