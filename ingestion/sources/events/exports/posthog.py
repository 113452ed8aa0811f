"""Events from PostHog's `$ai_generation` and `$ai_embedding`: API pages, batch exports, query results.

Data flow: `<events folder>/posthog/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: its AI events. Keep out: all other events; prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import Said, called_at, checked, estimate, first, printed_number, read_export
from ingestion.sources.events.exports.answers import answered, as_answer
from ingestion.sources.events.usage_shapes.batches import Row, content_id, to_batches
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.endpoints import read_endpoint
from ingestion.sources.events.usage_shapes.families import Family, is_of_google
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.refusals import is_uncharged_error
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, decimal, tags, text

EVENT_SOURCE = "posthog"
PAGE = "docs/sources/exports.md"
AI = Family("posthog", input_field="$ai_input_tokens", output_field="$ai_output_tokens")
CALLS = ("$ai_generation", "$ai_embedding")
_PREFIX = "$ai_"
_RENAMED = {
    "cache_creation_5m_input_tokens": "cache_write_5m_tokens",
    "cache_creation_1h_input_tokens": "cache_write_1h_tokens",
    "web_search_count": "web_searches",
    "audio_input_tokens": "input_audio_tokens",
    "audio_output_tokens": "output_audio_tokens",
    "cache_read_audio_tokens": "cache_audio_read_tokens",
    "image_input_tokens": "input_image_tokens",
    "image_output_tokens": "output_image_tokens",
}
_NO_USAGE = ("max_tokens",)


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The AI calls of one exported file."""
    records = read_exported(file, "results", never_read=("person_properties", "elements_chain"))
    return to_batches(read_export(records, _said, PAGE, calls="generations"))


def _said(value: Any) -> Said | None:
    if not isinstance(value, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Export one event per line.")
    given = {str(name).removeprefix("properties."): item for name, item in value.items()}
    properties = as_object(given.get("properties")) | {name: item for name, item in given.items() if name[:1] == "$"}
    kind = text(given.get("event"))
    ai = {str(name)[len(_PREFIX) :]: item for name, item in properties.items() if str(name).startswith(_PREFIX)}
    said = Said(identity=text(first(ai, "span_id", "generation_id")) or text(given.get("uuid")), parent=_parent(ai))
    if kind is not None and kind not in CALLS:
        said.kind = kind.removeprefix("$") if kind.startswith(_PREFIX) else ""
        said.has_usage = any(item not in (None, 0, "0", "") for item in _usage(ai).values())
        return said if kind.startswith(_PREFIX) or said.has_usage else None
    said.row = _row(given, properties, ai, is_embedding=kind == "$ai_embedding")
    return said


def _parent(ai: dict[str, Any]) -> str | None:
    return text(ai.get("parent_id"))


def _row(given: dict[str, Any], properties: dict[str, Any], ai: dict[str, Any], *, is_embedding: bool) -> Row:
    at = called_at(given, "timestamp", "created_at")
    endpoint = read_endpoint(text(ai.get("base_url")))
    provider, model = text(ai.get("provider")) or endpoint.provider, text(ai.get("model"))
    usage, cost = _usage(ai), _cost(ai)
    own = answered(as_answer(ai.get("usage")), provider, model)
    if own:
        usage, counts = own.usage, own.counts
    else:
        counts = _counts(ai, usage, provider, model, cost, at, is_embedding=is_embedding)
    is_failure = (text(ai.get("is_error")) or "").lower() in ("true", "1")
    code = text(ai.get("http_status"))
    seconds = decimal(ai.get("latency"), "$ai_latency")
    row: Row = {
        "event_id": text(given.get("uuid"))
        or text(first(ai, "generation_id", "span_id"))
        or content_id([at.isoformat(), model, usage]),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": provider,
        "served_model": model,
        **{"region": endpoint.region, **(own.terms if own else {})},
        "user_id": text(given.get("distinct_id")),
        "session_id": text(ai.get("session_id")),
        "trace_id": text(ai.get("trace_id")),
        "parent_event_id": _parent(ai),
        "feature": text(ai.get("span_name")),
        "tags": tags(properties.get("$groups")),
        "status": "error" if is_failure else "ok",
        "error_type": (text(ai.get("error_type")) or (f"http_{code}" if code else "error")) if is_failure else None,
        "is_billable": not is_uncharged_error(code, counts.get("output_tokens")),
        "duration_ms": None if seconds is None or seconds < 0 else int(seconds * 1000),
        **estimate(cost, "$ai_total_cost_usd", counts),
        **counts,
    }
    return checked(row, usage, "$ai_input_tokens")


def _usage(ai: dict[str, Any]) -> dict[str, Any]:
    """Properties of tokens under the names of the table of counters; those that nobody knows keep their own."""
    return {
        _RENAMED.get(name, name): printed_number(item)
        for name, item in ai.items()
        if ("token" in name or name in _RENAMED) and name not in _NO_USAGE and item not in (None, "")
    }


def _counts(
    ai: dict[str, Any],
    usage: dict[str, Any],
    provider: str | None,
    model: str | None,
    cost: Any,
    at: datetime,
    *,
    is_embedding: bool,
) -> Counts:
    """Disjoint counts. The event says whether the cache lies beside the input; one that does not is read by its cost,
    then as the makers count. Google's thinking lies beside its output."""
    names = f"{provider} {model}".lower()
    said = text(ai.get("cache_reporting_exclusive"))
    is_gateway = text(ai.get("provider")) == "gateway" and text(ai.get("framework")) == "vercel"
    counts_beside = ("claude" in names or "anthropic" in names) and not is_gateway
    is_beside = said.lower() in ("true", "1") if said else counts_beside
    family = AI.with_(
        cache_is_beside=is_beside,
        reasoning_is_beside="gemini" in names or "google" in names,
        is_certain=said is not None,
        is_embedding=is_embedding,
        total_holds_thinking=is_of_google(model),
        assumption=None if said else "posthog",
    )
    return counts_from(read_usage(usage, "$ai"), family, recorded_cost_fits(cost, provider, model, at))


def _cost(ai: dict[str, Any]) -> Any:
    total = first(ai, "total_cost_usd")
    if total is not None:
        return total
    parts = [decimal(ai.get(name), f"$ai_{name}") for name in ("input_cost_usd", "output_cost_usd")]
    known = [part for part in parts if part is not None]
    return format(sum(known, Decimal(0)), "f") if known else None
