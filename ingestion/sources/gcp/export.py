"""Google Cloud billing exports, standard and detailed, as BigQuery writes them to files → `raw_gcp.billing_export`.

Nested columns come as JSON (JSON lines, Parquet) or flattened (`service.id` or `service_id` in CSV). A row stays one
row: labels become an object and credits a sum, nothing is unnested. Put here: Google's names. Keep out: net cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.lines import loads
from ingestion.reading.literals import LONGEST, python_literal
from ingestion.reading.spooled.fields import json_text
from ingestion.reading.tabular.values import PLACEHOLDERS, Unusable, by_distinct, exact_decimal, plain_text
from ingestion.sources.billing.model import BillingFormat, Cells, RowRule, squash
from ingestion.vocabulary.raw_types import PROVENANCE

DATASET = "raw_gcp"
TABLE = "billing_export"
_DERIVED = {"row_id", "export_kind", "credits_amount", "cost_text", "credits_amount_text", "extra_columns"}
_STRUCTS: dict[str, dict[str, str]] = {
    "service": {"id": "service_id", "description": "service_description"},
    "sku": {"id": "sku_id", "description": "sku_description"},
    "project": {
        "id": "project_id",
        "number": "project_number",
        "name": "project_name",
        "labels": "project_labels",
        "ancestry_numbers": "project_ancestry",
    },
    "location": {"location": "location", "country": "country", "region": "region", "zone": "zone"},
    "usage": {
        "amount": "usage_amount",
        "unit": "usage_unit",
        "amount_in_pricing_units": "usage_amount_in_pricing_units",
        "pricing_unit": "usage_pricing_unit",
    },
    "invoice": {"month": "invoice_month", "publisher_type": "invoice_publisher_type"},
    "resource": {"name": "resource_name", "global_name": "resource_global_name"},
}
_WHAT = {"sku", "skuid", "skudescription", "service", "serviceid", "servicedescription"}
"""Squashed headers of which an export has some."""
_FLAT_CREDITS = re.compile(r"credits?\d*amount|totalcredits?(amount)?|credits?(total|sum)|sumcredits?(amount)?")
"""Squashed headers of credits that a query or a tool took out of their list: `credits.0.amount`, `total_credits`."""
_LABELS = ("labels", "system_labels", "tags", "project_labels")
_COLUMNS = [name for name in RAW_SCHEMAS[DATASET][TABLE] if name not in _DERIVED and name not in PROVENANCE]
_ALIASES = {squash(name.removesuffix("_utc")): name for name in _COLUMNS if name not in _STRUCTS} | {
    squash(f"{struct}.{member}"): column for struct, members in _STRUCTS.items() for member, column in members.items()
}


def canonical(header: str) -> tuple[str, int] | None:
    """The raw column of a header; a struct's own header has none and is taken apart later."""
    column = _ALIASES.get(squash(header))
    return (column, 0) if column else None


def recognises(names: list[str]) -> bool:
    """Whether headers are a standard or detailed export's."""
    squashed = {squash(name) for name in names}
    return {"billingaccountid", "usagestarttime", "cost"} <= squashed and bool(squashed & _WHAT)


def export_kind(names: Iterable[str]) -> dict[str, str]:
    """Detailed exports tell the resource."""
    squashed = {squash(name) for name in names}
    return {"export_kind": "detailed" if squashed & {"resource", "resourcename"} else "standard"}


def adapt(cells: Cells) -> None:
    """Structs to columns, lists of key and value to objects, credits to their sum."""
    for struct, members in _STRUCTS.items():
        header = next((name for name in cells.extra if name.lower() == struct), None)
        if header is None:
            continue
        column = cells.extra[header]
        for member, target in members.items():
            found = by_distinct(column, partial(_member, member), pa.string()).values
            given = cells.known.get(target)
            cells.known[target] = found if given is None else pc.coalesce(given, found)
        if struct == "location":
            is_plain = pc.invert(pc.starts_with(column, "{"))
            plain = pc.if_else(is_plain, column, pa.scalar(None, pa.string()))
            cells.known["location"] = pc.coalesce(cells.known["location"], plain)
        rest: Callable[[str], str | None] = partial(_rest, frozenset(members), struct == "location")
        cells.extra[header] = by_distinct(column, rest, pa.string()).values
    for name in _LABELS:
        if name in cells.known:
            objects = by_distinct(cells.known[name], _labels, pa.string()).values
            is_lost = pc.and_(pc.fill_null(pc.not_equal(cells.known[name], "[]"), False), pc.is_null(objects))
            cells.extra[f"{name} as delivered"] = pc.if_else(is_lost, cells.known[name], pa.scalar(None, pa.string()))
            cells.known[name] = objects
    if "credits" in cells.known:
        sums = by_distinct(cells.known["credits"], _credits, pa.string()).values
        cells.known["credits_amount"] = pc.fill_null(sums, "0")
    elif flat := [name for name in cells.extra if _FLAT_CREDITS.fullmatch(squash(name))]:
        cells.known["credits_amount"] = pa.array(
            [_sum(row) for row in zip(*(cells.extra[name].to_pylist() for name in flat), strict=True)], pa.string()
        )


