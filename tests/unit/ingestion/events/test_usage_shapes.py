"""Properties of the arithmetic: disjoint parts sum to what the provider printed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.reading.lines import Printed
from ingestion.sources.events.usage_shapes.anthropic import message_counts
from ingestion.sources.events.usage_shapes.disjoint import Input, disjoint_input
from ingestion.sources.events.usage_shapes.endpoints import Endpoint, read_endpoint
from ingestion.sources.events.usage_shapes.google import gemini_counts
from ingestion.sources.events.usage_shapes.openai import chat_counts, responses_counts
from ingestion.sources.events.usage_shapes.others import converse_counts
from ingestion.sources.events.usage_shapes.values import BadValue, count, instant, recorded_cost, tags, text
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS

N = st.integers(0, 10**12)


def total(counts: dict[str, int | None]) -> int:
    assert all(value is None or value >= 0 for value in counts.values())
    return sum(counts.get(name) or 0 for name in TOKEN_COLUMNS)


@given(N, N, N, N, N, N, st.data())
def test_openai_parts_sum_to_the_total(
    plain: int, read: int, write: int, audio: int, out: int, spoken: int, data: st.DataObject
) -> None:
    reasoning = data.draw(st.integers(0, out))
    prompt, completion = plain + read + write + audio, out + spoken
    inside = {"cached_tokens": read, "cache_write_tokens": write, "audio_tokens": audio}
    usage = {
        "prompt_tokens": prompt,
        "prompt_tokens_details": inside,
        "completion_tokens": completion,
        "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": spoken},
        "total_tokens": prompt + completion,
    }
    assert total(chat_counts(usage)) == prompt + completion
    responses = {
        "input_tokens": prompt,
        "input_tokens_details": inside,
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + completion,
    }
    assert total(responses_counts(responses)) == prompt + completion


@given(N, N, N, N, N)
def test_anthropic_and_bedrock_parts_sum(plain: int, read: int, five: int, hour: int, out: int) -> None:
    expected = plain + read + five + hour + out
    usage = {
        "input_tokens": plain,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": five + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "output_tokens": out,
    }
    assert total(message_counts(usage)) == expected
    converse = {
        "inputTokens": plain,
        "cacheReadInputTokens": read,
        "cacheReadInputTokenCount": read,
        "cacheWriteInputTokens": five + hour,
        "cacheDetails": [{"ttl": "5m", "inputTokens": five}, {"ttl": "1h", "inputTokens": hour}],
        "outputTokens": out,
        "totalTokens": expected,
    }
    assert total(converse_counts(converse)) == expected


@given(N, N, N, N, N, N, st.data())
def test_gemini_parts_sum_to_the_total(
    words: int, audio: int, video: int, tools: int, answer: int, thoughts: int, data: st.DataObject
) -> None:
    prompt = words + audio + video
    cached = data.draw(st.integers(0, prompt))
    usage: dict[str, Any] = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": cached,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": words},
            {"modality": "AUDIO", "tokenCount": audio},
            {"modality": "VIDEO", "tokenCount": video},
        ],
        "toolUsePromptTokenCount": tools,
        "candidatesTokenCount": answer,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": prompt + tools + answer + thoughts,
    }
    assert total(gemini_counts(usage)) == usage["totalTokenCount"]


@given(N, N, N, N, N)
def test_every_possible_split_keeps_the_total_and_every_impossible_one_is_refused(
    whole: int, read: int, write: int, audio: int, audio_read: int
) -> None:
    given = Input("f", whole, cache_read=read, cache_write=write, audio=audio, audio_cache_read=audio_read)
    is_possible = audio_read <= min(audio, read) and read + write + audio - min(audio, read) <= whole
    try:
        counts = disjoint_input(given)
    except BadValue:
        assert not is_possible
    else:
        assert is_possible
        assert total(counts) == whole


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ("", None),
        (0, 0),
        ("12", 12),
        (Printed("12.0"), 12),
        (Printed("1.2e+04"), 12_000),
        (2**63 - 1, 2**63 - 1),
    ],
)
def test_counts(given: Any, expected: int | None) -> None:
    assert count(given, "f") == expected


@pytest.mark.parametrize(
    "given", [True, -1, "x", Printed("1.5"), Printed("NaN"), Printed("1.25e1"), Printed("1e30"), 2**63, [], {}, "-0.5"]
)
def test_what_is_no_count(given: Any) -> None:
    with pytest.raises(BadValue):
        count(given, "f")


@pytest.mark.parametrize(
    ("given", "cost", "decimals"),
    [
        (Printed("1.2e-05"), "0.000012", 6),
        (Printed("0.0160614"), "0.0160614", 7),
        (Printed("0.10"), "0.1", 2),
        ("3", "3", 0),
        (Printed("0.0000000000005"), "0", 13),
        (Printed("0.0000000000015"), "0.000000000002", 13),
        ("12345678901234567890.123456789012", "12345678901234567890.123456789012", 12),
    ],
)
def test_recorded_cost_is_what_was_printed(given: Any, cost: str, decimals: int) -> None:
    found = recorded_cost(given, "cost")
    assert found["recorded_cost_usd"] == Decimal(cost)
    assert found["recorded_cost_text"] == given
    assert found["recorded_cost_decimals"] == decimals


@pytest.mark.parametrize("given", ["-1", "NaN", "Infinity", "1e999999999", "free", True, [], "1" * 40])
def test_what_is_no_cost(given: Any) -> None:
    with pytest.raises(BadValue):
        recorded_cost(given, "cost")


@pytest.mark.parametrize(
    "given",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31 12:00:00",
        "2026-01-31 12:00:00 UTC",
        "2026-01-31T12:00:00.000000000Z",
        1_769_860_800,
        "1769860800",
        Printed("1769860800.0"),
        1_769_860_800_000,
        1_769_860_800_000_000,
        "1769860800000000000",
    ],
)
def test_instants(given: Any) -> None:
    assert instant(given, "t") == datetime(2026, 1, 31, 12)  # noqa: DTZ001


@pytest.mark.parametrize("given", ["soon", "2026-13-01", True, [], 10**30, -5, 0, "0001-01-01", "9999-12-31", "1e400"])
def test_what_is_no_instant(given: Any) -> None:
    with pytest.raises(BadValue):
        instant(given, "t")


def test_text_and_tags_hold_nothing_a_table_cannot() -> None:
    assert text("a\0b\ud800") == "a\ufffdb\ufffd"
    assert text(" ") is None
    assert tags({"b": 1, "a": True, "c": None}, ["team:search", "k=v=w", "urgent"]) == (
        '{"a": "true", "b": "1", "k": "v=w", "team": "search", "urgent": "true"}'
    )
    assert tags('{"x": 0.50}', "a:1, b") == '{"a": "1", "b": "true", "x": "0.50"}'
    assert tags(None, {}, []) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1/chat/completions", Endpoint("openai")),
        ("api.groq.com", Endpoint("groq")),
        (
            "https://acme.openai.azure.com/openai/deployments/prod-gpt/chat/completions?api-version=1",
            Endpoint("azure", None, "prod-gpt"),
        ),
        (
            "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google/"
            "models/gemini-2.5-pro:generateContent",
            Endpoint("google", "europe-west4", "gemini-2.5-pro"),
        ),
        ("http://[broken", Endpoint()),
        (None, Endpoint()),
    ],
)
def test_endpoints(url: str | None, expected: Endpoint) -> None:
    assert read_endpoint(url) == expected
