"""Events from log exports of Portkey (JSON lines, CSV).

Data flow: `<events folder>/portkey/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: its log rows. Keep out: prompts and answers; its analytics.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import (
    Said,
    called_at,
    checked,
    estimate,
    first,
    plain_record,
    printed_number,
    read_export,
)
from ingestion.sources.events.exports.answers import answered
from ingestion.sources.events.sums import refuse_sums
from ingestion.sources.events.usage_shapes.batches import Row, to_batches
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import is_of_google
from ingestion.sources.events.usage_shapes.openai import chat_counts
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.refusals import is_uncharged_error
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, decimal, tags, text

EVENT_SOURCE = "portkey"
PAGE = "docs/sources/exports.md"
_UNITS = {"req_units": "prompt_tokens", "res_units": "completion_tokens", "total_units": "total_tokens"}


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The log rows of one exported file."""
    return to_batches(read_export(read_exported(file, "data"), _said, PAGE, calls="requests"))


def _said(value: Any) -> Said:
    refuse_sums(value)
    given = plain_record(value)
    at = called_at(given, "created_at", "time_of_generation", "request_time")
    identity = text(given.get("id"))
    if identity is None:
        raise BadValue("id", "missing_id", "A log row without id. Choose the field id in the export.")
    provider, model = text(first(given, "ai_org", "ai_provider", "provider")), text(first(given, "ai_model", "model"))
    body = as_object(given.get("response"))
    body = as_object(body.get("body")) or body
    own = answered(body, provider, model)
    usage, counts = (own.usage, own.counts) if own else _counts(given, "google" if is_of_google(model) else provider)
    code = text(given.get("response_status_code"))
    is_failure = text(given.get("is_success")) in ("false", "0", "False") or bool(
        code and code.isdigit() and code >= "400"
    )
    metadata = as_object(given.get("metadata"))
    row: Row = {
        "event_id": identity,
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": provider,
        "requested_model": model,
        "served_model": text(body.get("model")),
        "user_id": text(metadata.get("_user")),
        "environment": text(metadata.get("_environment")),
        "workspace_id": text(first(given, "workspace_slug", "workspace_id")),
        "api_key_id": text(first(given, "api_key_id", "virtual_key")),
        "trace_id": text(given.get("trace_id")),
        "tags": tags(metadata),
        "status": "error" if is_failure else "ok",
        "error_type": (f"http_{code}" if code else "error") if is_failure else None,
        "is_billable": "hit" not in (text(given.get("cache_status")) or "").lower().replace("_", " ").split()
        and not is_uncharged_error(code, counts.get("output_tokens")),
        "duration_ms": count(_whole(given.get("response_time")), "response_time"),
        **(own.terms if own else {}),
        **_cost(given, counts, provider, model, at),
        **counts,
    }
    return Said(checked(row, usage, "req_units"), identity)


def _counts(given: dict[str, Any], provider: str | None) -> tuple[dict[str, Any], Counts]:
    """(what was read, disjoint counts) of the row's units."""
    units = {
        _UNITS.get(name, name): printed_number(item)
        for name, item in given.items()
        if (name in _UNITS or "token" in name or name.endswith("_units")) and item not in (None, "")
    }
    return units, chat_counts(units, provider, root="", total_is_sum=True)


def _cost(
    given: dict[str, Any], counts: Counts, provider: str | None, model: str | None, at: datetime
) -> dict[str, Any]:
    """The row's cost, which is in cents, unless only as dollars it is what the counts come to at list prices."""
    currency = text(first(given, "cost_currency", "currency"))
    if currency and currency.upper() not in ("USD", "CENTS"):
        raise BadValue("cost_currency", "unknown_currency", f"The cost is in {currency}. Export it in USD.")
    number = decimal(printed_number(given.get("cost")), "cost")
    if number is None:
        return {}
    as_dollars = recorded_cost_fits(number, provider, model, at)
    is_dollars = as_dollars is not None and as_dollars(counts)
    return estimate(format(number if is_dollars else number / Decimal(100), "f"), "cost", counts)


def _whole(value: Any) -> Any:
    return str(value).partition(".")[0] if value not in (None, "") else None
