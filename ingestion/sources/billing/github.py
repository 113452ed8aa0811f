"""The usage reports of GitHub's billing pages (CSV) → `raw_billing.focus_charges`, in the columns of FOCUS.

Every row is a day's usage of a SKU: what it costs, what of it is included or discounted, and what is left to pay, in
dollars. Reports of Copilot name user and model. Put here: GitHub's names. Keep out: reports of metrics, without costs.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from ingestion.reading.tabular.values import by_distinct, pack_json
from ingestion.sources.billing import focus
from ingestion.sources.billing.console_days import add_bounds
from ingestion.sources.billing.model import Cells, RowRule, by_alias, has_headers, squash

_ALIASES = {
    "date": "charge_period_start_utc",
    "netamount": "billed_cost",
    "grossamount": "list_cost",
    "sku": "sku_id",
    "quantity": "consumed_quantity",
    "unittype": "consumed_unit",
    "organization": "billing_account_id",
    "repository": "resource_id",
    "product": "service_name",
}
_CONSTANTS = {
    "focus_version": "none",
    "provider_name": "GitHub",
    "publisher_name": "GitHub",
    "invoice_issuer_name": "GitHub",
    "billing_currency": "USD",
    "charge_category": "Usage",
}
_OF_AI = ("copilot", "models", "spark")
"""Products that are language models; others are machines, packages, storage."""
_TAGS = {"username": "user", "costcentername": "cost_center"}


def adapt(cells: Cells) -> None:
    """The SKU is the meter, the product a service; user and cost centre are tags."""
    add_bounds(cells)
    if "billed_cost" in cells.known:
        cells.known["effective_cost"] = cells.known["contracted_cost"] = cells.known["billed_cost"]
    if "sku_id" in cells.known:
        cells.known["charge_description"] = cells.known["sku_meter"] = cells.known["sku_id"]
    product = cells.known.get("service_name")
    if product is not None:
        cells.known["service_category"] = by_distinct(product, _category, pa.string()).values
        cells.known["service_name"] = by_distinct(product, _service, pa.string()).values
    names = {squash(name): name for name in cells.extra}
    if "model" in names:
        cells.extra["x_Model"] = cells.extra.pop(names["model"])
    tags = pack_json({tag: cells.extra[names[name]] for name, tag in _TAGS.items() if name in names})
    if tags is not None:
        cells.known["tags"] = tags


def _category(product: str) -> str:
    return "AI and Machine Learning" if product.lower().startswith(_OF_AI) else "Developer Tools"


def _service(product: str) -> str:
    return f"GitHub {product if product != product.lower() else product.capitalize()}"


FORMAT = replace(
    focus.FORMAT,
    canonical=by_alias(_ALIASES),
    recognises=has_headers("date", "product", "sku", "unittype", "netamount"),
    expected_headers="at least date, product, sku, unit_type and net_amount, as GitHub's billing pages report usage",
    required=(
        RowRule("billed_cost", "missing_cost", "usage needs its net amount (0 if included); get the report again"),
        RowRule("charge_period_start_utc", "missing_time", "usage needs its day; get the report again"),
    ),
    adapt=adapt,
    scope=replace(focus.SCOPE, identity=(*focus.SCOPE.identity, "tags")),
    day_first_columns=("charge_period_start_utc",),
    constants=lambda names: _CONSTANTS,
)
