"""AWS's legacy Cost and Usage Report with Bedrock's usage types, a support fee and its tax.

Data flow: charges → `billing/aws_cur/<period>/*.csv.gz`. Put here: CUR columns. Keep out: amounts.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd

from ingestion.demo.company.bills.line import BillLine, bill_lines, months, next_month, start_of
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.text import decimal_text, hash_text, write_csv

HEADER = (
    "identity/LineItemId identity/TimeInterval bill/InvoiceId bill/InvoicingEntity bill/BillingEntity bill/BillType "
    "bill/PayerAccountId bill/BillingPeriodStartDate bill/BillingPeriodEndDate lineItem/UsageAccountId "
    "lineItem/LineItemType lineItem/UsageStartDate lineItem/UsageEndDate lineItem/ProductCode lineItem/UsageType "
    "lineItem/Operation lineItem/AvailabilityZone lineItem/ResourceId lineItem/UsageAmount "
    "lineItem/NormalizationFactor lineItem/NormalizedUsageAmount lineItem/CurrencyCode lineItem/UnblendedRate "
    "lineItem/UnblendedCost lineItem/BlendedRate lineItem/BlendedCost lineItem/LineItemDescription lineItem/TaxType "
    "lineItem/LegalEntity product/ProductName product/model product/productFamily product/regionCode "
    "product/servicecode product/servicename product/sku product/usagetype pricing/RateCode pricing/RateId "
    "pricing/currency pricing/publicOnDemandCost pricing/publicOnDemandRate pricing/term pricing/unit "
    "resourceTags/user:environment resourceTags/user:project"
).split()
_METERS = {
    "uncached_input": "input-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write": "cache-write-input-token-count",
    "output": "output-tokens",
}

_ENTITY = "Amazon Web Services, Inc."


def _row(line: BillLine, number: int) -> list[object]:
    start = start_of(line.charge_date)
    is_usage = line.known_model is not None
    end = start_of(line.charge_date + timedelta(days=1) if is_usage else next_month(line.billing_month))
    identity = f"{line.charge_date} {line.sub_account_id} {line.kind} {line.model} {line.meter} {number}"
    cost = decimal_text(line.billed_pico // 100, 10, strip=False)
    values: dict[str, object] = {
        "identity/LineItemId": f"{hash_text(identity):052x}",
        "identity/TimeInterval": f"{start}/{end}",
        "bill/InvoicingEntity": _ENTITY,
        "bill/BillingEntity": "AWS",
        "bill/BillType": "Anniversary",
        "bill/PayerAccountId": line.billing_account_id,
        "bill/BillingPeriodStartDate": start_of(line.billing_month),
        "bill/BillingPeriodEndDate": start_of(next_month(line.billing_month)),
        "lineItem/UsageAccountId": line.sub_account_id,
        "lineItem/UsageStartDate": start,
        "lineItem/UsageEndDate": end,
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": cost,
        "lineItem/BlendedCost": cost,
        "lineItem/LegalEntity": _ENTITY,
        "product/regionCode": "us-east-1",
    }
    values |= _usage(line, cost) if is_usage else _support(line)
    return [values.get(name, "") for name in HEADER]


def _usage(line: BillLine, cost: str) -> dict[str, object]:
    model, project = line.known_model, line.project
    assert model is not None
    assert project is not None
    usage_type = f"USE1-{model.sku}-{_METERS[line.meter]}"
    rate = decimal_text(line.contracted_unit_pico * 1000)
    sku = f"{hash_text(usage_type):016X}"
    return {
        "lineItem/LineItemType": "Usage",
        "lineItem/ProductCode": "AmazonBedrock",
        "lineItem/UsageType": usage_type,
        "lineItem/UsageAmount": decimal_text(line.quantity, 3),
        "lineItem/UnblendedRate": rate,
        "lineItem/BlendedRate": rate,
        "lineItem/LineItemDescription": f"${rate} per 1K tokens for {usage_type} in US East (N. Virginia)",
        "product/ProductName": "Amazon Bedrock",
        "product/model": model.sku,
        "product/productFamily": "Amazon Bedrock",
        "product/servicecode": "AmazonBedrock",
        "product/servicename": "Amazon Bedrock",
        "product/sku": sku,
        "product/usagetype": usage_type,
        "pricing/RateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
        "pricing/RateId": hash_text(sku) % 10**10,
        "pricing/currency": "USD",
        "pricing/publicOnDemandCost": cost,
        "pricing/publicOnDemandRate": decimal_text(line.list_unit_pico * 1000),
        "pricing/term": "OnDemand",
        "pricing/unit": "1K tokens",
        "resourceTags/user:environment": "production",
        "resourceTags/user:project": project.id,
    }


def _support(line: BillLine) -> dict[str, object]:
    is_tax = line.kind == "tax"
    return {
        "lineItem/LineItemType": "Tax" if is_tax else "Fee",
        "lineItem/ProductCode": "AWSSupportBusiness",
        "lineItem/UsageType": "" if is_tax else "Dollar",
        "lineItem/UsageAmount": "1.0",
        "lineItem/LineItemDescription": "US sales tax" if is_tax else "AWS Support (Business)",
        "lineItem/TaxType": "USSalesTax" if is_tax else "",
        "product/ProductName": "AWS Support (Business)",
        "product/servicecode": "AWSSupportBusiness",
        "product/servicename": "AWS Support (Business)",
    }


def write_cur(folder: Path, charges: pd.DataFrame, calendar: Calendar) -> None:
    """One report per month, restated as a whole with every delivery."""
    for month, part in months(charges, "aws"):
        period = f"{month:%Y%m%d}-{next_month(month):%Y%m%d}"
        delivered = min(next_month(month) + timedelta(days=4), calendar.last + timedelta(days=1))
        path = folder / "aws_cur" / period / "sample-company-cur-00001.csv.gz"
        rows = (_row(line, number) for number, line in enumerate(bill_lines(part)))
        write_csv(path, HEADER, rows, delivered)