def flattened_credits(names: Iterable[str]) -> list[str]:
    """What is to be said of a header whose credits are not in their list."""
    squashed = {name: squash(name) for name in names}
    if "credits" in squashed.values():
        return []
    flat = [name for name, each in squashed.items() if _FLAT_CREDITS.fullmatch(each)]
    if flat:
        return [
            f"its credits are read from {', '.join(flat)}; if a row is there once for each of its credits, its cost "
            "counts as often: then export the table without taking credits apart"
        ]
    return ["it has no column of credits: its costs are before credits"]


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _member(member: str, text: str) -> str | None:
    value = (_object(text) or {}).get(member)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_text(value) if isinstance(value, (dict, list)) else str(value)


def _rest(taken: frozenset[str], is_plain_known: bool, text: str) -> str | None:
    """What of a struct has no column; all of it where it is no struct."""
    value = _object(text)
    if value is None:
        return None if is_plain_known else text
    rest = {name: each for name, each in value.items() if name not in taken and each not in (None, [], "")}
    return json_text(rest) if rest else None


def _labels(text: str) -> str | None:
    """An object from a list of keys and values. None when that would lose something: an odd entry, a key twice."""
    try:
        value = _list(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        return json_text(value)
    if not isinstance(value, list) or not all(
        isinstance(each, dict) and isinstance(each.get("key"), str) for each in value
    ):
        return None
    found = {each["key"]: each.get("value") for each in value}
    return (json_text(found) if found else None) if len(found) == len(value) else None


_PRINTED_BY_PYTHON = (
    (re.compile(r"Decimal\('([^']*)'\)"), r"'\1'"),
    (re.compile(r"\barray\((\[.*?\]),\s*dtype=object\)", re.DOTALL), r"\1"),
    (re.compile(r"(?<=[:\s])(?:nan|NaT|<NA>)(?=[,}\]])"), "None"),
    (re.compile(r"\}\s+\{"), "}, {"),
)
"""What arrays and frames print of a list of structs, and the literal that it means."""


def _list(text: str) -> Any:
    """The value of JSON, or of a Python literal, as data frames print BigQuery's structs."""
    try:
        return loads(text)
    except ValueError:
        pass
    try:
        return python_literal(text)
    except ValueError:
        if len(text) >= LONGEST:
            raise
    for printed, literal in _PRINTED_BY_PYTHON:
        text = printed.sub(literal, text)
    return python_literal(text)


def _sum(cells: Iterable[str | None]) -> str:
    """The exact sum of amounts; the first text that is none, so that the row says what is wrong."""
    total = Decimal(0)
    for text in cells:
        if text is None or text.lower() in PLACEHOLDERS:
            continue
        try:
            with localcontext(prec=120):
                total += exact_decimal(text)
        except Unusable:
            return text
    return plain_text(total)


def _credits(text: str) -> str:
    """The exact sum of the credits' amounts, which are negative; the text itself where it cannot be summed."""
    try:
        value = _list(text)
        with localcontext(prec=120):
            total = sum((exact_decimal(str(credit["amount"])) for credit in value), Decimal(0))
        return plain_text(total)
    except (ValueError, RecursionError, TypeError, KeyError, Unusable):
        return text


FORMAT = BillingFormat(
    name="gcp",
    table=TABLE,
    canonical=canonical,
    recognises=recognises,
    expected_headers="at least billing_account_id, service or sku, usage_start_time and cost",
    required=(
        RowRule("cost", "missing_cost", "a charge needs its cost (0 if it is free); export the row again"),
        RowRule("usage_start_time_utc", "missing_time", "a charge needs the start of its usage"),
    ),
    text_copies={"cost": "cost_text", "credits_amount": "credits_amount_text"},
    adapt=adapt,
    constants=export_kind,
    assumptions=flattened_credits,
    dataset=DATASET,
)
