"""Token counts of every API flavour, compared with genai-prices' own extractors."""

from __future__ import annotations

from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS
from tests.unit.ingestion.events.bodies import COHERE, CONVERSE, GEMINI, RESPONSES, one
from tests.unit.ingestion.events.corpus import chat, enveloped, message

INPUT_COLUMNS = tuple(name for name in TOKEN_COLUMNS if "output" not in name)
OUTPUT_COLUMNS = tuple(name for name in TOKEN_COLUMNS if "output" in name)


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
