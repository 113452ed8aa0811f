"""Calls logged as the events of their stream, and results of batches, count once and whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events import bedrock, provider_bodies
from ingestion.sources.events.provider_bodies.calls import read_calls

Parse = Callable[..., Any]
SECRET = "the words of a person"
CLAUDE = {"id": "msg_bdrk_01", "type": "message", "model": "claude-haiku-4-5", "usage": {"input_tokens": 9}}


def counts(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    return tuple(row.get(name) for name in names)


def stream(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"timestamp": f"2026-11-10T10:00:0{place}Z", **event} for place, event in enumerate(events)]


def start(identity: str) -> dict[str, Any]:
    usage = {"input_tokens": 9, "cache_read_input_tokens": 40, "output_tokens": 1}
    message = {"id": identity, "type": "message", "model": "claude-sonnet-4-5", "usage": usage}
    return {"type": "message_start", "message": message}


def delta(output: int) -> dict[str, Any]:
    return {"type": "message_delta", "usage": {"output_tokens": output}}


@pytest.mark.parametrize(
    "lines",
    [
        stream(start("msg_01"), {"type": "ping"}, delta(4), delta(70), {"type": "message_stop"}),
        stream(start("msg_01"), delta(70)),
        [{"timestamp": "2026-11-10T10:00:00Z", "response": [start("msg_01"), delta(70)]}],
        [{"timestamp": "2026-11-10T10:00:00Z", "event": start("msg_01")}, {"timestamp": "x", "event": delta(70)}],
        [
            {
                "timestamp": "2026-11-10T10:00:00Z",
                "response": "".join(f"event: x\ndata: {json.dumps(each)}\n\n" for each in (start("msg_01"), delta(70))),
            }
        ],
    ],
    ids=["lines", "without stop", "list", "wrapped", "server-sent"],
)
def test_the_events_of_a_stream_are_one_call(parse_records: Parse, lines: list[Any]) -> None:
    rows, bad = parse_records(provider_bodies.parse, *lines)
    assert not bad
    assert [(row["event_id"], counts(row)) for row in rows] == [("msg_01", (9, 40, None, 70))]
    assert rows[0]["requested_at_utc"].isoformat() == "2026-11-10T10:00:00"


def test_streams_at_once_are_set_aside_and_following_ones_count(parse_records: Parse) -> None:
    mixed = stream(start("msg_01"), start("msg_02"), delta(7), delta(8))
    rows, bad = parse_records(provider_bodies.parse, *mixed)
    assert (rows, [entry.reason for entry in bad]) == ([], ["partial_usage"] * 4)
    rows, bad = parse_records(provider_bodies.parse, *stream(start("msg_01"), delta(7), start("msg_02"), delta(8)))
    assert [(row["event_id"], row["output_tokens"]) for row in rows] == [("msg_01", 7), ("msg_02", 8)]
    assert not bad


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            {"id": "msg_bdrk_01", "type": "message", "model": "claude-haiku-4-5", "usage": {"input_tokens": 9}},
            (9, None),
        ),
        ({"usage": {"inputTokens": 9, "outputTokens": 3}}, (9, 3)),
        ({"generation": SECRET, "prompt_token_count": 9, "generation_token_count": 3}, (9, 3)),
        ({"inputTextTokenCount": 9, "results": [{"tokenCount": 1}, {"tokenCount": 2, "outputText": SECRET}]}, (9, 3)),
        ({"embedding": [0.1], "inputTextTokenCount": 9}, (9, None)),
    ],
    ids=["claude", "converse", "llama", "titan", "titan embedding"],
)
def test_results_of_a_bedrock_batch_in_both_folders(
    parse_records: Parse, output: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    line = {"recordId": "R1", "modelInput": {"text": SECRET}, "modelOutput": output}
    for parse, source in ((provider_bodies.parse, "provider_bodies"), (bedrock.parse, "bedrock")):
        ((row,), bad) = parse_records(parse, line, name="in.jsonl.out")
        assert not bad
        assert (row["uncached_input_tokens"], row.get("output_tokens")) == expected
        assert (row["is_batch"], row["event_source"], row["provider_name"]) == (True, source, "aws")


def gemini(output: int) -> dict[str, Any]:
    usage = {"promptTokenCount": 9, "candidatesTokenCount": output, "totalTokenCount": 9 + output}
    return {"responseId": "r1x", "modelVersion": "gemini-2.5-flash", "usageMetadata": usage}


@pytest.mark.parametrize(
    "pieces",
    [
        [gemini(1), gemini(3), gemini(7)],
        [{"id": "c1x", "object": "chat.completion.chunk", "choices": [{}]},
         {"id": "c1x", "object": "chat.completion.chunk", "usage": {"prompt_tokens": 9, "completion_tokens": 7}}],
        [{"type": "response.created", "response": {"id": "resp_1"}},
         {"type": "response.completed", "response": {"id": "resp_1", "object": "response", "model": "gpt-5",
          "usage": {"input_tokens": 9, "output_tokens": 7, "total_tokens": 16}}}],
    ],
    ids=["gemini", "chat chunks", "responses"],
)  # fmt: skip
def test_the_pieces_of_a_stream_in_one_record(parse_records: Parse, pieces: list[Any]) -> None:
    ((row,), bad) = parse_records(provider_bodies.parse, {"timestamp": "2026-11-10T10:00:00Z", "response": pieces})
    assert not bad
    assert counts(row) == (9, None, None, 7)


def test_vectors_of_a_vertex_batch(parse_records: Parse) -> None:
    vectors = [{"embeddings": {"statistics": {"token_count": size}, "values": [0.1]}} for size in (5, 7)]
    ((row,), bad) = parse_records(provider_bodies.parse, {"instance": {"content": SECRET}, "predictions": vectors})
    assert not bad
    assert (row["is_batch"], row["uncached_input_tokens"], row["provider_name"]) == (True, 12, "google")


def piece(second: int, written: int, prompt: int = 9, reason: str | None = None, **beside: Any) -> dict[str, Any]:
    candidate = {"content": {"parts": [{"text": SECRET}]}} | ({"finishReason": reason} if reason else {})
    usage = {"promptTokenCount": prompt, "candidatesTokenCount": written, "totalTokenCount": prompt + written}
    body = {"candidates": [candidate], "modelVersion": "gemini-2.5-flash", "usageMetadata": usage}
    return {"timestamp": f"2026-11-10T10:00:{second:02}Z", "response": body, **beside}


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([piece(0, 1), piece(1, 5), piece(2, 8, reason="STOP")], [(0, 9, 8)]),
        ([piece(0, 1), piece(1, 2, 30), piece(2, 8, reason="STOP"), piece(3, 4, 30, "STOP")], [(0, 9, 8), (1, 30, 4)]),
        ([piece(0, 5), piece(1, 1), piece(2, 8, reason="STOP")], [(0, 9, 5), (1, 9, 8)]),
        ([piece(0, 8, reason="STOP"), piece(1, 8, reason="STOP")], [(0, 9, 8), (1, 9, 8)]),
        ([piece(0, 1, user_id="a"), piece(1, 8, reason="STOP", user_id="b")], [(0, 9, 1), (1, 9, 8)]),
        ([piece(0, 1), piece(1, 5)], [(0, 9, 1), (1, 9, 5)]),
    ],
    ids=["one stream", "two at once", "one tried again", "two answers", "two people", "nothing says when it ends"],
)
def test_pieces_of_a_gemini_stream_without_an_id(
    parse_records: Parse, pieces: list[Any], expected: list[tuple[int, int, int]]
) -> None:
    rows, bad = parse_records(provider_bodies.parse, *pieces)
    found = [(row["requested_at_utc"].second, row["uncached_input_tokens"], row["output_tokens"]) for row in rows]
    assert (sorted(found), bad) == (expected, [])


def test_pieces_that_nothing_ends_are_asked_about() -> None:
    told = [Record(at, piece(at, at + 1), json.dumps(piece(at, at + 1))) for at in range(3)]
    notes = [each for each in read_calls(told) if isinstance(each, Note)]
    assert [(note.kind, note.count) for note in notes] == [("pieces_alike", 2)]


def sonic(second: int, heard: int, spoken: int, session: str = "s1", **beside: Any) -> dict[str, Any]:
    sides = {"input": {"speechTokens": heard, "textTokens": 5}, "output": {"speechTokens": spoken, "textTokens": 7}}
    totals = {"totalInputTokens": heard + 5, "totalOutputTokens": spoken + 7, "totalTokens": heard + spoken + 12}
    event = {"sessionId": session, "completionId": "c", "details": {"total": sides, "delta": sides}, **totals}
    return {"timestamp": f"2026-11-10T10:00:{second:02}Z", "event": {"usageEvent": event}, **beside}


def test_a_session_of_nova_sonic_is_one_call_with_its_last_counts(parse_records: Parse) -> None:
    model = {"model": "amazon.nova-sonic-v1:0"}
    events = [sonic(0, 10, 2, **model), sonic(5, 100, 20), sonic(6, 30, 3, "s2"), sonic(9, 120, 40)]
    rows, bad = parse_records(provider_bodies.parse, *events)
    assert not bad
    names = ("uncached_input_tokens", "audio_input_tokens", "output_tokens", "audio_output_tokens")
    found = {row["event_id"]: (row["requested_at_utc"].second, *(row[name] for name in names)) for row in rows}
    assert found == {"s1": (0, 5, 120, 7, 40), "s2": (6, 5, 30, 7, 3)}
    assert [(row["provider_name"], row.get("requested_model")) for row in rows if row["event_id"] == "s1"] == [
        ("aws", "amazon.nova-sonic-v1:0")
    ]


@pytest.mark.parametrize("identity", [{}, {"responseId": "x1"}])
def test_pieces_of_gemini_that_count_nothing_are_no_calls(parse_records: Parse, identity: dict[str, str]) -> None:
    """Vertex tells the traffic in every piece, and tokens in the last; an answer that ends without counts is named."""
    pieces = [piece(second, 1) for second in range(3)] + [piece(3, 8, reason="STOP")]
    for each in pieces[:3]:
        each["response"] |= {"usageMetadata": {"trafficType": "ON_DEMAND"}}
    for each in pieces:
        each["response"] |= identity
    rows, bad = parse_records(provider_bodies.parse, *pieces)
    assert ([(row["uncached_input_tokens"], row["output_tokens"]) for row in rows], bad) == ([(9, 8)], [])
    silent = piece(4, 1, reason="STOP")
    del silent["response"]["usageMetadata"]
    rows, bad = parse_records(provider_bodies.parse, *pieces, silent, silent)
    assert (len(rows), [entry.reason for entry in bad]) == (1, ["missing_usage"] * 2)
    rows, bad = parse_records(provider_bodies.parse, *pieces[:3])
    assert (rows, [entry.reason for entry in bad]) == ([], ["missing_usage"])
