"""From log records of raw bodies to event rows.

Put here: ids, times, tiers, recorded cost, errors and iterations of a call. Keep out: token arithmetic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.provider_bodies.compound import compound_rows, image_rows, models_of, without_whole
from ingestion.sources.events.provider_bodies.costs import call_cost
from ingestion.sources.events.provider_bodies.envelope import Call, unwrap
from ingestion.sources.events.provider_bodies.events import DELTA, START, joined_events
from ingestion.sources.events.provider_bodies.flavours import (
    canonical_provider,
    counts_of,
    find_usage,
    guess_provider,
    is_openrouter,
)
from ingestion.sources.events.snapshots import RepeatedIds
from ingestion.sources.events.usage_shapes.anthropic import is_refused, is_waived, iterations, message_counts
from ingestion.sources.events.usage_shapes.batches import Row, content_id, has_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    count,
    decimal,
    dig,
    instant,
    milliseconds,
    tags,
    text,
)

EVENT_SOURCE = "provider_bodies"
_MODELS = ("model", "modelVersion", "model_version", "modelId", "model_id")
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)


def read_calls(
    records: Iterable[Record | QuarantinedRow], file_time: datetime | None = None
) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order; of stream chunks that repeat one call's usage, the last one at the end.

    `file_time` stands in for results of a batch, some of which hold no time. Of snapshots of one call all come
    out, under one id: landing keeps the fullest. An id that stands for several calls is completed.
    """
    occurrences: Counter[str] = Counter()
    chunks: dict[str, Row] = {}
    repeats = RepeatedIds()
    dated_by_file = 0
    for record in joined_events(records):
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        try:
            rows = read_call(record.value, occurrences, file_time)
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, record.text, bad.field)
            continue
        except _UNREADABLE as error:
            message = (
                f"The record cannot be read ({type(error).__name__}: {error}). See docs/sources/provider_bodies.md."
            )
            yield quarantined(record.number, "unreadable_record", message, record.text)
            continue
        for row in rows:
            row["_source_row"] = record.number
        dated_by_file += sum(row.pop("_is_dated_by_file", False) for row in rows[:1])
        if len(rows) == 1 and rows[0].pop("_is_chunk", False):
            chunks[rows[0]["event_id"]] = rows[0]
        else:
            yield from repeats.told_apart(rows)
    yield from chunks.values()
    yield from repeats.notes()
    if dated_by_file and file_time is not None:
        message = f"{dated_by_file} results of a batch hold no time; the file's counts: {file_time:%Y-%m-%d %H:%M} UTC"
        yield Note("time_from_file", message, count=dated_by_file)


