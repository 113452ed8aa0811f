# ruff: noqa: DTZ001 - instants are naive UTC
"""Rows that hold nothing, or the header again, are no charges and no faults; tags in columns of their own are tags."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.model import SourceFile
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FORMATS

FOCUS = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,{more}\n"
CUR = "lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageStartDate,lineItem/ProductCode,{more}\n"
AZURE = "CostInBillingCurrency,BillingCurrency,Date,SubscriptionId,{more}\n"
ROW = "1.00,USD,2026-06-05,s,{more}\n"


def landed(tmp_path: Path, name: str, text: str) -> tuple[list[dict[str, Any]], list[str]]:
    path = tmp_path / "bill.csv"
    path.write_text(text)
    batches = list(parse(FORMATS[name], SourceFile(path, path.name, 1, datetime(2026, 7, 1), "h")))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    return rows, [bad.reason for batch in batches for bad in batch.quarantined]


@pytest.mark.parametrize(("name", "header"), [("focus", FOCUS), ("aws_cur", CUR), ("azure", AZURE)])
@pytest.mark.parametrize("between", [",,,,\n,,,,\n", "NULL,\\N,,null,\n", "{header}", ""])
def test_rows_that_say_nothing_are_passed_over(tmp_path: Path, name: str, header: str, between: str) -> None:
    header, row = header.format(more="note"), ROW.format(more="")
    rows, refused = landed(tmp_path, name, header + row + between.format(header=header) + row)
    assert (len(rows), refused) == (2, [])


def test_a_row_that_says_anything_is_a_fault(tmp_path: Path) -> None:
    text = FOCUS.format(more="note") + ROW.format(more="") + ",,,,x\nBilled,USD,2026-06-05,s,\n"
    assert landed(tmp_path, "focus", text)[1] == ["missing_cost", "invalid_number"]


@pytest.mark.parametrize(
    ("name", "header", "more", "column"),
    [
        ("focus", FOCUS, "Tags.team", "tags"),
        ("focus", FOCUS, "tags/team", "tags"),
        ("azure", AZURE, "TAGS.team", "tags"),
        ("aws_cur", CUR, "resourcetags/team", "resource_tags"),
        ("aws_cur", CUR, "resource_tags_team", "resource_tags"),
    ],
)
def test_a_tag_in_a_column_of_its_own_is_a_tag(tmp_path: Path, name: str, header: str, more: str, column: str) -> None:
    rows, _ = landed(tmp_path, name, header.format(more=more) + ROW.format(more="search") + ROW.format(more=""))
    assert [row.get(column) and json.loads(row[column]) for row in rows] == [{"team": "search"}, None]


def test_an_object_of_tags_stands_before_columns(tmp_path: Path) -> None:
    text = FOCUS.format(more="Tags,Tags.team") + ROW.format(more='"{""team"": ""own""}",other') + ROW.format(more=",x")
    rows, _ = landed(tmp_path, "focus", text)
    assert [json.loads(row["tags"])["team"] for row in rows] == ["own", "x"]
    assert sum(row["billed_cost"] for row in rows) == Decimal(2)
