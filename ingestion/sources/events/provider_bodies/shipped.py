"""Records that a log shipper or container runtime put around what an application logged.

Put here: the fields in which Docker, Fluent Bit, Cloud Logging, CloudWatch, Splunk and the like keep it. Keep out: what
was logged.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.provider_bodies.field_names import IDENTITY, RESPONSE_IDS
from ingestion.sources.events.usage_shapes.flat_counts import flat_usage
from ingestion.sources.events.usage_shapes.values import as_object

_OBJECTS = ("jsonPayload", "attributes", "content", "_source", "payload", "detail", "data", "Item", "event")
"""Fields that hold it as an object; the others hold its text, or another such record."""
_OF_LOGGERS = ("record", "extra", "context", "fields")
"""What loguru, Monolog and Rust's tracing keep what was said with a message in."""
_TEXTS = ("result", "textPayload", "log", "message", "@message", "Message", "msg", "line", "_raw", "_line")
_HOLDERS = (*_OBJECTS, *_OF_LOGGERS, *_TEXTS, "properties")
_TIMES = ("timestamp", "time", "@timestamp", "_time", "ts", "date", "datetime")
CALLS = ("usage", "usageMetadata", "usage_metadata", "response", "response_body", "raw_response", "body", "completion")
_KEPT = frozenset((*IDENTITY, "provider", "provider_name", "model", "tags", "is_batch", "region"))
"""What somebody said of the call around it, which no shipper says of a line."""
_MARKS = frozenset((*CALLS, "custom_id", "recordId", "batch_request_id"))
"""Fields of a call, or of a line of a batch."""
_OWN_IDS = frozenset(RESPONSE_IDS)
DEEPEST = 4


def as_logged(record: Any) -> Any:
    """What an application logged, with the time of the shipper where it has none; any other record as it is."""
    for _ in range(DEEPEST):
        inner = _inner(record)
        if inner is None:
            return record
        times = {name: _moment(record[name]) for name in _TIMES if record.get(name) not in (None, "")}
        if times and not any(inner.get(name) for name in _TIMES):
            inner = {"timestamp": next(iter(times.values())), **inner}
        kept = _KEPT if _OWN_IDS & inner.keys() else _KEPT | {"id"}
        record = {name: record[name] for name in kept & record.keys() if record[name]} | inner
    return record


def _moment(time: Any) -> Any:
    """A time as it is, or the one in loguru's object."""
    return time.get("timestamp") if isinstance(time, dict) else time


def _inner(record: Any) -> dict[str, Any] | None:
    """The object in a field of a record that tells of no call itself; None where there is none."""
    if not isinstance(record, dict) or any(name in record for name in CALLS):
        return None
    found = ((name, as_object(record.get(name))) for name in _HOLDERS)
    for name, inner in found:
        is_text = isinstance(record.get(name), str)
        is_told = _tells(inner) and (is_text or name in _OBJECTS or name in _OF_LOGGERS)
        if inner and (is_told or _inner(inner) is not None):
            return inner
    return None


def _tells(inner: dict[str, Any]) -> bool:
    return not _MARKS.isdisjoint(inner) or bool(flat_usage(inner))
