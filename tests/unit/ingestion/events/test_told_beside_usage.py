"""Terms, tools and charges that stand beside the counters of an SDK's usage; numbers are made up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from ingestion.sources.events import langfuse, litellm, otel, provider_bodies
from ingestion.sources.events.exports import helicone, langsmith, portkey, posthog
from tests.unit.ingestion.events.test_reported_faults import AT, counted
from tests.unit.ingestion.events.test_reported_faults_of_tools import export, span

US = {"input_tokens": 900, "output_tokens": 40, "inference_geo": "us", "speed": "fast", "service_tier": "priority"}
SUMMED = {"input_tokens": 900, "output_tokens": 40, "total_tokens": 940}
CLAUDE = "claude-opus-4-8"
MESSAGE = {"usage_metadata": SUMMED, "response_metadata": {"model": CLAUDE, "usage": US}}
RUN = {"id": "r-1", "run_type": "llm", "start_time": AT, "extra": {"metadata": {"ls_model_name": CLAUDE}}}
SPEND = {"request_id": "r-1", "call_type": "acompletion", "startTime": AT, "spend": 0.02, "model": CLAUDE}
SPEND |= {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
CALL = {"ai.operationId": "ai.generateText.doGenerate", "ai.model.id": CLAUDE, "ai.usage.inputTokens": 900}
CALL |= {"ai.usage.outputTokens": 40, "ai.response.providerMetadata": json.dumps({"anthropic": {"usage": US}})}
RAW = {"gen_ai.operation.name": "chat", "gen_ai.request.model": CLAUDE, "gen_ai.usage.raw": json.dumps(US)}
CAMEL = {"inputTokens": 900, "outputTokens": 40, "inferenceGeo": "us", "speed": "fast", "serviceTier": "priority"}
OBSERVED = {"id": "g-1", "traceId": "t", "type": "GENERATION", "startTime": AT, "model": CLAUDE, "usageDetails": US}


@pytest.mark.parametrize(
    ("reader", "record"),
    [
        (provider_bodies, {"timestamp": AT, "response": {"type": "message", "model": CLAUDE, "usage": CAMEL}}),
        (provider_bodies, {"timestamp": AT, "response": MESSAGE}),
        (provider_bodies, {"timestamp": AT, "response": {"kwargs": MESSAGE}}),
        (langsmith, RUN | {"outputs": {"generations": [[{"message": {"kwargs": MESSAGE}}]]}}),
        (litellm, SPEND | {"metadata": {"usage_object": US | {"prompt_tokens": 900, "completion_tokens": 40}}}),
        (otel, export(span(RAW))),
        (otel, export(span(CALL))),
        (langfuse, OBSERVED),
    ],
    ids=["camel", "langchain", "kept langchain", "langsmith", "litellm", "raw of a span", "sdk of a span", "langfuse"],
)
def test_place_speed_and_tier_of_a_usage_object_are_read_by_every_reader(
    parse_records: Any, reader: Any, record: Any
) -> None:
    (row,), bad = parse_records(reader.parse, record)
    assert bad == []
    assert counted(row) == {"in": 900, "out": 40}
    assert [row.get(name) for name in ("region", "speed", "served_service_tier")] == ["us", "fast", "priority"]


SDK = {"inputTokens": 2000, "outputTokens": 100, "totalTokens": 2100}
GROUNDED = {"webSearchQueries": ["a", "b"], "groundingChunks": [{"web": {}}]}
WRITTEN = {"cache_creation_input_tokens": 1000, "cache_creation": {"ephemeral_1h_input_tokens": 1000}}
SEARCHED = {"server_tool_use": {"web_search_requests": 3}}
THOUGHT = {"promptTokenCount": 2000, "candidatesTokenCount": 100, "thoughtsTokenCount": 50, "totalTokenCount": 2150}


@pytest.mark.parametrize(
    ("provider", "metadata", "expected"),
    [
        ("anthropic.messages", {"anthropic": {"usage": WRITTEN | SEARCHED}}, {"in": 2000, "1h": 1000, "searches": 3}),
        ("anthropic.messages", {"anthropic": {"cacheCreationInputTokens": 70}}, {"in": 2000, "written": 70}),
        ("openai.chat", {"openai": {"cachedPromptTokens": 1500}}, {"in": 500, "read": 1500}),
        ("google.generative-ai", {"google": {"groundingMetadata": GROUNDED}}, {"in": 2000, "searches": 1}),
        ("google.vertex", {"google": {"usageMetadata": THOUGHT}}, {"in": 2000, "out": 150}),
        ("openrouter", {"openrouter": {"usage": {"cost": 0.07}}}, {"in": 2000, "charge": Decimal("0.07")}),
        ("gateway", {"gateway": {"cost": "0.07"}}, {"in": 2000, "estimate": Decimal("0.07")}),
    ],
)
def test_what_the_ai_sdk_keeps_of_the_answer_counts_in_bodies(
    parse_records: Any, provider: str, metadata: dict[str, Any], expected: dict[str, Any]
) -> None:
    record = {"timestamp": AT, "provider": provider, "model": "m-1", "usage": SDK, "providerMetadata": metadata}
    (row,), bad = parse_records(provider_bodies.parse, record)
    assert bad == []
    found = counted(row) | ({"searches": row["web_searches"]} if row.get("web_searches") else {})
    kind = row.get("recorded_cost_kind")
    assert found | ({kind: row["recorded_cost_usd"]} if kind else {}) == {"out": 100} | expected


def test_metadata_of_the_last_step_say_nothing_of_the_sum(parse_records: Any) -> None:
    summed = {"inputTokens": 9000, "outputTokens": 300, "totalTokens": 9300}
    record = {"timestamp": AT, "model": "m-1", "usage": SDK, "totalUsage": summed}
    record["providerMetadata"] = {"anthropic": {"cacheCreationInputTokens": 70}}
    (row,), _ = parse_records(provider_bodies.parse, record)
    assert (counted(row), row.get("unresolved_usage")) == ({"in": 9000, "out": 300}, None)


def test_the_raw_usage_of_the_ai_sdk_is_read_and_its_own_is_not(parse_records: Any) -> None:
    raw = {"input_tokens": 200, "output_tokens": 100, "cache_read_input_tokens": 800} | WRITTEN
    parts = {"noCacheTokens": 200, "cacheReadTokens": 800, "cacheWriteTokens": 1000}
    for usage in (SDK | {"inputTokenDetails": parts}, {"inputTokens": {"total": 2000}, "outputTokens": {"total": 100}}):
        (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "model": "m", "usage": usage | {"raw": raw}})
        assert counted(row) == {"in": 200, "read": 800, "1h": 1000, "out": 100}
        assert row.get("unresolved_usage") is None


@pytest.mark.parametrize(
    ("model", "provider"), [("gpt-5", None), ("qwen3.5-plus", None), ("us.amazon.nova-pro-v1:0", "aws"), (None, "aws")]
)
def test_counters_of_converse_and_of_the_ai_sdk_are_told_apart_by_how_the_model_is_spelled(
    parse_records: Any, model: str | None, provider: str | None
) -> None:
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "model": model, "response": {"usage": SDK}})
    assert (row.get("provider_name"), row.get("requested_model")) == (provider, model)


@pytest.mark.parametrize(
    ("named", "model", "provider"),
    [
        ({"modelId": "us.amazon.nova-pro-v1:0"}, "us.amazon.nova-pro-v1:0", "aws"),
        ({"model": {"modelId": "gpt-5", "provider": "openai.responses"}}, "gpt-5", "openai.responses"),
        ({"model": "gpt-5", "provider": {"id": "openai", "label": ""}}, "gpt-5", "openai"),
    ],
)
def test_a_model_or_provider_that_is_named_otherwise_is_not_lost(
    parse_records: Any, named: dict[str, Any], model: str, provider: str
) -> None:
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "response": {"usage": SDK}} | named)
    assert (row["requested_model"], row["provider_name"]) == (model, provider)


def test_tools_that_a_message_of_langchain_shows_are_counted(parse_records: Any) -> None:
    searched = {"content": [{"type": "web_search_call", "action": {"type": "search"}}], "usage_metadata": SUMMED}
    searched["response_metadata"] = {"model_name": "gpt-5"}
    grounded = {"usage_metadata": SUMMED, "response_metadata": {"model_name": "gemini-2.5-flash"}}
    grounded["response_metadata"]["grounding_metadata"] = {"web_search_queries": ["a"]}
    for message in (searched, grounded):
        run = RUN | {"outputs": {"generations": [[{"message": {"kwargs": message}}]]}}
        for reader, record in ((provider_bodies, {"timestamp": AT, "response": message}), (langsmith, run)):
            (row,), _ = parse_records(reader.parse, record)
            assert (counted(row), row.get("web_searches")) == ({"in": 900, "out": 40}, 1)


@pytest.mark.parametrize("text", ["<MediaModality.AUDIO: 'AUDIO'>", "MediaModality.AUDIO", "MODALITY_AUDIO", "audio"])
def test_a_modality_is_known_however_it_is_printed(parse_records: Any, text: str) -> None:
    usage = {"prompt_token_count": 90, "candidates_token_count": 5, "total_token_count": 95}
    usage["prompt_tokens_details"] = [{"modality": text, "token_count": 60}]
    record = {"timestamp": AT, "response": {"model_version": "gemini-2.5-flash", "usage_metadata": usage}}
    (row,), _ = parse_records(provider_bodies.parse, record)
    assert (row["uncached_input_tokens"], row["audio_input_tokens"]) == (30, 60)


@pytest.mark.parametrize(
    "usage",
    [
        {"inputTokens": 9, "outputTokens": 4, "cacheCreation": {"ephemeral1hInputTokens": 7}},
        {"input_tokens": 9, "output_tokens": 4, "cachecreation": {"ephemeral1hinputtokens": 7}},
    ],
)
def test_names_that_lost_where_words_end_are_known(parse_records: Any, usage: dict[str, Any]) -> None:
    record = {
        "timestamp": AT,
        "provider": "anthropic",
        "response": {"type": "message", "model": CLAUDE, "usage": usage},
    }
    (row,), _ = parse_records(provider_bodies.parse, record)
    assert counted(row) == {"in": 9, "1h": 7, "out": 4}


TOLD = {"input_tokens": 9, "output_tokens": 4, "cache_creation_input_tokens": 7, "inference_geo": "us"}
TOLD["cache_creation"] = {"ephemeral_1h_input_tokens": 7}
ANSWERED = {"id": "msg_1", "type": "message", "model": CLAUDE, "usage": TOLD}
LOGGED = {"id": "p-1", "created_at": AT, "ai_org": "anthropic", "ai_model": CLAUDE, "req_units": 16, "res_units": 4}
ASKED = {"request_id": "h-1", "request_created_at": AT, "response_model": CLAUDE, "prompt_tokens": 16}
EVENT = {"$ai_model": CLAUDE, "$ai_provider": "anthropic", "$ai_input_tokens": 9, "$ai_output_tokens": 4}


@pytest.mark.parametrize(
    ("reader", "record"),
    [
        (portkey, LOGGED | {"response": {"body": ANSWERED}}),
        (helicone, ASKED | {"completion_tokens": 4, "response_body": ANSWERED}),
        (posthog, {"uuid": "e", "event": "$ai_generation", "timestamp": AT, "properties": EVENT | {"$ai_usage": TOLD}}),
    ],
    ids=["portkey", "helicone", "posthog"],
)
def test_the_answer_that_an_export_keeps_tells_more_than_its_columns(
    parse_records: Any, reader: Any, record: dict[str, Any]
) -> None:
    (row,), bad = parse_records(reader.parse, record)
    assert (counted(row), row["region"], bad) == ({"in": 9, "1h": 7, "out": 4}, "us", [])


def test_speech_and_images_are_what_says_so_put_out(parse_records: Any) -> None:
    used = {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}
    speech = {"timestamp": AT, "model": "gpt-4o-mini-tts", "type": "speech.audio.done", "usage": used}
    drawn = {"id": "resp_1", "object": "response", "model": "gpt-5", "usage": used, "tool_usage": {"image_gen": used}}
    drawn["tools"] = [{"type": "image_generation", "model": "gpt-image-1"}]
    rows, _ = parse_records(provider_bodies.parse, speech, {"timestamp": AT, "response": drawn})
    told = [(row.get("output_tokens"), row.get("audio_output_tokens"), row.get("image_output_tokens")) for row in rows]
    assert told == [(0, 101, None), (101, None, None), (0, None, 101)]


def test_how_fast_the_first_tokens_came_is_no_counter(parse_records: Any) -> None:
    used = {"prompt_tokens": 9, "completion_tokens": 4, "completion_tokens_after_first_per_sec_first_ten": 200}
    (row,), _ = parse_records(provider_bodies.parse, {"timestamp": AT, "response": {"model": "m", "usage": used}})
    assert row.get("unresolved_usage") is None
