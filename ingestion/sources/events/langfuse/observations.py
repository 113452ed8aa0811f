"""From Langfuse observations to event rows.

Put here: fields of the v2 and v1 API, and which version of an observation counts. Keep out: usage keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.landing.model import Joint, QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.exported import Said, read_export
from ingestion.sources.events.langfuse.usage_details import counted_in_unit, detail_counts
from ingestion.sources.events.sums import refuse_sums
from ingestion.sources.events.usage_shapes.batches import Row, has_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.relations import CostFits, OnlyTotalError
from ingestion.sources.events.usage_shapes.tiers import terms_in
from ingestion.sources.events.usage_shapes.values import (
    EARLIEST,
    BadValue,
    as_object,
    decimal,
    instant,
    milliseconds,
    recorded_cost,
    tags,
    text,
)

EVENT_SOURCE = "langfuse"
PAGE = "docs/sources/langfuse.md"
_MODELS = ("providedModelName", "model", "internalModelId")
_TOTALS = ("totalCost", "calculatedTotalCost")
_SIDES = ("input", "output", "total")
_FLAT = (
    ("promptTokens", "completionTokens", "totalTokens"),
    ("inputTokens", "outputTokens", "totalTokens"),
    ("inputUsage", "outputUsage", "totalUsage"),
)
"""Counts that v1 and tables exported from the web pages print as columns."""


def read_observations(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note | Joint]:
    """Bad records at once; then each generation once, as its newest `updatedAt` (or last line) has it.

    A generation above others that report usage is their sum, and no call.
    """
    return read_export(records, _said, PAGE, calls="generations", keeps_record=True, tree=EVENT_SOURCE)


def _said(given: Any) -> Said:
    refuse_sums(given)
    _refuse_others(given)
    if isinstance(given, dict) and _is_other(given):
        kind = (text(given.get("type")) or "").lower()
        said = Said(identity=text(given.get("id")), kind=kind, has_usage=has_usage(given))
    else:
        row, updated_at = read_observation(given)
        said = Said(row, row["event_id"], updated_at=updated_at)
    said.parent = text(given.get("parentObservationId"))
    return said


def _refuse_others(given: Any) -> None:
    """Raises `BadValue` for what Langfuse gives or keeps that only refers to observations, or changes them."""
    if not isinstance(given, dict):
        return
    if isinstance(given.get("observations"), list) and "startTime" not in given:
        message = "A trace that only names its observations. Export observations, or the trace with them in it."
        raise BadValue("observations", "usage_without_calls", message)
    is_event = isinstance(given.get("body"), dict) and str(given.get("type")).endswith(("-create", "-update"))
    if is_event or isinstance(given.get("batch"), list):
        message = "An event sent to Langfuse, of which an observation is made. Export observations."
        raise BadValue("type", "usage_without_calls", message)


def _is_other(given: dict[str, Any]) -> bool:
    kind = text(given.get("type"))
    return kind is not None and kind.upper() not in ("GENERATION", "EMBEDDING")


def has_usage(given: dict[str, Any]) -> bool:
    """Whether an observation reports any usage that is not zero."""
    try:
        return any(value not in (None, 0, "0") for value in _details(given).values())
    except BadValue:
        return True


def read_observation(given: Any) -> tuple[Row, datetime]:
    """(row, last update) of one generation. Raises `BadValue`."""
    if not isinstance(given, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Write one observation per line.")
    identity = text(given.get("id"))
    if identity is None:
        raise BadValue("id", "missing_id", "An observation without id. Request field group `core`.")
    start = instant(given.get("startTime"), "startTime")
    if start is None:
        raise BadValue("startTime", "missing_timestamp", "startTime is missing. Request field group `basic`.")
    is_error = (text(given.get("level")) or "").upper() == "ERROR"
    other = counted_in_unit(as_object(given.get("usage"))) if not _has_details(given) else None
    details = {} if other else _details(given)
    cost = _cost(given, {})
    is_priced = bool(cost.get("recorded_cost_usd"))
    if not details and not other and not is_error and not is_priced:
        message = "The generation has no usageDetails. Request field group `usage`, or report usage when tracing."
        raise BadValue("usageDetails", "missing_usage", message)
    served = next((text(given[name]) for name in _MODELS if given.get(name)), None)
    is_embedding = (text(given.get("type")) or "").upper() == "EMBEDDING"
    try:
        fits = _cost_fits(given, served, start)
        counts = other or detail_counts(details, served, is_embedding=is_embedding, cost_fits=fits)
    except OnlyTotalError as error:
        counts, details = error.beside_cost(is_priced), {}
    if not is_error and not has_counts(counts) and not (is_priced and not details):
        shown = ", ".join(str(name) for name in details)[:300]
        message = f"No counter is known among the keys of usageDetails: {shown}. Report input and output."
        raise BadValue("usageDetails", "no_known_counter", message)
    metadata = as_object(given.get("metadata"))
    parameters = as_object(given.get("modelParameters"))
    row: Row = {
        "event_id": identity,
        "event_source": EVENT_SOURCE,
        "requested_at_utc": start,
        "provider_name": _provider(metadata),
        "requested_model": text(parameters.get("model")),
        "served_model": served,
        "requested_service_tier": text(parameters.get("service_tier")),
        "project_id": text(given.get("projectId")),
        "user_id": text(given.get("userId")),
        "session_id": text(given.get("sessionId")),
        "trace_id": text(given.get("traceId")),
        "parent_event_id": text(given.get("parentObservationId")),
        "environment": text(given.get("environment")),
        "feature": text(given.get("name")),
        "tags": tags(
            given.get("tags"),
            {
                "usage_pricing_tier": given.get("usagePricingTierName"),
                "prompt_name": given.get("promptName"),
                "release": given.get("release"),
                "version": given.get("version"),
            },
        ),
        "status": "error" if is_error else "ok",
        "error_type": (text(given.get("statusMessage")) or "error")[:200] if is_error else None,
        "is_billable": True,
        "duration_ms": milliseconds(start, instant(given.get("endTime"), "endTime")),
        **terms_in(details),
        **_cost(given, counts),
        **counts,
    }
    updated_at = instant(given.get("updatedAt"), "updatedAt") or EARLIEST
    return add_fees(row), updated_at


def _has_details(given: dict[str, Any]) -> bool:
    return any(value is not None for value in as_object(given.get("usageDetails")).values())


def _details(given: dict[str, Any]) -> dict[str, Any]:
    """`usageDetails`, else v1's `usage` (`input` or `promptTokens`, with its `unit`) or its flat token fields."""
    details = as_object(given.get("usageDetails"))
    if any(value is not None for value in details.values()):
        return details
    usage = as_object(given.get("usage"))
    unit = text(usage.get("unit"))
    if unit not in (None, "TOKENS"):
        raise BadValue("usage.unit", "unit_not_tokens", f"Usage is counted in {unit}. Only TOKENS can be priced.")
    counters = {name: value for name, value in usage.items() if name != "unit" and not str(name).endswith("Cost")}
    holders = [counters if any(value is not None for value in counters.values()) else {}]
    holders += [{name: given.get(field) for name, field in zip(_SIDES, names, strict=True)} for names in _FLAT]
    v1 = holders[:2]
    holders.sort(key=lambda found: found.get("input") is None and found.get("output") is None)  # a total alone last
    counted = (found for found in holders if any(value not in (None, 0, "0") for value in found.values()))
    # The pages print 0 in columns of their table where nothing was reported; in v1 a 0 is a count.
    zeros = (found for found in v1 if any(value is not None for value in found.values()))
    return next(counted, None) or next(zeros, {})


