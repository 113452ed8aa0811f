"""What of received telemetry is kept: counts, ids, names, times. What people and models said is dropped before anything
is written.

Put here: OTLP requests, canonical events and calls (as `ingestion.capture` records them) without text.
Keep out: writing (`spooling`), what a record means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingestion.capture.envelope import address, answer, asked, counts
from ingestion.capture.scope import NAMES as SCOPE
from ingestion.landing.redaction import is_content_key, is_name, masked
from ingestion.reading.lines import loads
from ingestion.sources.events.fields import ALIASES, AMBIGUOUS, KINDS
from ingestion.sources.events.otel.attributes import NAMES, RAW_BODIES

_SPAN = frozenset(
    "traceId spanId parentSpanId name kind startTimeUnixNano endTimeUnixNano attributes status flags "
    "trace_id span_id parent_span_id start_time_unix_nano end_time_unix_nano".split()
)
_LOG = frozenset(
    "timeUnixNano observedTimeUnixNano severityNumber severityText body attributes eventName traceId spanId flags "
    "time_unix_nano observed_time_unix_nano severity_number severity_text event_name trace_id span_id".split()
)
_PLACES = {
    "traces": (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"),
               ("spans",)),
    "logs": (("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records")),
}  # fmt: skip
_NAMED = frozenset(name for names in NAMES.values() for name in names)
"""Attributes that readers take names from, however they are called (`gen_ai.system`)."""
LONGEST_BODY = 200
MOST_DEPTH = 6
KEPT = frozenset({*KINDS, *ALIASES, *AMBIGUOUS})
"""What an event may carry; every other field is dropped."""
_CALL = frozenset({"timestamp", "duration_ms", "provider", "status_code", "is_batch", "event_id", *SCOPE.values()})
MOST_PIECES = 8
"""So many pieces of a stream say what it was billed by."""


def stripped_export(signal: str, request: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """An OTLP export request with nothing said in it, and how many spans or records it has."""
    resources, scopes, records = _PLACES[signal]
    count = 0
    holders = []
    for holder in _items(request, resources):
        groups = []
        for group in _items(holder, scopes):
            kept = [_record(signal, each) for each in _items(group, records)]
            count += len(kept)
            groups.append({"scope": _scope(group.get("scope")), records[0]: kept})
        resource = holder.get("resource")
        attributes = _attributes(resource.get("attributes")) if isinstance(resource, dict) else []
        holders.append({"resource": {"attributes": attributes}, scopes[0]: groups})
    return {resources[0]: holders}, count


def _items(holder: Mapping[str, Any], names: Iterable[str]) -> list[dict[str, Any]]:
    found: list[Any] = next((holder[name] for name in names if isinstance(holder.get(name), list)), [])
    return [each for each in found if isinstance(each, dict)]


def _scope(scope: Any) -> dict[str, str]:
    if not isinstance(scope, dict):
        return {}
    return {name: scope[name] for name in ("name", "version") if isinstance(scope.get(name), str) and
            is_name(scope[name])}  # fmt: skip


def _record(signal: str, record: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in record.items() if name in (_SPAN if signal == "traces" else _LOG)}
    kept = {name: value for name, value in kept.items() if isinstance(value, str | int | dict | list)}
    if "attributes" in kept:
        kept["attributes"] = _attributes(kept["attributes"])
    if "status" in kept:
        status = kept["status"]
        kept["status"] = {"code": status["code"]} if isinstance(status, dict) and "code" in status else {}
    if "body" in kept:
        kept["body"] = _event_name(kept["body"])
    for name, value in list(kept.items()):
        if isinstance(value, str) and not is_name(value):
            kept[name] = ""
        elif isinstance(value, dict | list) and name not in ("attributes", "status", "body"):
            del kept[name]
    return kept


def _event_name(body: Any) -> dict[str, str]:
    """A body of one word is the name of an event; every other is content."""
    said = body.get("stringValue", body.get("string_value")) if isinstance(body, dict) else body
    is_word = isinstance(said, str) and len(said) <= LONGEST_BODY and len(said.split()) == 1 and "." in said
    return {"stringValue": said} if is_word and isinstance(said, str) else {}


def _attributes(attributes: Any) -> list[dict[str, Any]]:
    if isinstance(attributes, dict):
        attributes = [{"key": key, "value": value} for key, value in attributes.items()]
    kept = []
    for item in attributes if isinstance(attributes, list) else []:
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str) or not is_name(key):
            continue
        value = _value(key, item.get("value"), MOST_DEPTH)
        if value is not None:
            kept.append({"key": key, "value": value})
    return kept


def _value(key: str, value: Any, depth: int) -> Any:
    """A value as it may stay; None where it may not."""
    if depth <= 0 or value is None:
        return None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _text(key, value)
    if not isinstance(value, dict):
        return None
    for name in ("intValue", "int_value", "doubleValue", "double_value", "boolValue", "bool_value"):
        if name in value and isinstance(value[name], str | int | float) and _is_number(value[name]):
            return {name: value[name]}
    said = value.get("stringValue", value.get("string_value"))
    if isinstance(said, str):
        found = _text(key, said)
        return None if found is None else {"stringValue": found}
    items = value.get("arrayValue", value.get("array_value"))
    if isinstance(items, dict) and isinstance(items.get("values"), list):
        kept = [_value(key, item, depth - 1) for item in items["values"]]
        return {"arrayValue": {"values": [item for item in kept if item is not None]}}
    pairs = value.get("kvlistValue", value.get("kvlist_value"))
    if isinstance(pairs, dict) and not is_content_key(key):
        return {"kvlistValue": {"values": _attributes(pairs.get("values"))}}
    return None


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) or value.lstrip("-").replace(".", "", 1).isdigit()


def _text(key: str, text: str) -> str | None:
    if key in RAW_BODIES:
        return _usage(text)
    if not is_name(text) or (is_content_key(key) and key not in _NAMED):
        return None
    return text if key.startswith(("user.", "enduser.", "langfuse.user.")) else masked(text)


def _usage(text: str) -> str | None:
    """A provider's usage object: its numbers and short names."""
    try:
        found = loads(text)
    except ValueError:
        return None
    import orjson

    return orjson.dumps(_numbers(found, MOST_DEPTH)).decode() if isinstance(found, dict) else None


