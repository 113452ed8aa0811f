"""Events from requests of Helicone: its query API's pages, JSON, CSV.

Data flow: `<events folder>/helicone/**` → `raw_events.requests`. `docs/sources/exports.md` has every rule.

Put here: requests. Keep out: prompts and answers, sessions and scores.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from ingestion.sources.events.usage_shapes.families import Family, is_of_google
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.recorded import recorded_cost_fits
from ingestion.sources.events.usage_shapes.refusals import is_uncharged_error
from ingestion.sources.events.usage_shapes.relations import counts_from
from ingestion.sources.events.usage_shapes.values import as_object, count, decimal, tags, text

EVENT_SOURCE = "helicone"
PAGE = "docs/sources/exports.md"
REQUEST = Family("helicone", input_field="prompt_tokens", output_field="completion_tokens", assumption="helicone")
_NEVER_READ = ("request_body", "prompt", "response", "request")
_RENAMED = {
    "prompt_cache_read_tokens": "cache_read_tokens",
    "prompt_cache_write_tokens": "cache_write_tokens",
    "prompt_cache_write_5m_tokens": "cache_write_5m_tokens",
    "prompt_cache_write_1h_tokens": "cache_write_1h_tokens",
}
_OTHER_TOKENS = ("helicone", "token_limit", "max_tokens", "time_to_first_token")
_NOWHERE = "00000000-0000-0000-0000-000000000000"


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The requests of one exported file."""
    records = read_exported(file, "data", never_read=_NEVER_READ)
    return to_batches(read_export(records, _said, PAGE, calls="requests"))


def _said(value: Any) -> Said:
    refuse_sums(value)
    given = plain_record(value)
    at = called_at(given, "request_created_at", "created_at", "request_time")
    served, requested = text(first(given, "response_model", "model")), _requested(given)
    provider = text(first(given, "provider", "target_provider"))
    usage = _usage(given)
    cost = printed_number(first(given, "cost", "cost_usd", "total_cost"))
    is_claude = "claude" in f"{served} {requested}".lower()
    own = answered(given.get("response_body"), provider, served or requested)
    if own:
        usage, counts = own.usage, own.counts
    else:
        counts = counts_from(
            read_usage(usage, ""),
            REQUEST.with_(cache_is_beside=is_claude, total_holds_thinking=is_of_google(served, requested)),
            recorded_cost_fits(cost, provider, served or requested, at),
        )
    code = count(first(given, "response_status", "status"), "response_status") if _is_code(given) else None
    is_failure = _is_unsent(given) or (code is not None and code >= 400)
    properties = as_object(first(given, "request_properties", "properties"))
    row: Row = {
        "event_id": text(first(given, "request_id", "id")) or text(given.get("response_id")),
        "event_source": EVENT_SOURCE,
        "requested_at_utc": at,
        "provider_name": (provider or "").lower() or None,
        "requested_model": requested,
        "served_model": served,
        "user_id": text(first(given, "request_user_id", "user_id", "user")),
        "session_id": text(properties.get("Helicone-Session-Id")),
        "tags": tags(properties),
        "status": "error" if is_failure else "ok",
        "error_type": f"http_{code}" if code else ("not_sent" if is_failure else None),
        "is_billable": not (
            _is_cache_hit(given) or _is_unsent(given) or is_uncharged_error(code, counts.get("output_tokens"))
        ),
        "duration_ms": _duration(given),
        **(own.terms if own else {}),
        **estimate(cost, "cost", counts),
        **counts,
    }
    if not is_failure:
        row["error_type"] = None
    if row["event_id"] is None:
        row["event_id"] = f"{EVENT_SOURCE}:{at.isoformat()}:{served}:{usage}"
    return Said(checked(row, usage, "prompt_tokens"), row["event_id"])


def _requested(given: dict[str, Any]) -> str | None:
    return text(first(given, "model_override", "request_model"))


def _usage(given: dict[str, Any]) -> dict[str, Any]:
    """Columns of tokens under the names of the table of counters. The total is the tool's own sum of prompt and
    completion, and shows nothing about the cache."""
    usage = {
        _RENAMED.get(name, name): printed_number(value)
        for name, value in given.items()
        if "token" in name and not name.startswith(_OTHER_TOKENS) and value not in (None, "")
    }
    if any(usage.get(name) not in (None, 0, "0") for name in _RENAMED.values()):
        usage.pop("total_tokens", None)
    return usage


def _status(given: dict[str, Any]) -> str:
    return text(first(given, "response_status", "status")) or ""


def _is_code(given: dict[str, Any]) -> bool:
    return _status(given).isdigit()


def _is_unsent(given: dict[str, Any]) -> bool:
    """Negative codes: Helicone did not pass the request on."""
    return _status(given).startswith("-")


def _is_cache_hit(given: dict[str, Any]) -> bool:
    source = text(given.get("cache_reference_id"))
    said = (text(first(given, "cache_hit", "is_cached", "from_cache")) or "").lower()
    return source not in (None, _NOWHERE) or said in ("true", "1", "hit")


def _duration(given: dict[str, Any]) -> int | None:
    number = decimal(first(given, "delay_ms", "latency_ms", "latency"), "delay_ms")
    return None if number is None or number < 0 else int(number)
