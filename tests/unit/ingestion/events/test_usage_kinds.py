"""Kinds of usage that people really have: each with several bodies of other shapes than the first that was seen.

Expected counts are worked out by hand from what each body prints.
"""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.sources.events.langfuse.observations import read_observation
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.snapshots import is_name
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from ingestion.sources.events.usage_shapes.values import BadValue
from tests.support.shared_data import shared_data
from tests.unit.ingestion.events.usage_records import AT, RESPONSE, TEXT, body, counts, rows, span, spend


@pytest.mark.parametrize(
    ("columns", "usage", "expected"),
    [
        # 5,000 x 3 + 2,000 x 0.3 + 100 x 15 per M = 0.0171 beside; inside it is 0.0111.
        ({"spend": "0.0171"}, {"cache_read_input_tokens": 2_000}, {"uncached_input": 5_000, "cache_read": 2_000}),
        ({"spend": "0.0111"}, {"cache_read_input_tokens": 2_000}, {"uncached_input": 3_000, "cache_read": 2_000}),
        ({"spend": "0.5"}, {"cache_read_input_tokens": 2_000}, {"uncached_input": 3_000, "cache_read": 2_000}),
        # 5,000 x 3 + 1,000 x 3.75 + 100 x 15 per M = 0.02025 beside.
        ({"spend": "0.02025"}, {"cache_creation_input_tokens": 1_000}, {"uncached_input": 5_000, "cache_write": 1_000}),
        ({"total_tokens": 7_100}, {"cache_read_input_tokens": 2_000}, {"uncached_input": 5_000, "cache_read": 2_000}),
        ({}, {"cache_read_input_tokens": 6_000}, {"uncached_input": 5_000, "cache_read": 6_000}),
    ],
)
def test_total_and_spend_decide_what_a_gateways_prompt_holds(
    columns: dict[str, Any], usage: dict[str, Any], expected: dict[str, int]
) -> None:
    given = {"prompt_tokens": 5_000, "completion_tokens": 100, "total_tokens": 5_100} | columns
    row, _ = read_spend_log(spend(usage=usage, **given))
    assert counts(row) == expected | {"output": 100}


@pytest.mark.parametrize(("identity", "expected"), [("ocgo", True), ("answer", True), ("msg_st", False), ("x1", False)])
def test_a_word_is_no_id_and_what_apis_put_before_theirs_makes_one(identity: str, expected: bool) -> None:
    assert is_name(identity) is expected


def iteration(kind: str, model: str, output: int) -> dict[str, Any]:
    return {"type": kind, "model": model, "input_tokens": 412, "output_tokens": output}


@pytest.mark.parametrize(
    ("parts", "billed"),
    [
        ([iteration("message", "a", 0), iteration("fallback_message", "b", 9)], [False, True]),
        ([iteration("message", "a", 7), iteration("fallback_message", "b", 9)], [True, True]),
        (
            [
                iteration("message", "a", 0),
                iteration("fallback_message", "b", 0),
                iteration("fallback_message", "c", 9),
            ],
            [False, False, True],
        ),
        ([iteration("message", "a", 0), iteration("message", "a", 9)], [True, True]),
    ],
)
def test_declined_attempts_without_output_are_waived(parts: list[dict[str, Any]], billed: list[bool]) -> None:
    usage = {"input_tokens": 412, "output_tokens": 9, "iterations": parts}
    found = rows(body(usage, type="message", model="b", stop_reason="end_turn"))
    assert [row["is_billable"] for row in found] == billed


@pytest.mark.parametrize(
    ("content", "output", "is_billable"), [([], 1, False), ([], 0, False), ([{"type": "text"}], 5, True), ([], 5, True)]
)
def test_a_refusal_before_any_output_is_not_billed(content: list[Any], output: int, is_billable: bool) -> None:
    usage = {"input_tokens": 412, "output_tokens": output}
    (row,) = rows(body(usage, type="message", model="claude-opus-4-8", stop_reason="refusal", content=content))
    assert row["is_billable"] is is_billable


