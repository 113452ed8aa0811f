"""Usage of known size in the shape of many APIs and tools, and ways to change it that lose or add a counter.

`SHAPES[name](truth)` gives a record and the path to its usage object; `mutate` changes that object and says what it
added or renamed to something nobody knows. Numbers are random, shapes are those of the public references.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

AT = "2026-03-01T10:00:00Z"


@dataclass(frozen=True)
class Truth:
    """Disjoint quantities of one call; reasoning lies inside the output."""

    plain: int
    read: int
    written: int
    audio_in: int
    output: int
    reasoning: int
    audio_out: int
    searches: int

    @property
    def input(self) -> int:
        return self.plain + self.read + self.written + self.audio_in

    @property
    def all_output(self) -> int:
        return self.output + self.audio_out

    @property
    def tokens(self) -> int:
        return self.input + self.all_output


def truth(dice: random.Random) -> Truth:
    def size(chance: float, most: int = 100_000) -> int:
        return dice.randint(1, most) if dice.random() < chance else 0

    output = dice.randint(1, 50_000)
    return Truth(
        dice.randint(1, 100_000),
        size(0.6),
        size(0.4),
        size(0.2),
        output,
        dice.randint(0, output) if dice.random() < 0.5 else 0,
        size(0.2),
        size(0.2, 9),
    )


def _enveloped(usage: dict[str, Any], key: str = "usage", **body: Any) -> tuple[dict[str, Any], list[str]]:
    record = {"timestamp": AT, "response": {"id": "x", "model": "m-1", key: usage, **body}}
    return record, ["response", key]


def chat(t: Truth) -> tuple[dict[str, Any], list[str]]:
    return _enveloped(
        {
            "prompt_tokens": t.input,
            "completion_tokens": t.all_output,
            "total_tokens": t.tokens,
            "prompt_tokens_details": {
                "cached_tokens": t.read,
                "cache_write_tokens": t.written,
                "audio_tokens": t.audio_in,
            },
            "completion_tokens_details": {"reasoning_tokens": t.reasoning, "audio_tokens": t.audio_out},
            "server_tool_use": {"web_search_requests": t.searches},
        }
    )


def responses(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "input_tokens": t.input,
        "input_tokens_details": {"cached_tokens": t.read, "cache_write_tokens": t.written, "audio_tokens": t.audio_in},
        "output_tokens": t.all_output,
        "output_tokens_details": {"reasoning_tokens": t.reasoning, "audio_tokens": t.audio_out},
        "total_tokens": t.tokens,
        "server_side_tool_usage_details": {"web_search_calls": t.searches},
    }
    return _enveloped(usage, object="response")


def anthropic(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "input_tokens": t.plain + t.audio_in,
        "cache_read_input_tokens": t.read,
        "cache_creation_input_tokens": t.written,
        "cache_creation": {
            "ephemeral_5m_input_tokens": t.written // 2,
            "ephemeral_1h_input_tokens": t.written - t.written // 2,
        },
        "output_tokens": t.all_output,
        "server_tool_use": {"web_search_requests": t.searches},
    }
    return _enveloped(usage, type="message", content=[{"type": "text", "text": "."}])


def gemini(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage: dict[str, Any] = {
        "promptTokenCount": t.input,
        "cachedContentTokenCount": t.read,
        "candidatesTokenCount": t.all_output - t.reasoning,
        "thoughtsTokenCount": t.reasoning,
        "totalTokenCount": t.tokens,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": t.plain + t.read + t.written},
            {"modality": "AUDIO", "tokenCount": t.audio_in},
        ],
    }
    return _enveloped(usage, "usageMetadata")


def gemini_snake(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "prompt_token_count": t.input,
        "cached_content_token_count": t.read,
        "candidates_token_count": t.all_output - t.reasoning,
        "thoughts_token_count": t.reasoning,
        "total_token_count": t.tokens,
    }
    return _enveloped(usage, "usage_metadata")


def converse(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "inputTokens": t.plain + t.audio_in,
        "cacheReadInputTokens": t.read,
        "cacheWriteInputTokens": t.written,
        "outputTokens": t.all_output,
        "totalTokens": t.tokens,
    }
    return _enveloped(usage)


def ai_sdk(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "inputTokens": t.input,
        "inputTokenDetails": {
            "noCacheTokens": t.plain + t.audio_in,
            "cacheReadTokens": t.read,
            "cacheWriteTokens": t.written,
        },
        "outputTokens": t.all_output,
        "outputTokenDetails": {"textTokens": t.all_output - t.reasoning, "reasoningTokens": t.reasoning},
        "totalTokens": t.tokens,
    }
    return _enveloped(usage)


def langfuse(t: Truth) -> tuple[dict[str, Any], list[str]]:
    details = {
        "input": t.plain,
        "cache_read_input_tokens": t.read,
        "cache_creation_input_tokens": t.written,
        "input_audio": t.audio_in,
        "output": t.output - t.reasoning,
        "output_reasoning": t.reasoning,
        "output_audio": t.audio_out,
        "web_search": t.searches,
        "total": t.tokens,
    }
    return {"id": "o", "type": "GENERATION", "startTime": AT, "model": "m-1", "usageDetails": details}, ["usageDetails"]


def otel(t: Truth) -> tuple[dict[str, Any], list[str]]:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m-1",
        "gen_ai.usage.input_tokens": t.input,
        "gen_ai.usage.output_tokens": t.all_output,
        "gen_ai.usage.cache_read.input_tokens": t.read,
        "gen_ai.usage.cache_write.input_tokens": t.written,
        "gen_ai.usage.audio.input_tokens": t.audio_in,
        "gen_ai.usage.reasoning.output_tokens": t.reasoning,
        "gen_ai.usage.audio.output_tokens": t.audio_out,
    }
    span = {"traceId": "t", "spanId": "s", "startTimeUnixNano": "1772359200000000000", "attributes": attributes}
    return {"span": span}, ["span", "attributes"]


def litellm(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "prompt_tokens": t.input,
        "completion_tokens": t.all_output,
        "total_tokens": t.tokens,
        "cache_read_input_tokens": t.read,
        "cache_creation_input_tokens": t.written,
        "prompt_tokens_details": {"audio_tokens": t.audio_in},
        "completion_tokens_details": {"reasoning_tokens": t.reasoning, "audio_tokens": t.audio_out},
    }
    row = {"request_id": "r", "startTime": AT, "model": "m-1", "metadata": {"usage_object": usage}}
    return row, ["metadata", "usage_object"]


def vertex(t: Truth) -> tuple[dict[str, Any], list[str]]:
    body = gemini_snake(t)[0]["response"]
    return {"request_id": "1", "logging_time": AT, "full_response": body}, ["full_response", "usage_metadata"]


def langsmith(t: Truth) -> tuple[dict[str, Any], list[str]]:
    usage = {
        "input_tokens": t.input,
        "output_tokens": t.all_output,
        "total_tokens": t.tokens,
        "input_token_details": {"cache_read": t.read, "cache_creation": t.written, "audio": t.audio_in},
        "output_token_details": {"reasoning": t.reasoning, "audio": t.audio_out},
    }
    return {"id": "r", "run_type": "llm", "start_time": AT, "usage_metadata": usage}, ["usage_metadata"]


SHAPES: dict[str, Callable[[Truth], tuple[dict[str, Any], list[str]]]] = {
    each.__name__: each
    for each in (
        chat,
        responses,
        anthropic,
        gemini,
        gemini_snake,
        converse,
        ai_sdk,
        langfuse,
        otel,
        litellm,
        vertex,
        langsmith,
    )
}
WITHOUT_SEARCHES = ("gemini", "gemini_snake", "converse", "ai_sdk", "otel", "litellm", "vertex", "langsmith")

SYNONYMS: dict[str, tuple[str, ...]] = {
    "prompt_tokens": ("promptTokens",),
    "completion_tokens": ("completionTokens",),
    "cached_tokens": ("cachedTokens", "cache_read_tokens", "cacheRead"),
    "cache_write_tokens": ("cacheWriteTokens", "cache_creation_tokens"),
    "reasoning_tokens": ("reasoningTokens", "thinking_tokens"),
    "cache_read_input_tokens": ("cacheReadInputTokens", "cached_tokens"),
    "cache_creation_input_tokens": ("cacheCreationInputTokens", "cache_write_tokens"),
    "cachedContentTokenCount": ("cached_content_token_count",),
    "thoughtsTokenCount": ("thoughts_token_count",),
    "thoughts_token_count": ("thoughtsTokenCount",),
    "noCacheTokens": ("no_cache_tokens",),
    "cacheReadTokens": ("cache_read_tokens", "cachedTokens"),
    "output_reasoning": ("output_reasoning_tokens", "reasoningTokens"),
    "input_audio": ("input_audio_tokens", "inputAudioTokens"),
    "gen_ai.usage.cache_read.input_tokens": ("gen_ai.usage.cache_read_input_tokens", "ai.usage.cachedInputTokens"),
    "gen_ai.usage.reasoning.output_tokens": ("gen_ai.usage.details.reasoning_tokens",),
}
"""Other spellings that mean the same at the same place, from the public references of SDKs and instrumentations."""


@dataclass
class Changed:
    """What was done to a usage object: numbers under unknown names, and numbers that contradict another."""

    unknown: list[int] = field(default_factory=list)
    contradicting: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def _leaves(usage: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    found = []
    for key, value in usage.items():
        if isinstance(value, dict):
            found += [] if key.startswith("zz") else _leaves(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            found.append((usage, key))
    return found


def mutate(usage: dict[str, Any], dice: random.Random, prefix: str = "") -> Changed:
    """Change a usage object in place, up to three times."""
    changed = Changed()
    for turn in range(dice.randint(0, 3)):
        leaves = [(holder, key) for holder, key in _leaves(usage) if not key.startswith(f"{prefix}zz")]
        holder, key = dice.choice(leaves)
        kind = dice.choice(("garbage", "nest", "synonym", "double", "add", "contradict"))
        name = f"{prefix}zz{turn}_{dice.randint(0, 9_999)}_tokens"
        spelled = dice.choice(SYNONYMS.get(key, ("",)))
        if kind == "garbage":
            changed.unknown.append(holder.pop(key))
            holder[name] = changed.unknown[-1]
        elif kind == "nest":
            if prefix:
                continue
            changed.unknown.append(holder.pop(key))
            holder[f"zz{turn}_group"] = {key: changed.unknown[-1]}
        elif kind == "add":
            changed.unknown.append(dice.randint(1, 9_999))
            dice.choice([holder, usage])[name] = changed.unknown[-1]
        elif not spelled or spelled in holder:
            continue
        elif kind == "synonym":
            holder[spelled] = holder.pop(key)
        elif kind == "double":
            holder[spelled] = holder[key]
        elif not holder[key]:
            continue  # a zero beside a number is a counter that a tool did not fill
        else:
            changed.contradicting.append(holder[key] + dice.randint(1, 99))
            holder[spelled] = changed.contradicting[-1]
        changed.kinds.append(kind)
    return changed
