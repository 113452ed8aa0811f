# ruff: noqa: DTZ001 - instants are naive UTC
"""Costs that the pages of DeepSeek and GitHub export, as FOCUS rows."""

from __future__ import annotations

import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.notes import Note
from ingestion.sources.billing.pipeline import route
from tests.unit.ingestion.events.conftest import source_file

AMOUNTS = (
    "user_id,utc_date,model,api_key_name,api_key,type,price,amount\nu,2026-06-01,m,k,sk-1,output_tokens,0.000002,9\n"
)
COSTS = "user_id,utc_date,model,wallet_type,cost,currency\n"
GITHUB = (
    "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,"
    "net_amount,organization,cost_center_name\n"
)


def landed(folder: Path, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    found = route(folder, name)
    assert isinstance(found, tuple), found
    assert found[0] == "focus"
    batches = list(found[1](source_file(folder / name)))
    assert not [bad for batch in batches for bad in batch.quarantined]
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    return rows, [str(note) for batch in batches for note in batch.notes]


def test_the_archive_of_deepseeks_page_is_its_costs(tmp_path: Path) -> None:
    """3.5530180000000000 CNY were paid, 0.5 CNY of usage was granted."""
    costs = (
        COSTS
        + "u,20260630,deepseek-v4-flash,Paid,3.5530180000000000,CNY\nu,2026-06-30,deepseek-v4-pro,Granted,0.5,CNY\n"
    )
    with zipfile.ZipFile(tmp_path / "usage_data_2026_6.zip", "w") as archive:
        archive.writestr("amount-2026-6.csv", AMOUNTS)
        archive.writestr("cost-2026-6.csv", costs)
    rows, said = landed(tmp_path, "usage_data_2026_6.zip")
    assert [(row["billed_cost"], row["list_cost"]) for row in rows] == [
        (Decimal("3.553018"), Decimal("3.553018")),
        (Decimal(0), Decimal("0.5")),
    ]
    (paid, _) = rows
    assert (paid["billed_cost_text"], paid["billing_currency"]) == ("3.5530180000000000", "CNY")
    assert (paid["provider_name"], paid["billing_account_id"], paid["sku_meter"]) == (
        "DeepSeek",
        "u",
        "deepseek-v4-flash",
    )
    bounds = ("charge_period_start_utc", "charge_period_end_utc", "billing_period_start_utc", "billing_period_end_utc")
    days = [datetime(2026, 6, 30), datetime(2026, 7, 1), datetime(2026, 6, 1), datetime(2026, 7, 1)]
    assert [paid[name] for name in bounds] == days
    assert ["sums without costs" in note for note in said if "amount-2026-6.csv" in note] == [True]


def test_hours_of_deepseek_keep_their_ends(tmp_path: Path) -> None:
    (tmp_path / "cost.csv").write_text(
        "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\n"
        "u,2026-08-01T05:00:00Z,2026-08-01T06:00:00Z,deepseek-chat,main_wallet,1.25,USD\n"
    )
    ((row,), _) = landed(tmp_path, "cost.csv")
    assert (row["charge_period_end_utc"], row["billing_period_end_utc"]) == (
        datetime(2026, 8, 1, 6),
        datetime(2026, 9, 1),
    )


def test_a_usage_report_of_github_is_what_is_left_to_pay(tmp_path: Path) -> None:
    """Ten premium requests at 0.04 of which 0.10 is included, five that are included, ten minutes of a machine."""
    (tmp_path / "june.csv").write_text(
        GITHUB
        + "2026-06-01,ann,copilot,copilot_premium_request,Claude Sonnet 4.5,10,requests,0.04,0.4,0.1,0.3,acme,R&D\n"
        + "2026-06-01,ann,copilot,copilot_premium_request,GPT-5,5,requests,0.04,0.2,0.2,0,acme,R&D\n"
        + "2026-06-01,,actions,actions_linux,,10,minutes,0.006,0.06,0,0.06,acme,\n"
    )
    rows, _ = landed(tmp_path, "june.csv")
    assert [(str(row["billed_cost_text"]), str(row["list_cost_text"])) for row in rows] == [
        ("0.3", "0.4"),
        ("0", "0.2"),
        ("0.06", "0.06"),
    ]
    assert [(row["service_name"], row["service_category"]) for row in rows[1:]] == [
        ("GitHub Copilot", "AI and Machine Learning"),
        ("GitHub Actions", "Developer Tools"),
    ]
    assert (rows[0]["tags"], rows[2]["tags"]) == ('{"user": "ann", "cost_center": "R&D"}', None)
    assert '"x_Model": "Claude Sonnet 4.5"' in rows[0]["extra_columns"]
    assert (rows[0]["billing_account_id"], rows[0]["billing_currency"]) == ("acme", "USD")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (AMOUNTS, "DeepSeek's export of usage"),
        (
            "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,Owner,Repository Slug,Username\n",
            "GitHub's usage report of before 2025",
        ),
    ],
)
def test_reports_without_amounts_are_named(tmp_path: Path, header: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(header)
    found = route(tmp_path, "a.csv")
    assert isinstance(found, Note)
    assert words in found.message
