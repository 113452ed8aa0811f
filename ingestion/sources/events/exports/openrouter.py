"""Events from OpenRouter's activity: its CSV of single generations, `/generation` records, or sums by day and model.

Data flow: `<events folder>/openrouter/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: exports of its pages. Keep out: its activity API, which is pulled (`ingestion.sources.openrouter`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from ingestion.landing.counting import counted
from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import called_at, charge, checked, first, plain_record, printed_number
from ingestion.sources.events.records import Read, read_each
from ingestion.sources.events.snapshots import distinct_calls
from ingestion.sources.events.usage_shapes.batches import Row, content_id, to_batches
from ingestion.sources.events.usage_shapes.openai import chat_counts
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import count, decimal, recorded_cost, tags, text

EVENT_SOURCE = "openrouter"
PAGE = "docs/sources/exports.md"
_NATIVE, _PLAIN = "native_tokens_", "tokens_"
_VERCEL = "vercel-ai-gateway"
"""Whose AI Gateway looks generations up in the same shape; its ids begin with `gen_`, OpenRouter's with `gen-`."""
_NO_COUNTER = ("time_to_first_token_ms",)
_NAMES = {
    "prompt": ("prompt_tokens", None),
    "completion": ("completion_tokens", None),
    "cached": ("prompt_tokens_details", "cached_tokens"),
    "reasoning": ("completion_tokens_details", "reasoning_tokens"),
    "completion_images": ("completion_tokens_details", "image_tokens"),
}


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The generations, or the days and models, of one exported file."""
    return to_batches(read_activity(read_exported(file, "data")))


def read_activity(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows after the whole file."""
    calls: list[list[Row]] = []
    sums = 0
    for item in read_each(records, _read, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        sums += "/day/" in item.said["event_id"]
        calls.append([{**item.said, "_source_row": item.number}])
    yield from distinct_calls(calls)
    if sums:
        message = f"{counted(sums, 'row is a sum', 'rows are sums')} of a day: "
        message += "each counts as one request. Export single generations to see requests"
        yield Note("other", message, count=sums)


def _read(value: Any) -> Row:
    given = {name.replace(" ", "_"): item for name, item in plain_record(value).items()}
    inner = given.get("data")
    if isinstance(inner, dict):
        given = plain_record(inner)
    return _generation(given) if first(given, "generation_id", "id", "created_at") else _day(given)


def _generation(given: dict[str, Any]) -> Row:
    at = called_at(given, "created_at")
    model, variant = text(first(given, "model_permaslug", "model")), text(given.get("variant"))
    if model and variant not in (None, "standard") and ":" not in model:
        model = f"{model}:{variant}"
    identity = text(first(given, "generation_id", "id")) or ""
    usage = _generated(given)
    is_failure = (text(given.get("finish_reason_normalized")) or text(given.get("finish_reason"))) == "error"
    name = "cost_total" if given.get("cost_total") is not None else "total_cost"
    charged = given.get(name) if given.get(name) is not None else given.get("usage")
    row: Row = {
        "event_id": identity or content_id([at.isoformat(), model, usage]),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": _VERCEL if identity.startswith("gen_") else EVENT_SOURCE,
        "served_model": model,
        "api_key_id": text(given.get("api_key_name")),
        "user_id": text(first(given, "user", "external_user")),
        "feature": text(given.get("app_name")),
        "session_id": text(given.get("session_id")),
        "tags": tags(_about(given)),
        "status": "error" if is_failure else "ok",
        "error_type": "error" if is_failure else None,
        "is_billable": True,
        "duration_ms": count(_whole(first(given, "generation_time_ms", "generation_time")), "generation_time_ms"),
        **_cost(charged, _upstream(given), name),
        **chat_counts(usage, EVENT_SOURCE, root=""),
    }
    return checked(row, usage, "tokens_prompt")


def _whole(value: Any) -> Any:
    """A duration without the fraction of a millisecond that some exports print."""
    return str(value).partition(".")[0] if value is not None else None


def _generated(given: dict[str, Any]) -> dict[str, Any]:
    """The counters that are billed: those of the model's own tokenizer where the record has them."""
    is_native = any(given.get(_NATIVE + name) not in (None, "") for name in ("prompt", "completion"))
    prefix = _NATIVE if is_native else _PLAIN
    usage: dict[str, Any] = {}
    for name, value in given.items():
        is_other = name.startswith((_NATIVE, _PLAIN)) or "token" not in name or name in _NO_COUNTER
        if value in (None, "") or (is_other and not name.startswith(prefix)):
            continue
        outer, inner = _NAMES.get(name.removeprefix(prefix), (name, None))
        if inner is None:
            usage[outer] = printed_number(value)
        else:
            usage.setdefault(outer, {})[inner] = printed_number(value)
    return usage


def _upstream(given: dict[str, Any]) -> Any:
    """What the provider behind OpenRouter charges itself: only with a key of one's own."""
    own = given.get("upstream_inference_cost") if text(given.get("is_byok")) in ("true", "True", "1") else None
    return first({"csv": given.get("byok_usage_inference"), "record": own}, "csv", "record")


def _cost(charged: Any, upstream: Any, name: str) -> dict[str, Any]:
    """What OpenRouter took. With a key of one's own that is its fee, and the upstream provider charges the rest: then
    the sum is an estimate."""
    rest = decimal(printed_number(upstream), "byok_usage_inference")
    if not rest:
        return charge(charged, name)
    whole = (decimal(printed_number(charged), name) or Decimal(0)) + rest
    return recorded_cost(format(whole, "f"), name)


def _about(given: dict[str, Any]) -> dict[str, Any]:
    """What the record says about the charge that no column holds."""
    return {
        "upstream_provider": given.get("provider_name"),
        "upstream_inference_cost_usd": first(given, "byok_usage_inference", "upstream_inference_cost"),
        "is_byok": given.get("is_byok"),
        "web_search_cost_usd": given.get("cost_web_search"),
        "cache_discount_usd": first(given, "cost_cache", "cache_discount"),
        "cancelled": given.get("cancelled"),
    }


def _day(given: dict[str, Any]) -> Row:
    """A day and model of the activity page: many calls in one row, whose tiers and steps of price nothing tells."""
    at = called_at(given, "date")
    model = text(first(given, "model_permaslug", "slug", "model"))
    number = count(printed_number(given.get("requests")), "requests")
    usage = {
        "prompt_tokens": printed_number(given.get("prompt_tokens")),
        "completion_tokens": printed_number(given.get("completion_tokens")),
        "prompt_tokens_details": {"cached_tokens": printed_number(given.get("cached_tokens"))},
        "completion_tokens_details": {"reasoning_tokens": printed_number(given.get("reasoning_tokens"))},
    }
    names = ("endpoint_id", "provider_name", "workspace_id", "api_key_name")
    key = [text(given.get(name)) or "" for name in names]
    row: Row = {
        "event_id": "/".join([f"{at:%Y-%m-%d}/day", model or "", *filter(None, key)]),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": EVENT_SOURCE,
        "served_model": model,
        "workspace_id": text(given.get("workspace_id")),
        "api_key_id": text(given.get("api_key_name")),
        "tags": tags(
            {
                "summed_requests": number,
                "upstream_provider": given.get("provider_name"),
                "upstream_inference_cost_usd": first(given, "byok_usage", "byok_usage_inference"),
            }
        ),
        "status": "ok",
        "is_billable": True,
        **_cost(given.get("usage"), first(given, "byok_usage", "byok_usage_inference"), "Usage"),
        **chat_counts(usage, EVENT_SOURCE, root=""),
    }
    row = checked(row, {name: item for name, item in usage.items() if not isinstance(item, dict)}, "Prompt Tokens")
    return (
        with_unresolved(row, [Unresolved("requests", number, "summed_calls")])
        if number is not None and number > 1
        else row
    )
