"""Anthropic and Groq against a flaky simulator: what lands is what the sample company used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.demo.company import GroundTruth
from ingestion.demo.company.generator import generate
from ingestion.demo.providers import Faults, Urls, running_simulator
from ingestion.sources.anthropic import pipeline as anthropic
from ingestion.sources.groq import parse
from ingestion.sources.groq import pipeline as groq

NOW = datetime(2026, 8, 3, 12, tzinfo=UTC)
PAIRS = {
    "uncached_input_tokens": "uncached_input_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_5m_input_tokens": "cache_write_5m_tokens",
    "cache_creation_1h_input_tokens": "cache_write_1h_tokens",
    "output_tokens": "output_tokens",
    "web_search_requests": "web_searches",
}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> GroundTruth:
    return generate(tmp_path_factory.mktemp("company"), last_date=date(2026, 8, 1), days=14, scale=0.1)


@pytest.fixture(scope="module")
def flaky(truth: GroundTruth) -> Iterator[Urls]:
    """One request in five fails, or is cut in mid-body."""
    with running_simulator(truth, now=NOW, faults=Faults(failure_rate=0.2)) as urls:
        yield urls


def settings(urls: Urls, home: Path) -> Settings:
    quick = {"COSTOPS_API_RETRY_BASE_SECONDS": "0.001", "COSTOPS_API_MAX_ATTEMPTS": "12"}
    return Settings.from_env(urls.environment() | quick | {"COSTOPS_BACKFILL_FROM": "2026-07-19"}, home=home)


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_usage_and_cost_equal_the_truth_after_two_pulls(truth: GroundTruth, flaky: Urls, tmp_path: Path) -> None:
    for _ in range(2):
        report = anthropic.land(settings(flaky, tmp_path), now=NOW)
        assert report.quarantined_rows == 0
    used = truth.requests()
    used = used[used["provider_id"] == "anthropic"]
    used = used.assign(hour=used["requested_at_utc"].dt.floor("h"))
    expected = used.groupby(["hour", "model", "api_key_id"], dropna=False)[list(PAIRS.values())].sum()
    counts = ", ".join(f"sum({column})" for column in PAIRS)
    found = query(
        tmp_path,
        f"select bucket_start_utc, model, api_key_id, {counts} from raw_anthropic.messages_usage group by 1, 2, 3",
    )
    assert {row[:3]: tuple(map(int, row[3:])) for row in found} == {
        (hour.to_pydatetime(), model, key): tuple(map(int, row))
        for (hour, model, key), row in zip(expected.index, expected.to_numpy().tolist(), strict=True)
    }
    charges = truth.charges[truth.charges["provider_id"] == "anthropic"]
    billed = query(
        tmp_path, "select sum(cast(amount_text as decimal(38, 18))), sum(amount) from raw_anthropic.cost_report"
    )
    assert billed == [(sum(charges["billed_cost_usd"], Decimal(0)),) * 2]


def test_rates_round_to_the_tokens_that_were_used(truth: GroundTruth, flaky: Urls, tmp_path: Path) -> None:
    groq.land(settings(flaky, tmp_path), now=NOW)
    used = truth.requests()
    used = used[used["provider_id"] == "groq"]
    found = dict(
        query(
            tmp_path,
            "select metric, sum(round(quantity)) from (select metric, hour_start_utc, model, project_id, "
            "sum(quantity) as quantity from raw_groq.rates group by all) group by 1",
        )
    )
    assert found[parse.TOKENS_OUT] == int(used["output_tokens"].sum())
    assert found[parse.TOKENS_IN] == int(used[["uncached_input_tokens", "cache_read_tokens"]].sum().sum())
    assert found[parse.REQUESTS] == len(used)