def read_call(record: Any, occurrences: Counter[str], file_time: datetime | None = None) -> list[Row]:
    """The rows of one record: one, or one per iteration. Raises `BadValue`.

    Records without an id of their own get a hash of their content; `occurrences` tells equal ones apart.
    """
    if not isinstance(record, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Write one call per line.")
    call = unwrap(record)
    kind = next((found for holder in (call.body, record) if (found := holder.get("type")) in (START, DELTA)), None)
    if kind:
        message = f"A {kind} event carries a part of the usage. Log the final message, or one stream after another."
        raise BadValue("type", "partial_usage", message)
    found = find_usage(call.body)
    error = call.error()
    made = made_video(call.body)
    if found is None and error is None and not made:
        raise BadValue("usage", "missing_usage", _missing_usage(call.body))
    flavour, usage = found or (None, {})
    is_dated_by_file = bool(call.is_batch and not call.times and file_time)
    if is_dated_by_file:
        call.outer = {**call.outer, "timestamp": f"{file_time:%Y-%m-%dT%H:%M:%S}"}
    row = _base_row(call, flavour, usage)
    if error is not None:
        row |= {"status": "error", "error_type": _error_type(error)}
    row["event_id"] = _event_id(call, record, occurrences)
    parts = iterations(usage) if flavour == "anthropic" else []
    is_refusal = flavour == "anthropic" and is_refused(call.body, usage)
    if is_refusal:
        row |= {"is_billable": False, "tags": tags(row["tags"], {"waived": "refused before any output"})}
    if is_dated_by_file:
        row["_is_dated_by_file"] = True
    if parts:
        return _iteration_rows(row, usage, parts)
    models = models_of(call.body)
    if models:
        return [add_fees(each) for each in compound_rows(row, call.body, models)]
    images = image_rows(row, call.body) if flavour == "responses" else []
    if flavour:
        hint = canonical_provider(row["provider_name"])
        row |= counts_of(flavour, usage, call.body, hint, row["served_model"] or row["requested_model"])
        _check_counted(row, usage)
    row = add_fees(row | made)
    if str(call.body.get("object") or "").endswith(".chunk") and text(call.body.get("id")):
        row["_is_chunk"] = True
    return [row, *images]


def _check_counted(row: Row, usage: dict[str, Any]) -> None:
    """A usage object of which nothing was read is no usage of zero: it is set aside with its keys."""
    if row["status"] != "ok" or has_counts(row) or row.get("recorded_cost_usd") is not None:
        return
    shown = ", ".join(str(name) for name in usage)[:300]
    message = f"No counter is known among the keys of the usage object: {shown}. Report it with this example."
    raise BadValue("usage", "no_known_counter", message)


def made_video(body: dict[str, Any]) -> Counts:
    """A finished video of the videos API, which is charged by its seconds and reports no usage."""
    if body.get("object") != "video" or body.get("status") != "completed" or body.get("seconds") in (None, ""):
        return {}
    seconds = decimal(body["seconds"], "seconds") or Decimal(0)
    return {"video_milliseconds": count(str(int(seconds * 1000)), "seconds")}


def _missing_usage(body: dict[str, Any]) -> str:
    if str(body.get("object") or "").endswith(".chunk"):
        return "A stream chunk without usage. Ask for usage in the stream and log the last chunk."
    if not body:
        return "There is no response body. Log it under `response`, or an `error`."
    return "The body reports no usage of a known API. Log the whole body; docs/sources/provider_bodies.md lists them."


def _event_id(call: Call, record: dict[str, Any], occurrences: Counter[str]) -> str:
    names = ("id", "responseId", "response_id")
    given = next((found for name in names if (found := text(call.body.get(name)))), None) or call.request_id
    if given:
        return given
    found = content_id(record)
    occurrences[found] += 1
    return found if occurrences[found] == 1 else f"{found}#{occurrences[found]}"


def _base_row(call: Call, flavour: str | None, usage: dict[str, Any]) -> Row:
    body, outer, request = call.body, call.outer, call.request
    at = _requested_at(call)
    provider = call.provider or guess_provider(flavour, usage, body)
    if outer is body and is_openrouter(usage, body):
        provider = "openrouter"
    tier = _served_tier(body, usage)
    geo = text(usage.get("inference_geo"))
    return {
        **call.identity(),
        **call_cost(outer, usage, canonical_provider(provider)),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": provider,
        "requested_model": text(outer.get("requested_model"))
        or (None if outer is body else text(outer.get("model")))
        or text(request.get("model"))
        or text(request.get("modelId"))
        or call.endpoint.model,
        "served_model": next((found for name in _MODELS if (found := text(body.get(name)))), None),
        "requested_service_tier": _tier(request) or (None if outer is body else _tier(outer)),
        "served_service_tier": tier,
        "is_batch": call.is_batch or _flag(outer.get("is_batch")) or tier == "batch",
        "region": (None if geo == "not_available" else geo) or text(outer.get("region")) or call.endpoint.region,
        "speed": text(usage.get("speed"))
        or text(request.get("speed"))
        or text(dig(body, "performanceConfig", "latency")),
        "status": "ok",
        "is_billable": True,
        "duration_ms": _duration(outer, body, usage, at),
        "tags": tags(outer.get("metadata"), outer.get("tags"), _own_tags(usage, body, geo)),
    }


def _requested_at(call: Call) -> datetime:
    if not call.times:
        remedy = 'Put the body in an envelope {"timestamp": ..., "response": ...}.'
        raise BadValue("timestamp", "missing_timestamp", f"Nothing says when the call was made. {remedy}")
    name, value = call.times[0]
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
        return _TRAFFIC.get(traffic, traffic.lower())
    return _tier(body) or _tier(usage)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


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


def _error_type(error: dict[str, Any]) -> str:
    for name in ("type", "status", "code", "errorCode"):
        found = text(error.get(name))
        if found:
            return found.rpartition("#")[2]
    return "error"


def _whole_call(usage: dict[str, Any]) -> Counts:
    """What only the top level of a call with iterations says: its searches, and counters that nobody knows."""
    top = message_counts({name: value for name, value in usage.items() if name != "iterations"})
    kept = ("web_searches", "unresolved_usage", "unknown_usage_reason")
    return {name: top[name] for name in kept if name in top}


def _iteration_rows(row: Row, usage: dict[str, Any], parts: list[dict[str, Any]]) -> list[Row]:
    """One row per iteration with its own model. What is known of the call as a whole stays on the first."""
    rows: list[Row] = []
    for index, part in enumerate(parts):
        counts = message_counts(part, f"usage.iterations[{index}]")
        is_free = is_waived(parts, index)
        if index == 0 and not any(dig(item, "server_tool_use") for item in parts):
            counts |= _whole_call(usage)
        rows.append(
            {
                **(row if index == 0 else without_whole(row)),
                **counts,
                "event_id": f"{row['event_id']}/{index}",
                "parent_event_id": row["event_id"],
                "served_model": text(part.get("model")) or row["served_model"],
                "is_billable": row["is_billable"] and not is_free,
                "tags": tags(
                    row["tags"],
                    {"iteration_type": text(part.get("type")) or "message"},
                    {"waived": "declined without output"} if is_free else {},
                ),
            }
        )
    return rows
