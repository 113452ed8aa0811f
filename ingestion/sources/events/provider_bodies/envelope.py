"""Telling the envelope a log puts around a response body from the body itself.

Put here: names of envelope fields, batch output lines, request and error parts. Keep out: usage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingestion.sources.events.provider_bodies.batch_lines import BATCH_PARTS, batch_body
from ingestion.sources.events.provider_bodies.field_names import BODY_TIMES, IDENTITY, TIMES
from ingestion.sources.events.provider_bodies.flavours import find_usage
from ingestion.sources.events.provider_bodies.gateway_logs import as_gateway_log
from ingestion.sources.events.provider_bodies.media import with_operation
from ingestion.sources.events.usage_shapes.endpoints import Endpoint, read_endpoint
from ingestion.sources.events.usage_shapes.flat_counts import flat_usage
from ingestion.sources.events.usage_shapes.plain_counts import with_header_usage, with_model_usage, with_predicted_usage
from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.streams import merged_stream, stream_pieces
from ingestion.sources.events.usage_shapes.values import as_object, count, dig, digest, named, text

_OF_LLM = "response_json"
"""The answer in a row of the database of `llm`, whose `response` is the text that was answered."""
_WRAPPERS = (_OF_LLM, "response", "response_body", "body", "completion", "raw_response")
_NO_ANSWERS = ("request", "request_body", "metadata", "meta", "data", "kwargs")
"""Fields that are read otherwise, or hold what was asked."""
_USAGE_BESIDE = ("tokenUsage", "token_usage", "usage_details")
"""A usage object that tools keep beside an answer which has none."""
_HEADERS = {
    "account_id": ("openai-organization", "anthropic-organization-id"),
    "project_id": ("openai-project",),
}
_REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-goog-request-id")


@dataclass
class Call:
    """One call: the response body and what surrounds it."""

    body: dict[str, Any]
    outer: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    endpoint: Endpoint = field(default_factory=Endpoint)
    is_batch: bool | None = None

    @property
    def provider(self) -> str | None:
        """As the envelope or the address names it."""
        told = named(self.outer.get("provider")) or text(self.outer.get("provider_name"))
        told = told or _maker_in(self.outer.get("model")) or self.endpoint.provider
        return told or ("databricks" if "databricks_request_id" in self.outer else None)

    @property
    def times(self) -> list[tuple[str, Any]]:
        """Candidates for the time of the call, best first, with their field names."""
        found = [(name, self.outer.get(name)) for name in (*TIMES, "created_at", "createdAt")] if self.outer else []
        found += [(f"response.{name}" if self.outer else name, self.body.get(name)) for name in BODY_TIMES]
        if not self.outer:
            found += [(name, self.body.get(name)) for name in TIMES]
        return [(name, value) for name, value in found if value not in (None, "", 0)]

    @property
    def request_id(self) -> str | None:
        """An id of the call that is not the response's own."""
        given = text(self.outer.get("event_id")) or text(self.outer.get("request_id"))
        return given or next((self.headers[name] for name in _REQUEST_IDS if self.headers.get(name)), None)

    def identity(self) -> dict[str, str | None]:
        """Who made the call, as far as the envelope or the headers say."""
        found = {name: text(self.outer.get(name)) for name in IDENTITY}
        found["prompt_hash"] = digest(self.outer.get("prompt_hash"))
        for name, headers in _HEADERS.items():
            if found[name] is None:
                found[name] = next((text(self.headers[key]) for key in headers if self.headers.get(key)), None)
        return {name: value for name, value in found.items() if value is not None}

    def status_code(self) -> int | None:
        """The HTTP status, when the envelope has one."""
        for name in ("status_code", "http_status", "status"):
            value = self.outer.get(name)
            if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
                return count(value, name)
        return None

    def error(self) -> dict[str, Any] | None:
        """The error object of a failed call, None when the call did not fail."""
        for value in (self.body.get("error"), self.outer.get("error")):
            if isinstance(value, dict) and value:
                return value
            if isinstance(value, str) and value:
                return {"message": value}
        refused = as_object(self.body.get("base_resp"))  # MiniMax
        if refused.get("status_code") not in (None, 0, "0"):
            return {"type": f"{refused['status_code']}", "message": refused.get("status_msg")}
        if "__type" in self.body:
            return {"type": self.body["__type"]}
        status = self.status_code()
        if status is not None and status >= 400:
            return {"type": f"http_{status}"}
        return None


def _maker_in(model: Any) -> str | None:
    """The provider of a model that an SDK keeps as an object."""
    return text(model.get("provider")) if isinstance(model, dict) and isinstance(model.get("provider"), str) else None


