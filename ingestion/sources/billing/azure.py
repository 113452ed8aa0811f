"""Azure cost details exports of every agreement (EA, MCA, pay as you go, localised), and the daily usage that partners
get → `raw_billing.azure_cost_details`.

Headers match whatever their case; a localised header carries the English name in parentheses. Slashed dates
are month first, as Azure writes them everywhere, unless the file's own dates prove the opposite.
Put here: Azure names. Keep out: meters and their units, which are dbt's.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, ScopeRule, squash
from ingestion.vocabulary.raw_types import PROVENANCE

AZURE_COST_DETAILS = RAW_SCHEMAS["raw_billing"]["azure_cost_details"]

_DERIVED = {"cost_in_billing_currency_text", "extra_columns"}
_OTHER_NAMES = {
    "subscription_id": "subscription_guid",
    "resource_group_name": "resource_group",
    "usage_date": "date usage_date_time",
    "product_name": "product",
    "quantity": "usage_quantity consumed_quantity",
    "effective_price": "resource_rate",
    "payg_price": "pay_g_price",
    "cost_in_billing_currency": "pre_tax_cost cost extended_cost billing_pre_tax_total",
    "cost_in_usd": "cost_usd",
    "unit_of_measure": "unit",
    "billing_currency": "billing_currency_code currency",
    "resource_id": "instance_id instance_name resource_uri",
    "resource_location": "location",
    "tags": "tag",
    "billing_account_id": "billing_account_number customer_id",
    "billing_period_start_date": "billing_period_start",
    "billing_period_end_date": "billing_period_end",
    "cost_center": "cost_centre",
    "offer_id": "offer",
}
_ALIASES: dict[str, tuple[str, int]] = {
    squash(name): (name, 0) for name in AZURE_COST_DETAILS if name not in _DERIVED and name not in PROVENANCE
}
for _column, _names in _OTHER_NAMES.items():
    for _priority, _name in enumerate(_names.split(), start=1):
        _ALIASES.setdefault(squash(_name), (_column, _priority))

assert set(_OTHER_NAMES) <= set(AZURE_COST_DETAILS)

_MORE_NAMES = {
    **{
        squash(name): name
        for name in (
            *("PricingCurrency", "PricingCurrencyCode", "CostInPricingCurrency", "BenefitId"),
            *("ExchangeRatePricingToBilling", "ExchangeRate"),
        )
    },
    "pricingpretaxtotal": "CostInPricingCurrency",
    "pctobcexchangerate": "ExchangeRatePricingToBilling",
}
"""Columns without a place in the raw table that charges are made of, and the names they are looked up by."""
_PARENTHESISED = re.compile(r".*\(([A-Za-z0-9_ ]+)\)\s*$")
_COSTS = ("cost_in_billing_currency", "cost_in_usd")
_COST_NAMES = {name for name, (column, _) in _ALIASES.items() if column in _COSTS}
_DATE_NAMES = {name for name, (column, _) in _ALIASES.items() if column == "usage_date"}
_AZURE_ONLY = {"subscriptionid", "subscriptionguid", "metercategory", "meterid", "consumedservice", "instanceid"}


def english(header: str) -> str:
    """The English name of a header: what stands in parentheses, if anything does."""
    match = _PARENTHESISED.match(header)
    return match[1] if match else header


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of an Azure header."""
    return _ALIASES.get(squash(english(header)))


def recognises(names: list[str]) -> bool:
    """Whether headers are Azure's: a cost, a date and something only Azure has."""
    squashed = {squash(english(name)) for name in names}
    return all(squashed & wanted for wanted in (_COST_NAMES, _DATE_NAMES, _AZURE_ONLY))


def adapt(cells: Cells) -> None:
    """Dollars are the cost where the export leaves out the other. Tags (which some exports write without outer braces)
    and additional info become JSON objects. Rates and prices of localised and partners' files get their usual names."""
    dollars = cells.known.get("cost_in_usd")
    if dollars is not None and "cost_in_billing_currency" not in cells.known:
        if "billing_currency" in cells.known:
            cells.extra["BillingCurrency"] = cells.known["billing_currency"]
        cells.known["cost_in_billing_currency"] = dollars
        cells.known["billing_currency"] = pc.if_else(pc.is_valid(dollars), "USD", pa.scalar(None, pa.string()))
    for header in list(cells.extra):
        name = _MORE_NAMES.get(squash(english(header)), header)
        if name not in cells.extra and name.lower() != header.lower():
            cells.extra[name] = cells.extra.pop(header)
    for column, header in (("tags", "Tags"), ("additional_info", "AdditionalInfo")):
        cells.keep_json_objects(column, header)
    cells.gather("tags", ("tags.", "tags/", "tags:"))


FORMAT = BillingFormat(
    name="azure",
    table="azure_cost_details",
    canonical=canonical,
    recognises=recognises,
    expected_headers="a subscription (SubscriptionId or SubscriptionGuid), a date (Date or UsageDateTime) and a cost "
    "(CostInBillingCurrency or PreTaxCost)",
    required=(
        RowRule("cost_in_billing_currency", "missing_cost", "a charge needs its cost (0 if free); deliver it again"),
        RowRule("usage_date", "missing_time", "a charge needs its date"),
    ),
    text_copies={"cost_in_billing_currency": "cost_in_billing_currency_text"},
    adapt=adapt,
    scope=ScopeRule(
        parent="billing_account_id",
        account="subscription_id",
        period_start="usage_date",
        charge_start="usage_date",
        amount="cost_in_billing_currency",
        currency="billing_currency",
        identity=("resource_id", "meter_id", "meter_name", "charge_type"),
    ),
    extra_numbers=frozenset({"costinpricingcurrency", "exchangeratepricingtobilling", "exchangerate"}),
    day_first_columns=("usage_date",),
)
