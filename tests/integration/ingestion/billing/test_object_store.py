"""A billing folder in S3, spoken by a server (moto) on loopback: pages of a listing, a restated month, no bucket."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from ingestion.config import Settings
from ingestion.sources.billing import pipeline as billing
from ingestion.sources.billing.remote import UnreachableFolderError

NOW = datetime(2026, 8, 20, tzinfo=UTC)
MONTH = "aws_cur/llm/20260701-20260801"
SECRET = "planted-secret-of-the-bucket"
HEADER = (
    "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/UsageAccountId,lineItem/UsageStartDate,"
    "lineItem/UnblendedCost\n"
)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket `bills` whose listings come two objects a page."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAPLANTEDINTESTS00",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    client.create_bucket(Bucket="bills")
    yield client
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def settings(home: Path, url: str = "s3://bills/finance") -> Settings:
    return Settings.from_env({"COSTOPS_BILLING_DIR": url}, home=home)


def deliver(bucket: Any, run: str, *parts: tuple[int, str]) -> None:
    """One run of a report: as many lines of a cost in each part, and the manifest that lists them."""
    keys = [f"{MONTH}/{run}/llm-{number:05}.csv.gz" for number in range(1, len(parts) + 1)]
    for key, (lines, cost) in zip(keys, parts, strict=True):
        line = f"1,2026-07-01T00:00:00Z,2,2026-07-02T00:00:00Z,{cost}\n"
        bucket.put_object(Bucket="bills", Key=f"finance/{key}", Body=gzip.compress((HEADER + line * lines).encode()))
    manifest = json.dumps({"reportKeys": [f"finance/{key}" for key in keys]})
    bucket.put_object(Bucket="bills", Key=f"finance/{MONTH}/{run}/llm-Manifest.json", Body=manifest.encode())


def landed(home: Path) -> tuple[int, Decimal]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        sql = "select count(*), sum(line_item_unblended_cost) from raw_billing.aws_cur_line_items"
        return db.execute(sql).fetchone()  # type: ignore[return-value]


def test_a_month_restated_in_s3_replaces_the_older_run_and_only_what_is_new_is_copied(
    bucket: Any, tmp_path: Path
) -> None:
    here = settings(tmp_path)
    deliver(bucket, "20260805T000000Z", (3, "0.000000000001"), (2, "1.5"))
    bucket.put_object(Bucket="bills", Key="elsewhere/aws_cur/other.csv", Body=HEADER.encode())
    assert "3 files copied from s3://bills/finance" in list(map(str, billing.land(here, now=NOW).notes))
    assert landed(tmp_path) == (5, Decimal("3.000000000003"))

    deliver(bucket, "20260806T000000Z", (3, "2"), (1, "0.25"), (4, "0.25"))
    report = billing.land(here, now=NOW)
    assert "4 files copied from s3://bills/finance" in list(map(str, report.notes))
    assert landed(tmp_path) == (8, Decimal("7.25"))
    assert billing.land(here, now=NOW).files_landed == 0

    deliver(bucket, "20260806T000000Z", (3, "4"), (1, "0.25"), (4, "0.25"))
    billing.land(here, now=NOW)
    assert landed(tmp_path) == (8, Decimal("13.25")), "an object written anew under its name is copied anew"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_a_bucket_that_is_not_there_is_an_error_that_names_it_and_no_secret(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(UnreachableFolderError, match=r"s3://absent/finance cannot be listed") as failure:
        billing.land(settings(tmp_path, "s3://absent/finance"), now=NOW)
    assert SECRET not in str(failure.value)
