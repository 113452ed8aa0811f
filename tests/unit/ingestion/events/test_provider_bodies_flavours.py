"""Token counts of every API flavour: figures worked by hand, and compared with genai-prices' own extractors."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.landing.model import QuarantinedRow
from ingestion.raw_schemas import TOKEN_COLUMNS
from ingestion.sources.events.lines import loads
from ingestion.sources.events.provider_bodies.calls import read_call
from tests.unit.ingestion.events.corpus import chat, enveloped, message

INPUT_COLUMNS = tuple(name for name in TOKEN_COLUMNS if "output" not in name)
OUTPUT_COLUMNS = tuple(name for name in TOKEN_COLUMNS if "output" in name)


def rows_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    found = read_call(loads(json.dumps(record)), Counter())
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def one(record: dict[str, Any]) -> dict[str, Any]:
    (row,) = rows_of(record)
    return row


def tokens(row: dict[str, Any]) -> dict[str, int]:
    """Non-zero token columns."""
    return {name: row[name] for name in (*TOKEN_COLUMNS, "reasoning_tokens") if row.get(name)}


def usage_only(usage: dict[str, Any], **outer: Any) -> dict[str, Any]:
    return enveloped({"usage": usage}, **outer)


RESPONSES = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_767_225_600,
    "model": "gpt-5-2025-08-07",
    "output": [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "file_search_call"},
        {"type": "message"},
    ],
    "usage": {
        "input_tokens": 900,
        "input_tokens_details": {"cached_tokens": 512, "cache_write_tokens": 128},
        "output_tokens": 300,
        "output_tokens_details": {"reasoning_tokens": 256},
        "total_tokens": 1_200,
    },
    "service_tier": "flex",
}
GEMINI = {
    "responseId": "g1",
    "modelVersion": "gemini-2.5-flash",
    "usageMetadata": {
        "promptTokenCount": 17,
        "candidatesTokenCount": 201,
        "thoughtsTokenCount": 213,
        "toolUsePromptTokenCount": 119,
        "totalTokenCount": 550,
        "trafficType": "ON_DEMAND",
    },
}
CONVERSE = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Yes."}]}},
    "metrics": {"latencyMs": 812},
    "usage": {
        "inputTokens": 3,
        "outputTokens": 288,
        "cacheReadInputTokens": 2_074,
        "cacheReadInputTokenCount": 2_074,
        "cacheWriteInputTokens": 0,
        "totalTokens": 2_365,
    },
}
COHERE = {
    "id": "co-1",
    "usage": {
        "billed_units": {"input_tokens": 431, "output_tokens": 35},
        "tokens": {"input_tokens": 2_190, "output_tokens": 77},
    },
}


def test_openai_chat_counts_are_disjoint() -> None:
    row = one(chat(1))
    assert tokens(row) == {
        "uncached_input_tokens": 60,
        "cache_read_tokens": 40,
        "output_tokens": 30,
        "reasoning_tokens": 10,
    }
    assert row["event_id"] == "chatcmpl-1"
    assert row["served_service_tier"] == "default"


def test_openai_cache_write_is_inside_the_prompt() -> None:
    usage = {
        "prompt_tokens": 4_020,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 4_012},
        "completion_tokens": 5,
    }
    assert tokens(one(usage_only(usage))) == {
        "uncached_input_tokens": 8,
        "cache_write_tokens": 4_012,
        "output_tokens": 5,
    }


def test_openai_audio_and_image_tokens_are_beside_text() -> None:
    usage = {
        "prompt_tokens": 1_000,
        "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 300, "image_tokens": 50},
        "completion_tokens": 200,
        "completion_tokens_details": {"audio_tokens": 150, "reasoning_tokens": 0},
    }
    assert tokens(one(usage_only(usage))) == {
        "uncached_input_tokens": 550,
        "cache_read_tokens": 100,
        "audio_input_tokens": 300,
        "image_input_tokens": 50,
        "output_tokens": 50,
        "audio_output_tokens": 150,
    }


def test_responses_counts_and_tool_calls() -> None:
    row = one(RESPONSES)
    assert tokens(row) == {
        "uncached_input_tokens": 260,
        "cache_read_tokens": 512,
        "cache_write_tokens": 128,
        "output_tokens": 300,
        "reasoning_tokens": 256,
    }
    assert (row["web_searches"], row["file_searches"], row["served_service_tier"]) == (1, 1, "flex")


def test_realtime_cached_audio_has_its_own_column() -> None:
    usage = {
        "input_tokens": 500,
        "input_token_details": {
            "text_tokens": 100,
            "audio_tokens": 400,
            "cached_tokens": 320,
            "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 256},
        },
        "output_tokens": 90,
        "output_token_details": {"text_tokens": 20, "audio_tokens": 70},
        "total_tokens": 590,
    }
    event = {"type": "response.done", "timestamp": "2026-01-01T00:00:00Z", "response": {"id": "r", "usage": usage}}
    assert tokens(one(event)) == {
        "uncached_input_tokens": 36,
        "cache_read_tokens": 64,
        "audio_input_tokens": 144,
        "audio_cache_read_tokens": 256,
        "output_tokens": 20,
        "audio_output_tokens": 70,
    }


def test_image_api_output_is_image_tokens() -> None:
    body = {
        "created": 1_767_225_600,
        "data": [{"b64_json": "AAAA"}],
        "usage": {
            "input_tokens": 50,
            "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
            "output_tokens": 1_056,
            "total_tokens": 1_106,
        },
    }
    found = tokens(one(body))
    assert found == {"uncached_input_tokens": 10, "image_input_tokens": 40, "image_output_tokens": 1_056}


def test_transcription_by_duration_counts_audio() -> None:
    assert one(usage_only({"type": "duration", "seconds": 9}))["audio_milliseconds"] == 9_000


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


def test_deepseek_hit_and_miss() -> None:
    usage = {
        "prompt_tokens": 100,
        "prompt_cache_hit_tokens": 64,
        "prompt_cache_miss_tokens": 36,
        "completion_tokens": 7,
        "total_tokens": 107,
    }
    row = one(usage_only(usage))
    assert tokens(row) == {"uncached_input_tokens": 36, "cache_read_tokens": 64, "output_tokens": 7}
    assert row["provider_name"] == "deepseek"


def test_mistral_cached_tokens_and_audio_seconds() -> None:
    usage = {
        "prompt_tokens": 100,
        "num_cached_tokens": 64,
        "completion_tokens": 7,
        "total_tokens": 107,
        "prompt_audio_seconds": 3,
    }
    row = one(usage_only(usage))
    assert (row["cache_read_tokens"], row["audio_milliseconds"]) == (64, 3_000)


def test_mistral_ocr_counts_pages() -> None:
    body = {"model": "mistral-ocr-2505", "pages": [], "usage_info": {"pages_processed": 4}}
    assert one(enveloped(body))["document_pages"] == 4
    annotated = one(enveloped(body | {"document_annotation": "{}"}))
    assert (annotated["document_pages"], annotated["annotated_document_pages"]) == (0, 4)


def test_groq_stream_usage_and_total_time() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "total_time": 0.125}
    row = one(enveloped({"id": "chatcmpl-9", "x_groq": {"id": "q", "usage": usage}}))
    assert (row["provider_name"], row["uncached_input_tokens"], row["output_tokens"]) == ("groq", 10, 5)


def test_xai_reasoning_outside_completion_is_seen_by_the_total() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 115,
        "completion_tokens_details": {"reasoning_tokens": 100},
        "cost_in_usd_ticks": 37_756_000,
    }
    row = one(usage_only(usage))
    assert (row["output_tokens"], row["reasoning_tokens"]) == (105, 100)
    assert row["recorded_cost_usd"] == Decimal("0.0037756")
    assert row["provider_name"] == "x-ai"


def test_perplexity_reasoning_and_citations_are_outside_completion() -> None:
    usage = {
        "prompt_tokens": 33,
        "completion_tokens": 7_163,
        "total_tokens": 7_196,
        "citation_tokens": 18,
        "num_search_queries": 19,
        "reasoning_tokens": 95_305,
        "cost": {"total_cost": 0.35},
    }
    row = one(usage_only(usage, provider="perplexity"))
    assert row["output_tokens"] == 7_163 + 18 + 95_305
    assert (row["citation_tokens"], row["web_searches"]) == (18, 19)


def test_gemini_behind_openai_shape_hides_thinking_in_the_total() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 45}
    assert one(usage_only(usage, provider="google"))["output_tokens"] == 35
    assert one(usage_only(usage, provider="other"))["output_tokens"] == 5


def test_openrouter_recorded_cost_and_upstream() -> None:
    body = chat(1, cost="0.0160614", is_byok=False, cost_details={"upstream_inference_cost": None})
    row = one(body | {"id": "gen-1", "provider": "Groq"})
    assert row["provider_name"] == "openrouter"
    assert (row["recorded_cost_usd"], row["recorded_cost_text"]) == (Decimal("0.0160614"), "0.0160614")
    assert row["recorded_cost_decimals"] == 7
    assert row["tags"] == '{"upstream_provider": "Groq"}'


def test_openrouter_own_key_keeps_the_upstream_cost_in_tags() -> None:
    row = one(chat(1, cost=0, is_byok=True, cost_details={"upstream_inference_cost": "0.0123"}) | {"id": "gen-2"})
    assert row["recorded_cost_usd"] == 0
    assert row["tags"] == '{"is_byok": "true", "upstream_inference_cost_usd": "0.0123"}'


def test_zero_token_bodies_are_legal() -> None:
    row = one(
        chat(
            1,
            prompt_tokens=0,
            completion_tokens=0,
            total_tokens=0,
            prompt_tokens_details=None,
            completion_tokens_details=None,
        )
    )
    assert (row["uncached_input_tokens"], row["output_tokens"], row["status"]) == (0, 0, "ok")


AGAINST_GENAI_PRICES = [
    ("openai", "chat", chat(1)),
    ("azure", "chat", chat(2, prompt_tokens_details={"cached_tokens": 3, "cache_write_tokens": 50, "audio_tokens": 7})),
    ("openrouter", "chat", chat(3)),
    ("x-ai", "chat", chat(4, total_tokens=140)),
    ("openai", "responses", RESPONSES),
    ("anthropic", "default", message(1)),
    ("anthropic", "default", message(2, cache_creation=None, server_tool_use={"web_search_requests": 3})),
    ("google", "default", GEMINI),
    ("aws", "default", CONVERSE),
    ("cohere", "default", COHERE),
    ("mistral", "default", chat(5, prompt_tokens_details=None, completion_tokens_details=None)),
    ("groq", "default", chat(6, completion_tokens_details=None)),
    ("deepseek", "chat", chat(7)),
]


@pytest.mark.parametrize(("provider", "flavour", "body"), AGAINST_GENAI_PRICES)
def test_sums_equal_those_of_an_independent_extractor(provider: str, flavour: str, body: dict[str, Any]) -> None:
    extractor = get_snapshot().find_provider(None, provider, None)
    _, theirs = extractor.extract_usage(body, api_flavor=flavour)
    row = one(enveloped(body, provider=provider))
    assert sum(row.get(name, 0) for name in INPUT_COLUMNS) == (theirs.input_tokens or 0)
    assert sum(row.get(name, 0) for name in OUTPUT_COLUMNS) == (theirs.output_tokens or 0)
    cached = row.get("cache_read_tokens", 0) + row.get("audio_cache_read_tokens", 0)
    assert cached == (theirs.cache_read_tokens or 0)
    written = sum(row.get(f"cache_write{ttl}_tokens", 0) for ttl in ("", "_5m", "_1h"))
    assert written == (theirs.cache_write_tokens or 0)
    assert row.get("web_searches", 0) >= (getattr(theirs, "web_searches", None) or 0)


BROKEN = {
    "cached_more_than_prompt": (chat(1, prompt_tokens_details={"cached_tokens": 101}), "parts_exceed_total"),
    "negative": (chat(1, prompt_tokens=-1), "negative_count"),
    "fraction": (chat(1, completion_tokens="7.5"), "not_a_count"),
    "boolean": (chat(1, completion_tokens=True), "not_a_count"),
    "list": (chat(1, completion_tokens=[1]), "not_a_count"),
    "too_large": (chat(1, prompt_tokens=10**30), "count_too_large"),
    "reasoning_more_than_output": (chat(1, completion_tokens_details={"reasoning_tokens": 31}), "parts_exceed_total"),
    "deepseek_parts": (chat(1, prompt_cache_hit_tokens=40, prompt_cache_miss_tokens=61), "parts_do_not_sum"),
    "lifetimes": (enveloped(message(1, cache_creation_input_tokens=299)), "parts_exceed_total"),
    "negative_cost": (chat(1, cost="-0.1"), "negative_cost"),
    "cost_is_text": (chat(1, cost="free"), "not_a_number"),
    "no_time": (message(1), "missing_timestamp"),
    "bad_time": (enveloped(chat(1), timestamp="yesterday"), "invalid_timestamp"),
    "far_time": (enveloped(chat(1), timestamp="1970-01-01T00:00:00Z"), "timestamp_out_of_range"),
    "chunk_without_usage": (chat(1) | {"object": "chat.completion.chunk", "usage": None}, "missing_usage"),
    "stream_start": ({"type": "message_start", "message": message(1)}, "partial_usage"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bodies_are_quarantined_with_field_and_remedy(name: str, parse_records: Any) -> None:
    from ingestion.sources.events.provider_bodies import parse

    record, reason = BROKEN[name]
    rows, bad = parse_records(parse, record, chat(99))
    assert [row["event_id"] for row in rows] == ["chatcmpl-99"]
    (entry,) = bad
    assert isinstance(entry, QuarantinedRow)
    assert (entry.row_number, entry.reason) == (1, reason)
    assert entry.field
    assert entry.message.endswith((".", "}."))
    assert entry.original_record
