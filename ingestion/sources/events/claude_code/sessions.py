"""From lines of a Claude Code session to event rows: one call has several lines, the fullest one counts.

Put here: what the lines mean and which of them are one call. Keep out: token arithmetic, prompts and answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.records import Read, folder_name, read_each, without_text
from ingestion.sources.events.snapshots import distinct_calls, input_side
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.values import as_object, dig, text

EVENT_SOURCE = "claude_code"
SYNTHETIC = "<synthetic>"
PAGE = "docs/sources/coding_agents.md"
_BODY = ("id", "type", "model", "stop_reason", "usage")


@dataclass
class _Line:
    """One line with usage: the key of its call and its rows (several where a call has iterations)."""

    key: tuple[Any, ...]
    rows: list[Row]

    @property
    def output(self) -> int:
        return sum(row.get("output_tokens") or 0 for row in self.rows)


def read_session(records: Iterable[Record | QuarantinedRow]) -> Iterator[Row | QuarantinedRow | Note]:
    """Rows after the whole file. Lines of other types and lines that the client made are no calls."""
    calls: dict[tuple[Any, ...], _Line] = {}
    sums: list[int] = []
    for item in read_each(_without_sums(without_text(records), sums), _read_line, PAGE):
        if not isinstance(item, Read):
            yield item
            continue
        line = item.said
        for row in line.rows:
            row["_source_row"] = item.number
        known = calls.get(line.key)
        if known is not None and line.output >= known.output:
            for row in line.rows:
                row["requested_at_utc"] = min(row["requested_at_utc"], known.rows[0]["requested_at_utc"])
        if known is None or line.output >= known.output:
            calls[line.key] = line
    for told in distinct_calls([line.rows for line in calls.values()]):
        request = None if isinstance(told, Note) else told.pop("_request_id", None)
        if not isinstance(told, Note) and request and not told.get("parent_event_id"):
            told["parent_event_id"] = request  # by which its OTLP logs know the call (`families`)
        yield told
    if sums:
        message = (
            f"sums of sessions that `claude -p` printed, without the time of their calls: {len(sums)}; deliver the "
            "sessions themselves (~/.claude/projects)"
        )
        yield Note("usage_without_row", message, row=sums[0], count=len(sums))


def _without_sums(
    records: Iterable[Record | QuarantinedRow | Note], sums: list[int]
) -> Iterator[Record | QuarantinedRow | Note]:
    """The records; results of `claude -p`, which sum a session up, add their numbers to `sums` instead."""
    for record in records:
        is_sum = isinstance(record, Record) and dig(record.value, "type") == "result" and "usage" in record.value
        if isinstance(record, Record) and is_sum:
            sums.append(record.number)
        else:
            yield record


def _read_line(value: Any) -> _Line | None:
    """The call that a line tells of; None for every other line. Raises `BadValue`."""
    given = as_object(value)
    message, holder = given.get("message"), given
    nested = dig(given, "data", "message")
    if given.get("type") == "progress" and isinstance(nested, dict):
        message, holder = nested.get("message"), {**given, **nested}
    usage = message.get("usage") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(usage, dict) or not usage:
        return None
    model = text(message.get("model"))
    if model == SYNTHETIC or given.get("isApiErrorMessage") is True:
        return None
    identity = text(message.get("id")) or text(holder.get("requestId")) or text(given.get("uuid"))
    body = {name: message[name] for name in _BODY if name in message} | {"id": identity, "type": "message"}
    if message.get("content"):
        body["content"] = [True]  # a refusal shows by an answer without content; what it says is not read
    request_id = text(holder.get("requestId"))
    envelope = {
        "timestamp": holder.get("timestamp"),
        "response": body,
        "provider": "google" if "_vrtx_" in (request_id or "") else None,
        "project_id": folder_name(given.get("cwd")),
        "session_id": text(given.get("sessionId")),
        "cost_usd": given.get("costUSD"),
        "tags": {
            "branch": text(given.get("gitBranch")),
            "agent": text(given.get("agentId")) or ("subagent" if given.get("isSidechain") is True else None),
            "client": "claude-code",
        },
    }
    rows = read_call(envelope, Counter())
    for row in rows:
        row.pop("_is_chunk", None)
        row["event_source"] = EVENT_SOURCE
        row["_request_id"] = request_id
    key = (identity, request_id) if request_id else (identity, *input_side(rows[0]))
    return _Line(key, rows)
