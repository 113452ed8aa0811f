"""From rows of LiteLLM's spend log to event rows.

Put here: what LiteLLM's columns and its `metadata` mean. Keep out: token arithmetic (`usage_shapes`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, quarantined
from ingestion.sources.events.containers import respelled, spellings
from ingestion.sources.events.exports.answers import answered
from ingestion.sources.events.litellm.standard_logging import as_spend_log, is_payload
from ingestion.sources.events.snapshots import RepeatedIds
from ingestion.sources.events.sums import refuse_sums
from ingestion.sources.events.usage_shapes.batches import Row, content_id, counts_above_zero, has_counts
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.endpoints import read_endpoint
from ingestion.sources.events.usage_shapes.fees import add_fees
from ingestion.sources.events.usage_shapes.openai import chat_counts
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.refusals import is_uncharged_error
from ingestion.sources.events.usage_shapes.tiers import terms_in
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import (
    BadValue,
    as_object,
    count,
    decimal,
    dig,
    digest,
    instant,
    milliseconds,
    recorded_cost,
    tags,
    text,
)

EVENT_SOURCE = "litellm"
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError)
_MAKES_IMAGES = re.compile(r"image_(?:generation|edit|variation)")
_MADE = "duration_seconds"
"""How long a video is that was made."""
_COUNTERS = ("prompt_tokens", "completion_tokens", "total_tokens")
_NAMES = spellings(
    *"request_id call_type api_key spend startTime endTime completionStartTime request_duration_ms model model_id "
    "model_group custom_llm_provider api_base user metadata cache_hit request_tags team_id organization_id end_user "
    "session_id status litellm_call_id cache_key".split(),
    *_COUNTERS,
)


def read_spend_logs(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows in file order. A second row of the same call with the same tokens is set aside as a duplicate; an id that
    several calls have, as relays give it, is completed."""
    calls: dict[str, tuple[int, tuple[Any, ...]]] = {}
    repeats = RepeatedIds()
    for record in records:
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        try:
            row, call_id = read_spend_log(record.value)
        except BadValue as bad:
            yield quarantined(record.number, bad.reason, bad.message, record.text, bad.field)
            continue
        except _UNREADABLE as error:
            message = f"The row cannot be read ({type(error).__name__}: {error}): see docs/sources/litellm.md"
            yield quarantined(record.number, "unreadable_record", message, record.text)
            continue
        row["_source_row"] = record.number
        if call_id:
            shape = (row["served_model"], *(record.value.get(name) for name in _COUNTERS))
            first, first_shape = calls.setdefault(call_id, (record.number, shape))
            if first != record.number and first_shape == shape:
                message = f"The same litellm_call_id and tokens as row {first}, which counts. Nothing to do."
                yield quarantined(record.number, "duplicate_call", message, record.text, "litellm_call_id")
                continue
            row["event_id"] = call_id if first == record.number else f"{call_id}:{row['event_id']}"
        yield from repeats.told_apart([row])
    yield from repeats.notes()


def read_spend_log(given: Any) -> tuple[Row, str | None]:
    """The event row of one spend log row and the call id by which duplicates are known. Raises `BadValue`.

    Only successful calls have such an id: a retry repeats the id of the attempt that failed.
    """
    if not isinstance(given, dict):
        raise BadValue("", "not_an_object", "The record is not a JSON object. Write one spend log row per line.")
    given = respelled(given, _NAMES)
    refuse_sums(given)
    if is_payload(given):
        given = as_spend_log(given)
    metadata = as_object(given.get("metadata"))
    start = instant(given.get("startTime"), "startTime")
    if start is None:
        raise BadValue("startTime", "missing_timestamp", "startTime is missing. Export the column with the row.")
    end = instant(given.get("endTime"), "endTime")
    is_failure = (text(given.get("status")) or text(metadata.get("status")) or "success").lower() == "failure"
    is_cache_hit = (text(given.get("cache_hit")) or "").lower() == "true"
    usage = _usage(given, metadata)
    row: Row = {
        "event_id": text(given.get("request_id")) or content_id(given),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": start,
        "provider_name": text(given.get("custom_llm_provider")),
        **_identity(given, metadata),
        "requested_model": text(given.get("model_group")),
        "served_model": text(given.get("model")),
        **{"region": read_endpoint(text(given.get("api_base"))).region, **terms_in(usage, metadata)},
        "is_batch": "batch" in _call_type(given),
        "status": "error" if is_failure else "ok",
        "error_type": _error_type(metadata) if is_failure else None,
        "is_billable": not is_cache_hit and not (is_failure and _was_refused(given, metadata)),
        "duration_ms": count(given.get("request_duration_ms"), "request_duration_ms"),
        **_counts(given, usage, start),
    }
    if row["status"] == "ok" and usage and not has_counts(row) and row.get("unresolved_usage"):
        message = f"No counter is known among the keys of the usage: {', '.join(usage)[:300]}. Report it."
        raise BadValue("usage_object", "no_known_counter", message)
    if row["duration_ms"] is None:
        row["duration_ms"] = milliseconds(start, end)
    row |= _spend(given, is_known=is_failure or is_cache_hit)
    row = _with_tools(row, as_object(metadata.get("cost_breakdown")))
    row = add_fees(row)
    if row["status"] == "ok" and not has_counts(row) and "recorded_cost_text" not in row:
        message = "It has neither spend nor a token count. Export both, or put files of another tool into its folder."
        raise BadValue("spend", "missing_usage", message)
    is_counted = counts_above_zero(row) or any(row.get(name) for name in ("recorded_cost_usd", "unresolved_usage"))
    if row["status"] == "ok" and not is_counted and not is_cache_hit and _COUNTS_OTHERWISE.search(_call_type(given)):
        message = (
            f"LiteLLM counted nothing of this {_call_type(given)} and knows no price for it. Give its model "
            "a price there (model_info), or take the bill."
        )
        raise BadValue("spend", "missing_usage", message)
    return row, None if is_failure else text(given.get("litellm_call_id"))


