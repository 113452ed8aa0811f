"""The Groq source against a server that speaks as Prometheus is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.api import ApiError
from ingestion.config import ApiSettings, Settings
from ingestion.sources.groq import parse
from ingestion.sources.groq import pipeline as groq
from tests.integration.ingestion.anthropic.server import Answer, Asked, Server, serving

NOW = datetime(2026, 8, 4, 10, 32, tzinfo=UTC)
FIRST = int(datetime(2026, 8, 1, tzinfo=UTC).timestamp())


def settings(home: Path, server: Server, first: date = date(2026, 8, 1)) -> Settings:
    api = ApiSettings(
        groq_api_key="gsk_planted", groq_base_url=server.url, backfill_from=first, retry_base_seconds=0, max_attempts=2
    )
    return replace(Settings.from_env({}, home=home), api=api)


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def matrix(*series: Any) -> Answer:
    return 200, {"status": "success", "data": {"resultType": "matrix", "result": list(series)}}


def steady(asked: Asked) -> Answer:
    """Two tokens a second in, one request every ten seconds, nothing else; no samples on 2 August."""
    start, end, step = (int(asked.one(name) or 0) for name in ("start", "end", "step"))
    points = range(start, end + 1, step)
    if len(points) > 11_000:
        message = "exceeded maximum resolution of 11,000 points per timeseries"
        return 400, {"status": "error", "errorType": "bad_data", "error": message}
    rate = {parse.TOKENS_IN: "2", parse.REQUESTS: "0.1"}.get(asked.one("query") or "")
    if rate is None:
        return matrix()
    labels = {"__name__": asked.one("query"), "model": "llama", "project_id": "p"}
    labels |= {"status_code": "200"} if rate == "0.1" else {}
    quiet = range(FIRST + 86400 + 1, FIRST + 2 * 86400 + 1)
    return matrix({"metric": labels, "values": [[point, rate] for point in points if point not in quiet]})


def test_rates_become_tokens_and_requests_per_hour(tmp_path: Path) -> None:
    with serving(steady) as server:
        report = groq.land(settings(tmp_path, server), now=NOW)
    assert report.quarantined_rows == 0
    assert {each.headers["authorization"] for each in server.asked} == {"Bearer gsk_planted"}
    found = query(
        tmp_path,
        "select metric, sum(quantity), max(quantity), max(sample_count) from raw_groq.rates "
        "where hour_start_utc < '2026-08-04' group by 1 order by 1",
    )
    assert found == [
        (parse.TOKENS_IN, Decimal(2 * 2 * 86400), Decimal(7200), 12),
        (parse.REQUESTS, Decimal("0.1") * 2 * 86400, Decimal(360), 12),
    ]
    newest = query(tmp_path, "select max(hour_start_utc), arg_max(sample_count, hour_start_utc) from raw_groq.rates")
    assert newest == [(datetime.fromisoformat("2026-08-04T10:00"), 6)]


def test_quirk_no_data_is_complete_and_says_what_it_may_mean(tmp_path: Path) -> None:
    with serving(steady) as server:
        groq.land(settings(tmp_path, server), now=NOW)
    found = query(
        tmp_path,
        "select endpoint, status, reason from raw_groq.pulls "
        "where usage_date = '2026-08-02' and endpoint = 'tokens_in'",
    )
    assert [each[:2] for each in found] == [("tokens_in", "complete")]
    assert "no scrape" in found[0][2]


@pytest.mark.parametrize("status", [404, 401, 403])
def test_quirk_not_entitled_is_not_no_data(tmp_path: Path, status: int) -> None:
    with serving(lambda asked: (status, {"error": {"message": "unknown request URL"}})) as server:
        report = groq.land(settings(tmp_path, server), now=NOW)
    assert any("not entitled" in note for note in map(str, report.notes))
    assert query(tmp_path, "select distinct status, usage_date from raw_groq.pulls") == [("not_entitled", None)]
    assert query(tmp_path, "select count(*) from raw_groq.rates") == [(0,)]


def test_quirk_at_most_11000_points_per_series_and_no_sample_twice(tmp_path: Path) -> None:
    with serving(steady) as server:
        groq.land(settings(tmp_path, server, date(2026, 5, 1)), now=NOW)
    asked = [each for each in server.asked if each.one("query") == parse.TOKENS_IN]
    assert len(asked) == 3, "96 days of 288 points in windows of 38 days"
    ends = [(int(each.one("start") or 0), int(each.one("end") or 0)) for each in asked]
    assert all(later[0] == earlier[1] + 300 for earlier, later in pairwise(ends))
    assert query(tmp_path, "select max(sample_count) from raw_groq.rates") == [(12,)]


@pytest.mark.parametrize(
    "answer",
    [
        (422, {"status": "error", "errorType": "execution", "error": "cannot execute"}),
        (200, {"status": "error", "errorType": "bad_data", "error": "bad"}),
        (200, {"status": "success", "isPartial": True, "data": {"resultType": "matrix", "result": []}}),
        (200, {"status": "success", "data": {"resultType": "vector", "result": []}}),
        (200, "<html>sorry</html>"),
        (503, {"status": "error", "errorType": "timeout", "error": "query timed out"}),
    ],
)
def test_what_is_no_answer_is_an_error_and_no_day(tmp_path: Path, answer: Answer) -> None:
    with serving(lambda asked: answer) as server, pytest.raises(ApiError):
        groq.land(settings(tmp_path, server), now=NOW)
    assert query(tmp_path, "select distinct status from raw_groq.pulls") == [("missing",)]
