"""The clouds end to end: Azure and AWS against a flaky simulator, Google and bills in buckets from files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.api.errors import WrongCredentialError
from ingestion.config import Settings
from ingestion.demo.company import GroundTruth
from ingestion.demo.company.generator import generate
from ingestion.demo.providers import Faults, Urls, running_simulator
from ingestion.sources.aws import pipeline as aws
from ingestion.sources.azure import pipeline as azure
from ingestion.sources.billing import pipeline as billing
from ingestion.sources.gcp import pipeline as gcp

NOW = datetime(2026, 8, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> GroundTruth:
    return generate(tmp_path_factory.mktemp("company"), last_date=date(2026, 8, 1), days=14, scale=0.1)


@pytest.fixture(scope="module")
def flaky(truth: GroundTruth) -> Iterator[Urls]:
    """One request in five fails, or is cut in mid-body."""
    with running_simulator(truth, now=NOW, faults=Faults(failure_rate=0.2)) as urls:
        yield urls


def settings(urls: Urls, home: Path, **more: str) -> Settings:
    quick = {
        "COSTOPS_API_RETRY_BASE_SECONDS": "0.001",
        "COSTOPS_API_MAX_ATTEMPTS": "12",
        "COSTOPS_API_REQUESTS_PER_MINUTE": "60000",
        "COSTOPS_AWS_MAX_REQUESTS": "1000",
        "COSTOPS_BACKFILL_FROM": "2026-07-19",
        "AWS_COST_TAGS": "project",
    }
    return Settings.from_env(urls.environment() | quick | more, home=home)


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def charged(truth: GroundTruth, provider: str) -> dict[Any, Decimal]:
    charges = truth.charges[truth.charges["provider_id"] == provider]
    found: dict[Any, Decimal] = {}
    for day, account, cost in zip(
        charges["charge_date"], charges["sub_account_id"], charges["billed_cost_usd"], strict=True
    ):
        found[str(day)[:10], account] = found.get((str(day)[:10], account), Decimal(0)) + cost
    return {key: cost for key, cost in found.items() if cost}


def test_azure_usage_and_cost_equal_the_truth_after_two_pulls(truth: GroundTruth, flaky: Urls, tmp_path: Path) -> None:
    for _ in range(2):
        report = azure.land(settings(flaky, tmp_path), now=NOW)
        assert report.quarantined_rows == 0
    used = truth.requests()
    used = used[(used["provider_id"] == "azure") & used["is_billable"]]  # a gateway's replays reach no provider
    found = dict(query(tmp_path, "select metric, sum(quantity) from raw_azure.metrics group by 1"))
    prompt = ["uncached_input_tokens", "cache_read_tokens", "cache_write_tokens"]
    assert found["ProcessedPromptTokens"] == int(used[prompt].sum().sum())
    assert found["GeneratedTokens"] == int(used["output_tokens"].sum())
    assert found["TokenTransaction"] == found["ProcessedPromptTokens"] + found["GeneratedTokens"]
    billed = query(
        tmp_path,
        "select cast(usage_date as varchar), split_part(resource_id, '/', 3), sum(cost) from raw_azure.cost_query "
        "where cost <> 0 group by 1, 2",
    )
    assert {row[:2]: row[2] for row in billed} == charged(truth, "azure")
    states = query(tmp_path, "select distinct endpoint, status from raw_azure.pulls where usage_date < '2026-08-02'")
    assert set(states) == {("metrics", "complete"), ("cost_query", "complete")}


def test_aws_cost_equals_the_truth_after_two_pulls(truth: GroundTruth, flaky: Urls, tmp_path: Path) -> None:
    for _ in range(2):
        report = aws.land(settings(flaky, tmp_path), now=NOW)
        assert report.quarantined_rows == 0
    assert any("USD" in note and "budget" in note for note in map(str, report.notes))
    billed = query(
        tmp_path,
        "select cast(period_start_date as varchar), linked_account_id, sum(unblended_cost) from raw_aws.cost_explorer "
        "where report = 'cost_daily' and unblended_cost <> 0 group by 1, 2",
    )
    assert {row[:2]: row[2] for row in billed} == charged(truth, "aws")
    totals = dict(query(tmp_path, "select report, sum(unblended_cost) from raw_aws.cost_explorer group by 1"))
    assert len(set(totals.values())) == 1
    assert set(totals) == {"cost_daily", "cost_tag_project", "cost_monthly"}
    assert query(tmp_path, "select count(*) > 0 from raw_aws.cost_forecasts") == [(True,)]


@pytest.mark.parametrize(("source", "name"), [(azure, "AZURE_CLIENT_SECRET"), (aws, "AWS_SECRET_ACCESS_KEY")])
def test_a_wrong_secret_is_an_error_that_names_its_variable(
    source: Any, name: str, flaky: Urls, tmp_path: Path
) -> None:
    wrong = {name: "planted-wrong-secret"}
    with pytest.raises(WrongCredentialError, match=name) as caught:
        source.land(settings(flaky, tmp_path, **wrong), now=NOW)
    assert "planted-wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(("source", "name"), [(azure, "AZURE_TENANT_ID"), (aws, "AWS_ACCESS_KEY_ID")])
def test_without_credentials_the_source_is_off_and_says_which(source: Any, name: str, tmp_path: Path) -> None:
    report = source.land(Settings.from_env({}, home=tmp_path), now=NOW)
    assert not report.is_on
    assert name in str(report.off_reason)


def test_google_exports_land_once_though_they_overlap(tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "billing" / "gcp"
    folder.mkdir(parents=True)
    line = (
        '{"billing_account_id": "b", "service": {"description": "Vertex AI"}, "sku": {"id": "s"}, '
        '"usage_start_time": "2026-08-01 07:00:00 UTC", "cost": %s, "credits": [{"amount": -0.1}]}\n'
    )
    (folder / "first.jsonl").write_text(line % "0.3" + line % "0.5")
    (folder / "second.jsonl").write_text(line % "0.5" + line % "0.7" + line % '"x"')
    here = Settings.from_env({}, home=tmp_path)
    report = gcp.land(here, now=NOW)
    assert report.rows_by_table["billing_export"] == 3
    assert report.quarantined_rows == 1
    assert billing.land(here, now=NOW).notes == []
    (folder / "first.jsonl").write_text(line % "0.3")
    gcp.land(here, now=NOW)
    found = query(tmp_path, "select cost, credits_amount from raw_gcp.billing_export order by 1")
    assert found == [(Decimal(cost), Decimal("-0.1")) for cost in ("0.3", "0.5", "0.7")]


def test_a_billing_folder_in_a_bucket_lands_like_a_local_one(tmp_path: Path) -> None:
    remote = tmp_path / "remote" / "aws_cur"
    remote.mkdir(parents=True)
    (remote / "cur.csv").write_text("lineItem/UsageStartDate,lineItem/UnblendedCost\n2026-07-01T00:00:00Z,1.5\n")
    here = Settings.from_env({"COSTOPS_BILLING_DIR": f"file://{tmp_path / 'remote'}"}, home=tmp_path / "home")
    assert billing.land(here, now=NOW).rows_by_table == {"aws_cur_line_items": 1}
    assert billing.land(here, now=NOW).files_unchanged == 1
    assert query(tmp_path / "home", "select line_item_unblended_cost from raw_billing.aws_cur_line_items") == [
        (Decimal("1.5"),)
    ]
