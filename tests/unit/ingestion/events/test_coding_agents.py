"""Sessions of Claude Code and rollouts of Codex: each call once, as the source's own totals have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events import claude_code, codex, provider_bodies
from tests.unit.ingestion.events.conftest import source_file

Parse = Callable[..., Any]
SECRET = "the words of a person"


def said(identity: str, output: int, second: int, **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 4, "cache_read_input_tokens": 900, "output_tokens": output} | more.pop("usage", {})
    content = [{"type": "text", "text": SECRET}]
    message = {"id": identity, "type": "message", "model": "claude-opus-4-8", "content": content, "usage": usage}
    line = {"type": "assistant", "sessionId": "s", "uuid": f"u{second}", "requestId": f"req_{identity}"}
    return line | {"timestamp": f"2026-11-10T10:00:{second:02}Z", "cwd": "/home/x/shop", "message": message} | more


@pytest.mark.parametrize("parser", [claude_code.parse, provider_bodies.parse])
@pytest.mark.parametrize("outputs", [(1, 1, 70), (70, 1, 1), (5, 70, 70), (70,)])
def test_the_fullest_line_of_a_call_counts(parse_records: Parse, parser: Any, outputs: tuple[int, ...]) -> None:
    lines = [said("msg_011", output, second) for second, output in enumerate(outputs)]
    rows, bad = parse_records(parser, *lines)
    assert [(row["event_id"], row["output_tokens"], row["uncached_input_tokens"]) for row in rows] == [
        ("msg_011", 70, 4)
    ]
    assert rows[0]["project_id"] == "shop"
    assert not bad


def test_other_lines_are_no_calls_and_a_half_line_is_no_defect(parse_records: Parse) -> None:
    other = {"type": "user", "sessionId": "s", "uuid": "u", "message": {"role": "user", "content": SECRET}}
    synthetic = said("msg_012", 0, 3)
    synthetic["message"]["model"] = "<synthetic>"
    half = b'{"type":"assistant","message":{"content":"the words of a per'
    rows, bad = parse_records(claude_code.parse, other, said("msg_011", 9, 1), synthetic, half)
    assert [row["event_id"] for row in rows] == ["msg_011"]
    assert not bad


def test_an_id_of_a_relay_loses_no_call(parse_records: Parse) -> None:
    lines = [said("ocgo", 10 * each, each, requestId=None, usage={"input_tokens": 100 * each}) for each in (1, 2, 3)]
    rows, bad = parse_records(claude_code.parse, *lines)
    assert sum(row["uncached_input_tokens"] for row in rows) == 600
    assert len({row["event_id"] for row in rows}) == 3
    assert not bad


def test_nothing_that_people_wrote_is_kept(parse_records: Parse) -> None:
    broken = said("msg_011", -5, 1)
    rows, bad = parse_records(claude_code.parse, broken, f'{{"x": {SECRET}'.encode(), said("msg_012", 5, 2))
    assert len(bad) == 2
    assert SECRET not in repr((rows, bad))


def meta(**more: Any) -> dict[str, Any]:
    payload = {"id": "thread-1", "cwd": "/home/x/shop", "model_provider": "openai"} | more
    return {"timestamp": "2026-11-10T10:00:00Z", "type": "session_meta", "payload": payload}


def turn(model: str) -> dict[str, Any]:
    return {"timestamp": "2026-11-10T10:00:01Z", "type": "turn_context", "payload": {"model": model}}


def vector(given: int, cached: int, output: int) -> dict[str, int]:
    return {
        "input_tokens": given,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": 0,
        "total_tokens": given + output,
    }


def counted(second: int, total: Any, last: Any = None, **more: Any) -> dict[str, Any]:
    info = {"total_token_usage": total, "last_token_usage": last}
    line = {"timestamp": f"2026-11-10T10:00:{second:02}Z", "type": "event_msg"}
    return line | {"payload": {"type": "token_count", "info": info}} | more


def sizes(rows: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    return [(row["uncached_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) for row in rows]


def test_calls_are_the_differences_of_totals(parse_records: Parse) -> None:
    again = counted(12, vector(100, 40, 10), vector(100, 40, 10))
    lines = [meta(), turn("gpt-5"), counted(11, vector(100, 40, 10)), again, turn("gpt-5-mini")]
    lines += [counted(13, vector(300, 140, 15)), counted(14, None)]
    rows, bad = parse_records(codex.parse, *lines)
    assert sizes(rows) == [(60, 40, 10), (100, 100, 5)]
    assert [row["requested_model"] for row in rows] == ["gpt-5", "gpt-5-mini"]
    assert not bad


@pytest.mark.parametrize(
    ("last", "used"), [(vector(30, 10, 2), (20, 10, 2)), (None, (10, 40, 3))], ids=["compacted", "started anew"]
)
def test_a_total_that_falls(parse_records: Parse, last: Any, used: tuple[int, int, int]) -> None:
    lines = [meta(), turn("gpt-5"), counted(11, vector(100, 40, 10)), counted(12, vector(50, 40, 3), last)]
    rows, _ = parse_records(codex.parse, *lines)
    assert sizes(rows) == [(60, 40, 10), used]


def test_records_of_responses_are_not_added_to_totals(parse_records: Parse) -> None:
    usage = {"thread_id": "thread-1", "response_id": "resp_1", "usage": vector(100, 40, 10)}
    record = {"timestamp": "2026-11-10T10:00:09Z", "type": "token_usage_record", "payload": usage}
    rows, _ = parse_records(codex.parse, meta(), turn("gpt-5"), record, counted(10, vector(100, 40, 10)), record)
    assert [row["event_id"] for row in rows] == ["thread-1:resp_1"]


def test_copied_history_is_not_counted(parse_records: Parse) -> None:
    ordinals = [
        meta(subagent_history_start_ordinal=5),
        counted(10, vector(100, 40, 10), ordinal=3),
        counted(11, vector(150, 40, 20), ordinal=6),
    ]
    assert sizes(parse_records(codex.parse, *ordinals)[0]) == [(50, 0, 10)]
    parent = [meta(), counted(10, vector(100, 40, 10)), counted(20, vector(180, 60, 12))]
    parse_records(codex.parse, *parent, name="rollout-1-thread-1.jsonl")
    fork = [
        meta(id="thread-2", forked_from_id="thread-1"),
        counted(30, vector(100, 40, 10)),
        counted(31, vector(180, 60, 12)),
        counted(40, vector(190, 60, 13), vector(10, 0, 1)),
    ]
    assert sizes(parse_records(codex.parse, *fork, name="rollout-2-thread-2.jsonl")[0]) == [(10, 0, 1)]


def test_a_copy_with_a_request_id_of_its_own_is_the_same_call_and_other_lines_at_the_start_hide_nothing(
    parse_records: Parse,
) -> None:
    start = {"type": "permission-mode", "permissionMode": "default", "sessionId": "s"}
    copy = said("msg_014", 70, 9, requestId="req_copy", isSidechain=True)
    rows, bad = parse_records(provider_bodies.parse, start, said("msg_014", 70, 1), copy)
    assert [(row["event_id"], row["output_tokens"], row["requested_at_utc"].second) for row in rows] == [
        ("msg_014", 70, 1)
    ]
    assert not bad


def test_sums_of_turns_without_time_are_named(tmp_path: Path) -> None:
    lines = [
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.completed", "usage": {"input_tokens": 100, "output_tokens": 10}},
    ]
    path = tmp_path / "exec.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    (batch,) = codex.parse(source_file(path))
    (note,) = batch.notes
    assert (note.kind, note.count) == ("usage_without_row", 1)
