"""What a record of a raw body says of a call besides its tokens.

Put here: times, providers, models, tiers, regions, recorded cost, durations, tags and the type of an error. Keep out:
ids, iterations and which rows a record becomes (`calls`), token arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.sources.events.provider_bodies.costs import call_cost
from ingestion.sources.events.provider_bodies.envelope import Call
from ingestion.sources.events.provider_bodies.field_names import BODY_TIMES, TIMES
from ingestion.sources.events.provider_bodies.flavours import (
    canonical_provider,
    guess_provider,
    holder_of_usage,
    is_openrouter,
)
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.messages import own_message
from ingestion.sources.events.usage_shapes.others import routed_to
from ingestion.sources.events.usage_shapes.sdk_metadata import metadata_of, told_terms
from ingestion.sources.events.usage_shapes.spellings import enumeration_value
from ingestion.sources.events.usage_shapes.tiers import terms_in, tier_in_details
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    as_object,
    count,
    decimal,
    dig,
    instant,
    milliseconds,
    named,
    tags,
    text,
)

EVENT_SOURCE = "provider_bodies"
_TIMES = frozenset((*TIMES, *BODY_TIMES))
_MODELS = (*("model", "modelVersion", "model_version", "modelId", "model_id", "model_name", "modelName", "model_iden"),)


def base_row(call: Call, flavour: str | None, usage: dict[str, Any]) -> Row:
    """The row of a call without id, tokens and error."""
    body, outer, request = call.body, call.outer, call.request
    at = _requested_at(call)
    served, requested = _served_model(body), _requested_model(call)
    provider = call.provider or text(body.get("provider_name"))
    provider = provider or guess_provider(flavour, usage, body, served or requested)
    if outer is body and is_openrouter(usage, body):
        provider = "openrouter"
    answered = own_message(body)
    metadata = metadata_of(body)
    terms = told_terms(metadata) | terms_in(usage, answered.get("usage"), answered)
    tier = _served_tier(body, usage) or call.headers.get("x-gemini-service-tier") or terms.get("served_service_tier")
    geo = text(usage.get("inference_geo")) or terms.get("region")
    return {
        **call.identity(),
        **call_cost(outer, usage, canonical_provider(provider), metadata),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": provider,
        "requested_model": requested,
        "served_model": served,
        "requested_service_tier": _tier(request) or (None if outer is body else _tier(outer)),
        "served_service_tier": tier,
        "is_batch": call.is_batch or _flag(outer.get("is_batch")) or tier == "batch",
        "region": terms.get("region") or text(outer.get("region")) or call.endpoint.region,
        "speed": terms.get("speed") or text(request.get("speed")) or text(dig(body, "performanceConfig", "latency")),
        "status": "ok",
        "is_billable": not _is_from_cache(outer),
        "duration_ms": _duration(outer, body, usage, at),
        "tags": tags(
            *_asked_labels(call), _labels(outer.get("metadata"), usage), outer.get("tags"), _own_tags(usage, body, geo)
        ),
    }


def _labels(metadata: Any, usage: dict[str, Any]) -> Any:
    """What somebody noted of a call; not the object in which an answer keeps its usage."""
    return {} if isinstance(metadata, dict) and metadata.get("usage") is usage else metadata


_ASKED_LABELS = ("metadata", "labels", "requestMetadata")
"""What a request tells an API to note of the call: OpenAI's, Google's and Bedrock's names."""


def _asked_labels(call: Call) -> list[dict[str, Any]]:
    """The labels of the request, which an answer of the Responses API repeats; Anthropic's name of a user is none."""
    repeated = call.body.get("metadata") if call.body.get("object") == "response" else None
    given = [as_object(call.request.get(name)) for name in _ASKED_LABELS] + [as_object(repeated)]
    is_label = {name for each in given for name, item in each.items() if isinstance(item, str | int)} - {"user_id"}
    return [{name: each[name] for name in each.keys() & is_label} for each in given]


