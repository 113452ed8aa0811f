"""Calls in documents of programs that keep what passed by: Loki, HTTP archives, streams logged event by event."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ingestion.sources.events import provider_bodies
from ingestion.sources.events.routing import route
from tests.unit.ingestion.events.corpus import chat
from tests.unit.ingestion.events.usage_records import AT, counts

NANOSECONDS = "1794304800000000000"
CHAT = {"uncached_input": 60, "cache_read": 40, "output": 30, "reasoning": 10}
_STREAM = {"app": "gateway"}
_LINE = json.dumps({"response": {name: item for name, item in chat(1).items() if name != "created"}})


@pytest.mark.parametrize(
    "document",
    [
        {"status": "success", "data": {"resultType": "streams", "result": [{"stream": _STREAM, "values": []}]}},
        {"streams": [{"stream": _STREAM, "values": []}]},
    ],
)
def test_lines_that_loki_answers_are_calls_at_their_time(parse_records: Any, document: dict[str, Any]) -> None:
    streams = document.get("streams") or document["data"]["result"]
    streams[0]["values"] = [[NANOSECONDS, _LINE], [NANOSECONDS, _LINE.replace("chatcmpl-1", "chatcmpl-2"), {"a": "b"}]]
    rows, bad = parse_records(provider_bodies.parse, document)
    assert [(row["event_id"], counts(row)) for row in rows] == [("chatcmpl-1", CHAT), ("chatcmpl-2", CHAT)]
    assert bad == []
    assert {str(row["requested_at_utc"]) for row in rows} == {"2026-11-10 10:00:00"}


def _entry(url: str, answer: str, status: int = 200, **content: Any) -> dict[str, Any]:
    asked = {"method": "POST", "url": url, "postData": {"text": json.dumps({"model": "gpt-5"})}}
    answered = {"status": status, "headers": [], "content": {"text": answer, **content}}
    return {"startedDateTime": AT, "time": 2_000, "request": asked, "response": answered}


def test_exchanges_of_an_archive_that_are_calls(parse_records: Any) -> None:
    stream = "\n\n".join(
        f"event: {event['type']}\ndata: {json.dumps(event)}"
        for event in (
            {
                "type": "message_start",
                "message": {"id": "msg_01", "model": "claude-sonnet-4-5", "usage": {"input_tokens": 7}},
            },
            {"type": "message_delta", "usage": {"output_tokens": 20}},
            {"type": "message_stop"},
        )
    )
    packed = base64.b64encode(json.dumps(chat(1)).encode()).decode()
    entries = [
        _entry("https://api.openai.com/v1/chat/completions", packed, encoding="base64"),
        _entry("https://api.anthropic.com/v1/messages", stream),
        _entry("https://api.openai.com/v1/responses", "{}", status=429),
        _entry("https://example.com/style.css", "a {}"),
    ]
    rows, bad = parse_records(provider_bodies.parse, {"log": {"version": "1.2", "entries": entries}}, name="calls.har")
    assert bad == []
    assert [(row["provider_name"], row["status"]) for row in rows] == [
        ("openai", "ok"),
        ("anthropic", "ok"),
        ("openai", "error"),
    ]
    assert [counts(row) for row in rows] == [CHAT, {"uncached_input": 7, "output": 20}, {}]
    assert rows[0]["requested_model"] == "gpt-5"
    assert rows[0]["duration_ms"] == 2_000


def test_an_archive_is_read_among_bodies_alone() -> None:
    assert not isinstance(route("provider_bodies/a.har"), str)
    assert ".har" in str(route("otel/a.har"))


_TOLD = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {"text_tokens": 119, "audio_tokens": 13, "cached_tokens": 64},
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}
_DONE = {"type": "response.done", "response": {"object": "realtime.response", "id": "resp_rt1", "usage": _TOLD}}
_HEARD = {
    "type": "conversation.item.input_audio_transcription.completed",
    "event_id": "event_2",
    "transcript": "x",
    "usage": {"type": "duration", "seconds": 3.5},
}


def _session(model: str) -> dict[str, Any]:
    listener = {"input": {"transcription": {"model": "whisper-1"}}}
    return {"type": "session.created", "session": {"id": "sess_1", "model": model, "audio": listener}}


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_answers_of_a_realtime_session_have_its_models(parse_records: Any, is_wrapped: bool) -> None:
    events = [_session("gpt-realtime"), {"type": "response.output_audio.delta", "delta": "x"}, _DONE, _HEARD]
    lines = [{"ts": AT, "event": event} if is_wrapped else {"timestamp": AT, **event} for event in events]
    (spoken, heard), bad = parse_records(provider_bodies.parse, *lines)
    assert bad == []
    assert (spoken["event_id"], spoken["requested_model"]) == ("resp_rt1", "gpt-realtime")
    assert counts(spoken) == {
        "uncached_input": 55,
        "cache_read": 64,
        "audio_input": 13,
        "output": 30,
        "audio_output": 91,
    }
    assert heard["event_id"] == "event_2"
    assert heard["audio_milliseconds"] == 3_500
    assert heard.get("requested_model", heard.get("served_model")) == "whisper-1"


def test_answers_of_two_sessions_have_no_model_that_one_of_them_named(parse_records: Any) -> None:
    events = [_session("gpt-realtime"), _session("gpt-realtime-mini"), _DONE]
    (row,), bad = parse_records(provider_bodies.parse, *({"timestamp": AT, **event} for event in events))
    assert bad == []
    assert not {"requested_model", "served_model"} & row.keys()


def _piece(identity: str, usage: Any = None) -> dict[str, Any]:
    return {**chat(1), "id": identity, "object": "chat.completion.chunk", "choices": [], "usage": usage}


@pytest.mark.parametrize("holder", [None, "chunk", "response"])
def test_pieces_that_count_nothing_are_no_calls_where_their_stream_counts(parse_records: Any, holder: Any) -> None:
    pieces = [_piece("chatcmpl-a"), _piece("chatcmpl-a"), _piece("chatcmpl-a", chat(1)["usage"]), _piece("chatcmpl-b")]
    lines = [{"timestamp": AT, holder: piece} if holder else piece for piece in pieces]
    rows, bad = parse_records(provider_bodies.parse, *lines)
    assert [(row["event_id"], counts(row)) for row in rows] == [("chatcmpl-a", CHAT)]
    assert [item.reason for item in bad] == ["missing_usage"]


def test_events_of_a_response_that_count_nothing_are_no_calls(parse_records: Any) -> None:
    answer = {"id": "resp_1", "object": "response", "model": "gpt-5", "created_at": 1_794_304_800}
    used = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
    events = [
        {"type": "response.created", "response": {**answer, "status": "in_progress", "usage": None}},
        {"type": "response.output_text.delta", "delta": "x", "sequence_number": 1},
        {"type": "response.completed", "response": {**answer, "status": "completed", "usage": used}},
    ]
    (row,), bad = parse_records(provider_bodies.parse, *events)
    assert (counts(row), bad) == ({"uncached_input": 100, "output": 20}, [])


_GATEWAY = {
    "CorrelationId": "c1",
    "ModelName": "gpt-5",
    "PromptTokens": 100,
    "CompletionTokens": 20,
    "TotalTokens": 120,
}


@pytest.mark.parametrize(
    "document",
    [
        [{"TimeGenerated [UTC]": "11/10/2026, 10:00:00.000 AM", **_GATEWAY}],
        {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [{"name": name} for name in ("TimeGenerated", *_GATEWAY)],
                    "rows": [[AT, *_GATEWAY.values()]],
                }
            ]
        },
    ],
)
def test_rows_of_log_analytics_as_its_pages_and_its_api_give_them(parse_records: Any, document: Any) -> None:
    (row,), bad = parse_records(provider_bodies.parse, document, name="rows.json")
    assert (row["event_id"], counts(row), bad) == ("c1", {"uncached_input": 100, "output": 20}, [])
    assert str(row["requested_at_utc"]) == "2026-11-10 10:00:00"


def test_what_a_cache_of_kong_answered_is_not_billed(parse_records: Any) -> None:
    told = {
        "usage": {"prompt_tokens": 100, "completion_tokens": 20},
        "meta": {"request_model": "gpt-5", "response_model": "gpt-5", "provider_name": "openai"},
    }
    lines = [
        {"started_at": 1_794_304_800_000, "request": {"id": status}, "ai": {"proxy": told, "cache": {"cache": cache}}}
        for status, cache in (("request-1", {"cache_status": "Hit"}), ("request-2", {"cache_status": "Miss"}))
    ]
    rows, bad = parse_records(provider_bodies.parse, *lines)
    assert [(row["event_id"], row["is_billable"]) for row in rows] == [("request-1", False), ("request-2", True)]
    assert bad == []
