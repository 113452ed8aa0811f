"""FOCUS 1.2 files of OpenAI's and Anthropic's charges, as a billing tool exports them.

Data flow: charges → `billing/focus/<provider>/*.csv[.gz]`. Put here: FOCUS columns. Keep out: amounts.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd

from ingestion.demo.company.bills.line import BillLine, bill_lines, months, next_month, start_of
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.ledger import PRINTED_DECIMALS
from ingestion.demo.company.prices import VARIANTS
from ingestion.demo.company.text import decimal_text, write_csv

HEADER = (
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
_OTHER_LINES = {
    "code_execution": ("Code execution", "Hours"),
    "vector_storage": ("File search storage", "GB-Days"),
    "refund": ("Service credit", "Credits"),
}
_PUBLISHERS = {"openai": "OpenAI", "anthropic": "Anthropic"}
_SERVICES = {"openai": "OpenAI API", "anthropic": "Claude API"}


def _tier(variant: int) -> str:
    return VARIANTS[variant][0].partition("=")[2] or "standard"


def _sku(line: BillLine) -> tuple[str, str, str, int, str]:
    """(SKU, meter, unit, decimal power and name of the unit it is priced in).

    Tokens are priced by the million, searches by the thousand, everything else by the piece.
    """
    model = line.known_model
    if model is None:
        meter, unit = _OTHER_LINES[line.kind]
        return meter, meter, unit, 0, unit
    meter, tier = _SKU_METERS[line.meter], _tier(line.variant)
    sku = f"{model.raw_name}, {meter}"
    sku += f", {tier}" if tier != "standard" else ""
    sku += ", long context" if line.is_over else ""
    if line.meter == "web_search":
        return sku, meter, "Searches", 3, "1K Searches"
    return sku, meter, "Tokens", 6, "1M Tokens"


def _row(line: BillLine, provider: str) -> list[object]:
    sku, meter, unit, power, pricing_unit = _sku(line)
    decimals = PRINTED_DECIMALS[provider]
    billed = decimal_text(line.billed_pico // 10 ** (12 - decimals), decimals, strip=False)
    values: dict[str, object] = {
        "BilledCost": billed,
        "BillingAccountId": line.billing_account_id,
        "BillingAccountName": "Sample company",
        "BillingAccountType": "Organization",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": start_of(next_month(line.billing_month)),
        "BillingPeriodStart": start_of(line.billing_month),
        "ChargeCategory": line.category,
        "ChargeClass": line.charge_class or None,
        "ChargeDescription": sku,
        "ChargeFrequency": "One-Time" if line.category == "Credit" else "Usage-Based",
        "ChargePeriodEnd": start_of(line.charge_date + timedelta(days=1)),
        "ChargePeriodStart": start_of(line.charge_date),
        "ContractedCost": decimal_text(line.contracted_pico),
        "EffectiveCost": billed,
        "InvoiceId": f"{provider}-{line.billing_month:%Y-%m}",
        "InvoiceIssuerName": _PUBLISHERS[provider],
        "ListCost": decimal_text(line.list_pico),
        "ProviderName": _PUBLISHERS[provider],
        "PublisherName": _PUBLISHERS[provider],
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": _SERVICES[provider],
        "ServiceSubcategory": "Generative AI",
        "SkuId": sku,
        "SkuMeter": meter,
        "SubAccountId": line.sub_account_id or None,
        "x_TokenType": meter,
        "x_ServiceTier": _tier(line.variant),
    }
    if line.project is not None:
        values |= {
            "SubAccountName": line.project.name,
            "SubAccountType": "Workspace" if provider == "anthropic" else "Project",
            "Tags": json.dumps({"environment": "production"}),
        }
    if line.known_model is not None:
        name = line.known_model.raw_name
        details = {"Model": name, "TokenType": meter, "ServiceTier": _tier(line.variant)}
        values |= {
            "ResourceId": name,
            "ResourceName": name,
            "ResourceType": "Model",
            "SkuPriceDetails": json.dumps(details),
            "x_Model": name,
        }
    if line.category != "Credit":
        list_price = decimal_text(line.list_unit_pico * 10**power)
        values |= {
            "ConsumedQuantity": line.quantity,
            "ConsumedUnit": unit,
            "ContractedUnitPrice": decimal_text(line.contracted_unit_pico * 10**power),
            "ListUnitPrice": list_price,
            "PricingCategory": "Standard",
            "PricingQuantity": decimal_text(line.quantity, power),
            "PricingUnit": pricing_unit,
            "SkuPriceId": f"{sku} @ {list_price}",
        }
    return [values.get(name) for name in HEADER]


def write_focus(folder: Path, charges: pd.DataFrame, calendar: Calendar) -> None:
    """One file per provider and month of billing; Anthropic's are compressed."""
    for provider, ending in (("openai", "csv"), ("anthropic", "csv.gz")):
        for month, part in months(charges, provider):
            path = folder / "focus" / provider / f"{provider}_focus_{month:%Y-%m}.{ending}"
            delivered = min(next_month(month) + timedelta(days=4), calendar.last + timedelta(days=1))
            write_csv(path, HEADER, (_row(line, provider) for line in bill_lines(part)), delivered)
