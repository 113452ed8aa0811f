"""Calls that two tools, folders or files tell under ids of their own: all count, and the run asks."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.notes import Note
from orchestration.running.sources import SOURCES
from tests.integration.ingestion.events.test_routing_and_canonical import Home

DAY = "2026-05-01"
HEAD = "requested_at_utc,provider_name,requested_model,uncached_input_tokens,output_tokens\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def asked(home: Home) -> list[Note]:
    return [note for note in home.land().notes if note.kind == "calls_alike"]


def spend_logs(minutes: Iterable[int], prompt: int = 100) -> str:
    return "".join(
        json.dumps(
            {
                "request_id": f"chatcmpl-{minute}",
                "startTime": f"{DAY} 10:{minute:02}:00.123",
                "model": "gpt-5",
                "custom_llm_provider": "openai",
                "prompt_tokens": prompt + minute,
                "completion_tokens": 10,
                "spend": 0.0002,
            }
        )
        + "\n"
        for minute in minutes
    )


def generations(minutes: Iterable[int], second: int = 1) -> str:
    return "".join(
        json.dumps(
            {
                "id": f"obs-{minute}",
                "startTime": f"{DAY}T10:{minute:02}:{second:02}Z",
                "model": "gpt-5",
                "usageDetails": {"input": 100 + minute, "output": 10},
            }
        )
        + "\n"
        for minute in minutes
    )


def rows(minutes: Iterable[int]) -> str:
    return HEAD + "".join(f"{DAY}T10:{minute:02}:00Z,openai,gpt-5,{100 + minute},10\n" for minute in minutes)


def test_a_gateway_and_a_trace_of_the_same_calls_are_asked_about_with_what_they_count(home: Home) -> None:
    home.write("litellm/a.jsonl", spend_logs(range(30)))
    home.write("langfuse/app.jsonl", generations(range(10, 14)))
    (note,) = asked(home)
    assert (note.count, note.file) == (4, "litellm/a.jsonl")
    assert "langfuse/app.jsonl" in note.message  # 110 + 111 + 112 + 113 in, 4 x 10 out, 4 x 0.0002
    assert "twice: 4 calls, 486 tokens, 0.0008 USD of recorded cost; to answer, write in deliveries.yml" in note.message
    assert home.query("select count(*) from raw_events.requests") == [(34,)]
    (home.settings.events_dir / "langfuse/app.jsonl").unlink()
    assert asked(home) == []


def test_what_the_gateway_recorded_is_told_where_all_calls_have_it(home: Home) -> None:
    home.write("litellm/a.jsonl", spend_logs(range(3)))
    home.write("langfuse/app.jsonl", generations(range(30)))
    (note,) = asked(home)
    assert (note.count, note.amount, note.currency) == (3, Decimal("0.0006"), "USD")


@pytest.mark.parametrize(
    ("gateway", "traces"),
    [
        (spend_logs(range(30)), generations(range(30), second=30)),
        (spend_logs(range(30), prompt=900), generations(range(30))),
        (spend_logs(range(20)), generations(range(19, 30))),
        (spend_logs(range(30)), generations([5])),
    ],
    ids=["other times", "other counts", "one at the edge", "one call alone"],
)
def test_other_calls_and_what_chance_gives_are_not_asked_about(home: Home, gateway: str, traces: str) -> None:
    home.write("litellm/a.jsonl", gateway)
    home.write("langfuse/app.jsonl", traces)
    assert asked(home) == []


def test_what_was_asked_stands_until_files_change(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    events = next(source for source in SOURCES if source.name == "events")

    def landed() -> list[Note]:
        found = events.land(home.settings, now=datetime(2026, 6, 1, tzinfo=UTC)).notes
        return [note for note in found if note.kind == "calls_alike"]

    home.write("litellm/a.jsonl", spend_logs(range(3)))
    home.write("langfuse/app.jsonl", generations(range(3)))
    first = landed()
    assert len(first) == 1
    monkeypatch.setattr("ingestion.sources.events.pipeline.told_twice", lambda _: pytest.fail("nothing has changed"))
    assert landed() == first
    monkeypatch.undo()
    (home.settings.events_dir / "langfuse" / "app.jsonl").unlink()
    assert landed() == []


@pytest.mark.parametrize("name", ["canonical/a (1).csv", "canonical/a.csv.gz", "canonical/sub/b.csv"])
def test_a_copy_of_a_file_without_ids_is_asked_about(home: Home, name: str) -> None:
    content = HEAD + f"{DAY}T10:00:00Z,openai,gpt-5,100,10\n"
    home.write("canonical/a.csv", content)
    assert asked(home) == []
    home.write(name, gzip.compress(content.encode()) if name.endswith(".gz") else content)
    (note,) = asked(home)
    assert "is a copy of" in note.message
    assert "twice: 1 call, 110 tokens" in note.message


def test_two_exports_without_ids_that_overlap_are_asked_about_once(home: Home) -> None:
    home.write("canonical/w1.csv", rows(range(20)))
    home.write("canonical/w2.csv", rows(range(10, 30)))
    (note,) = asked(home)  # minutes 10 to 19: 1,145 in and 100 out
    assert "twice: 10 calls, 1,245 tokens" in note.message


def test_days_of_two_tools_are_one_question(home: Home) -> None:
    for minute in range(0, 30, 3):
        home.write(f"litellm/{minute}.jsonl", spend_logs(range(minute, minute + 3)))
        home.write(f"langfuse/{minute}.jsonl", generations(range(minute, minute + 3)))
    (note,) = asked(home)
    assert note.count == 30


def test_a_tool_that_leaves_the_cache_out_tells_the_same_calls(home: Home) -> None:
    def answer(minute: int) -> str:
        usage = {"input_tokens": 100 + minute, "cache_read_input_tokens": 5000, "output_tokens": 10}
        body = {"id": f"msg_{minute}", "type": "message", "model": "claude-sonnet-4-5", "usage": usage}
        return json.dumps({"timestamp": f"{DAY}T10:{minute:02}:02Z", "response": body})

    home.write("provider_bodies/a.jsonl", "\n".join(map(answer, range(4))))
    home.write("langfuse/app.jsonl", generations(range(4)))
    (note,) = asked(home)
    assert note.count == 4


def test_two_exports_of_one_tool_under_other_ids_are_asked_about(home: Home) -> None:
    home.write("litellm/page.csv", _page(range(3)))
    home.write("litellm/table.jsonl", spend_logs(range(3)).replace('"request_id": "', '"litellm_call_id": "call-'))
    home.write("litellm/other.jsonl", spend_logs(range(30, 40)))
    assert [note.count for note in asked(home)] == [3]


def _page(minutes: Iterable[int]) -> str:
    head = "request_id,startTime,model,custom_llm_provider,prompt_tokens,completion_tokens,spend\n"
    return head + "".join(f"r-{n},{DAY} 10:{n:02}:00,gpt-5,openai,{100 + n},10,0.0002\n" for n in minutes)


def test_what_is_said_of_both_in_deliveries_yml_is_not_asked_again(home: Home) -> None:
    home.write("litellm/spend.jsonl", spend_logs(range(3)))
    home.write("langfuse/observations.jsonl", generations(range(3)))
    (question,) = asked(home)
    rules = [f"{rule}\n" for rule in re.findall(r"- {.+?}", question.message)]
    assert rules == [
        "- {match: litellm/*, over: langfuse/*, then: adds}\n",
        "- {match: litellm/*, then: ignore}\n",
        "- {match: langfuse/*, then: ignore}\n",
    ]
    home.write("deliveries.yml", rules[0])
    assert asked(home) == []
    assert home.query("select count(*) from raw_events.requests") == [(6,)]
    home.write("deliveries.yml", rules[1])
    notes = home.land().notes
    assert [note.file for note in notes if note.kind == "left_out"] == ["litellm/spend.jsonl"]
    assert not [note for note in notes if note.kind in ("calls_alike", "nothing_in_file", "delivery_rules")]
    assert home.query("select distinct event_source from raw_events.requests") == [("langfuse",)]
    home.write("deliveries.yml", "- {match: litellm/other.jsonl, then: replaces}\n")
    notes = home.land().notes
    assert [note.kind for note in notes if note.file == "deliveries.yml"] == ["delivery_rules"]
    assert "where adds or ignore is expected" in next(note.message for note in notes if note.file == "deliveries.yml")
    assert home.query("select count(*) from raw_events.requests") == [(6,)]