@pytest.mark.parametrize(
    "record",
    [
        body({"cost_in_usd_ticks": 200_000_000}, provider="xai", model="grok-imagine-image"),
        body({"cost": "0.02"}, model="google/gemini-image"),
        body({"cost": {"total_cost": "0.02"}}, provider="perplexity", model="sonar"),
    ],
)
def test_a_charge_without_tokens_lands(record: dict[str, Any]) -> None:
    (row,) = rows(record)
    assert str(row["recorded_cost_usd"]) == "0.020000000000"
    assert counts(row) == {}


@pytest.mark.parametrize(("seconds", "status", "expected"), [("8", "completed", 8_000), (4, "completed", 4_000)])
def test_a_finished_video_counts_its_seconds(seconds: Any, status: str, expected: int) -> None:
    (row,) = rows(body(None, object="video", seconds=seconds, status=status, model="sora-2"))
    assert counts(row) == {"video_milliseconds": expected}
    with pytest.raises(BadValue):
        rows(body(None, object="video", seconds=seconds, status="queued", model="sora-2"))


@pytest.mark.parametrize(
    "record",
    [
        body(RESPONSE, object="response", model="gpt-5-nano") | {"request": {"model": "model-router"}},
        body(RESPONSE, object="response", model="gpt-5-nano") | {"requested_model": "my-model-router"},
        body({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}, model="gpt-5-nano")
        | {"url": "https://x.openai.azure.com/openai/deployments/model-router/chat/completions"},
    ],
)
def test_a_router_counts_the_input_once_more(record: dict[str, Any]) -> None:
    (row,) = rows(record)
    assert counts(row) == TEXT | {"routed_input": 10}


def test_every_attribute_found_in_the_wild_is_known_or_named() -> None:
    path = shared_data("../cases/usage/otel_attributes_in_use_and_unknown.txt")
    base = {"gen_ai.usage.input_tokens": 1_000, "gen_ai.usage.output_tokens": 500}
    unknown = {"gen_ai.usage.custom_tokens", "gen_ai.usage.details.audio_tokens"}
    for line in path.read_text().splitlines():
        name = line.split(" ")[0]
        if name in base or name.endswith("total_tokens") or name == "llm.token_count.total":
            continue
        row = span(**base, **{name: 7})
        named = {item.key for item in unresolved_of(row) if item.reason != "assumed_relation"}
        assert named == ({name} & unknown), name


@pytest.mark.parametrize(
    "row",
    [
        rows(body(RESPONSE, object="response") | {"base_url": "https://eu.api.openai.com/v1"})[0],
        rows(body(RESPONSE, object="response") | {"request": {"url": "https://eu.api.openai.com/v1/responses"}})[0],
        read_spend_log(spend(api_base="https://eu.api.openai.com/v1", prompt_tokens=1, completion_tokens=1))[0],
        span(**{"server.address": "eu.api.openai.com", "gen_ai.usage.input_tokens": 1}),
    ],
    ids=["base_url", "request_url", "litellm", "span"],
)
def test_the_host_says_where_a_call_ran(row: dict[str, Any]) -> None:
    assert row["region"] == "eu"


def test_the_tier_of_vertex_in_snake_case() -> None:
    usage = {"prompt_token_count": 1, "candidates_token_count": 1, "traffic_type": "ON_DEMAND_PRIORITY"}
    (row,) = rows(body(usage, "usage_metadata"))
    assert row["served_service_tier"] == "priority"


def test_a_recorded_cost_decides_for_spans_and_observations_too() -> None:
    # Claude Sonnet 4.5: 5,000 x 3 + 2,000 x 0.3 + 100 x 15 per M = 0.0171 beside, 0.0111 inside.
    beside = {"uncached_input": 5_000, "cache_read": 2_000, "output": 100}
    inside = beside | {"uncached_input": 3_000}
    attributes = {
        "gen_ai.provider.name": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5-20250929",
        "gen_ai.usage.input_tokens": 5_000,
        "gen_ai.usage.cache_read.input_tokens": 2_000,
        "gen_ai.usage.output_tokens": 100,
    }
    assert counts(span(**attributes)) == inside
    assert counts(span(**attributes, **{"operation.cost": 0.0171})) == beside
    observation = {
        "id": "o",
        "startTime": AT,
        "model": "claude-sonnet-4-5-20250929",
        "usageDetails": {"input": 5_000, "cache_read_input_tokens": 2_000, "output": 100},
    }
    assert counts(read_observation(observation)[0]) == beside
    assert counts(read_observation(observation | {"totalCost": "0.0111"})[0]) == inside