def _numbers(value: Any, depth: int) -> Any:
    if depth <= 0:
        return None
    if isinstance(value, dict):
        return {str(name): _numbers(each, depth - 1) for name, each in value.items() if is_name(str(name))}
    if isinstance(value, list):
        return [_numbers(each, depth - 1) for each in value]
    if isinstance(value, str):
        return value if _is_word(value) else None
    return value if isinstance(value, bool | int | float) else None


def stripped_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical event with the fields that one may have; of tags, names and numbers."""
    kept = {name: value for name, value in event.items() if name.strip().lower() in KEPT}
    for name, value in list(kept.items()):
        if name.strip().lower() == "tags":
            kept[name] = _tags(value)
        elif isinstance(value, dict | list) or (isinstance(value, str) and not is_name(value)):
            del kept[name]
    return kept


def _tags(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = loads(value)
        except ValueError:
            return {}
    return {
        str(name): each
        for name, each in (value.items() if isinstance(value, dict) else ())
        if is_name(str(name)) and not is_content_key(str(name))
        and (isinstance(each, bool | int | float) or (isinstance(each, str) and is_name(each)))
    }  # fmt: skip


def is_call(event: Mapping[str, Any]) -> bool:
    """Whether an event is a call with what the provider answered, not usage in canonical fields."""
    return isinstance(event.get("url"), str) and ("response" in event or "error" in event)


def stripped_call(event: Mapping[str, Any]) -> dict[str, Any]:
    """A call with what `ingestion.capture` keeps of one, whoever sent it."""
    kept: dict[str, Any] = {
        name: value for name, value in event.items()
        if name in _CALL and (isinstance(value, bool | int | float) or (isinstance(value, str) and is_name(value)))
    }  # fmt: skip
    kept["url"] = _address(event["url"])
    if isinstance(request := event.get("request"), dict):
        kept["request"] = asked(request)
    if isinstance(error := event.get("error"), dict):
        kept["error"] = {"type": error["type"]} if _is_word(error.get("type")) else {}
    if "response" in event:
        kept["response"] = _response(event["response"])
    if isinstance(event.get("tags"), dict | str):
        kept["tags"] = _tags(event["tags"])
    return kept


def _response(response: Any) -> Any:
    """An answer, or the pieces of one that count."""
    if isinstance(response, list):
        return [_piece(each) for each in response[:MOST_PIECES] if isinstance(each, dict)]
    return _numbers(answer(response), MOST_DEPTH) if isinstance(response, dict) else None


def _piece(piece: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"type": piece["type"]} if _is_word(piece.get("type")) else {}
    if isinstance(message := piece.get("message"), dict):
        kept["message"] = _numbers(answer(message), MOST_DEPTH)
    if isinstance(usage := piece.get("usage"), dict):
        kept["usage"] = _numbers(counts(usage), MOST_DEPTH)
    return kept


def _is_word(text: Any) -> bool:
    return isinstance(text, str) and is_name(text) and len(text.split()) <= 1


def _address(url: str) -> str:
    try:
        return address(url)[:LONGEST_BODY]
    except ValueError:
        return ""
