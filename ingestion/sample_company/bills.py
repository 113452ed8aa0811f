"""Printing the ledger's charges as providers and billing tools deliver them.

Data flow: charges → `billing/{focus,azure,aws_cur}/...`. OpenAI and Anthropic come as FOCUS 1.2 from a billing
tool, Azure as EA cost details, AWS as a legacy Cost and Usage Report; Groq sends no bill.
Put here: columns and spellings of each format. Keep out: amounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from ingestion.sample_company.company import (
    AWS_PAYER_ACCOUNT,
    AZURE_ENROLMENT,
    KEYS,
    MODELS,
    PROJECT_BY_ID,
    PROJECTS,
    TEAM_BY_ID,
    Project,
)
from ingestion.sample_company.dates import Calendar
from ingestion.sample_company.ledger import PRINTED_DECIMALS, month_start
from ingestion.sample_company.prices import VARIANTS
from ingestion.sample_company.text import decimal_text, hash_text, write_csv

PROJECT_OF_SUB_ACCOUNT = {
    account: PROJECTS[key.project_number]
    for key in KEYS
    if key.project_number >= 0
    for account in (key.workspace_id, key.account_id)
    if account
} | dict(PROJECT_BY_ID)
"""Workspaces, AWS accounts and Azure subscriptions belong to one project; OpenAI's projects are our own."""


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


def _instant(day: date) -> str:
    return f"{day}T00:00:00Z"


_FOCUS_HEADER = (
    "BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd "
    "BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargeFrequency ChargePeriodEnd "
    "ChargePeriodStart ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost InvoiceId "
    "InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit ProviderName PublisherName "
    "RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName ServiceSubcategory SkuId "
    "SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags x_Model x_TokenType "
    "x_ServiceTier"
).split()

_SKU_METERS = {
    "uncached_input": "Input Tokens",
    "cache_read": "Cached Input Tokens",
    "cache_write": "Cache Write Tokens",
    "cache_write_5m": "Cache Write 5m Tokens",
    "cache_write_1h": "Cache Write 1h Tokens",
    "output": "Output Tokens",
    "web_search": "Web Searches",
}
_OTHER_FOCUS_LINES = {
    "code_execution": ("Code execution", "Hours"),
    "vector_storage": ("File search storage", "GB-Days"),
    "refund": ("Service credit", "Credits"),
}
_PUBLISHERS = {"openai": "OpenAI", "anthropic": "Anthropic"}
_SERVICES = {"openai": "OpenAI API", "anthropic": "Claude API"}


def _tier(variant: int) -> str:
    return VARIANTS[variant][0].partition("=")[2] or "standard"


