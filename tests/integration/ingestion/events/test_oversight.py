"""What holds of every format of usage: calls of the future, files with nothing in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.sources.events.pipeline import land
from tests.integration.ingestion.events.test_routing_and_canonical import Home

NOW = datetime(2026, 11, 12, tzinfo=UTC)
LATER = "2027-06-01T00:00:00"
USED = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}
CALLS = {
    "provider_bodies/a.jsonl": {"timestamp": LATER, "response": {"id": "chatcmpl-1", "model": "gpt-5", "usage": USED}},
    "langfuse/a.jsonl": {
        "id": "g-1",
        "type": "GENERATION",
        "startTime": LATER,
        "model": "gpt-5",
        "usageDetails": {"input": 5, "output": 6, "total": 11},
    },
    "langsmith/a.jsonl": {"id": "l-1", "run_type": "llm", "start_time": LATER, **USED},
    "litellm/a.jsonl": {"request_id": "r-1", "startTime": LATER, "spend": 0.1, "model": "gpt-5", **USED},
    "canonical/a.jsonl": {"event_id": "c-1", "requested_at_utc": LATER, "requested_model": "gpt-5", "output_tokens": 6},
}


def test_a_call_of_the_future_is_set_aside_and_counts_when_its_time_has_come(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name, record in CALLS.items():
        home.write(name, json.dumps(record))
    land(home.settings, now=NOW)
    assert home.query("select count(*) from raw_events.requests") == [(0,)]
    told = home.query("select file_path, field, reason, message from raw_events.quarantine order by 1")
    assert [(path, field, reason) for path, field, reason, _ in told] == [
        (name, "requested_at_utc", "out_of_range") for name in sorted(CALLS)
    ]
    assert all("2027-06-01" in message and "in the future" in message for *_, message in told)
    land(home.settings, now=datetime(2027, 6, 2, tzinfo=UTC))
    assert home.query("select count(*) from raw_events.requests") == [(len(CALLS),)]
    assert home.query("select count(*) from raw_events.quarantine") == [(0,)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("provider_bodies/a.jsonl", "", "it is empty (0 bytes)"),
        ("claude_code/p/a.jsonl", "", "it is empty (0 bytes)"),
        ("langfuse/a.json", '{"data": [], "meta": {"page": 1}}', "there is no record in it"),
        ("litellm/a.csv", "request_id,startTime,spend\n", "there is no record in it"),
        ("canonical/a.csv", "", "it is empty (0 bytes)"),
    ],
)
def test_a_file_with_nothing_in_it_is_named(tmp_path: Path, name: str, content: str, words: str) -> None:
    home = Home(tmp_path)
    home.write(name, content)
    (note,) = home.land().notes
    assert (note.kind, note.file, words in note.message) == ("nothing_in_file", name, True)


def test_a_session_without_a_call_is_nothing_to_tell(tmp_path: Path) -> None:
    home = Home(tmp_path)
    line = {"type": "user", "sessionId": "s", "uuid": "u", "timestamp": "2026-05-01T00:00:00Z", "message": {}}
    home.write("claude_code/p/a.jsonl", json.dumps(line) + "\n")
    assert [note.kind for note in home.land().notes] == []


def test_sums_of_days_beside_single_calls_of_openrouter_are_asked_about(tmp_path: Path) -> None:
    home = Home(tmp_path)
    head = "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug\n"
    home.write("openrouter/calls.csv", f"{head}gen-1,2026-05-01 10:00:00.000,0.0123,120,10,openai/gpt-5-2025-08-07\n")
    days = "Date,Slug,Usage,Requests,Prompt Tokens,Completion Tokens\n"
    home.write(
        "openrouter/days.csv", f"{days}2026-05-01,openai/gpt-5,0.0123,1,120,10\n2026-05-02,openai/gpt-5,1,9,9,9\n"
    )
    (note,) = [each for each in home.land().notes if each.kind == "rows_alike"]
    assert (note.file, note.count, "openrouter/calls.csv" in note.message) == ("openrouter/days.csv", 1, True)
    (home.settings.events_dir / "openrouter/calls.csv").unlink()
    assert "rows_alike" not in {each.kind for each in home.land().notes}


@pytest.mark.parametrize(("folder", "other"), [("litellm", "langfuse/"), ("langsmith", "provider_bodies/")])
def test_a_file_in_the_folder_of_another_tool_is_told_where_it_belongs(tmp_path: Path, folder: str, other: str) -> None:
    home = Home(tmp_path)
    record = CALLS[f"{other}a.jsonl"]
    home.write(f"{folder}/a.jsonl", json.dumps(record | {"traceId": "t"}))
    (note,) = [each for each in home.land().notes if each.kind == "unknown_format"]
    assert (note.file, other in note.message) == (f"{folder}/a.jsonl", True)
    assert home.query("select count(*) from raw_events.quarantine") == [(1,)]
