"""What programs keep of their calls in tables and exports of their own: DSPy, LobeChat, Open WebUI, Dify, New API.

Put here: which of their records are calls, as envelopes around a usage object. Keep out: what counts mean, coding
agents (`agent_logs`).
Sources: code of the programs. None has a contract: what is no call is left out, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestion.sources.events.provider_bodies.frameworks import FRAMEWORKS
from ingestion.sources.events.usage_shapes.values import as_object, decimal, dig, text

Calls = list[dict[str, Any]]


def _dspy(record: dict[str, Any]) -> Calls | None:
    """An entry of a language model's history; where the usage is empty, DSPy's own cache answered."""
    if not {"outputs", "usage", "cost", "uuid", "timestamp"} <= record.keys():
        return None
    used, answer = as_object(record["usage"]), as_object(record.get("response"))
    if not used:
        return []
    served = answer.get("model") or record.get("response_model")
    body = {"id": answer.get("id") or record["uuid"], "model": served, "usage": used}
    around = {name: record.get(name) for name in ("timestamp", "model")}
    return [{**around, "cost_usd": record["cost"], "response": body}]


def _lobe_chat(record: dict[str, Any]) -> Calls | None:
    """A message of LobeChat, whose counts stand in its `usage` or `metadata`; its input holds what was cached."""
    told = as_object(record.get("metadata"))
    holders = (as_object(record.get("usage")), as_object(told.get("usage")), told)
    used = next((each for each in holders if {"totalInputTokens", "totalOutputTokens"} & each.keys()), None)
    if "role" not in record:
        return None
    if used is None:
        return [] if not {"topicId", "topic_id"}.isdisjoint(record) and not as_object(record.get("usage")) else None
    counters = {name: item for name, item in used.items() if name.endswith("Tokens")}
    return [
        {
            "timestamp": record.get("createdAt") or record.get("created_at"),
            "provider": record.get("provider"),
            "user_id": text(record.get("userId") or record.get("user_id")),
            "session_id": text(record.get("topicId") or record.get("topic_id")),
            "cost_usd": used.get("cost"),
            "response": {"id": record.get("id"), "model": record.get("model"), "usage": counters},
        }
    ]


def _open_webui(record: dict[str, Any]) -> Calls | None:
    """A chat as Open WebUI exports it: answers of its history, which `messages` beside it repeat."""
    messages = dig(record, "chat", "history", "messages")
    if not isinstance(messages, dict):
        return None
    calls = []
    for identity, message in messages.items():
        used = as_object(dig(message, "usage")) or as_object(dig(message, "info"))
        if used and dig(message, "role") == "assistant":
            body = {"id": message.get("id") or identity, "model": message.get("model"), "usage": used}
            around = {"user_id": text(record.get("user_id")), "session_id": text(record.get("id"))}
            calls.append({"timestamp": message.get("timestamp"), **around, "response": body})
    return calls


def _dify(record: dict[str, Any]) -> Calls | None:
    """A row of Dify's table of messages; its price is an estimate."""
    if not {"message_tokens", "answer_tokens", "total_price", "currency"} <= record.keys():
        return None
    if not record["message_tokens"] and not record["answer_tokens"]:
        return []
    usage = {"prompt_tokens": record["message_tokens"], "completion_tokens": record["answer_tokens"]}
    return [
        {
            "timestamp": record.get("created_at"),
            "provider": (text(record.get("model_provider")) or "").rpartition("/")[2] or None,
            "session_id": text(record.get("conversation_id")),
            "cost_usd": record["total_price"] if record["currency"] == "USD" else None,
            "response": {"id": record.get("id"), "model": record.get("model_id"), "usage": usage},
        }
    ]


_CONSUMED = "2"
"""Type of a log that is a call; others tell of top-ups, errors and settings."""


def _new_api(record: dict[str, Any]) -> Calls | None:
    """A row of the logs of One API or New API, where only Claude's cache lies beside the prompt."""
    if not {"quota", "model_name", "prompt_tokens", "completion_tokens", "type"} <= record.keys():
        return None
    if str(record["type"]) != _CONSUMED:
        return []
    other = as_object(record.get("other"))
    read, wrote = other.get("cache_tokens"), other.get("cache_creation_tokens")
    usage: dict[str, Any] = {
        "prompt_tokens": record["prompt_tokens"],
        "completion_tokens": record["completion_tokens"],
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": wrote},
        "web_search_requests": other.get("web_search_call_count"),
    }
    if other.get("claude") in (True, "true"):
        usage = {
            "input_tokens": record["prompt_tokens"],
            "output_tokens": record["completion_tokens"],
            "cache_read_input_tokens": read or 0,
            "cache_creation_input_tokens": wrote or 0,
        }
    took = decimal(record.get("use_time"), "use_time")
    return [
        {
            "timestamp": record.get("created_at"),
            "user_id": text(record.get("username")),
            "api_key_id": text(record.get("token_name")),
            "duration_ms": None if took is None else str(took * 1000),
            "response": {
                "id": text(record.get("request_id")) or f"{record.get('created_at')}:{record.get('id')}",
                "model": record["model_name"],
                "usage": usage,
            },
        }
    ]


CHAT_APPS: tuple[tuple[str, Callable[[dict[str, Any]], Calls | None]], ...] = (
    ("DSPy", _dspy),
    ("LobeChat", _lobe_chat),
    ("Open WebUI", _open_webui),
    ("Dify", _dify),
    ("New API", _new_api),
    *FRAMEWORKS,
)