def test_an_embedding_observation_may_print_only_a_total() -> None:
    observation = {"id": "o", "startTime": AT, "type": "EMBEDDING", "usageDetails": {"total": 9}}
    assert counts(read_observation(observation)[0]) == {"uncached_input": 9}
    with pytest.raises(BadValue, match="Only a total"):
        read_observation(observation | {"type": "GENERATION"})


GOOGLE = {"prompt_token_count": 100, "candidates_token_count": 10, "total_token_count": 110}


@pytest.mark.parametrize(
    ("image", "words"),
    [("IMAGE", "TEXT"), ("MediaModality.IMAGE", "MediaModality.TEXT"), ("MODALITY_IMAGE", "MODALITY_TEXT")],
)
def test_a_modality_is_known_however_an_sdk_prints_it(image: str, words: str) -> None:
    details = [{"modality": image, "token_count": 60}, {"modality": words, "token_count": 40}]
    (row,) = rows(body(GOOGLE | {"prompt_tokens_details": details}, "usage_metadata", model="gemini-2.5-flash"))
    assert counts(row) == {"uncached_input": 40, "image_input": 60, "output": 10}
    assert not unresolved_of(row)


INTERACTION = {
    "total_input_tokens": 100,
    "total_cached_tokens": 40,
    "total_output_tokens": 30,
    "total_thought_tokens": 20,
    "total_tool_use_tokens": 5,
    "total_tokens": 155,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 90}, {"modality": "audio", "tokens": 10}],
    "output_tokens_by_modality": [{"modality": "text", "tokens": 30}],
}


def test_googles_interactions_count_thoughts_and_tools_beside_and_searches_by_query() -> None:
    search = {"type": "google_search_call", "arguments": {"queries": ["a", "b"]}}
    (row,) = rows(body(INTERACTION, model="gemini-3-flash-preview", outputs=[search, {"type": "text"}]))
    expected = {"uncached_input": 55, "cache_read": 40, "audio_input": 10, "output": 50, "reasoning": 20}
    assert counts(row) == expected | {"web_searches": 2}
    assert row["provider_name"] == "google"
    assert not unresolved_of(row)


@pytest.mark.parametrize(
    ("more", "unknown"),
    [
        ({"total_tokens_per_sec": 100, "acceptance_rate": 3, "total_latency": 2, "queue_time_ms": 12}, {}),
        ({"image_tokens": 4, "prompt_tokens_details": {"image_tokens": 4}}, {}),
        ({"image_tokens": 5, "prompt_tokens_details": {"image_tokens": 4}}, {"usage.image_tokens": 5}),
        ({"audio_duration_ms": 700}, {"usage.audio_duration_ms": 700}),
        ({"num_sources_used": 0}, {}),
        ({"num_sources_used": 3}, {"usage.num_sources_used": 3}),
    ],
)
def test_what_measures_a_call_is_no_counter_and_what_may_cost_is_named(
    more: dict[str, Any], unknown: dict[str, int]
) -> None:
    (row,) = rows(body({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15} | more, model="m"))
    assert {item.key: item.quantity for item in unresolved_of(row)} == unknown


def test_a_total_with_audio_that_is_charged_by_its_seconds_contradicts_nothing() -> None:
    usage = {"prompt_audio_seconds": 203, "prompt_tokens": 4, "completion_tokens": 635, "total_tokens": 3264}
    (row,) = rows(body(usage, model="voxtral-mini-latest"))
    assert counts(row) == {"uncached_input": 4, "output": 635, "audio_milliseconds": 203_000}
