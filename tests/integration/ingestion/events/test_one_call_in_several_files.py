"""One call in several files: of one tool it counts once, of two tools it is neither merged in silence nor lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ingestion.events.test_routing_and_canonical import Home

AT = "2026-05-01T10:00:00Z"
USED = {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15}
LANDED = "select event_source, event_id, output_tokens from raw_events.requests order by all"


def lang_run(output: int = 3, **fields: Any) -> str:
    used = USED | {"output_tokens": output, "total_tokens": 12 + output}
    run = {"id": "id-0001", "run_type": "llm", "start_time": AT, "usage_metadata": used}
    return json.dumps(run | {"extra": {"metadata": {"ls_model_name": "gpt-5"}}} | fields)


def generation(identity: str = "id-0001") -> str:
    details = {"input": 12, "output": 3, "total": 15}
    return json.dumps({"id": identity, "startTime": AT, "model": "gpt-5", "usageDetails": details})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_two_exports_of_a_tool_repeat_a_call_and_the_fuller_one_counts(home: Home) -> None:
    home.write("langsmith/day-1.jsonl", lang_run(1))
    home.write("langsmith/day-2.jsonl", lang_run(3))
    report = home.land()
    assert home.query(LANDED) == [("langsmith", "id-0001", 3)]
    assert report.quarantined_rows == 0
    assert any("repeat" in str(note) for note in report.notes)


def test_two_tools_that_share_an_id_are_not_merged(home: Home) -> None:
    home.write("langfuse/a.jsonl", generation())
    home.write("langsmith/a.jsonl", lang_run())
    home.land()
    assert home.query(LANDED) == [("langfuse", "id-0001", 3)]
    told = home.query("select file_path, reason, message from raw_events.quarantine")
    assert [(path, reason) for path, reason, _ in told] == [("langsmith/a.jsonl", "duplicate_id")]
    assert "langfuse/a.jsonl" in told[0][2]


def test_two_tools_with_ids_of_their_own_both_count(home: Home) -> None:
    home.write("langfuse/a.jsonl", generation("id-0002"))
    home.write("langsmith/a.jsonl", lang_run())
    home.land()
    assert home.query(LANDED) == [("langfuse", "id-0002", 3), ("langsmith", "id-0001", 3)]


def test_a_file_that_a_folder_cannot_read_is_refused_by_name_with_the_remedy(home: Home) -> None:
    home.write("helicone/usage.xlsx", "x")
    report = home.land()
    [note] = [str(note) for note in report.notes if "usage.xlsx" in str(note)]
    assert "helicone/ cannot read .xlsx files; export it as .jsonl" in note


def body(identity: str, hour: int, prompt: int, output: int = 3) -> str:
    used = {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}
    answer = {"id": identity, "object": "chat.completion", "model": "gpt-5", "usage": used}
    return json.dumps({"timestamp": f"2026-05-01T{hour:02}:00:00Z", "response": answer})


CALLS = {"a": (1, 100), "b": (2, 200), "c": (3, 300)}
SUMS = "select count(*), count(distinct event_id), sum(uncached_input_tokens) from raw_events.requests"


@pytest.mark.parametrize("order", ["abc", "cab", "bca"])
def test_an_id_that_a_source_gives_to_calls_of_several_files_loses_none(home: Home, order: str) -> None:
    for name in order:
        home.write(f"provider_bodies/{name}.jsonl", body("chatcmpl-constant-1", *CALLS[name]))
        report = home.land()
    assert home.query(SUMS) == [(3, 3, 600)]
    owner = "select uncached_input_tokens from raw_events.requests where event_id = 'chatcmpl-constant-1'"
    assert home.query(owner) == [(100,)]
    assert home.query("select count(*) from raw_events.quarantine") == [(0,)]
    assert any(" an event_id with another call" in str(note) for note in report.notes)
    ids = home.query("select event_id from raw_events.requests order by 1")

    home.write("provider_bodies/d.jsonl", body("chatcmpl-constant-1", 2, 200))
    home.write("provider_bodies/e.jsonl", body("chatcmpl-constant-1", 2, 200, output=9))
    home.land()
    assert home.query(SUMS) == [(3, 3, 600)], "the same call in other files counts once"
    assert home.query("select event_id from raw_events.requests order by 1") == ids
    assert home.query("select max(output_tokens) from raw_events.requests") == [(9,)]

    home.write("provider_bodies/b.jsonl", body("chatcmpl-constant-1", 2, 250))
    home.land()
    assert home.query(SUMS) == [(4, 4, 850)], "a replaced file brings its own call, the copies keep theirs"


def test_the_state_of_a_home_that_lands_all_at_once_is_the_same(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    for name, call in CALLS.items():
        home.write(f"provider_bodies/{name}.jsonl", body("chatcmpl-constant-1", *call))
        other.write(f"provider_bodies/{name}.jsonl", body("chatcmpl-constant-1", *call))
        other.land()
    home.land()
    assert home.query(LANDED) == other.query(LANDED)
    for each in (home, other):
        (each.settings.events_dir / "provider_bodies" / "a.jsonl").unlink()
        each.land()
        assert each.query(SUMS) == [(2, 2, 500)]


def test_calls_at_one_time_that_differ_still_contradict(home: Home) -> None:
    home.write("provider_bodies/a.jsonl", body("chatcmpl-constant-1", 1, 100))
    home.write("provider_bodies/b.jsonl", body("chatcmpl-constant-1", 1, 200))
    assert home.land().quarantined_rows == 1
    assert home.query(SUMS) == [(1, 1, 100)]


def test_ids_of_users_that_look_like_ours_stay_as_they_are(home: Home) -> None:
    header = "event_id,requested_at_utc,requested_model,output_tokens\n"
    home.write("canonical/a.csv", f"{header}x,2026-05-01T00:00:00Z,m,1\n")
    home.write("canonical/b.csv", f"{header}x##0123456789ab,2026-05-02T00:00:00Z,m,2\nx,2026-05-03T00:00:00Z,m,3\n")
    assert home.land().quarantined_rows == 1
    assert home.query(LANDED) == [("canonical", "x", 1), ("canonical", "x##0123456789ab", 2)]


def trace(identity: str, **used: int) -> str:
    told = {f"gen_ai.usage.{name}": item for name, item in used.items()}
    attributes = {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-5", "gen_ai.response.id": identity, **told}
    span = {
        "traceId": "t",
        "spanId": "s",
        "startTimeUnixNano": "1777629600000000000",
        "attributes": [{"key": name, "value": {"stringValue": str(item)}} for name, item in attributes.items()],
    }
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})


@pytest.mark.parametrize("order", [("otel", "provider_bodies"), ("provider_bodies", "otel")])
def test_a_trace_that_tells_less_of_a_call_gives_way_to_the_answer(home: Home, order: tuple[str, str]) -> None:
    used = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    usage = used | {"prompt_tokens_details": {"cached_tokens": 40}}
    answer = {"id": "chatcmpl-twice-1", "model": "gpt-5-2025-08-07", "service_tier": "flex", "usage": usage}
    texts = {
        "otel": trace("chatcmpl-twice-1", input_tokens=100, output_tokens=20),
        "provider_bodies": json.dumps({"timestamp": AT, "response": answer}),
    }
    for folder in order:
        home.write(f"{folder}/a.jsonl", texts[folder])
        home.land()
    kept = "select event_source, uncached_input_tokens, cache_read_tokens, served_service_tier from raw_events.requests"
    assert home.query(kept) == [("provider_bodies", 60, 40, "flex")]
    assert home.query("select count(*) from raw_events.quarantine") == [(0,)]
    (home.settings.events_dir / "provider_bodies" / "a.jsonl").unlink()
    home.land()
    assert home.query(kept) == [("otel", 100, None, None)], "it comes back when the answer is gone"


def test_a_trace_that_contradicts_the_answer_is_named(home: Home) -> None:
    home.write("otel/a.jsonl", trace("chatcmpl-twice-1", input_tokens=100, output_tokens=20))
    home.write("provider_bodies/a.jsonl", body("chatcmpl-twice-1", 10, 200, output=20))
    assert home.land().quarantined_rows == 1
    assert home.query("select event_source, uncached_input_tokens from raw_events.requests") == [
        ("provider_bodies", 200)
    ]
