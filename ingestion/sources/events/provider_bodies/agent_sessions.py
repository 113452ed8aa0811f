"""Sessions of agents that keep sums of their calls: Copilot CLI and Goose, and some messages of Cline.

A sum lands with its tokens, marked as a sum (`SUM_OF`), where the file holds none of the agent's calls.
Put here: which of their records are calls and which are sums. Keep out: agents that keep each answer (`agent_logs`).
Sources: code of the agents and of readers of their files.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig, text

SUM_OF = "_sum_of"
"""Key of an envelope around a sum: of how many calls, 0 where that is not told."""
COPILOT = "github-copilot"
_COPILOT_EVENTS = ("session.", "assistant.", "user.", "tool.", "subagent.", "system.", "hook.", "skill.", "abort")


def copilot(record: dict[str, Any]) -> list[dict[str, Any]] | None:
    """`session-state/*/events.jsonl`: `assistant.usage` is a call, `session.shutdown` the sum of each model's calls.

    `cost` counts premium requests and is no money.
    """
    kind, data = str(record.get("type")), record.get("data")
    if not isinstance(data, dict) or not kind.startswith(_COPILOT_EVENTS) or "parentUuid" in record:
        return None
    envelope = {"timestamp": record.get("timestamp"), "provider": COPILOT}
    if kind == "assistant.usage":
        body = {"id": record.get("id"), "model": data.get("model"), "usage": _whole_prompt(data)}
        return [{**envelope, "duration_ms": data.get("duration"), "response": body}]
    per_model = as_object(data.get("modelMetrics")) if kind == "session.shutdown" else {}
    return [
        {
            **envelope,
            SUM_OF: dig(told, "requests", "count") or 0,
            "response": {"id": f"{record.get('id')}:{model}", "model": model, "usage": _whole_prompt(told["usage"])},
        }
        for model, told in per_model.items()
        if as_object(dig(told, "usage"))
    ]


def _whole_prompt(used: dict[str, Any]) -> dict[str, Any]:
    """Counts whose input holds what was cached."""
    details = {"cached_tokens": used.get("cacheReadTokens"), "cache_write_tokens": used.get("cacheWriteTokens")}
    return {
        "prompt_tokens": used.get("inputTokens"),
        "completion_tokens": used.get("outputTokens"),
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": used.get("reasoningTokens")},
    }


def cline_sums(record: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Messages of Cline that sum requests up which no other message has: deleted ones, and those of subagents."""
    if record.get("say") not in ("deleted_api_reqs", "subagent_usage") or "ts" not in record:
        return None
    used = as_object(record.get("text"))
    usage = {
        "input_tokens": used.get("tokensIn"),
        "cache_read_input_tokens": used.get("cacheReads") or 0,
        "cache_creation_input_tokens": used.get("cacheWrites") or 0,
        "output_tokens": used.get("tokensOut"),
    }
    if not any(usage.values()):
        return []
    return [{"timestamp": record["ts"], "cost_usd": used.get("cost"), SUM_OF: 0, "response": {"usage": usage}}]


_GOOSE = ("input_tokens", "output_tokens", "total_tokens")
_MESSAGE = frozenset("id role created content metadata".split())


def goose(record: dict[str, Any]) -> list[dict[str, Any]] | None:
    """A session, exported or a row of table `sessions`: its accumulated counts; the others are of its last call."""
    if {"role", "created", "content"} <= record.keys() <= _MESSAGE and isinstance(record["content"], list):
        return []
    used = as_object(record.get("accumulated_usage"))
    if not used and "accumulated_total_tokens" not in record:
        return None
    if not used:
        names = (*_GOOSE, "cache_read_tokens", "cache_write_tokens")
        used = {name: record.get(f"accumulated_{name}") for name in names}
    if not any(used.get(name) for name in _GOOSE):
        return []
    config = as_object(record.get("model_config")) or as_object(record.get("model_config_json"))
    at = record.get("created_at") or record.get("updated_at")
    if at is None:
        message = (
            "The sum of a Goose session, without time and model. Export the rows of table sessions (sessions.db), or "
            "the session as JSON (goose session export)."
        )
        raise BadValue("accumulated_total_tokens", "usage_without_calls", message)
    details = {
        "cached_tokens": used.get("cache_read_input_tokens", used.get("cache_read_tokens")),
        "cache_write_tokens": used.get("cache_write_input_tokens", used.get("cache_write_tokens")),
    }
    usage = {name: used.get(name) for name in _GOOSE} | {"input_tokens_details": details}
    body = {"id": record.get("id"), "model": config.get("model_name"), "usage": usage}
    return [
        {
            "timestamp": at,
            "provider": record.get("provider_name"),
            "session_id": text(record.get("id")),
            "cost_usd": record.get("accumulated_cost"),
            SUM_OF: 0,
            "response": body,
        }
    ]
