"""`gpu_inventory.csv` and `infrastructure_rates.csv`: what a row needs, and what it is told when it lacks it."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.org.model import END
from ingestion.sources.org.pipeline import batch_of, read_folder
from tests.unit.ingestion.org.test_org_checks import org, problems

GPU = (
    "host,gpu_id,gpu_type,gpu_count,provider,purchase_option,hourly_rate,upfront,purchase_price,depreciation_months,"
    "currency,term_start,team_id,valid_from,valid_to\n"
)
RATE = "resource_type,sku,gpu_type,gpus_per_instance,provider,purchase_option,rate,upfront,term_months,valid_from\n"
SHIPPED = Path("dbt_project/seeds/infrastructure_rates.csv")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def landed(tmp_path: Path, name: str, content: str) -> list[dict[str, Any]]:
    tables = org(tmp_path, **{name: content})
    assert problems(tables, name) == []
    rows: list[dict[str, Any]] = batch_of(tables[name]).table.to_pylist()
    return rows


def test_a_machine_bought_and_one_reserved_get_their_terms(tmp_path: Path) -> None:
    bought, reserved, spot = landed(
        tmp_path,
        "gpu_inventory",
        GPU + "rack-1,,H100-80GB,8,,owned,,,240000,48,EUR,2026-01-31,search,2026-02-01,\n"
        "i-1,GPU-a,h100-80gb,,AWS,reserved_1y,2.5,1000,,,,,search,2026-03-01T06:00:00Z,2026-09-01\n"
        "i-2,,h100-80gb,8,aws,spot,,,,,,,,,\n",
    )
    assert (bought["gpu_type"], bought["currency"]) == ("h100-80gb", "EUR")
    assert (bought["term_start_utc"], bought["term_end_utc"]) == (at("2026-01-31"), at("2030-01-31"))
    assert (reserved["gpu_count"], reserved["provider"], reserved["upfront"]) == (1, "aws", Decimal(1000))
    assert reserved["term_end_utc"] == at("2027-03-01T06:00:00")
    assert (spot["term_start_utc"], spot["term_end_utc"], spot["valid_to_utc"]) == (None, None, END)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (",,h100,8,aws,on_demand,,,,,,,,,", "host", "missing_value"),
        ("h,,h100,,aws,on_demand,,,,,,,,,", "gpu_count", "missing_value"),
        ("h,g,h100,2,aws,on_demand,,,,,,,,,", "gpu_count", "unexpected_value"),
        ("h,,h100,8,aws,leased,,,,,,,,,", "purchase_option", "unknown_value"),
        ("h,,h100,8,aws,spot,-1,,,,,,,,", "hourly_rate", "amount_out_of_range"),
        ("h,,h100,8,aws,spot,,5,,,,,,,", "upfront", "unexpected_value"),
        ("h,,h100,8,aws,spot,,,5,,,,,,", "purchase_price", "unexpected_value"),
        ("h,,h100,8,,owned,,,,36,,,,2026-01-01,", "purchase_price", "missing_value"),
        ("h,,h100,8,,owned,,,5,,,,,2026-01-01,", "depreciation_months", "missing_value"),
        ("h,,h100,8,,owned,,,5,601,,,,2026-01-01,", "depreciation_months", "amount_out_of_range"),
        ("h,,h100,8,,owned,,,5,36,,,,,", "term_start", "missing_value"),
        ("h,,h100,8,,owned,,,5,36,Taler,,,2026-01-01,", "currency", "invalid_currency"),
        ("h,,h100,8,aws,spot,,,,,,,,2026-01-01T10:30:00Z,", "valid_from", "invalid_time"),
        ("h,,h100,8,aws,spot,,,,,,,nobody,,", "team_id", "unknown_reference"),
        ("h,,h100,8,aws,spot,,,,,,,,2026-02-01,2026-01-01", "valid_to", "invalid_validity"),
    ],
)
def test_a_bad_machine_is_named_with_its_field(tmp_path: Path, line: str, column: str, reason: str) -> None:
    tables = org(tmp_path, gpu_inventory=GPU + "good,,h100,8,aws,spot,,,,,,,,,\n" + line + "\n")
    (problem,) = problems(tables, "gpu_inventory")
    assert (problem.row_number, problem.field, problem.reason) == (2, column, reason)
    assert problem.message.startswith(f"gpu_inventory.csv, row 2, column {column}: ")
    assert len(tables["gpu_inventory"].good) == 1


def test_of_two_rows_for_one_machine_at_one_time_the_first_stands(tmp_path: Path) -> None:
    lines = "h,,h100,8,aws,on_demand,,,,,,,,,2026-06-15\nh,,h100,8,aws,reserved_1y,,,,,,,,2026-06-01,\n"
    tables = org(tmp_path, gpu_inventory=GPU + lines + "h,,h100,8,aws,reserved_1y,,,,,,,,2026-06-15,\n")
    (problem,) = problems(tables, "gpu_inventory")
    assert (problem.row_number, problem.reason) == (2, "overlapping_validity")


def test_rates_get_unit_option_and_term(tmp_path: Path) -> None:
    card, machine, disk = landed(
        tmp_path,
        "infrastructure_rates",
        RATE + "gpu_hour,MI300X,,,HotHost,,1.99,,,2026-01-01\n"
        "instance_hour,p5.48xlarge,h100-80gb,8,aws,reserved_3y,20,50000,,\n"
        "storage_gb_month,ssd,,,onprem,,0.05,,,\n",
    )
    assert (card["gpu_type"], card["gpus_per_instance"], card["unit"]) == ("mi300x", 1, "GPU-hour")
    assert (card["provider"], card["purchase_option"], card["currency"]) == ("hothost", "on_demand", "USD")
    assert (machine["term_months"], machine["unit"]) == (36, "instance-hour")
    assert (disk["unit"], disk["rate"]) == ("GB-month", Decimal("0.05"))


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("gpu,h100,,,aws,,1,,,", "resource_type", "unknown_value"),
        ("gpu_hour,h100,,8,aws,,1,,,", "gpus_per_instance", "unexpected_value"),
        ("instance_hour,p5,h100,,aws,,1,,,", "gpus_per_instance", "missing_value"),
        ("network_gb,egress,h100,,aws,,1,,,", "gpu_type", "unexpected_value"),
        ("gpu_hour,h100,,,aws,spot,1,9,,", "term_months", "missing_value"),
        ("gpu_hour,h100,,,aws,,dear,,,", "rate", "invalid_amount"),
        ("gpu_hour,h100,,,,,1,,,", "provider", "missing_value"),
    ],
)
def test_a_bad_rate_is_named_with_its_field(tmp_path: Path, line: str, column: str, reason: str) -> None:
    tables = org(tmp_path, infrastructure_rates=RATE + line + "\n")
    (problem,) = problems(tables, "infrastructure_rates")
    assert (problem.field, problem.reason) == (column, reason)


def test_folders_without_these_files_land_as_before(tmp_path: Path) -> None:
    tables = read_folder(tmp_path)
    assert not tables["gpu_inventory"].is_present
    assert batch_of(tables["infrastructure_rates"]).table.num_rows == 0


def shipped(kind: str, sku: str, provider: str) -> list[dict[str, str]]:
    with SHIPPED.open() as file:
        return [
            row
            for row in csv.DictReader(file)
            if (row["resource_type"], row["sku"], row["provider"]) == (kind, sku, provider)
            and row["purchase_option"] == "on_demand"
        ]


def test_shipped_rates_hold_the_published_figures() -> None:
    """C03, C04, C05, and the published prices of p5.48xlarge around 2025-06-05."""
    before, after = shipped("instance_hour", "p5.48xlarge", "aws")
    assert (before["rate"], before["valid_to_utc"]) == ("98.32", "2025-06-05")
    assert (after["rate"], after["valid_from_utc"]) == ("55.04", "2025-06-05")
    figures = {
        "gpu_hour": {  # C03
            "a100-40gb": "4.096 3.67 3.40", "a100-80gb": "5.12 4.59 4.25", "h100-80gb": "12.00 11.50 10.80",
            "a10g-24gb": "1.212 1.10 1.15", "t4-16gb": "0.526 0.35 0.40", "l4-24gb": "0.81 0.70 0.75",
        },
        "storage_gb_month": {  # C04
            "ssd": "0.08 0.17 0.12", "hdd": "0.045 0.04 0.04", "object": "0.023 0.02 0.018",
            "archive": "0.004 0.0012 0.002",
        },
        "network_gb": {  # C05
            "egress_internet": "0.09 0.12 0.087", "egress_region": "0.02 0.01 0.02", "ingress": "0 0 0",
        },
    }  # fmt: skip
    for kind, by_sku in figures.items():
        for sku, rates in by_sku.items():
            found = [shipped(kind, sku, provider)[0]["rate"] for provider in ("aws", "gcp", "azure")]
            assert " ".join(found) == rates, (kind, sku)


def test_every_shipped_rate_says_where_it_is_published_and_holds_once() -> None:
    with SHIPPED.open() as file:
        rows = list(csv.DictReader(file))
    assert all(row["source_url"].startswith("https://") and row["note"] for row in rows)
    spans: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in rows:
        subject = tuple(row[name] for name in ("resource_type", "sku", "provider", "region", "purchase_option"))
        spans.setdefault(subject, []).append((row["valid_from_utc"], row["valid_to_utc"]))
    for found in spans.values():
        ordered = sorted(found)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))
