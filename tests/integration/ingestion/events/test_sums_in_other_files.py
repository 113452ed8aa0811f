"""A sum and the calls that it sums up, delivered apart: in whatever order they come, each token counts once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing import LandingReport
from tests.integration.ingestion.events.test_routing_and_canonical import Home

AT = "2026-05-01T10:00:00Z"
AT_S = 1_777_629_600
TOKENS = "select event_id, uncached_input_tokens, output_tokens from raw_events.requests order by 1"


def generation(identity: str, parent: str | None = None) -> str:
    details = {"input": 100, "output": 20, "total": 120}
    told = {"id": identity, "type": "GENERATION", "startTime": AT, "model": "gpt-5", "usageDetails": details}
    return json.dumps(told | {"parentObservationId": parent, "traceId": "t"})


def lang_run(identity: str, parent: str | None = None) -> str:
    used = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
    run = {"id": identity, "run_type": "llm", "start_time": AT, "usage_metadata": used, "parent_run_id": parent}
    return json.dumps(run | {"extra": {"metadata": {"ls_model_name": "gpt-5"}}})


def span(identity: str, parent: str | None = None, answer: str | None = None) -> str:
    counters = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}
    said: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", **counters}
    said |= {"gen_ai.response.id": answer} if answer else {}
    attributes = [{"key": name, "value": {"stringValue": str(item)}} for name, item in said.items()]
    times = {"startTimeUnixNano": f"{AT_S}000000000", "endTimeUnixNano": f"{AT_S + 1}000000000"}
    given = {"traceId": "t", "spanId": identity, "parentSpanId": parent, "attributes": attributes, **times}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [given]}]}]})


def session() -> str:
    usage = {"input_tokens": 100, "output_tokens": 20}
    message = {"id": "msg_01aa", "role": "assistant", "model": "claude-opus-4-8", "usage": usage}
    line = {"type": "assistant", "uuid": "u", "sessionId": "s", "requestId": "req_01aa", "timestamp": AT}
    return json.dumps(line | {"message": message})


def logged() -> str:
    said = {"event.name": "api_request", "request_id": "req_01aa", "input_tokens": "100", "output_tokens": "20"}
    attributes = [{"key": name, "value": {"stringValue": item}} for name, item in said.items()]
    record = {"timeUnixNano": f"{AT_S}000000000", "body": {"stringValue": "claude_code.api_request"}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record | {"attributes": attributes}]}]}]})


def assistants(kind: str, identity: str) -> str:
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    body = {"id": identity, "object": kind, "created_at": AT_S, "usage": usage, "status": "completed"}
    return json.dumps(body | ({"run_id": "run_1"} if kind == "thread.run.step" else {"model": "gpt-5"}))


PAIRS = {
    "langfuse": (generation("sum-0001"), generation("call-0001", "sum-0001"), "call-0001"),
    "langsmith": (lang_run("sum-0002"), lang_run("call-0002", "sum-0002"), "call-0002"),
    "otel": (span("a1"), span("b1", "a1"), "t:b1"),
    "provider_bodies": (assistants("thread.run", "run_1"), assistants("thread.run.step", "step_1"), "run_1"),
}


SET_ASIDE = "not counted: 4 rows that repeat calls of other files"


def told(report: LandingReport) -> list[str]:
    return [note.message for note in report.notes]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_sum_and_its_calls_in_two_files_count_once(tmp_path: Path, order: tuple[int, int]) -> None:
    home = Home(tmp_path)
    for place in order:
        for folder, given in PAIRS.items():
            home.write(f"{folder}/{place}.jsonl", given[place])
        report = home.land()
    assert home.query(TOKENS) == sorted((kept, 100, 20) for _, _, kept in PAIRS.values())
    assert SET_ASIDE in told(report)
    assert home.query("select sum(row_count) from raw_events.files") == [(len(PAIRS),)]
    report = home.land()
    assert (report.files_landed, SET_ASIDE in told(report)) == (0, True)
    (home.settings.events_dir / "langfuse/1.jsonl").unlink()
    home.land()
    assert ("sum-0001", 100, 20) in home.query(TOKENS), "it comes back when its calls are gone"


def test_a_session_of_claude_code_and_its_logs_count_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write("otel/logs.jsonl", logged())
    home.write("claude_code/p/s.jsonl", session())
    home.land()
    assert home.query(TOKENS) == [("msg_01aa", 100, 20)]


def test_calls_below_calls_of_a_users_own_file_all_count(tmp_path: Path) -> None:
    home = Home(tmp_path)
    head = "event_id,parent_event_id,requested_at_utc,requested_model,uncached_input_tokens,output_tokens\n"
    home.write("canonical/a.csv", f"{head}c-1,,{AT},gpt-5,100,20\n")
    home.write("canonical/b.csv", f"{head}c-2,c-1,{AT},gpt-5,50,10\n")
    home.land()
    assert home.query(TOKENS) == [("c-1", 100, 20), ("c-2", 50, 10)]


def between(folder: str) -> str:
    """A record that is no call, below `top`."""
    if folder == "otel":
        given = {"traceId": "t", "spanId": "mid", "parentSpanId": "top", "attributes": []}
        return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [given]}]}]})
    if folder == "langsmith":
        return json.dumps({"id": "mid", "run_type": "chain", "start_time": AT, "parent_run_id": "top"})
    return json.dumps({"id": "mid", "type": "SPAN", "startTime": AT, "traceId": "t", "parentObservationId": "top"})


@pytest.mark.parametrize("files", ["a|b c", "a b|c", "c b|a", "c|b|a", "b|a|c", "a|b|c"])
@pytest.mark.parametrize("place", ["langfuse", "langsmith", "otel", "provider_bodies"])
def test_what_is_no_call_may_lie_between_a_sum_and_its_call_in_any_file(tmp_path: Path, place: str, files: str) -> None:
    home = Home(tmp_path)
    folder = "langfuse" if place == "provider_bodies" else place
    made = {"langfuse": generation, "langsmith": lang_run, "otel": span}[folder]
    given = {"a": made("top"), "b": between(folder), "c": made("low", "mid")}
    for number, letters in enumerate(files.split("|")):
        home.write(f"{place}/{number}.jsonl", "\n".join(given[letter] for letter in letters.split()))
        home.land()
    low = "t:low" if folder == "otel" else "low"
    assert home.query(TOKENS) == [(low, 100, 20)]


def test_a_sum_comes_back_when_what_hung_its_call_below_it_is_gone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name, given in {"a": generation("top"), "b": between("langfuse"), "c": generation("low", "mid")}.items():
        home.write(f"langfuse/{name}.jsonl", given)
    home.land()
    (home.settings.events_dir / "langfuse/b.jsonl").unlink()
    home.land()
    assert home.query(TOKENS) == [("low", 100, 20), ("top", 100, 20)]


def test_a_call_that_a_tool_made_is_in_no_sum_of_another_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    tool = json.loads(between("otel"))
    said = {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}}
    tool["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = [said]
    for name, given in {"a": span("top"), "b": json.dumps(tool), "c": span("low", "mid")}.items():
        home.write(f"otel/{name}.jsonl", given)
    home.land()
    assert home.query(TOKENS) == [("t:low", 100, 20), ("t:top", 100, 20)]


def test_an_image_that_a_response_made_stands_beside_it_whatever_file_has_which(tmp_path: Path) -> None:
    def response(output: int, **told: Any) -> str:
        usage = {"input_tokens": 100, "output_tokens": output, "total_tokens": 100 + output}
        body = {"id": "resp_1", "object": "response", "created_at": AT_S, "model": "gpt-5", "usage": usage}
        return json.dumps(body | told)

    home = Home(tmp_path)
    made = {"input_tokens": 50, "output_tokens": 10, "total_tokens": 60}
    tools = [{"type": "image_generation", "model": "gpt-image-1"}]
    home.write("provider_bodies/a.jsonl", response(15, tools=tools, tool_usage={"image_gen": made}))
    home.write("provider_bodies/b.jsonl", response(20))  # the same answer, later and without its tools
    home.land()
    assert home.query("select event_id from raw_events.requests order by 1") == [("resp_1",), ("resp_1/image_gen",)]
    assert home.query("select sum(uncached_input_tokens) from raw_events.requests") == [(150,)]


@pytest.mark.parametrize(
    ("of_sum", "of_call"), [("chatcmpl-1", None), ("chatcmpl-1", "chatcmpl-2"), (None, "chatcmpl-2")]
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_span_with_the_id_of_its_answer_is_the_sum_of_the_span_below(
    tmp_path: Path, order: tuple[int, int], of_sum: str | None, of_call: str | None
) -> None:
    home = Home(tmp_path)
    given = (span("a1", answer=of_sum), span("b1", "a1", answer=of_call))
    for place in order:
        home.write(f"otel/{place}.jsonl", given[place])
        home.land()
    assert home.query(TOKENS) == [(of_call or "t:b1", 100, 20)]
    (home.settings.events_dir / "otel/1.jsonl").unlink()
    home.land()
    assert home.query(TOKENS) == [(of_sum or "t:a1", 100, 20)]


def test_spans_that_share_the_id_of_an_answer_are_one_call_in_two_files(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write("otel/0.jsonl", span("a1", answer="chatcmpl-1"))
    home.write("otel/1.jsonl", span("b1", "a1", answer="chatcmpl-1"))
    home.land()
    assert home.query(TOKENS) == [("chatcmpl-1", 100, 20)]
