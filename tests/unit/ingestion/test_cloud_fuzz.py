# ruff: noqa: DTZ001 - instants are naive UTC
"""Mutated answers of the clouds: each is landed, quarantined or a clear error, never a crash."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingestion.api.errors import ApiError
from ingestion.api.model import DayPages, Record, RequestInfo
from ingestion.api.numbers import loads
from ingestion.sources.aws import endpoints as ce
from ingestion.sources.aws import parse as aws_parse
from ingestion.sources.azure import answers
from ingestion.sources.azure import endpoints as azure_endpoints
from ingestion.sources.azure import parse as azure_parse
from tests.unit.ingestion.aws.stub import body, group, result
from tests.unit.ingestion.azure.spooling import parse_path
from tests.unit.ingestion.azure.test_azure_costs import ROW_1, ROW_2, page
from tests.unit.ingestion.azure.test_azure_metrics import metric, point, series

NOW = datetime(2026, 8, 5)
ODD: list[Any] = [None, True, "", "x", -1, 10**30, 1e300, [], {}, [1], {"a": 1}, "\u0000", "\ud800", "NaN", 0.1]
ROUNDS = 400


def mutate(value: Any, luck: random.Random) -> Any:
    """The value with something in it exchanged, left out, doubled or added."""
    if luck.random() < 0.08:
        return luck.choice(ODD)
    if isinstance(value, dict):
        kept = {name: mutate(each, luck) for name, each in value.items() if luck.random() > 0.04}
        return kept | ({"novelty": luck.choice(ODD)} if luck.random() < 0.1 else {})
    if isinstance(value, list):
        changed = [mutate(each, luck) for each in value if luck.random() > 0.05]
        return changed + (changed[:1] if luck.random() < 0.1 else [])
    return value


def azure_metrics(answer: Any) -> list[DayPages]:
    days: dict[Any, list[Record]] = {}
    for day, piece in answers.metric_pieces(answer, "/subscriptions/s/x", "PT1H"):
        days.setdefault(day, []).append(Record(info(("ModelDeploymentName",)), piece, "record"))
    return [azure_endpoints._metrics_day(day, records, NOW, []) for day, records in days.items()]


def azure_costs(answer: Any) -> list[DayPages]:
    pieces = answers.cost_pieces(answer)
    return [DayPages(day, [Record(info(()), piece, "record")], amount=answers.cost_of(piece)) for day, piece in pieces]


def aws_costs(answer: Any) -> list[DayPages]:
    class Client:
        now = staticmethod(lambda: NOW)

        @staticmethod
        def call(operation: str, **_: Any) -> Any:
            return {name: value for name, value in answer.items() if name != "NextPageToken"}

    if not isinstance(answer, dict):
        return []
    groups = (ce.SERVICE, ce.USAGE_TYPE)
    client: Any = Client()
    records = ce._pages(client, "cost_daily", "DAILY", NOW.date(), NOW.date(), groups)
    return [ce._day(ce.start_of(record.payload), [record], NOW) for record in records]


def info(group_by: tuple[str, ...]) -> RequestInfo:
    return RequestInfo("e", {}, None, None, None, 1, NOW.isoformat(), group_by)


METRICS = {"value": [metric("GeneratedTokens", [series("chat", [point("2026-08-01T05", total=12.5)])])]}
COSTS = page([ROW_1, ROW_2])
EXPLORER = body(result("2026-08-01", "2026-08-02", [group(["s", "u"], "1.5"), group(["s", "v"], "2")]))


@pytest.mark.parametrize(
    ("cut", "parse", "answer"),
    [
        (azure_metrics, azure_parse.metrics, METRICS),
        (azure_costs, azure_parse.cost_query, COSTS),
        (aws_costs, partial(aws_parse.cost_explorer, "cost_daily"), EXPLORER),
    ],
)
def test_mutated_answers_land_or_are_set_aside_or_are_an_error(
    cut: Callable[[Any], list[DayPages]], parse: Any, answer: Any, tmp_path: Path
) -> None:
    from ingestion.api.spool import Spool

    luck = random.Random(7)
    outcomes = {"landed": 0, "set aside": 0, "error": 0}
    for number in range(ROUNDS):
        given = loads(json.dumps(mutate(answer, luck)))
        try:
            days = cut(given)
        except ApiError as problem:
            outcomes["error"] += bool(str(problem))
            continue
        for pages in days:
            spool = Spool(tmp_path / str(number))
            spool.write("e", pages.day, pages.records)
            rows, bad = parse_path(parse, spool.path("e", pages.day))
            outcomes["landed"] += bool(rows)
            outcomes["set aside"] += bool(bad)
            assert all(row.message for row in bad)
    assert all(outcomes.values()), outcomes
