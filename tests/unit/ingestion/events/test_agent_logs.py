"""Files of agents that keep each answer with its tokens; counts by hand, shapes as their code writes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, loads
from ingestion.sources.events import claude_code
from ingestion.sources.events.provider_bodies.calls import read_calls
from tests.unit.ingestion.events.conftest import source_file
from tests.unit.ingestion.events.usage_records import AT, counts

_TICKS = 1794304800000
_GEMINI = {"input": 100, "output": 20, "cached": 40, "thoughts": 30, "tool": 7, "total": 157}
_CLAUDE = {"uncached_input": 10, "cache_read": 100, "cache_write": 50, "output": 20}
_OPENCODE = {
    "id": "msg_1",
    "sessionID": "ses_1",
    "role": "assistant",
    "time": {"created": _TICKS, "completed": _TICKS + 5000},
    "modelID": "claude-sonnet-4-5",
    "providerID": "anthropic",
    "cost": 0.0123,
    "tokens": {"input": 10, "output": 15, "reasoning": 5, "cache": {"read": 100, "write": 50}},
}
_CLINE = {"tokensIn": 10, "tokensOut": 20, "cacheWrites": 50, "cacheReads": 100, "cost": 0.0123}
_AMP = {"inputTokens": 10, "cacheReadInputTokens": 100, "cacheCreationInputTokens": 50, "outputTokens": 20}
_KIMI = {"input_other": 10, "input_cache_read": 100, "input_cache_creation": 50, "output": 20}


def _read(*records: Any) -> tuple[list[dict[str, Any]], list[str]]:
    given = [Record(number, loads(json.dumps(value)), "") for number, value in enumerate(records, 1)]
    found = list(read_calls(given))
    return [item for item in found if isinstance(item, dict)], [str(item) for item in found if isinstance(item, Note)]


@pytest.mark.parametrize(
    ("record", "identity", "model", "expected", "cost"),
    [
        (
            {
                "sessionId": "s",
                "projectHash": "h",
                "messages": [
                    {"id": "1", "timestamp": AT, "type": "user", "content": "x"},
                    {"id": "2", "timestamp": AT, "type": "gemini", "model": "gemini-2.5-pro", "tokens": _GEMINI},
                ],
            },
            "s:2",
            "gemini-2.5-pro",
            {"uncached_input": 67, "cache_read": 40, "output": 50, "reasoning": 30},
            None,
        ),
        (_OPENCODE, "msg_1", "claude-sonnet-4-5", {**_CLAUDE, "reasoning": 5}, "0.0123"),
        ({**_OPENCODE, "cost": 0}, "msg_1", "claude-sonnet-4-5", {**_CLAUDE, "reasoning": 5}, None),
        (
            {
                "id": "T-1",
                "created": _TICKS,
                "messages": [{"role": "user"}, {"usage": {**_AMP, "model": "m", "credits": 1.2}}],
            },
            "T-1:1",
            "m",
            _CLAUDE,
            None,
        ),
        (
            {
                "ts": _TICKS,
                "type": "say",
                "say": "api_req_started",
                "text": json.dumps(_CLINE),
                "modelInfo": {"modelId": "m"},
            },
            None,
            "m",
            _CLAUDE,
            "0.0123",
        ),
        (
            {
                "timestamp": 1794304800.5,
                "message": {"type": "StatusUpdate", "payload": {"token_usage": _KIMI, "message_id": "m1"}},
            },
            "m1",
            None,
            _CLAUDE,
            None,
        ),
        (
            {
                "event": "message_send",
                "properties": {"main_model": "gpt-4o", "prompt_tokens": 10, "completion_tokens": 20, "cost": 0.0123},
                "user_id": "u",
                "time": 1794304800,
            },
            None,
            "gpt-4o",
            {"uncached_input": 10, "output": 20},
            "0.0123",
        ),
    ],
    ids=["gemini_cli", "opencode", "opencode_plan", "amp", "cline", "kimi", "aider"],
)
def test_an_agents_call(
    record: Any, identity: str | None, model: str | None, expected: dict[str, int], cost: str | None
) -> None:
    ((row,), notes) = _read(record)
    assert (counts(row), notes) == (expected, [])
    assert (row["served_model"], row.get("recorded_cost_usd")) == (model, None if cost is None else Decimal(cost))
    assert identity in (None, row["event_id"])
    assert f"{row['requested_at_utc']:%Y-%m-%d %H:%M}" == "2026-11-10 10:00"


def test_what_is_no_call_is_left_out_and_said() -> None:
    said = {"ts": _TICKS, "type": "say", "say": "text", "text": "x"}
    asked = {"id": "m", "sessionID": "s", "role": "user", "time": {"created": _TICKS}}
    rows, notes = _read(said, said, asked)
    assert rows == []
    assert notes == [
        "not counted: 2 records of Cline without a call",
        "not counted: 1 record of OpenCode without a call",
    ]


def test_what_claude_prints_of_a_session_is_named(tmp_path: Any) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"type": "result", "total_cost_usd": 0.05, "usage": {"input_tokens": 10}}))
    (batch,) = claude_code.parse(source_file(path))
    assert [(note.kind, "~/.claude/projects" in str(note)) for note in batch.notes] == [("usage_without_row", True)]
