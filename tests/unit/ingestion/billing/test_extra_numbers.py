# ruff: noqa: DTZ001 - instants are naive UTC
"""Numbers without a raw column of their own that charges are made of: read as the file writes its numbers."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.landing.model import SourceFile
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.pipeline import FORMATS

FOCUS = "BilledCost,BillingCurrency,ChargePeriodStart,"
AZURE = "CostInBillingCurrency;SubscriptionId;Date;BillingCurrency;PricingCurrency;"


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("focus", FOCUS + "x_BilledCostInUsd\n92,EUR,2026-06-05,(100.00)\n", "x_BilledCostInUsd", "-100.00"),
        ("focus", FOCUS + 'x_BilledCostInUsd\n92,EUR,2026-06-05,"$1,100.00"\n', "x_BilledCostInUsd", "1100.00"),
        ("focus", FOCUS + "X_BILLED_COST_IN_USD\n92,EUR,2026-06-05,100 USD\n", "x_BilledCostInUsd", "100"),
        ("focus", FOCUS + "x_billedcostinusd\n92,EUR,2026-06-05,1E2\n", "x_billedcostinusd", "100"),
        ("focus", FOCUS + "x_EffectiveCostInUsd\n92,EUR,2026-06-05,unknown\n", "x_EffectiveCostInUsd", "unknown"),
        ("focus", FOCUS + "X_SKUMETERNAME\n92,EUR,2026-06-05,5 mini Inp\n", "x_SkuMeterName", "5 mini Inp"),
        (
            "azure",
            AZURE + "exchangeRatePricingToBilling\n1.092,50;s;25.06.2026;EUR;USD;0,92\n",
            "exchangeRatePricingToBilling", "0.92",
        ),
        (
            "azure",
            AZURE + "costInPricingCurrency\n92,50;s;25.06.2026;EUR;USD;1.000,25\n",
            "costInPricingCurrency", "1000.25",
        ),
        (
            "aws_cur",
            "lineItem/UnblendedCost,lineItem/UsageStartDate,reservation/UnusedRecurringFee\n0,2026-06-05,1.5E-3\n",
            "reservation/UnusedRecurringFee", "0.0015",
        ),
    ],
)  # fmt: skip
def test_it_is_kept_as_digits(tmp_path: Path, name: str, text: str, key: str, value: str) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(text)
    batches = list(parse(FORMATS[name], SourceFile(path, path.name, 1, datetime(2026, 7, 1), "h")))
    (row,) = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    assert json.loads(row["extra_columns"])[key] == value
