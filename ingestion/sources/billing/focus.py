"""FOCUS 1.0 to 1.4 cost and usage files → `raw_billing.focus_charges`.

Columns are matched whatever their case (`BilledCost`, `billed_cost`). Provider columns keep the names the
file uses: 1.3 renamed ProviderName and PublisherName, staging puts them together. Put here: FOCUS names.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, ScopeRule, has_headers, squash
from ingestion.vocabulary.raw_types import PROVENANCE

FOCUS_CHARGES = RAW_SCHEMAS["raw_billing"]["focus_charges"]

_DERIVED = {"focus_version", "extra_columns", *(name for name in FOCUS_CHARGES if name.endswith("_cost_text"))}
_ALIASES = {
    **{squash(name): name for name in FOCUS_CHARGES if name not in _DERIVED and name not in PROVENANCE},
    "billingperiodstart": "billing_period_start_utc",
    "billingperiodend": "billing_period_end_utc",
    "chargeperiodstart": "charge_period_start_utc",
    "chargeperiodend": "charge_period_end_utc",
    "provider": "provider_name",
    "publisher": "publisher_name",
    "invoiceissuer": "invoice_issuer_name",
}
_EARLIER_NAMES = {
    "amortizedcost": "effective_cost",
    "chargetype": "charge_category",
    "region": "region_id",
    "usagequantity": "consumed_quantity",
    "usageunit": "consumed_unit",
}
"""Of FOCUS 0.5 and the preview of 1.0, which some exporters still write."""
_VENDOR_COLUMNS = {
    squash(name): name
    for name in (
        *("x_BilledCostInUsd", "x_EffectiveCostInUsd", "x_BillingExchangeRate", "x_PricingCurrency"),
        *("x_SkuMeterName", "x_SkuMeterCategory", "x_SkuMeterSubcategory", "x_SkuDescription"),
        *("x_ModelId", "x_Model", "x_ModelName", "x_ModelVersion"),
    )
}
"""Of which charges are made, whatever case and underscores a warehouse gave them."""
_JSON_COLUMNS = {
    "tags": "Tags",
    "sku_price_details": "SkuPriceDetails",
    "allocated_tags": "AllocatedTags",
    "allocated_method_details": "AllocatedMethodDetails",
}
_NEW_IN: list[tuple[str, frozenset[str]]] = [
    ("1.4", frozenset({"invoicedetailid", "commitmentprogrameligibilitydetails"})),
    (
        "1.3",
        frozenset(
            "allocatedmethodid allocatedmethoddetails allocatedresourceid allocatedresourcename allocatedtags "
            "contractapplied hostprovidername serviceprovidername".split()
        ),
    ),
    (
        "1.2",
        frozenset(
            "billingaccounttype subaccounttype invoiceid pricingcurrency pricingcurrencycontractedunitprice "
            "pricingcurrencyeffectivecost pricingcurrencylistunitprice".split()
        ),
    ),
    (
        "1.1",
        frozenset(
            "capacityreservationid capacityreservationstatus commitmentdiscountquantity commitmentdiscountunit "
            "servicesubcategory skumeter skupricedetails".split()
        ),
    ),
]


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of a FOCUS header; `x_` columns have none."""
    if header.lower().startswith("x_"):
        return None
    name = squash(header)
    if name in _EARLIER_NAMES:
        return _EARLIER_NAMES[name], 1
    column = _ALIASES.get(name)
    return (column, 0 if name not in ("provider", "publisher", "invoiceissuer") else 1) if column else None


def focus_version(headers: Iterable[str]) -> str:
    """The oldest version of FOCUS that has all the columns of a header."""
    names = {squash(header) for header in headers}
    if "serviceprovidername" in names and "providername" not in names:
        return "1.4"
    return next((version for version, added in _NEW_IN if names & added), "1.0")


def adapt(cells: Cells) -> None:
    """Key-value columns hold a JSON object or nothing; other text moves to `extra_columns`. Vendor columns that charges
    are made get their usual spelling, tags in columns of their own are one object."""
    for header in list(cells.extra):
        name = _VENDOR_COLUMNS.get(squash(header), header)
        if name not in cells.extra and header != name.lower():
            cells.extra[name] = cells.extra.pop(header)
    for column, header in _JSON_COLUMNS.items():
        cells.keep_json_objects(column, header)
    cells.gather("tags", ("tags.", "tags/", "tags:"))


SCOPE = ScopeRule(
    parent="billing_account_id",
    account="sub_account_id",
    period_start="billing_period_start_utc",
    charge_start="charge_period_start_utc",
    amount="billed_cost",
    currency="billing_currency",
    providers=("service_provider_name", "provider_name", "publisher_name"),
    issuers=("invoice_issuer_name",),
    charge_class="charge_class",
    charge_end="charge_period_end_utc",
    identity=("resource_id", "sku_id", "sku_price_id", "sku_meter", "charge_category", "service_name"),
)

FORMAT = BillingFormat(
    name="focus",
    table="focus_charges",
    canonical=canonical,
    recognises=has_headers("billedcost", "chargeperiodstart"),
    expected_headers="at least BilledCost and ChargePeriodStart, and the other columns of FOCUS 1.0 to 1.4",
    required=(
        RowRule("billed_cost", "missing_cost", "a charge needs its amount (0 if it is free); deliver the row again"),
        RowRule("charge_period_start_utc", "missing_time", "a charge needs the start of its period"),
    ),
    text_copies={f"{cost}_cost": f"{cost}_cost_text" for cost in ("billed", "contracted", "effective", "list")},
    adapt=adapt,
    extra_numbers=frozenset({"xbilledcostinusd", "xeffectivecostinusd", "xbillingexchangerate"}),
    scope=SCOPE,
    day_first_columns=(
        *("charge_period_start_utc", "charge_period_end_utc", "billing_period_start_utc", "billing_period_end_utc"),
    ),
    constants=lambda names: {"focus_version": focus_version(names)},
)
