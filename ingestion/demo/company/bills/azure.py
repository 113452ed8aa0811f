"""Azure's cost details as an enterprise agreement exports them.

Data flow: charges → `billing/azure/actual-cost/<period>/<run>/*.csv`; the newest month is delivered twice, and only
the later run counts. Put here: Azure columns. Keep out: amounts.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from ingestion.demo.company.bills.line import BillLine, bill_lines, months, next_month
from ingestion.demo.company.company import AZURE_ENROLMENT, TEAM_BY_ID
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.ledger import month_start
from ingestion.demo.company.text import decimal_text, hash_text, write_csv

HEADER = (
    "InvoiceSectionName AccountName AccountOwnerId SubscriptionId SubscriptionName ResourceGroup ResourceLocation Date "
    "ProductName MeterCategory MeterSubCategory MeterId MeterName MeterRegion UnitOfMeasure Quantity EffectivePrice "
    "CostInBillingCurrency CostCenter ConsumedService ResourceId Tags OfferId AdditionalInfo ServiceInfo1 ServiceInfo2 "
    "ResourceName ReservationId ReservationName UnitPrice ProductOrderId ProductOrderName Term PublisherType "
    "PublisherName ChargeType Frequency PricingModel AvailabilityZone BillingAccountId BillingAccountName "
    "BillingCurrencyCode BillingPeriodStartDate BillingPeriodEndDate BillingProfileId BillingProfileName "
    "InvoiceSectionId IsAzureCreditEligible PartNumber PayGPrice PlanName ServiceFamily CostAllocationRuleName"
).split()
_METERS = {"uncached_input": "Inp glbl", "cache_read": "cchd Inp glbl", "output": "Outp glbl"}


def _us_date(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _row(line: BillLine) -> list[object]:
    model, project, month = line.known_model, line.project, line.billing_month
    assert model is not None
    assert project is not None
    slug = project.id.removeprefix("proj_").replace("_", "-")
    group, resource = f"rg-{slug}", f"oai-{slug}"
    meter = f"{model.sku} {_METERS[line.meter]} Tokens"
    values: dict[str, object] = {
        "InvoiceSectionName": "Sample company",
        "AccountName": "Sample company",
        "SubscriptionId": line.sub_account_id,
        "SubscriptionName": project.name,
        "ResourceGroup": group,
        "ResourceLocation": "eastus2",
        "Date": _us_date(line.charge_date),
        "ProductName": f"Azure OpenAI - {meter}",
        "MeterCategory": "Cognitive Services",
        "MeterSubCategory": "Azure OpenAI",
        "MeterId": f"{hash_text(meter):032x}",
        "MeterName": meter,
        "UnitOfMeasure": "1M",
        "Quantity": decimal_text(line.quantity, 6),
        "EffectivePrice": decimal_text(line.contracted_unit_pico * 10**6),
        "CostInBillingCurrency": decimal_text(line.billed_pico),
        "CostCenter": TEAM_BY_ID[project.team_id].cost_center_id,
        "ConsumedService": "Microsoft.CognitiveServices",
        "ResourceId": f"/subscriptions/{line.sub_account_id}/resourceGroups/{group}"
        f"/providers/Microsoft.CognitiveServices/accounts/{resource}",
        "Tags": f'"project": "{project.id}","environment": "production"',
        "OfferId": "MS-AZR-0017P",
        "ResourceName": resource,
        "UnitPrice": decimal_text(line.contracted_unit_pico * 10**6),
        "PublisherType": "Azure",
        "PublisherName": "Microsoft",
        "ChargeType": "Usage",
        "Frequency": "UsageBased",
        "PricingModel": "OnDemand",
        "BillingAccountId": AZURE_ENROLMENT,
        "BillingAccountName": "Sample company",
        "BillingCurrencyCode": "USD",
        "BillingPeriodStartDate": _us_date(month),
        "BillingPeriodEndDate": _us_date(next_month(month) - timedelta(days=1)),
        "IsAzureCreditEligible": "TRUE",
        "PayGPrice": decimal_text(line.list_unit_pico * 10**6),
        "ServiceFamily": "AI + Machine Learning",
    }
    return [values.get(name) for name in HEADER]


def first_delivery(lines: pd.DataFrame, through: date) -> pd.DataFrame:
    """What an earlier month-to-date run showed: days up to `through`, of which the last is not complete yet."""
    early = lines[lines["charge_date"] <= through].copy()
    is_partial = early["charge_date"] == through
    for column in ("quantity", "list_pico", "contracted_pico", "billed_pico"):
        early[column] = early[column].where(~is_partial, 0)
    early.loc[is_partial, "quantity"] = (lines.loc[early.index[is_partial], "quantity"] * 3) // 5
    for column, unit in (("list_pico", "list_unit_pico"), ("contracted_pico", "contracted_unit_pico")):
        early[column] = early["quantity"] * early[unit]
    early["billed_pico"] = early["contracted_pico"]
    return early[early["quantity"] > 0]


def write_azure(folder: Path, charges: pd.DataFrame, calendar: Calendar) -> None:
    """One run per month, two for the newest."""
    newest = month_start(calendar.billed_through)
    for month, part in months(charges, "azure"):
        period = f"{month:%Y%m%d}-{next_month(month) - timedelta(days=1):%Y%m%d}"
        delivered = min(next_month(month) + timedelta(days=4), calendar.last)
        runs = [(delivered, part)]
        if month == newest:
            through = max(month, calendar.billed_through - timedelta(days=2))
            runs.insert(0, (delivered - timedelta(days=1), first_delivery(part, through)))
        for run, rows in runs:
            path = folder / "azure" / "actual-cost" / period / f"{run:%Y%m%d}0400" / "part_0_0001.csv"
            write_csv(path, HEADER, (_row(line) for line in bill_lines(rows)), run)
