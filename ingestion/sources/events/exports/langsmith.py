"""Events from runs of LangSmith: API pages, JSON, CSV, and the Parquet of its bulk export.

Data flow: `<events folder>/langsmith/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: runs. Keep out: prompts and answers; feedback and datasets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.reading.lines import loads
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.exported import Said, called_at, checked, estimate, first, plain_record, read_export
from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.batches import Row, to_batches
from ingestion.sources.events.usage_shapes.families import Family, is_of_google
from ingestion.sources.events.usage_shapes.messages import own_message, own_usage, with_shown_tools
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.tiers import terms_in, tier_in_details
from ingestion.sources.events.usage_shapes.values import (
    EARLIEST,
    BadValue,
    as_object,
    decimal,
    dig,
    instant,
    milliseconds,
    tags,
    text,
)

EVENT_SOURCE = "langsmith"
PAGE = "docs/sources/exports.md"
RUN = Family("langsmith", input_field="usage_metadata.input_tokens", output_field="usage_metadata.output_tokens")
CALLS = ("llm", "embedding")
_FLAT = ("prompt_tokens", "completion_tokens", "total_tokens", "prompt_token_details", "completion_token_details")
_OLDER = (("llm_output", "token_usage"), ("llm_output", "usage"), ("usage",))
_ERROR = re.compile(r"[A-Za-z_.]{0,80}(?:Error|Exception|Timeout)\b")
_SESSIONS = ("session_id", "thread_id", "conversation_id")


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one exported file."""
    records = read_exported(file, "runs", never_read=("inputs", "events"))
    return to_batches(read_export(records, read_run, PAGE, calls="model runs", tree=EVENT_SOURCE))


def read_run(value: Any) -> Said:
    """What one run says: a call, or a chain or tool above calls. Raises `BadValue`."""
    given = plain_record(value)
    kind = (text(given.get("run_type")) or "").lower()
    identity = text(given.get("id"))
    if identity is None:
        raise BadValue("id", "missing_id", "A run without id. Export the column with the run.")
    usage = _usage(given)
    said = Said(identity=identity, parent=_parent(given), kind=kind)
    if (kind and kind not in CALLS) or (text(given.get("status")) == "pending" and not usage):
        said.kind = kind if kind not in CALLS else "pending"
        said.has_usage = any(value not in (None, 0, "0") for value in usage.values())
        return said
    said.row = _row(given, identity, usage, kind)
    said.updated_at = instant(given.get("end_time"), "end_time") or EARLIEST
    return said


def _row(given: dict[str, Any], identity: str, usage: dict[str, Any], kind: str) -> Row:
    at = called_at(given, "start_time")
    extra = as_object(given.get("extra"))
    metadata = as_object(given.get("metadata")) | as_object(extra.get("metadata"))
    asked = _model(given, extra, metadata)
    provider, model = text(metadata.get("ls_provider")), _answering_model(given) or asked
    cost = _cost(given, usage)
    error = text(given.get("error"))
    family = RUN.with_(is_embedding=kind == "embedding", total_holds_thinking=is_of_google(model))
    outputs = as_object(given.get("outputs"))
    messages = [outputs, *_messages(outputs)]
    own = next((found for message in messages if (found := own_usage(message))), {})
    if own:
        counts = message_counts(own, "response_metadata.usage", model)
    else:
        counts = counts_from(read_usage(usage, "usage_metadata"), family, recorded_cost_fits(cost, provider, model, at))
    for message in messages:
        counts = with_shown_tools(counts, message, model)
    terms = terms_in(own, *map(own_message, messages))
    row: Row = {
        "event_id": identity,
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": provider,
        "requested_model": asked if asked != model else None,
        "served_model": model,
        "served_service_tier": tier_in_details(usage) or terms.get("served_service_tier"),
        "region": terms.get("region"),
        "speed": terms.get("speed"),
        "project_id": text(first(given, "session_name", "project_name", "session_id", "project_id")),
        "session_id": text(first(metadata, *_SESSIONS) or given.get("thread_id")),
        "user_id": text(first(metadata, "user_id", "user")),
        "trace_id": text(given.get("trace_id")),
        "parent_event_id": _parent(given),
        "feature": text(given.get("name")),
        "environment": text(first(metadata, "env", "environment")),
        "tags": tags(given.get("tags")),
        "status": "error" if error else "ok",
        "error_type": _error_type(error) if error else None,
        "is_billable": True,
        "duration_ms": milliseconds(at, instant(given.get("end_time"), "end_time")),
        **estimate(cost, "total_cost", counts),
        **counts,
    }
    return checked(row, usage, "usage_metadata")


def _parent(given: dict[str, Any]) -> str | None:
    listed = given.get("parent_run_ids")
    if isinstance(listed, str) and listed.startswith("["):
        listed = loads(listed)
    last = listed[-1] if isinstance(listed, list) and listed else None
    return text(given.get("parent_run_id")) or text(last)


def _model(given: dict[str, Any], extra: dict[str, Any], metadata: dict[str, Any]) -> str | None:
    parameters = as_object(extra.get("invocation_params"))
    return text(metadata.get("ls_model_name")) or text(first(parameters, "model", "model_name", "model_id"))


def _answering_model(given: dict[str, Any]) -> str | None:
    """The model that the answer names: behind a name that somebody gave a deployment stands another."""
    outputs = as_object(given.get("outputs"))
    holders = [as_object(message.get("response_metadata")) for message in (*_messages(outputs), outputs)]
    holders.append(as_object(outputs.get("llm_output")))
    return next((found for holder in holders if (found := text(first(holder, "model_name", "model")))), None)


def _usage(given: dict[str, Any]) -> dict[str, Any]:
    """`usage_metadata` wherever a run keeps it, else the run's own sums. Only the counters of the outputs are read."""
    outputs = as_object(given.get("outputs"))
    metadata = as_object(dig(as_object(given.get("extra")), "metadata"))
    for holder in (given, outputs, metadata, *_messages(outputs)):
        found = as_object(holder.get("usage_metadata"))
        if any(item is not None for item in found.values()):
            return found
    flat = {name: _object(given[name]) for name in _FLAT if given.get(name) not in (None, "")}
    return flat or next((found for path in _OLDER if (found := as_object(dig(outputs, *path)))), {})


def _object(value: Any) -> Any:
    return as_object(value) if isinstance(value, str) and value.startswith("{") else value


def _messages(outputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Messages of a chat model's outputs as LangChain writes them."""
    generations = outputs.get("generations")
    for group in generations if isinstance(generations, list) else []:
        for item in group if isinstance(group, list) else [group]:
            message = dig(item, "message")
            for holder in (message, dig(message, "kwargs")):
                if isinstance(holder, dict):
                    yield holder


def _cost(given: dict[str, Any], usage: dict[str, Any]) -> Any:
    total = first(given, "total_cost")
    if total is not None or usage.get("total_cost") is not None:
        return total if total is not None else usage["total_cost"]
    parts = [decimal(given.get(name), name) for name in ("prompt_cost", "completion_cost")]
    known = [part for part in parts if part is not None]
    return format(sum(known, Decimal(0)), "f") if known else None


def _error_type(error: str) -> str:
    found = _ERROR.match(error)
    return found[0] if found else "error"