def unwrap(record: dict[str, Any]) -> Call:
    """The call in one log record: a bare body, an envelope, or a line of a batch output file."""
    record = as_gateway_log(record)
    call = _unwrap_batch(record) or _unwrap_single(record)
    call.body = with_operation(with_header_usage(with_model_usage(with_predicted_usage(call.body)), call.headers))
    return call


def _unwrap_single(record: dict[str, Any]) -> Call:
    wrapper = next((name for name in _WRAPPERS if _holds_body(record, name)), None) or _only_answer(record)
    if wrapper is None:
        if "request" in record and not _has_usage(record):
            return Call(body={}, outer=record, **_around(record))
        outer = record if any(name in record for name in TIMES) else {}
        return Call(_inner(record), outer, **_around(outer))
    body = as_object(record.get(wrapper)) or merged_stream(stream_pieces(record.get(wrapper)))
    if "body" in body and isinstance(body["body"], dict):
        body = body["body"]
    return Call(body=_inner(body), outer=record, **_around(record))


def _only_answer(record: dict[str, Any]) -> str | None:
    """The only field of a record that holds an answer with usage, whatever it is called."""
    if _inner(record) is not record or find_usage(record) is not None:
        return None
    held = ((name, as_object(value)) for name, value in record.items() if name not in _NO_ANSWERS)
    found = ((name, find_usage(value) or find_usage({"usage": _flat(name, value)})) for name, value in held)
    names = [name for name, told in found if told is not None and told[0] not in ("unknown", "charge")]
    return names[0] if len(names) == 1 else None


_OF_SUMS = re.compile("sum|total|session|stats|aggregat|report", re.IGNORECASE)


def _flat(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """The counters among the fields of an object that a logger was given; none where its name tells of a sum."""
    return {} if _OF_SUMS.search(name) else flat_usage(value)


def _holds_body(record: dict[str, Any], name: str) -> bool:
    if name not in record or _has_usage(record):
        return False
    value = record[name]
    if name == _OF_LLM or any(as_object(record.get(beside)) for beside in _USAGE_BESIDE):
        return find_usage(as_object(value)) is not None
    return value is None or value in ({}, "") or bool(as_object(value)) or bool(stream_pieces(value))


def _has_usage(record: dict[str, Any]) -> bool:
    return any(isinstance(record.get(name), dict) for name in ("usage", "usageMetadata", "usage_metadata"))


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    """The body inside wrappers of the API itself (`result`, realtime and stream events)."""
    if isinstance(body.get("Usage"), dict) and not _has_usage(body):  # SDKs of .NET and Go spell names of fields so
        return _plain(body) | {"usage": _plain(body["Usage"])}
    if isinstance(body.get("UsageMetadata"), dict):
        return _plain(body) | {"usage_metadata": _plain(body["UsageMetadata"])}
    for name in _INNER:
        inner = body.get(name)
        if not isinstance(inner, dict) or _has_usage(body):
            continue
        if _has_usage(inner) or isinstance(inner.get("token_usage"), dict):
            return _with_model_of(body, inner)
        if isinstance(inner.get("Usage"), dict):  # Tencent spells names of all fields so, and Semantic Kernel
            return _with_model_of(body, _plain(inner) | {"usage": _plain(inner["Usage"])})
    return body


_INNER = (
    *("result", "response", "message", "raw", "Response", "chatResponse", "chat_response", "llm_output"),
    *("Metadata", "output", "orchestration_result", "final_result"),
)


def _with_model_of(body: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """OCI names the model beside the answer."""
    name = next((body[name] for name in ("modelId", "model_id", "ModelId") if isinstance(body.get(name), str)), None)
    return {"model": name, **inner} if name else inner


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {plain_name(name): item for name, item in given.items()}


def _around(record: dict[str, Any]) -> dict[str, Any]:
    request = as_object(record.get("request"))
    if isinstance(request.get("body"), dict):
        request = {**request, **request["body"]}
    headers = as_object(record.get("headers")) or as_object(record.get("response_headers"))
    headers = headers or as_object(dig(record, "response", "ResponseMetadata", "HTTPHeaders"))
    addresses = (record.get(name) for name in ("url", "endpoint", "base_url", "api_base"))
    url = next((found for value in addresses if (found := text(value))), None) or text(request.get("url"))
    return {
        "request": request,
        "headers": {str(name).lower(): text(value) or "" for name, value in headers.items()},
        "endpoint": read_endpoint(url),
    }


def _unwrap_batch(record: dict[str, Any]) -> Call | None:
    """A line of a batch output file as a call; None for other records."""
    found = batch_body(record)
    if found is None:
        return None
    body, outer = found
    passed_on = {name: value for name, value in record.items() if name not in (*BATCH_PARTS, "id", "status")}
    if "processed_time" in record:
        outer = {"timestamp": record["processed_time"], **outer}
    return Call(body=body, outer={**outer, **passed_on}, is_batch=True, **_around(record))