def _focus_rows(lines: pd.DataFrame, provider: str) -> Iterator[list[object]]:
    decimals = PRINTED_DECIMALS[provider]
    for line in lines.itertuples():
        day, month = line.charge_date, line.billing_month
        is_model = line.model >= 0
        is_tokens = is_model and line.meter != "web_search"
        model = MODELS[line.model].raw_name if is_model else ""
        kind, unit = _OTHER_FOCUS_LINES.get(line.kind, ("", "Tokens" if is_tokens else "Searches"))
        kind = _SKU_METERS[line.meter] if is_model else kind
        tier = _tier(line.variant)
        # Tokens are priced by the million, searches by the thousand, everything else by the piece.
        scale, pricing_unit = (6, "1M Tokens") if is_tokens else (3, "1K Searches") if is_model else (0, unit)
        name = f"{model}, {kind}" if is_model else kind
        sku = f"{name}, {tier}" if tier != "standard" else name
        sku = f"{sku}, long context" if line.is_over else sku
        project = PROJECT_OF_SUB_ACCOUNT.get(line.sub_account_id)
        details = {"Model": model, "TokenType": kind, "ServiceTier": tier} if is_model else {}
        unit_price = decimal_text(line.list_unit_pico * 10**scale)
        contracted_price = decimal_text(line.contracted_unit_pico * 10**scale)
        effective = decimal_text(line.billed_pico // 10 ** (12 - decimals), decimals, strip=False)
        is_credit = line.category == "Credit"
        yield [
            effective,
            line.billing_account_id,
            "Sample company",
            "Organization",
            "USD",
            _instant(next_month(month)),
            _instant(month),
            line.category,
            line.charge_class or None,
            sku,
            "One-Time" if is_credit else "Usage-Based",
            _instant(day + timedelta(days=1)),
            _instant(day),
            None if is_credit else line.quantity,
            None if is_credit else unit,
            decimal_text(line.contracted_pico),
            None if is_credit else contracted_price,
            effective,
            f"{provider}-{month:%Y-%m}",
            _PUBLISHERS[provider],
            decimal_text(line.list_pico),
            None if is_credit else unit_price,
            None if is_credit else "Standard",
            None if is_credit else decimal_text(line.quantity, scale),
            None if is_credit else pricing_unit,
            _PUBLISHERS[provider],
            _PUBLISHERS[provider],
            None,
            None,
            model or None,
            model or None,
            "Model" if is_model else None,
            "AI and Machine Learning",
            _SERVICES[provider],
            "Generative AI",
            sku,
            kind,
            json.dumps(details) if details else None,
            f"{sku} @ {unit_price}",
            line.sub_account_id or None,
            project.name if project else None,
            ("Workspace" if provider == "anthropic" else "Project") if line.sub_account_id else None,
            json.dumps({"environment": "production"}) if project else None,
            model or None,
            kind,
            tier,
        ]


def _write_focus(folder: Path, lines: pd.DataFrame, calendar: Calendar) -> None:
    for provider in ("openai", "anthropic"):
        own = lines[lines["provider"] == provider]
        for month, part in own.groupby("billing_month"):
            assert isinstance(month, date)
            ending = "csv.gz" if provider == "anthropic" else "csv"
            path = folder / "focus" / provider / f"{provider}_focus_{month:%Y-%m}.{ending}"
            delivered = min(next_month(month) + timedelta(days=4), calendar.last + timedelta(days=1))
            write_csv(path, _FOCUS_HEADER, _focus_rows(part, provider), delivered)


_AZURE_HEADER = (
    "InvoiceSectionName AccountName AccountOwnerId SubscriptionId SubscriptionName ResourceGroup ResourceLocation Date "
    "ProductName MeterCategory MeterSubCategory MeterId MeterName MeterRegion UnitOfMeasure Quantity EffectivePrice "
    "CostInBillingCurrency CostCenter ConsumedService ResourceId Tags OfferId AdditionalInfo ServiceInfo1 ServiceInfo2 "
    "ResourceName ReservationId ReservationName UnitPrice ProductOrderId ProductOrderName Term PublisherType "
    "PublisherName ChargeType Frequency PricingModel AvailabilityZone BillingAccountId BillingAccountName "
    "BillingCurrencyCode BillingPeriodStartDate BillingPeriodEndDate BillingProfileId BillingProfileName "
    "InvoiceSectionId IsAzureCreditEligible PartNumber PayGPrice PlanName ServiceFamily CostAllocationRuleName"
).split()
_AZURE_METERS = {"uncached_input": "Inp glbl", "cache_read": "cchd Inp glbl", "output": "Outp glbl"}


def _us_date(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _azure_rows(lines: pd.DataFrame) -> Iterator[list[object]]:
    for line in lines.itertuples():
        model = MODELS[line.model]
        project: Project = PROJECT_OF_SUB_ACCOUNT[line.sub_account_id]
        slug = project.id.removeprefix("proj_").replace("_", "-")
        group, resource = f"rg-{slug}", f"oai-{slug}"
        meter = f"{model.sku} {_AZURE_METERS[line.meter]} Tokens"
        month = line.billing_month
        values = {
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
        yield [values.get(name) for name in _AZURE_HEADER]


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


def _write_azure(folder: Path, lines: pd.DataFrame, calendar: Calendar) -> None:
    own = lines[lines["provider"] == "azure"]
    newest = month_start(calendar.billed_through)
    for month, part in own.groupby("billing_month"):
        assert isinstance(month, date)
        period = f"{month:%Y%m%d}-{next_month(month) - timedelta(days=1):%Y%m%d}"
        delivered = min(next_month(month) + timedelta(days=4), calendar.last)
        runs = [(delivered, part)]
        if month == newest:
            through = max(month, calendar.billed_through - timedelta(days=2))
            runs.insert(0, (delivered - timedelta(days=1), first_delivery(part, through)))
        for run, rows in runs:
            path = folder / "azure" / "actual-cost" / period / f"{run:%Y%m%d}0400" / "part_0_0001.csv"
            write_csv(path, _AZURE_HEADER, _azure_rows(rows), run)


_CUR_HEADER = (
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
_CUR_METERS = {
    "uncached_input": "input-tokens",
    "cache_read": "cache-read-input-token-count",
    "cache_write": "cache-write-input-token-count",
    "output": "output-tokens",
}


def _cur_rows(lines: pd.DataFrame) -> Iterator[list[object]]:
    for number, line in enumerate(lines.itertuples()):
        day, month = line.charge_date, line.billing_month
        start = f"{day}T00:00:00Z"
        end = f"{next_month(month) if line.kind != 'tokens' else day + timedelta(days=1)}T00:00:00Z"
        cost = decimal_text(line.billed_pico // 100, 10, strip=False)
        values: dict[str, object] = {
            "identity/LineItemId": f"{hash_text(f'{day}{line.sub_account_id}{line.kind}{line.model}{line.meter}{number}'):052x}",
            "identity/TimeInterval": f"{start}/{end}",
            "bill/InvoicingEntity": "Amazon Web Services, Inc.",
            "bill/BillingEntity": "AWS",
            "bill/BillType": "Anniversary",
            "bill/PayerAccountId": AWS_PAYER_ACCOUNT,
            "bill/BillingPeriodStartDate": f"{month}T00:00:00Z",
            "bill/BillingPeriodEndDate": f"{next_month(month)}T00:00:00Z",
            "lineItem/UsageAccountId": line.sub_account_id,
            "lineItem/UsageStartDate": start,
            "lineItem/UsageEndDate": end,
            "lineItem/CurrencyCode": "USD",
            "lineItem/UnblendedCost": cost,
            "lineItem/BlendedCost": cost,
            "lineItem/LegalEntity": "Amazon Web Services, Inc.",
            "product/regionCode": "us-east-1",
        }
        if line.kind == "tokens":
            model = MODELS[line.model]
            usage_type = f"USE1-{model.sku}-{_CUR_METERS[line.meter]}"
            rate = decimal_text(line.contracted_unit_pico * 1000)
            sku = f"{hash_text(usage_type):016X}"
            values |= {
                "lineItem/LineItemType": "Usage",
                "lineItem/ProductCode": "AmazonBedrock",
                "lineItem/UsageType": usage_type,
                "lineItem/Operation": "",
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
                "resourceTags/user:project": PROJECT_OF_SUB_ACCOUNT[line.sub_account_id].id,
            }
        else:
            is_tax = line.kind == "tax"
            values |= {
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
        yield [values.get(name, "") for name in _CUR_HEADER]


def _write_cur(folder: Path, lines: pd.DataFrame, calendar: Calendar) -> None:
    own = lines[lines["provider"] == "aws"]
    for month, part in own.groupby("billing_month"):
        assert isinstance(month, date)
        period = f"{month:%Y%m%d}-{next_month(month):%Y%m%d}"
        delivered = min(next_month(month) + timedelta(days=4), calendar.last + timedelta(days=1))
        path = folder / "aws_cur" / period / "sample-company-cur-00001.csv.gz"
        write_csv(path, _CUR_HEADER, _cur_rows(part), delivered)


def write_bills(folder: Path, lines: pd.DataFrame, calendar: Calendar) -> None:
    """Write all billing files below `folder`."""
    _write_focus(folder, lines, calendar)
    _write_azure(folder, lines, calendar)
    _write_cur(folder, lines, calendar)