_COUNTS_OTHERWISE = re.compile("image|transcription|speech|rerank|ocr|video")
"""Kinds of calls that are charged by something else than tokens."""


def _call_type(given: dict[str, Any]) -> str:
    """What was asked for."""
    return (text(given.get("call_type")) or "").lower()


def _counts(given: dict[str, Any], usage: dict[str, Any], start: datetime) -> Counts:
    """Disjoint counts. `total_tokens` is LiteLLM's own sum; which of two readings of the prompt holds, spend shows."""
    provider, model = text(given.get("custom_llm_provider")), text(given.get("model"))
    is_google = (provider or "").lower().startswith(("gemini", "vertex", "google"))
    kind = f"{text(given.get('call_type')) or ''} {model or ''}".lower()
    if "video" in kind and (seconds := decimal(usage.get(_MADE), _MADE)):
        return {"video_milliseconds": int(seconds * 1000)}
    counts = chat_counts(
        usage,
        "google" if is_google and "claude" not in kind else None,
        root="",
        total_is_sum=True,
        is_embedding=any(word in kind for word in ("embed", "rerank")),
        cost_fits=recorded_cost_fits(given.get("spend"), provider, model, start),
    )
    if not any(item for item in counts.values() if isinstance(item, int)):
        own = answered(given.get("response"), provider, model)
        counts = own.counts if own and has_counts(own.counts) else counts
    return _as_images(counts, usage) if _MAKES_IMAGES.search(kind) else counts


def _as_images(counts: Counts, usage: dict[str, Any]) -> Counts:
    """What an image model puts out is images, unless the usage itself tells text from images."""
    told = as_object(usage.get("completion_tokens_details")) or as_object(usage.get("output_tokens_details"))
    if not counts.get("output_tokens") or counts.get("image_output_tokens") or told.get("text_tokens"):
        return counts
    return counts | {"output_tokens": 0, "image_output_tokens": counts["output_tokens"]}


def _usage(given: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """The row's own counters on top of the detail that LiteLLM keeps in `metadata`."""
    usage = {name: value for name, value in as_object(metadata.get("usage_object")).items() if value is not None}
    more = as_object(metadata.get("additional_usage_values"))
    usage |= {name: value for name, value in more.items() if value is not None}
    own = {name: given[name] for name in _COUNTERS if given.get(name) is not None}
    if not any(text(value) not in ("0", None) for value in own.values()) and any(
        isinstance(usage.get(name), int) and usage[name] for name in ("total_tokens", "input_tokens", "output_tokens")
    ):
        return usage  # the columns of an image or a response that LiteLLM did not count in them
    return usage | own


_TOOLS = ("web_searches", "file_searches", "code_executions", "map_searches", "x_searches", "rerank_searches")


def _with_tools(row: Row, breakdown: dict[str, Any]) -> Row:
    """The row; where LiteLLM charged for tools that no counter shows, they are named."""
    paid = decimal(breakdown.get("tool_usage_cost"), "cost_breakdown.tool_usage_cost")
    if not paid or any(row.get(name) for name in _TOOLS):
        return row
    return with_unresolved(row, [Unresolved("metadata.cost_breakdown.tool_usage_cost", 1, "unmetered_tool")])


def _spend(given: dict[str, Any], is_known: bool) -> dict[str, Any]:
    """Recorded cost. LiteLLM prints 0 for tokens of a model it has no price for: that is unknown, not free."""
    cost = recorded_cost(given.get("spend"), "spend")
    has_tokens = any(count(given.get(name), name) for name in ("prompt_tokens", "completion_tokens"))
    if cost and not cost["recorded_cost_usd"] and has_tokens and not is_known:
        cost |= {"recorded_cost_usd": None, "recorded_cost_decimals": None, "recorded_cost_kind": None}
    return cost


def _identity(given: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    key = text(given.get("api_key")) or text(metadata.get("user_api_key"))
    if key and key.startswith("sk-"):
        key = hashlib.sha256(key.encode()).hexdigest()
    return {
        "api_key_id": key,
        "user_id": text(given.get("user")) or text(metadata.get("user_api_key_user_id")),
        "team_id": text(given.get("team_id")) or text(metadata.get("user_api_key_team_id")),
        "project_id": text(metadata.get("user_api_key_project_id")) or text(metadata.get("project_id")),
        "customer_id": text(given.get("end_user")),
        "session_id": text(given.get("session_id")),
        "trace_id": text(given.get("trace_id")),
        "prompt_hash": digest(given.get("cache_key")),
        "tags": tags(
            {
                "call_type": given.get("call_type"),
                "organization_id": given.get("organization_id"),
                "api_key_alias": metadata.get("user_api_key_alias"),
                "model_id": given.get("model_id"),
            },
            as_object(metadata.get("spend_logs_metadata")),
            given.get("request_tags"),
        ),
    }


def _was_refused(given: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """Whether the provider answered with an error; LiteLLM counts the prompt all the same."""
    code = text(dig(metadata, "error_information", "error_code"))
    return is_uncharged_error(code, count(given.get("completion_tokens"), "completion_tokens"))


def _error_type(metadata: dict[str, Any]) -> str:
    information = as_object(metadata.get("error_information"))
    found = text(dig(information, "error_class")) or text(dig(information, "error_code"))
    return found or "failure"
