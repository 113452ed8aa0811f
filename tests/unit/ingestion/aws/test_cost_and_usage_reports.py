# ruff: noqa: DTZ001 - instants are naive UTC
"""Quirks of CUR 2.0 and its data exports that the billing source reads from files."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.sources.billing.manifests import read_manifests
from ingestion.sources.billing.paths import run_time_of, stream_of
from tests.unit.ingestion.billing.parsing import parse_bytes, parse_file

MAP = pa.map_(pa.string(), pa.string())


def test_cur_2_maps_of_tags_products_and_discounts(tmp_path: Path) -> None:
    table = {
        "bill_billing_period_start_date": pa.array([datetime(2026, 8, 1)], pa.timestamp("ms")),
        "line_item_usage_start_date": pa.array([datetime(2026, 8, 3, 4)], pa.timestamp("ms")),
        "line_item_unblended_cost": pa.array([0.1], pa.float64()),
        "line_item_usage_type": ["USE1-NovaLite-input-tokens"],
        "line_item_iam_principal": ["arn:aws:iam::1:role/search"],
        "line_item_user_identifier": ["ann"],
        "resource_tags": pa.array([[("user_team", "search")]], MAP),
        "product": pa.array([[("product_name", "Amazon Bedrock"), ("model", "Nova Lite")]], MAP),
        "discount": pa.array([[("bundled_discount", "0.01")]], MAP),
        "cost_category": pa.array([[("unit", "x")]], MAP),
    }
    path = tmp_path / "cur-00001.snappy.parquet"
    pq.write_table(pa.table(table), path)
    (row,) = parse_file("aws_cur", path).rows
    assert row["line_item_unblended_cost"] == Decimal("0.1")
    assert (row["line_item_iam_principal"], row["line_item_user_identifier"]) == ("arn:aws:iam::1:role/search", "ann")
    assert (row["product_product_name"], row["product_model"]) == ("Amazon Bedrock", "Nova Lite")
    assert json.loads(row["resource_tags"]) == {"user_team": "search", "unit": "x"}
    extra = json.loads(row["extra_columns"])
    assert json.loads(extra["discount"]) == {"bundled_discount": "0.01"}
    assert json.loads(extra["cost_category"]) == {"unit": "x"}


def test_columns_vary_from_month_to_month(tmp_path: Path) -> None:
    old = b"lineItem/UsageStartDate,lineItem/UnblendedCost,resourceTags/user:team\n2026-07-01T00:00:00Z,1,a\n"
    new = b"lineItem/UnblendedCost,product/novelty,lineItem/UsageStartDate\n2,x,2026-08-01T00:00:00Z\n"
    (first,) = parse_bytes("aws_cur", tmp_path, old, "old.csv").rows
    (second,) = parse_bytes("aws_cur", tmp_path, new, "new.csv").rows
    assert json.loads(first["resource_tags"]) == {"user:team": "a"}
    assert json.loads(second["extra_columns"]) == {"product/novelty": "x"}


def test_runs_of_a_data_export_are_one_stream_and_tell_their_time() -> None:
    run = "aws_cur/exp/data/BILLING_PERIOD=2026-08/2026-08-03T10:20:30.123Z-{}/exp"
    one, two = (run.format(f"{digit * 8}-0000-0000-0000-000000000000") for digit in "ab")
    assert stream_of(one) == stream_of(two)
    assert run_time_of(one) == datetime(2026, 8, 3, 10, 20, 30)
    assert run_time_of("x/202410030200/part") == datetime(2024, 10, 3, 2, 0)
    assert run_time_of("x/2026-08-03/part") is None


def test_the_manifest_beside_a_data_export_lists_its_files(tmp_path: Path) -> None:
    data = "exp/data/BILLING_PERIOD=2026-08/exp-00001.snappy.parquet"
    manifest = tmp_path / "aws_cur/exp/metadata/BILLING_PERIOD=2026-08/exp-Manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"dataFiles": [f"s3://bucket/prefix/{data}"]}))
    found = read_manifests(tmp_path).listing(f"aws_cur/{data}")
    assert found is not None
    assert found.path.endswith("exp-Manifest.json")
