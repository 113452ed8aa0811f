"""Documents of programs that keep what passed by: lines that Loki or CloudWatch was asked for, exchanges that a browser
or proxy wrote down (HAR).

Put here: the envelope that each entry of such a document is. Keep out: what is in it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ingestion.sources.events.provider_bodies.flavours import find_usage
from ingestion.sources.events.usage_shapes.endpoints import read_endpoint
from ingestion.sources.events.usage_shapes.streams import merged_stream, stream_pieces
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

Entries = list[dict[str, Any]]


def loki_lines(document: dict[str, Any]) -> Entries | None:
    """The lines of streams that Loki answered or was sent, each with its time; None for another document."""
    streams = document.get("streams") or dig(document, "data", "result")
    if not isinstance(streams, list) or not streams:
        return None
    if not all(isinstance(dig(each, "stream"), dict) and isinstance(dig(each, "values"), list) for each in streams):
        return None
    pairs = (pair for each in streams for pair in each["values"] if isinstance(pair, list) and len(pair) > 1)
    return [{"timestamp": pair[0], "line": pair[1]} for pair in pairs]


def insights_rows(document: dict[str, Any]) -> Entries | None:
    """The rows of an answer of CloudWatch Logs Insights; None for another document."""
    results = document.get("results")
    if not isinstance(results, list) or not results or not all(isinstance(row, list) and row for row in results):
        return None
    if not all(isinstance(cell, dict) and {"field", "value"} <= cell.keys() for row in results for cell in row):
        return None
    return [{str(cell["field"]): cell["value"] for cell in row if cell["field"] != "@ptr"} for row in results]


def table_rows(document: dict[str, Any]) -> Entries | None:
    """The rows of an answer of Log Analytics or Application Insights; None for another document."""
    tables = document.get("tables")
    if not isinstance(tables, list) or not all(isinstance(dig(each, "rows"), list) for each in tables):
        return None
    found = []
    for table in tables:
        names = [str(dig(column, "name")) for column in table.get("columns") or []]
        found += [dict(zip(names, row, strict=False)) for row in table["rows"] if isinstance(row, list)]
    return found


def har_exchanges(document: dict[str, Any]) -> tuple[Entries, int] | None:
    """(exchanges with an API of models, number of others) of an HTTP archive; None for another document."""
    entries = dig(document, "log", "entries")
    if not isinstance(entries, list) or not dig(document, "log", "version"):
        return None
    found = [_exchange(entry) for entry in entries if isinstance(entry, dict)]
    calls = [each for each in found if each is not None]
    return calls, len(entries) - len(calls)


def _exchange(entry: dict[str, Any]) -> dict[str, Any] | None:
    url = text(dig(entry, "request", "url"))
    answer = _content(as_object(dig(entry, "response", "content")))
    whole = as_object(answer) or merged_stream(stream_pieces(answer))
    status = dig(entry, "response", "status")
    is_failure = isinstance(status, int) and status >= 400
    if find_usage(whole) is None and not (is_failure and read_endpoint(url).provider):
        return None
    headers = dig(entry, "response", "headers") or []
    return {
        "timestamp": entry.get("startedDateTime"),
        "duration_ms": entry.get("time"),
        "url": url,
        "request": as_object(dig(entry, "request", "postData", "text")),
        "headers": {str(dig(each, "name")): dig(each, "value") for each in headers},
        "status_code": status,
        "response": whole,
    }


def _content(content: dict[str, Any]) -> str | None:
    given = text(content.get("text"))
    if given is None or content.get("encoding") != "base64":
        return given
    try:
        return base64.b64decode(given).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