def _served_model(body: dict[str, Any]) -> str | None:
    """The model that answered; messages of LangChain keep it beside what they say."""
    return routed_to(body) or _model_in(body) or _model_in(own_message(body)) or _model_in(holder_of_usage(body))


def _requested_model(call: Call) -> str | None:
    """The model that was asked for: as the envelope, the request or the address names it."""
    around = {} if call.outer is call.body else call.outer
    return (
        text(call.outer.get("requested_model")) or _model_in(around) or _model_in(call.request) or call.endpoint.model
    )


def _model_in(holder: dict[str, Any]) -> str | None:
    return next((found for name in _MODELS if (found := named(holder.get(name)))), None)


def _requested_at(call: Call) -> datetime:
    times = call.times or [(name, at) for name, at in holder_of_usage(call.body).items() if name in _TIMES and at]
    if not times:
        remedy = 'Put the body in an envelope {"timestamp": ..., "response": ...}.'
        raise BadValue("timestamp", "missing_timestamp", f"Nothing says when the call was made. {remedy}")
    name, value = times[0]
    found = instant(value, name)
    if found is None:
        raise BadValue(name, "invalid_time", f"{name} is empty. Write ISO 8601 or Unix seconds.")
    return found


def _tier(holder: dict[str, Any]) -> str | None:
    value = holder.get("service_tier") or holder.get("serviceTier")
    return text(value.get("type")) if isinstance(value, dict) else text(value)


_TRAFFIC = {"ON_DEMAND": "standard", "ON_DEMAND_FLEX": "flex", "ON_DEMAND_PRIORITY": "priority"}


def _served_tier(body: dict[str, Any], usage: dict[str, Any]) -> str | None:
    traffic = text(usage.get("trafficType")) or text(usage.get("traffic_type"))
    if traffic:
        traffic = enumeration_value(traffic)
        return _TRAFFIC.get(traffic, traffic.lower())
    return _tier(body) or _tier(usage) or tier_in_details(usage)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


_FROM_CACHE = ("cache_hit", "from_cache", "is_cached")


def _is_from_cache(outer: dict[str, Any]) -> bool:
    """Whether a cache of answers gave this one, as the envelope says; what a provider caches of prompts is another."""
    status = str(outer.get("cache_status") or "").lower().split()
    return any(_flag(outer.get(name)) for name in _FROM_CACHE) or status[-1:] == ["hit"]


def _duration(outer: dict[str, Any], body: dict[str, Any], usage: dict[str, Any], start: datetime) -> int | None:
    for name in ("duration_ms", "latency_ms", "response_ms"):
        given = decimal(outer.get(name), name)
        if given is not None:
            return count(str(int(given)), name)
    latency = dig(body, "metrics", "latencyMs")
    if latency is not None:
        return count(latency, "metrics.latencyMs")
    if usage.get("total_time") is not None:
        seconds = decimal(usage["total_time"], "usage.total_time") or Decimal(0)
        return count(str(int(seconds * 1000)), "usage.total_time")
    end = outer.get("end_time") or outer.get("endTime") or outer.get("completed_at")
    return milliseconds(start, instant(end, "end_time")) if end else None


def _own_tags(usage: dict[str, Any], body: dict[str, Any], geo: str | None) -> dict[str, Any]:
    """What the body says about the charge that no column holds."""
    found: dict[str, Any] = {"traffic_type": usage.get("trafficType") or usage.get("traffic_type")}
    if geo:
        found["inference_geo"] = geo
    if is_openrouter(usage, body):
        found["upstream_provider"] = body.get("provider")
        found["is_byok"] = usage.get("is_byok") or None
        found["upstream_inference_cost_usd"] = dig(usage, "cost_details", "upstream_inference_cost")
    return {name: value for name, value in found.items() if value is not None}


def error_type(error: dict[str, Any]) -> str:
    """The name that a provider gives an error."""
    for name in ("type", "status", "code", "errorCode"):
        found = text(error.get(name))
        if found:
            return found.rpartition("#")[2]
    return "error"
