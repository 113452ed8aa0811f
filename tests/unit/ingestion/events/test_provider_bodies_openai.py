"""Token counts of OpenAI's APIs and of those that speak its shape: figures worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestion.sources.events.usage_shapes.values import BadValue
from tests.unit.ingestion.events.bodies import RESPONSES, one, tokens, usage_only
from tests.unit.ingestion.events.corpus import chat, enveloped


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
    with pytest.raises(BadValue, match="printed total is 45"):
        one(usage_only(usage, provider="other"))


def test_openrouter_recorded_cost_and_upstream() -> None:
    body = chat(1, cost="0.0160614", is_byok=False, cost_details={"upstream_inference_cost": None})
    row = one(body | {"id": "gen-1", "provider": "Groq"})
    assert row["provider_name"] == "openrouter"
    assert (row["recorded_cost_usd"], row["recorded_cost_text"]) == (Decimal("0.0160614"), "0.0160614")
    assert row["recorded_cost_decimals"] == 7
    assert row["tags"] == '{"upstream_provider": "Groq"}'


def test_openrouter_own_key_is_an_estimate_of_fee_and_upstream_cost() -> None:
    usage = {"cost": "0.0006", "is_byok": True, "cost_details": {"upstream_inference_cost": "0.0123"}}
    row = one(chat(1, **usage) | {"id": "gen-2"})
    assert (row["recorded_cost_usd"], row["recorded_cost_kind"]) == (Decimal("0.0129"), "estimate")
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
