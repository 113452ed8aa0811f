"""Counters that are known, in the spellings of many providers, gateways and instrumentations.

Expected counts are worked out by hand from what each body prints.
"""

from __future__ import annotations

import pytest

from ingestion.sources.events.langfuse.observations import read_observation
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.usage_shapes.values import BadValue
from tests.unit.ingestion.events.usage_records import AT, body, counts, rows, span, spend

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
