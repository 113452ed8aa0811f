"""Kinds of usage that people really have: each with several bodies of other shapes than the first that was seen.

Expected counts are worked out by hand from what each body prints.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ingestion.sources.events.langfuse.observations import read_observation
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.otel.traces import span_row
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.snapshots import is_name
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from ingestion.sources.events.usage_shapes.values import BadValue
from ingestion.vocabulary.usage_columns import OTHER_METER_COLUMNS, TOKEN_COLUMNS
from tests.support.shared_data import shared_data

AT = "2026-11-10T10:00:00Z"


def body(usage: dict[str, Any] | None, key: str = "usage", provider: str | None = None, **more: Any) -> dict[str, Any]:
    inner = {"id": "x", **({} if usage is None else {key: usage}), **more}
    return {"timestamp": AT, "response": inner} | ({"provider": provider} if provider else {})


def rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    return read_call(record, Counter())


def counts(row: dict[str, Any]) -> dict[str, int]:
    names = (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, "reasoning_tokens")
    return {name.removesuffix("_tokens"): row[name] for name in names if row.get(name)}


def span(**attributes: Any) -> dict[str, Any]:
    return span_row(("t", "s"), {"startTimeUnixNano": "1794308400000000000"}, attributes, {})


PLAIN = {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000, "reasoning": 700}
SPELLINGS = {
    "gemini_in_snake_case_with_modalities": (
        body(
            {
                "prompt_token_count": 12_000,
                "cached_content_token_count": 8_000,
                "prompt_tokens_details": [
                    {"modality": "TEXT", "token_count": 11_000},
                    {"modality": "AUDIO", "token_count": 1_000},
                ],
                "candidates_token_count": 300,
                "thoughts_token_count": 700,
                "total_token_count": 13_000,
                "traffic_type": "ON_DEMAND",
            },
            "usage_metadata",
            model_version="gemini-2.5-flash",
        ),
        PLAIN | {"uncached_input": 3_000, "audio_input": 1_000},
    ),
    "gemini_names_under_usage": (
        body(
            {"promptTokenCount": 12_000, "cachedContentTokenCount": 8_000, "candidatesTokenCount": 300}
            | {"thoughtsTokenCount": 700, "totalTokenCount": 13_000}
        ),
        PLAIN,
    ),
    "langchain": (
        body(
            {
                "input_tokens": 12_000,
                "output_tokens": 1_000,
                "total_tokens": 13_000,
                "input_token_details": {"cache_read": 8_000, "cache_creation": 0, "audio": 0},
                "output_token_details": {"reasoning": 700},
            },
            "usage_metadata",
        ),
        PLAIN,
    ),
    "pydantic_ai": (
        body(
            {"input_tokens": 12_000, "cache_read_tokens": 8_000, "output_tokens": 1_000, "requests": 1}
            | {"tool_calls": 0, "details": {"reasoning_tokens": 700}}
        ),
        PLAIN,
    ),
    "ai_sdk_4": (
        body(
            {"promptTokens": 12_000, "completionTokens": 1_000, "totalTokens": 13_000, "cachedInputTokens": 8_000}
            | {"reasoningTokens": 700}
        ),
        PLAIN,
    ),
    "ai_sdk_model_v3": (
        body(
            {"inputTokens": {"total": 12_000, "noCache": 4_000, "cacheRead": 8_000, "cacheWrite": 0}}
            | {"outputTokens": {"total": 1_000, "text": 300, "reasoning": 700}}
        ),
        PLAIN,
    ),
    "ai_sdk_5_anthropic_leaves_the_cache_out": (
        body(
            {"inputTokens": 4_000, "outputTokens": 1_000, "totalTokens": 5_000, "cachedInputTokens": 8_000},
            provider="anthropic",
        ),
        {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000},
    ),
    "deepseek": (
        body(
            {"prompt_tokens": 12_000, "prompt_cache_hit_tokens": 8_000, "prompt_cache_miss_tokens": 4_000}
            | {
                "completion_tokens": 1_000,
                "total_tokens": 13_000,
                "completion_tokens_details": {"reasoning_tokens": 700},
            }
        ),
        PLAIN,
    ),
    "cohere_model_dump": (
        body(
            {"billed_units": {"input_tokens": 4_000, "output_tokens": 1_000}, "cached_tokens": 0}
            | {"tokens": {"input_tokens": 5_500, "output_tokens": 1_002}}
        ),
        {"uncached_input": 4_000, "output": 1_000},
    ),
    "rerank_with_only_a_total": (
        body({"total_tokens": 50_000}, model="rerank-2.5-lite", data=[]),
        {"uncached_input": 50_000},
    ),
    "embedding_with_only_a_total": (
        body({"total_tokens": 9}, model="voyage-code-3", object="list", data=[]),
        {"uncached_input": 9},
    ),
    "jina_multimodal": (
        body({"total_tokens": 70, "prompt_tokens": 70}, model="jina-clip-v2", object="list", data=[]),
        {"uncached_input": 70},
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_known_counters_in_other_spellings(name: str) -> None:
    record, expected = SPELLINGS[name]
    (row,) = rows(record)
    assert counts(row) == expected
    assert row.get("unknown_usage_reason") is None


SPANS = {
    "ai_sdk_5": (
        {"ai.usage.inputTokens": 12_000, "ai.usage.outputTokens": 1_000, "ai.usage.cachedInputTokens": 8_000}
        | {"ai.usage.reasoningTokens": 700},
        PLAIN,
    ),
    "openinference": (
        {
            "llm.token_count.prompt": 12_000,
            "llm.token_count.completion": 1_000,
            "llm.token_count.total": 13_000,
            "llm.token_count.prompt_details.cache_read": 8_000,
            "llm.token_count.completion_details.reasoning": 700,
        },
        PLAIN,
    ),
    "openinference_beside_by_the_total": (
        {
            "llm.token_count.prompt": 4_000,
            "llm.token_count.completion": 1_000,
            "llm.token_count.total": 13_000,
            "llm.token_count.prompt_details.cache_read": 8_000,
        },
        {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000},
    ),
    "sentry": (
        {
            "gen_ai.usage.input_tokens": 12_000,
            "gen_ai.usage.input_tokens.cached": 8_000,
            "gen_ai.usage.output_tokens": 1_000,
            "gen_ai.usage.output_tokens.reasoning": 700,
            "gen_ai.usage.total_tokens": 13_000,
        },
        PLAIN,
    ),
    "logfire_details": (
        {
            "gen_ai.usage.input_tokens": 12_000,
            "gen_ai.usage.output_tokens": 1_000,
            "gen_ai.usage.details.cache_read_tokens": 8_000,
            "gen_ai.usage.details.reasoning_tokens": 700,
            "gen_ai.usage.details.accepted_prediction_tokens": 3,
        },
        PLAIN,
    ),
    "provider_body_beats_flat_names": (
        {
            "gen_ai.usage.raw": '{"input_tokens": 4000, "cache_read_input_tokens": 8000, "output_tokens": 1000}',
            "gen_ai.usage.input_tokens": 99,
        },
        {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000},
    ),
    "google_total_holds_thinking": (
        {
            "gen_ai.provider.name": "gcp.vertex_ai",
            "llm.token_count.prompt": 5,
            "llm.token_count.completion": 845,
            "llm.token_count.total": 2_023,
        },
        {"uncached_input": 5, "output": 2_018, "reasoning": 1_173},
    ),
    "older_anthropic": (
        {
            "gen_ai.usage.input_tokens": 12,
            "gen_ai.usage.output_tokens": 23,
            "gen_ai.usage.cache_read_input_tokens": 2_495,
        },
        {"uncached_input": 12, "cache_read": 2_495, "output": 23},
    ),
}


@pytest.mark.parametrize("name", SPANS)
def test_spans_of_many_instrumentations(name: str) -> None:
    attributes, expected = SPANS[name]
    row = span(**attributes)
    assert counts(row) == expected
    assert row.get("unknown_usage_reason") is None


def test_a_cut_off_stream_is_a_lower_bound() -> None:
    row = span(**{"gen_ai.usage.partial.input_tokens": 50, "gen_ai.usage.partial.output_tokens": 7})
    assert counts(row) == {"uncached_input": 50, "output": 7}
    assert row["unknown_usage_reason"] == "partial_usage"


def test_a_total_that_no_reading_sums_to_is_refused_in_every_reader() -> None:
    with pytest.raises(BadValue, match="printed total is 99") as chat:
        rows(body({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 99}))
    with pytest.raises(BadValue, match="printed total is 99") as traced:
        span(**{"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5, "gen_ai.usage.total_tokens": 99})
    observation = {"id": "o", "startTime": AT, "usageDetails": {"input": 10, "output": 5, "total": 99}}
    with pytest.raises(BadValue, match="printed total is 99") as observed:
        read_observation(observation | {"model": "gpt-5"})
    with pytest.raises(BadValue, match="printed total is 99") as logged:
        read_spend_log(spend(prompt_tokens=10, completion_tokens=5, total_tokens=99))
    assert {each.value.reason for each in (chat, traced, observed, logged)} == {"parts_contradict_total"}


def spend(**columns: Any) -> dict[str, Any]:
    usage = columns.pop("usage", {})
    return {
        "request_id": "r",
        "startTime": AT,
        "model": "claude-sonnet-4-5-20250929",
        "custom_llm_provider": "anthropic",
        "metadata": {"usage_object": usage},
        **columns,
    }


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


def grounded(model: str, *candidates: dict[str, Any]) -> dict[str, Any]:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    return body(usage, "usageMetadata", modelVersion=model, candidates=list(candidates))


TEXT = {"uncached_input": 10, "output": 5}
GROUNDED = {
    "by_query_from_gemini_3_on": (
        grounded(
            "gemini-3-pro-preview",
            {"groundingMetadata": {"webSearchQueries": ["a", "b", "a", ""]}},
            {"groundingMetadata": {"webSearchQueries": ["c"]}},
        ),
        {"web_searches": 3},
    ),
    "one_prompt_in_gemini_2": (
        grounded("gemini-2.0-flash", {"grounding_metadata": {"web_search_queries": ["a", "b"]}}),
        {"web_searches": 1},
    ),
    "maps_by_its_widget": (
        grounded("gemini-2.5-pro", {"groundingMetadata": {"googleMapsWidgetContextToken": "t"}}),
        {"map_searches": 1},
    ),
    "search_and_maps": (
        grounded(
            "gemini-2.5-pro", {"groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}, {"maps": {"x": 1}}]}}
        ),
        {"web_searches": 1, "map_searches": 1},
    ),
    "not_grounded": (grounded("gemini-2.5-pro", {"groundingMetadata": {}}), {}),
}


@pytest.mark.parametrize("name", GROUNDED)
def test_grounding_of_gemini(name: str) -> None:
    record, expected = GROUNDED[name]
    (row,) = rows(record)
    assert counts(row) == TEXT | expected


def test_images_made_inside_a_response_are_calls_of_the_image_model_that_it_names() -> None:
    """Rates of gpt-image-1 apply to what lies beside the usage of gpt-5."""
    made = {"input_tokens": 50, "output_tokens": 1_000, "output_tokens_details": {"image_tokens": 1_000}}
    record = body(
        {"input_tokens": 1_000, "output_tokens": 100, "total_tokens": 1_100},
        object="response",
        model="gpt-5",
        service_tier="flex",
        tools=[{"type": "image_generation", "model": "gpt-image-1"}],
        output=[{"type": "image_generation_call"}],
        tool_usage={"image_gen": made},
    )
    answer, image = rows(record)
    assert counts(answer) == {"uncached_input": 1_000, "output": 100}
    assert not unresolved_of(answer)
    assert counts(image) == {"uncached_input": 50, "image_output": 1_000}
    assert (image["served_model"], image["parent_event_id"]) == ("gpt-image-1", answer["event_id"])
    assert image.get("served_service_tier") is None
    assert image["event_id"] != answer["event_id"]


@pytest.mark.parametrize(("identity", "expected"), [("ocgo", True), ("answer", True), ("msg_st", False), ("x1", False)])
def test_a_word_is_no_id_and_what_apis_put_before_theirs_makes_one(identity: str, expected: bool) -> None:
    assert is_name(identity) is expected


RESPONSE = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
UNMETERED = {
    "containers_are_counted_once": (
        body(
            RESPONSE,
            object="response",
            output=[{"type": "code_interpreter_call", "container_id": each} for each in ("a", "b", "a")],
        ),
        {"containers": 2},
        {"output.code_interpreter_call.container_minutes": 2},
    ),
    "image_tool": (
        body(
            RESPONSE,
            object="response",
            output=[{"type": "image_generation_call"}],
            tool_usage={"image_gen": {"input_tokens": 30, "output_tokens": 1_056}},
        ),
        {},
        {"tool_usage.image_gen.input_tokens": 30, "tool_usage.image_gen.output_tokens": 1_056},
    ),
    "a_tool_of_tomorrow": (
        body(RESPONSE, object="response", output=[{"type": "hologram_call"}, {"type": "message"}]),
        {},
        {"output.hologram_call": 1},
    ),
    "vertex_ai_search": (
        grounded("gemini-2.5-pro", {"groundingMetadata": {"retrievalQueries": ["q"]}}),
        {},
        {"groundingMetadata.retrievalQueries": 1},
    ),
    "xai_posts": (
        body(
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
            | {"server_side_tool_usage_details": {"x_search_calls": 2, "x_posts_fetched": 40, "web_search_calls": 1}}
        ),
        {"x_searches": 2, "web_searches": 1},
        {"usage.server_side_tool_usage_details.x_posts_fetched": 40},
    ),
    "mistral_connectors": (
        body({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "connectors": {"web_search": 2}}),
        {},
        {"usage.connectors.web_search": 2},
    ),
}


@pytest.mark.parametrize("name", UNMETERED)
def test_tools_that_nothing_meters_are_named(name: str) -> None:
    record, expected, named = UNMETERED[name]
    (row,) = rows(record)
    assert counts(row) == TEXT | expected
    assert {item.key: item.quantity for item in unresolved_of(row)} == named
    assert row["unknown_usage_reason"] == "unmetered_tool"


def test_tokens_only_tools_leave_a_response_complete() -> None:
    items = [{"type": kind} for kind in ("function_call", "mcp_call", "computer_call", "reasoning", "message")]
    (row,) = rows(body(RESPONSE, object="response", output=items))
    assert row.get("unresolved_usage") is None


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


def test_a_compound_system_is_a_row_for_each_model() -> None:
    part = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    whole = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    models = [{"model": "openai/gpt-oss-120b", "usage": part}, {"model": "llama-3.3-70b-versatile", "usage": part}]
    choices = [{"message": {"executed_tools": [{"type": "search"}]}}]
    record = body(whole, "usage", "groq", model="groq/compound", usage_breakdown={"models": models}, choices=choices)
    found = rows(record)
    assert [(row["event_id"], row["served_model"]) for row in found] == [
        ("x/0", "openai/gpt-oss-120b"),
        ("x/1", "llama-3.3-70b-versatile"),
    ]
    assert [counts(row) for row in found] == [TEXT, TEXT]
    assert [row.get("unknown_usage_reason") for row in found] == ["unmetered_tool", None]


def test_tools_that_are_only_numbered_are_named() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "num_server_side_tools_used": 3}
    (row,) = rows(body(usage))
    assert [(item.key, item.quantity) for item in unresolved_of(row)] == [("usage.num_server_side_tools_used", 3)]
    (row,) = rows(body(usage | {"server_side_tool_usage_details": {"x_search_calls": 3}}))
    assert (counts(row), row.get("unresolved_usage")) == (TEXT | {"x_searches": 3}, None)


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
