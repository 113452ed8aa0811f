"""Token counts of APIs with a shape of their own: figures worked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.ingestion.events.bodies import COHERE, CONVERSE, GEMINI, one, rows_of, tokens, usage_only
from tests.unit.ingestion.events.corpus import enveloped, message


def test_anthropic_input_excludes_cache_and_writes_split_by_lifetime() -> None:
    row = one(enveloped(message(1)))
    assert tokens(row) == {
        "uncached_input_tokens": 12,
        "cache_read_tokens": 2_000,
        "cache_write_5m_tokens": 100,
        "cache_write_1h_tokens": 200,
        "output_tokens": 50,
    }
    assert row["cache_write_tokens"] == 0
    assert row["provider_name"] == "anthropic"


def test_anthropic_write_without_lifetimes_stays_whole() -> None:
    row = one(enveloped(message(1, cache_creation=None)))
    assert row["cache_write_tokens"] == 300
    assert "cache_write_5m_tokens" not in row


def test_anthropic_thinking_is_inside_output() -> None:
    row = one(enveloped(message(1, output_tokens_details={"thinking_tokens": 20})))
    assert (row["output_tokens"], row["reasoning_tokens"]) == (50, 20)


def test_anthropic_iterations_are_rows_with_their_own_model_and_the_top_level_is_not_added() -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": 20,
        "server_tool_use": {"web_search_requests": 2},
        "iterations": [
            {"type": "message", "input_tokens": 70, "output_tokens": 10},
            {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 4_000, "output_tokens": 900},
            {"type": "compaction", "input_tokens": 30, "cache_creation_input_tokens": 55_096, "output_tokens": 10},
        ],
    }
    body = {"id": "msg_7", "type": "message", "model": "claude-sonnet-4-5", "usage": usage}
    rows = rows_of(enveloped(body, recorded_cost_usd="0.25", duration_ms=900))
    assert [row["event_id"] for row in rows] == ["msg_7/0", "msg_7/1", "msg_7/2"]
    assert {row["parent_event_id"] for row in rows} == {"msg_7"}
    assert [row["served_model"] for row in rows] == ["claude-sonnet-4-5", "claude-opus-4-8", "claude-sonnet-4-5"]
    assert sum(sum(tokens(row).values()) for row in rows) == 70 + 10 + 4_000 + 900 + 30 + 55_096 + 10
    assert [row.get("recorded_cost_usd") for row in rows] == [Decimal("0.25"), None, None]
    assert [row.get("web_searches") for row in rows] == [2, None, None]


def test_gemini_thoughts_and_tool_prompt_are_added() -> None:
    row = one(enveloped(GEMINI))
    assert tokens(row) == {"uncached_input_tokens": 136, "output_tokens": 414, "reasoning_tokens": 213}
    assert row["served_service_tier"] == "standard"
    assert sum(tokens(row).values()) - 213 == 550


def test_gemini_modalities_with_cached_parts() -> None:
    metadata = {
        "promptTokenCount": 1_000,
        "cachedContentTokenCount": 600,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 100},
            {"modality": "AUDIO", "tokenCount": 700},
            {"modality": "DOCUMENT", "tokenCount": 150},
            {"modality": "VIDEO", "tokenCount": 50},
        ],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 500}, {"modality": "TEXT", "tokenCount": 100}],
        "candidatesTokenCount": 80,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 60}],
        "totalTokenCount": 1_080,
    }
    row = one(enveloped({"usageMetadata": metadata}))
    assert tokens(row) == {
        "cache_read_tokens": 100,
        "audio_input_tokens": 200,
        "audio_cache_read_tokens": 500,
        "image_input_tokens": 150,
        "video_input_tokens": 50,
        "output_tokens": 20,
        "image_output_tokens": 60,
    }
    assert row["uncached_input_tokens"] == 0


@pytest.mark.parametrize("details", [None, [], [{"modality": "TEXT", "tokenCount": 3}], [{"modality": "TEXT"}]])
def test_gemini_modality_lists_absent_or_short_leave_the_rest_to_text(details: Any) -> None:
    metadata = {"promptTokenCount": 10, "candidatesTokenCount": 5, "promptTokensDetails": details}
    found = tokens(one(enveloped({"usageMetadata": metadata})))
    assert found == {"uncached_input_tokens": 10, "output_tokens": 5}


def test_gemini_cached_audio_without_a_cache_list_is_found_by_what_cannot_be_text() -> None:
    metadata = {
        "promptTokenCount": 1_000,
        "cachedContentTokenCount": 950,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 900}, {"modality": "TEXT", "tokenCount": 100}],
        "candidatesTokenCount": 1,
    }
    found = tokens(one(enveloped({"usageMetadata": metadata})))
    assert found == {
        "cache_read_tokens": 100,
        "audio_cache_read_tokens": 850,
        "audio_input_tokens": 50,
        "output_tokens": 1,
    }


def test_gemini_dropped_zero_counters_follow_from_the_total() -> None:
    row = one(enveloped({"usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9}}))
    assert (row["uncached_input_tokens"], row["output_tokens"]) == (9, 0)


def test_bedrock_cache_is_beside_input_and_repeated_fields_count_once() -> None:
    row = one(
        enveloped(CONVERSE, url="https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-pro-v1%3A0/converse")
    )
    assert sum(tokens(row).values()) == 2_365
    assert (row["uncached_input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (3, 2_074, 288)
    assert (row["requested_model"], row["region"]) == ("amazon.nova-pro-v1:0", "eu-west-1")
    assert (row["provider_name"], row["duration_ms"]) == ("aws", 812)


def test_bedrock_cache_details_give_lifetimes() -> None:
    usage = {
        "inputTokens": 5,
        "outputTokens": 1,
        "cacheWriteInputTokens": 700,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 200}, {"ttl": "1h", "inputTokens": 500}],
    }
    found = tokens(one(usage_only(usage)))
    assert found == {
        "uncached_input_tokens": 5,
        "cache_write_5m_tokens": 200,
        "cache_write_1h_tokens": 500,
        "output_tokens": 1,
    }


def test_cohere_charges_billed_units_only() -> None:
    assert tokens(one(enveloped(COHERE))) == {"uncached_input_tokens": 431, "output_tokens": 35}


def test_cohere_rerank_counts_search_units() -> None:
    body = {"id": "r", "results": [], "meta": {"billed_units": {"search_units": 2}}}
    assert one(enveloped(body))["rerank_searches"] == 2
