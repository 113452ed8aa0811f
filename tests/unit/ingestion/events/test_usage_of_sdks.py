"""Answers as SDKs keep them, and counters of providers that charge by something else than tokens; counts by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingestion.reading.lines import loads
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.usage_shapes.unresolved import unresolved_of
from tests.unit.ingestion.events.usage_records import AT, CHAT_USAGE, body, counts, rows, spend

WHOLE = {"uncached_input": 4_000, "cache_read": 8_000, "output": 1_000, "reasoning": 700}
_DOTNET = {
    "InputTokenCount": 12_000,
    "OutputTokenCount": 1_000,
    "TotalTokenCount": 13_000,
    "InputTokenDetails": {"CachedTokenCount": 8_000},
    "OutputTokenDetails": {"ReasoningTokenCount": 700},
}
_ANSWERS: dict[str, dict[str, Any]] = {
    "LangChain4j": {
        "metadata": {
            "id": "chatcmpl-1",
            "modelName": "gpt-5",
            "tokenUsage": {
                "inputTokenCount": 12_000,
                "outputTokenCount": 1_000,
                "totalTokenCount": 13_000,
                "inputTokensDetails": {"cachedTokens": 8_000},
                "outputTokensDetails": {"reasoningTokens": 700},
            },
        }
    },
    "Spring AI": {
        "metadata": {
            "id": "chatcmpl-1",
            "model": "gpt-5",
            "usage": {
                "promptTokens": 12_000,
                "completionTokens": 1_000,
                "totalTokens": 13_000,
                "nativeUsage": CHAT_USAGE,
            },
        }
    },
    "Semantic Kernel": {"ModelId": "gpt-5", "Metadata": {"Id": "chatcmpl-1", "Usage": _DOTNET}},
    "Microsoft.Extensions.AI": {
        "ModelId": "gpt-5",
        "ResponseId": "chatcmpl-1",
        "Usage": {
            **{"InputTokenCount": 12_000, "OutputTokenCount": 1_000, "TotalTokenCount": 13_000},
            **{"CachedInputTokenCount": 8_000, "ReasoningTokenCount": 700},
            "AdditionalCounts": {"InputTokenDetails.CachedTokenCount": 8_000, "InputTokenDetails.AudioTokenCount": 0},
        },
    },
    "Agent Framework": {
        "model_id": "gpt-5",
        "response_id": "chatcmpl-1",
        "usage_details": {
            "input_token_count": 12_000,
            "output_token_count": 1_000,
            "total_token_count": 13_000,
            "openai.cached_input_tokens": 8_000,
            "openai.reasoning_tokens": 700,
        },
    },
    "Genkit, whose characters are information": {
        "id": "chatcmpl-1",
        "model": "gpt-5",
        "usage": {
            **{"inputTokens": 12_000, "outputTokens": 1_000, "totalTokens": 13_000, "reasoningTokens": 700},
            **{"cachedInputTokens": 8_000, "inputCharacters": 40_000, "outputCharacters": 4_000},
        },
    },
}


@pytest.mark.parametrize("name", _ANSWERS)
def test_an_answer_of_an_sdk_is_the_call_of_its_model(name: str) -> None:
    (row,) = rows({"timestamp": AT, "response": _ANSWERS[name]})
    assert (counts(row), row["event_id"], row["served_model"]) == (WHOLE, "chatcmpl-1", "gpt-5")
    assert row["provider_name"] is None
    assert unresolved_of(row) == []


_METERS: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"usage": {"image_count": 2}}, {"images": 2}),
    ({"usage": {"characters": 195}}, {"input_characters": 195}),
    ({"usage": {"seconds": 7, "output_tokens_details": {"text_tokens": 6}}}, {"audio_milliseconds": 7_000}),
    (
        {"usage": {"prompt_tokens": 42, "completion_tokens": 12, "total_tokens": 54, "seconds": 1.5}},
        {"uncached_input": 42, "output": 12, "audio_milliseconds": 1_500},
    ),
    (
        {"usage": {"duration": 5, "input_video_duration": 0, "output_video_duration": 5, "video_count": 1, "SR": 720}},
        {"video_milliseconds": 5_000},
    ),
    ({"vectors": [[0.1]], "total_tokens": 50_000, "base_resp": {"status_code": 0}}, {"uncached_input": 50_000}),
    ({"extra_info": {"usage_characters": 26}, "base_resp": {"status_code": 0}}, {"input_characters": 26}),
]


@pytest.mark.parametrize(("answer", "expected"), _METERS)
def test_what_is_charged_by_something_else_than_tokens(answer: dict[str, Any], expected: dict[str, int]) -> None:
    (row,) = rows(loads(json.dumps({"timestamp": AT, "model": "m", "response": answer})))
    assert counts(row) == expected
    assert unresolved_of(row) == []


@pytest.mark.parametrize(
    "shown",
    [
        {"web_search": [{"title": "x", "link": "y"}]},
        {"output": {"search_info": {"search_results": [{"url": "y"}]}}},
        {"choices": [{"message": {"tool_calls": [{"function": {"name": "$web_search"}}]}}]},
    ],
)
def test_searches_that_an_answer_shows_and_nothing_meters_are_named(shown: dict[str, Any]) -> None:
    (row,) = rows(body(CHAT_USAGE, **shown))
    assert [(item.quantity, item.reason) for item in unresolved_of(row)] == [(1, "unmetered_tool")]


def test_a_sum_that_says_of_how_many_calls_is_one() -> None:
    (row,) = rows(body({**CHAT_USAGE, "successful_requests": 3}))
    assert [(item.quantity, item.reason) for item in unresolved_of(row)] == [(3, "summed_calls")]


def test_prompt_of_text_generation_inference_stands_in_its_headers() -> None:
    answer = {"generated_text": "x", "details": {"generated_tokens": 20, "prefill": []}}
    headers = {"x-prompt-tokens": "10", "x-generated-tokens": "20"}
    (row,) = rows({"timestamp": AT, "response": answer, "headers": headers})
    assert counts(row) == {"uncached_input": 10, "output": 20}


@pytest.mark.parametrize(
    ("model", "more", "provider"),
    [
        ("accounts/fireworks/models/deepseek-v3p1", {}, "fireworks"),
        ("llama3.2", {"system_fingerprint": "fp_ollama"}, "ollama"),
    ],
)
def test_whose_answer_it_is(model: str, more: dict[str, Any], provider: str) -> None:
    (row,) = rows(body(CHAT_USAGE, model=model, **more))
    assert row["provider_name"] == provider


_SPENT = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"call_type": "arerank", "response": {"meta": {"billed_units": {"search_units": 2}}}}, {"rerank_searches": 2}),
        (
            {"call_type": "atranscription", "response": {"usage": {"type": "duration", "seconds": 6}}},
            {"audio_milliseconds": 6_000},
        ),
        (
            {"call_type": "atranscription", "response": {"task": "transcribe", "duration": 6.5, "text": "x"}},
            {"audio_milliseconds": 6_500},
        ),
        ({"call_type": "avideo_generation", "usage": {"duration_seconds": 8.0}}, {"video_milliseconds": 8_000}),
    ],
)
def test_what_litellm_counts_nowhere_but_in_the_answer(columns: dict[str, Any], expected: dict[str, int]) -> None:
    row, _ = read_spend_log(loads(json.dumps({**spend(**columns, spend=0.002), **_SPENT})))
    assert counts(row) == expected
    assert str(row["recorded_cost_usd"]).startswith("0.002")


def test_an_answer_of_gemini_as_go_prints_it() -> None:
    used = {"PromptTokenCount": 12_000, "CachedContentTokenCount": 8_000, "CandidatesTokenCount": 300}
    used |= {"ThoughtsTokenCount": 700, "TotalTokenCount": 13_000}
    answer = {"ModelVersion": "gemini-2.5-flash", "ResponseID": "response-1", "UsageMetadata": used}
    (row,) = rows({"timestamp": AT, "response": answer})
    assert counts(row) == WHOLE
    assert (row["event_id"], row["provider_name"], row["served_model"]) == ("response-1", "google", "gemini-2.5-flash")


def test_searches_of_a_response_whose_output_was_not_kept() -> None:
    used = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
    answer = {"object": "response", "output": [], "usage": used, "tool_usage": {"web_search": {"num_requests": 2}}}
    (row,) = rows({"timestamp": AT, "response": answer})
    assert counts(row) == {"uncached_input": 100, "output": 20, "web_searches": 2}


def test_counts_as_data_frames_print_large_numbers() -> None:
    used = '{"prompt_tokens": 1.2e+04, "completion_tokens": 1e3}'
    (row,) = rows(loads(f'{{"timestamp": "{AT}", "response": {{"usage": {used}}}}}'))
    assert counts(row) == {"uncached_input": 12_000, "output": 1_000}


@pytest.mark.parametrize(
    ("url", "provider", "region"),
    [
        ("https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions", "aws", "us-east-1"),
        ("https://api.fireworks.ai/inference/v1/chat/completions", "fireworks", None),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions", "alibaba", None),
    ],
)
def test_addresses_tell_who_answered(url: str, provider: str, region: str | None) -> None:
    (row,) = rows({"timestamp": AT, "url": url, "response": {"id": "x-1", "usage": CHAT_USAGE}})
    assert (row["provider_name"], row["region"]) == (provider, region)
