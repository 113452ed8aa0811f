"""AWS Cost and Usage Reports, legacy (`lineItem/UnblendedCost`) and 2.0 (`line_item_unblended_cost`)
→ `raw_billing.aws_cur_line_items`.

Tags come as one column per tag (`resourceTags/user:team`, in Parquet `resource_tags_user_team`) or as one map;
both end as one JSON object. Put here: AWS names. Keep out: amortisation, which is dbt's.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.key_values import json_objects
from ingestion.reading.tabular.values import by_distinct, by_distinct_pair, pack_json
from ingestion.sources.billing.model import (
    BillingFormat,
    Cells,
    RowRule,
    ScopeRule,
    by_alias,
    has_headers,
    key_below,
    squash,
)
from ingestion.vocabulary.raw_types import PROVENANCE

AWS_CUR_LINE_ITEMS = RAW_SCHEMAS["raw_billing"]["aws_cur_line_items"]

_DERIVED = {"line_item_unblended_cost_text", "extra_columns"}
_ALIASES = {
    **{squash(name): name for name in AWS_CUR_LINE_ITEMS if name not in _DERIVED and name not in PROVENANCE},
    "billbillingperiodstartdate": "bill_billing_period_start_utc",
    "billbillingperiodenddate": "bill_billing_period_end_utc",
    "lineitemusagestartdate": "line_item_usage_start_utc",
    "lineitemusageenddate": "line_item_usage_end_utc",
}
_TAG_PREFIXES = ("resourcetags/", "resource_tags/", "resource_tags_")
_CATEGORY_PREFIXES = ("costcategory/", "cost_category/", "cost_category_")
"""In lower case, as files are that a catalog or a query has been through."""
_CATEGORY_MAPS = ("cost_category", "tags")
"""Maps of CUR 2.0: cost categories, and all kinds of tags with the kind before the key (`accountTag/team`)."""
_KIND_OF_TAG = re.compile(r"^(?:resource|account|user|iam|cost)[A-Za-z]*/(?=.)")
_FROM_PRODUCT_MAP = {
    "product_product_name": ("product_name", "productname"),
    "product_product_family": ("product_family", "productfamily"),
    "product_region_code": ("region_code", "regioncode"),
    "product_servicecode": ("servicecode", "service_code"),
    "product_sku": ("sku",),
    "product_model": ("model",),
}


def adapt(cells: Cells) -> None:
    """Tags to one JSON object; product attributes out of the map of CUR 2.0."""
    cells.keep_json_objects("resource_tags", "resource_tags")
    cells.gather("resource_tags", _TAG_PREFIXES)
    others = [pack_json(_below(cells, _CATEGORY_PREFIXES))]
    others += [json_objects(cells.extra[name])[0] for name in _CATEGORY_MAPS if name in cells.extra]
    for other in others:
        if other is not None:
            own = cells.known.get("resource_tags", pa.nulls(len(other), pa.string()))
            own, other = (pc.fill_null(each, "{}") for each in (own, other))
            cells.known["resource_tags"] = by_distinct_pair(own, other, _one_object)
    product = cells.extra.get("product")
    if product is not None:
        for column, keys in _FROM_PRODUCT_MAP.items():
            found = by_distinct(product, partial(_member, keys), pa.string()).values
            given = cells.known.get(column)
            cells.known[column] = found if given is None else pc.coalesce(given, found)


def _below(cells: Cells, prefixes: tuple[str, ...]) -> dict[str, pa.Array]:
    """The columns with a prefix, under what follows it."""
    keys = {header: key_below(header, prefixes) for header in cells.extra}
    return {key: cells.extra[header] for header, key in keys.items() if key}


def _one_object(own: str, other: str) -> str | None:
    """Tags, and below them what else was given: a key that a resource has itself is the resource's."""
    if other == "{}":
        return None if own == "{}" else own
    tags = json.loads(own)
    more = {_KIND_OF_TAG.sub("", key): value for key, value in json.loads(other).items()}
    return json.dumps(tags | {key: value for key, value in more.items() if key not in tags}, ensure_ascii=False)


def _member(keys: tuple[str, ...], text: str) -> str | None:
    try:
        attributes: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(attributes, dict):
        return None
    value = next((attributes[key] for key in keys if attributes.get(key) is not None), None)
    return value if value is None or isinstance(value, str) else str(value)


FORMAT = BillingFormat(
    name="aws_cur",
    table="aws_cur_line_items",
    canonical=by_alias(_ALIASES),
    recognises=has_headers("lineitemunblendedcost", "lineitemusagestartdate"),
    expected_headers="at least lineItem/UnblendedCost and lineItem/UsageStartDate (legacy) or "
    "line_item_unblended_cost and line_item_usage_start_date (CUR 2.0, Parquet)",
    required=(
        RowRule("line_item_unblended_cost", "missing_cost", "a line item needs its cost; deliver the row again"),
        RowRule("line_item_usage_start_utc", "missing_time", "a line item needs the start of its usage"),
    ),
    text_copies={"line_item_unblended_cost": "line_item_unblended_cost_text"},
    adapt=adapt,
    extra_numbers=frozenset({"reservationunusedamortizedupfrontfeeforbillingperiod", "reservationunusedrecurringfee"}),
    scope=ScopeRule(
        parent="bill_payer_account_id",
        account="line_item_usage_account_id",
        period_start="bill_billing_period_start_utc",
        charge_start="line_item_usage_start_utc",
        amount="line_item_unblended_cost",
        currency="line_item_currency_code",
        providers=("bill_billing_entity",),
        issuers=("bill_invoicing_entity",),
        charge_end="line_item_usage_end_utc",
        identity=(
            "line_item_resource_id",
            "line_item_product_code",
            "line_item_usage_type",
            "line_item_operation",
            "line_item_line_item_type",
        ),
    ),
    day_first_columns=("line_item_usage_start_utc", "line_item_usage_end_utc", "bill_billing_period_start_utc"),
)
