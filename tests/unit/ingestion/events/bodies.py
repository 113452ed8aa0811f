"""Bodies of several APIs, and the rows that are read from one. Numbers are made up."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from ingestion.reading.lines import loads
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.vocabulary.usage_columns import TOKEN_COLUMNS
from tests.unit.ingestion.events.corpus import enveloped

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
