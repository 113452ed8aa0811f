"""Answers that are no chat: jobs, runs and their steps, lists, transcripts, images behind a gateway. Counts by hand."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from ingestion.landing.notes import Note
from ingestion.reading.lines import Record, loads
from ingestion.sources.events import litellm
from ingestion.sources.events.provider_bodies.calls import read_call, read_calls
from tests.unit.ingestion.events.corpus import spend_log
from tests.unit.ingestion.events.usage_records import AT, counts

_UNITS = {"billed_units": {"input_tokens": 5, "output_tokens": 7}, "tokens": {"input_tokens": 71, "output_tokens": 7}}
_PAIR = {"uncached_input": 5, "output": 7}
_JOB = {"object": "fine_tuning.job", "id": "ftjob-1", "model": "gpt-4o-mini", "created_at": 1794304800}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"id": "c", "usage": {**_UNITS, "cached_tokens": 10}}, _PAIR),
        ([{"type": "message-start", "id": "z"}, {"type": "message-end", "delta": {"usage": _UNITS}}], _PAIR),
        ([{"event_type": "text-generation"}, {"event_type": "stream-end", "response": {"meta": _UNITS}}], _PAIR),
        ({"content": "x", "tokens_evaluated": 5, "tokens_predicted": 7, "tokens_cached": 11}, _PAIR),
        ({"generated_text": "x", "details": {"generated_tokens": 7, "prefill": [{"id": 1}] * 5}}, _PAIR),
        ({"generated_text": "x", "details": {"generated_tokens": 7, "prefill": []}}, {"output": 7}),
        ({**_JOB, "status": "succeeded", "trained_tokens": 5768}, {"training": 5768}),
        (
            {"metadata": {"duration": 25.9, "channels": 1, "models": ["m"]}, "results": {}},
            {"audio_milliseconds": 25_900},
        ),
        (
            {
                "type": "image_generation.completed",
                "usage": {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12},
            },
            {"uncached_input": 5, "image_output": 7},
        ),
        ({"id": "i", "model": "flux", "object": "list", "data": [{"index": 0, "url": "u"}]}, {"images": 1}),
        ({"id": "a", "audio_duration": 61, "speech_model": "best"}, {"audio_milliseconds": 61_000}),
    ],
)
def test_what_an_answer_is_charged_by(answer: Any, expected: dict[str, int]) -> None:
    (row,) = read_call(loads(json.dumps({"timestamp": AT, "response": answer})), Counter())
    assert counts(row) == expected


def _step(number: int, run: str) -> dict[str, Any]:
    usage = {"prompt_tokens": 10 * number, "completion_tokens": number}
    return {
        "id": f"step_{number}",
        "object": "thread.run.step",
        "created_at": 1794304801,
        "run_id": run,
        "usage": usage,
    }


def test_steps_of_a_run_count_where_the_run_does_not() -> None:
    run = {"id": "run_1", "object": "thread.run", "created_at": 1794304800, "model": "gpt-4o"}
    run["usage"] = {"prompt_tokens": 30, "completion_tokens": 3}
    page = {"object": "list", "data": [_step(1, "run_1"), _step(2, "run_1"), _step(4, "run_2")]}
    found = list(read_calls([Record(1, page, ""), Record(2, run, "")]))
    assert [(row["event_id"], row["output_tokens"]) for row in found if isinstance(row, dict)] == [
        ("run_1", 3),
        ("step_4", 4),
    ]
    assert [str(note) for note in found if isinstance(note, Note)] == [
        "not counted: 2 steps of runs that report their sum"
    ]


def test_a_list_of_embeddings_is_one_answer() -> None:
    data = [{"object": "embedding", "index": number, "embedding": []} for number in range(3)]
    answer = {"timestamp": AT, "object": "list", "data": data, "model": "voyage-3", "usage": {"total_tokens": 77}}
    (row,) = read_calls([Record(1, answer, "")])
    assert isinstance(row, dict)
    assert counts(row) == {"uncached_input": 77}


def test_a_gateways_transcripts_and_images(parse_records: Any) -> None:
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    heard = {"metadata": {"usage_object": {"type": "duration", "seconds": 61.5}}}
    ((row,), bad) = parse_records(litellm.parse, spend_log(1, call_type="atranscription", **nothing, **heard))
    assert (row["audio_milliseconds"], bad) == (61_500, [])
    sizes = {"prompt_tokens": 10, "completion_tokens": 1000, "total_tokens": 1010}
    used = {"metadata": {"usage_object": {**sizes, "input_tokens_details": {"text_tokens": 10}}}}
    ((row,), bad) = parse_records(litellm.parse, spend_log(1, call_type="aimage_generation", **sizes, **used))
    assert (row["uncached_input_tokens"], row["output_tokens"], row["image_output_tokens"]) == (10, 0, 1000)


def test_a_line_of_kongs_gateway_and_an_estimate_of_the_body() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "cost": 0.0001, "time_per_token": 12}
    meta = {"request_model": "gpt-4o", "response_model": "gpt-4o-2024-08-06", "provider_name": "openai"}
    line = {"started_at": 1794304800000, "ai": {"proxy": {"usage": usage, "meta": meta}}, "request": {"id": "r-17"}}
    (row,) = read_call(loads(json.dumps({**line, "response": {"status": 200}})), Counter())
    assert counts(row) == {"uncached_input": 10, "output": 5}
    assert (row["event_id"], row["served_model"], row["recorded_cost_usd"]) == (
        "r-17",
        meta["response_model"],
        Decimal("0.0001"),
    )
    body = {"id": "chatcmpl-1", "usage": {"prompt_tokens": 10, "completion_tokens": 5, "estimated_cost": 0.00012}}
    (row,) = read_call(loads(json.dumps({"timestamp": AT, "response": body})), Counter())
    assert (row["recorded_cost_usd"], row["recorded_cost_kind"]) == (Decimal("0.00012"), "estimate")