def _provider(metadata: dict[str, Any]) -> str | None:
    """Langfuse has no provider field; integrations leave one in the metadata."""
    attributes = as_object(metadata.get("attributes"))
    for holder, name in (
        (attributes, "gen_ai.provider.name"),
        (attributes, "gen_ai.system"),
        (metadata, "provider"),
        (metadata, "ls_provider"),
        (metadata, "custom_llm_provider"),
    ):
        found = text(holder.get(name))
        if found:
            return found
    return None


def _cost_fits(given: dict[str, Any], model: str | None, start: datetime) -> CostFits | None:
    total = next((given[name] for name in _TOTALS if given.get(name) is not None), None)
    return recorded_cost_fits(total, _provider(as_object(given.get("metadata"))), model, start)


def _cost_sum(details: dict[str, Any]) -> Any:
    if details.get("total") is not None:
        return details["total"]
    parts = [decimal(value, f"costDetails.{name}") for name, value in details.items()]
    known = [part for part in parts if part is not None]
    return format(sum(known, Decimal(0)), "f") if known else None


def _cost(given: dict[str, Any], counts: Counts) -> dict[str, Any]:
    """Recorded cost in USD. Langfuse prints 0 for tokens of a model it has no price for: unknown, not free."""
    name, value = next(((name, given[name]) for name in _TOTALS if given.get(name) is not None), ("", None))
    if value is None:
        name, value = "usage.totalCost", as_object(given.get("usage")).get("totalCost")
    if value is None:
        name, value = "costDetails", _cost_sum(as_object(given.get("costDetails")))
    cost = recorded_cost(value, name)
    if cost and not cost["recorded_cost_usd"] and any(value for value in counts.values() if isinstance(value, int)):
        cost |= {"recorded_cost_usd": None, "recorded_cost_decimals": None, "recorded_cost_kind": None}
    return cost
