"""Files of coding agents that keep each answer with its tokens: Gemini CLI, OpenCode, Amp, Cline, Kimi and Aider.

Put here: which of their records are calls, as envelopes around a usage object. Keep out: what counts mean, agents with
a folder of their own, sums (`agent_sessions`).
Sources: code of the agents and of readers of their files. None has a contract: what is no call is left out, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestion.sources.events.provider_bodies.agent_exports import (
    amp_ledger,
    claude_printed,
    cline_task,
    continue_dev,
    droid,
    opencode_messages,
    vscode_chat,
    zcode,
    zed,
)
from ingestion.sources.events.provider_bodies.agent_sessions import cline_sums, copilot, goose
from ingestion.sources.events.provider_bodies.chat_apps import CHAT_APPS
from ingestion.sources.events.provider_bodies.evaluations import inspect_log, openhands, promptfoo, summed_by_model
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, dig, text

Calls = list[dict[str, Any]]


def agent_calls(record: Any) -> tuple[str, Calls] | None:
    """(agent, its calls in this record, none where the record is no call); None for a record of no agent.

    Raises `BadValue` where a count is none.
    """
    if not isinstance(record, dict):
        return None
    found = ((name, read(record)) for name, read in _AGENTS)
    return next(((name, calls) for name, calls in found if calls is not None), None)


def _gemini_cli(record: dict[str, Any]) -> Calls | None:
    """`chats/*.json(l)`: cached tokens lie inside the input, thoughts and tool tokens beside."""
    if isinstance(record.get("messages"), list) and "projectHash" in record:
        messages, session = record["messages"], text(record.get("sessionId"))
    elif record.get("type") == "gemini" and isinstance(record.get("tokens"), dict):
        messages, session = [record], text(record.get("sessionId"))
    elif isinstance(dig(record, "$set", "messages"), list):
        messages, session = record["$set"]["messages"], None
    else:
        return [] if _is_beside_gemini(record) else None
    calls = []
    for message in messages:
        tokens = as_object(dig(message, "tokens"))
        if dig(message, "type") == "gemini" and tokens:
            usage = {name: tokens[key] for key, name in _GEMINI.items() if tokens.get(key) is not None}
            body = {"model": message.get("model"), "usageMetadata": usage, "id": _id(session, message.get("id"))}
            calls.append({"timestamp": message.get("timestamp"), "session_id": session, "response": body})
    return calls


def _is_beside_gemini(record: dict[str, Any]) -> bool:
    """Lines of a session that are no answers: its head, what was said, changes."""
    is_said = record.get("type") in ("user", "gemini", "info", "warning", "error") and "content" in record
    is_head = {"sessionId", "projectHash", "startTime"} <= record.keys()
    is_change = bool(record) and record.keys() <= {"$set", "$rewindTo"}
    return is_head or is_change or (is_said and {"id", "timestamp"} <= record.keys())


def _qwen_code(record: dict[str, Any]) -> Calls | None:
    """`chats/*.jsonl`: Gemini's usage of whatever model answers, in lines like Claude Code's."""
    if not {"uuid", "sessionId", "type", "cwd"} <= record.keys() or "message" not in record:
        return None
    if not as_object(record.get("usageMetadata")):
        return [] if dig(record, "message", "role") in ("user", "model") and "parts" in record["message"] else None
    model = text(record.get("model"))
    body = {"id": record["uuid"], "model": model, "usageMetadata": record["usageMetadata"]}
    provider = "alibaba" if (model or "").lower().startswith("qwen") else "gateway"
    return [
        {
            "timestamp": record.get("timestamp"),
            "provider": provider,
            "session_id": text(record["sessionId"]),
            "response": body,
        }
    ]


def _pi(record: dict[str, Any]) -> Calls | None:
    """Sessions of pi and OpenClaw: counts that lie beside each other, with an estimate of their cost."""
    kind, message = record.get("type"), as_object(record.get("message"))
    if kind == "session" and {"id", "timestamp"} <= record.keys() and not message:
        return []
    if "parentId" not in record or "id" not in record:
        return None
    used = as_object(message.get("usage"))
    if kind != "message" or message.get("role") != "assistant" or "cacheRead" not in used:
        return [] if not used else None
    names = ("input", "cacheRead", "cacheWrite", "output")
    usage = _disjoint(*(used.get(name) for name in names))
    envelope = {
        "timestamp": record.get("timestamp") or message.get("timestamp"),
        "provider": message.get("provider"),
        "cost_usd": dig(used, "cost", "total") or None,
        "response": {"id": record["id"], "model": message.get("model"), "usage": usage},
    }
    return [envelope]


_GEMINI = {
    "input": "promptTokenCount",
    "cached": "cachedContentTokenCount",
    "output": "candidatesTokenCount",
    "thoughts": "thoughtsTokenCount",
    "tool": "toolUsePromptTokenCount",
    "total": "totalTokenCount",
}


def _opencode(record: dict[str, Any]) -> Calls | None:
    """`storage/message/**/msg_*.json`: five counts that lie beside each other. A cost of 0 is a plan, or unknown."""
    inner = opencode_messages(record)
    if inner is not None:
        return [call for message in inner for call in _opencode(message) or []]
    if "sessionID" not in record or record.get("role") not in ("user", "assistant"):
        return None
    tokens = as_object(record.get("tokens"))
    if not tokens:
        return []
    usage = _disjoint(
        tokens.get("input"),
        dig(tokens, "cache", "read"),
        dig(tokens, "cache", "write"),
        tokens.get("output"),
        tokens.get("reasoning"),
    )
    envelope = {
        "timestamp": dig(record, "time", "created"),
        "end_time": dig(record, "time", "completed"),
        "provider": record.get("providerID"),
        "session_id": record.get("sessionID"),
        "cost_usd": None if str(record.get("cost")) in ("0", "0.0") else record.get("cost"),
        "response": {"id": record.get("id"), "model": record.get("modelID"), "usage": usage},
    }
    return [envelope]


def _amp(record: dict[str, Any]) -> Calls | None:
    """`threads/*.json`: usage of each message; the ledger of the thread repeats it and is not added."""
    messages = record.get("messages")
    if not isinstance(messages, list) or not any("cacheReadInputTokens" in _used(message) for message in messages):
        return None
    thread, calls = text(record.get("id")), []
    for index, message in enumerate(messages):
        used = _used(message)
        if not used:
            continue
        names = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens")
        identity = _id(thread, message.get("messageId", index))
        body = {"id": identity, "model": used.get("model"), "usage": _disjoint(*(used.get(name) for name in names))}
        calls.append(
            {"timestamp": used.get("timestamp") or record.get("created"), "session_id": thread, "response": body}
        )
    return calls


def _cline(record: dict[str, Any]) -> Calls | None:
    """`ui_messages.json` of Cline and its forks: `api_req_started` holds the counts of its request as JSON text."""
    if "ts" not in record or record.get("type") not in ("say", "ask"):
        return None
    told = as_object(record.get("content"))
    if not {"say", "ask"} & record.keys() and "type" not in told:
        return None
    used = as_object(record.get("text")) if record.get("say") == "api_req_started" else as_object(told.get("status"))
    if used.get("tokensIn") is None and used.get("tokensOut") is None:
        return []
    names = ("tokensIn", "cacheReads", "cacheWrites", "tokensOut")
    read, cached, written, wrote = (used.get(name) for name in names)
    provider = dig(record, "modelInfo", "providerId")
    usage = _disjoint(read, cached, written, wrote)
    if _counts_whole_prompt(used, text(provider), record["ts"]):
        details = {"cached_tokens": cached, "cache_write_tokens": written}
        usage = {"prompt_tokens": read, "completion_tokens": wrote, "prompt_tokens_details": details}
    body = {"model": dig(record, "modelInfo", "modelId"), "usage": usage}
    return [{"timestamp": record["ts"], "provider": provider, "cost_usd": used.get("cost"), "response": body}]


_WHOLE_PROMPTS = frozenset("openai litellm doubao fireworks hicap lmstudio qwen xai zai".split())
"""Providers of Cline whose input it takes from the API as it is, cache included."""
_ROO_COUNTS_WHOLE_SINCE = 1_761_955_200_000
"""2025-11-01, Roo Code 3.29.5: input is the whole prompt for every API; before, for those like OpenAI's alone."""


def _counts_whole_prompt(used: dict[str, Any], provider: str | None, at: Any) -> bool:
    """Whether the input holds what was cached: told by fork, time and API; never where it could not hold it."""
    read, *parts = (count(used.get(name), name) or 0 for name in ("tokensIn", "cacheReads", "cacheWrites"))
    if sum(parts) > read:
        return False
    protocol = used.get("apiProtocol")
    if protocol is None:
        return (provider or "") in _WHOLE_PROMPTS
    return protocol == "openai" or (count(at, "ts") or 0) >= _ROO_COUNTS_WHOLE_SINCE


def _codex_exec(record: dict[str, Any]) -> Calls | None:
    """What `codex exec --json` prints: turns are sums without time and model, whose calls are in its session."""
    kind = str(record.get("type"))
    if kind == "turn.completed" and isinstance(record.get("usage"), dict):
        message = (
            "The sum of a turn that `codex exec --json` printed, without time and model. Put its session "
            "(~/.codex/sessions/**/rollout-*.jsonl) into codex/."
        )
        raise BadValue("usage", "usage_without_calls", message)
    is_event = kind in ("thread.started", "turn.started", "turn.failed") or kind.startswith("item.")
    return [] if is_event and not record.keys() - {"type", "thread_id", "item", "error"} else None


def _kimi(record: dict[str, Any]) -> Calls | None:
    """`wire.jsonl`: `StatusUpdate` holds the counts of a step, which lie beside each other."""
    message = as_object(record.get("message"))
    is_wire = "payload" in message and not record.keys() - {"timestamp", "message"}
    if not is_wire or not isinstance(message.get("type"), str):
        return None
    used = as_object(dig(message, "payload", "token_usage"))
    if not used:
        return []
    names = ("input_other", "input_cache_read", "input_cache_creation", "output")
    body = {"id": dig(message, "payload", "message_id"), "usage": _disjoint(*(used.get(name) for name in names))}
    return [{"timestamp": record.get("timestamp"), "response": body}]


def _aider(record: dict[str, Any]) -> Calls | None:
    """`--analytics-log`: `message_send` is a call; its counts are those of an OpenAI chat, its cost an estimate."""
    if (
        not isinstance(record.get("properties"), dict)
        or not isinstance(record.get("event"), str)
        or "time" not in record
    ):
        return None
    used = record["properties"]
    if record["event"] != "message_send" or "prompt_tokens" not in used:
        return [] if "aider_version" in used else None
    usage = {name: used.get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
    body = {"model": used.get("main_model"), "usage": usage}
    return [
        {"timestamp": record["time"], "user_id": record.get("user_id"), "cost_usd": used.get("cost"), "response": body}
    ]


_AGENTS: tuple[tuple[str, Callable[[dict[str, Any]], Calls | None]], ...] = (
    ("Copilot CLI", copilot),
    ("Goose", goose),
    ("Qwen Code", _qwen_code),
    ("pi", _pi),
    ("Gemini CLI", _gemini_cli),
    ("OpenCode", _opencode),
    ("Amp", _amp),
    ("Cline's deleted and delegated requests", cline_sums),
    ("Cline", _cline),
    ("codex exec", _codex_exec),
    ("Kimi CLI", _kimi),
    ("Aider", _aider),
    ("Zed", zed),
    ("Continue", continue_dev),
    ("Droid", droid),
    ("Amp", amp_ledger),
    ("ZCode", zcode),
    ("VS Code", vscode_chat),
    ("claude -p", claude_printed),
    ("Cline", cline_task),
    ("promptfoo", promptfoo),
    ("Inspect", inspect_log),
    ("OpenHands", openhands),
    ("LangChain", summed_by_model),
    *CHAT_APPS,
)


def _used(message: Any) -> dict[str, Any]:
    return as_object(dig(message, "usage"))


def _id(session: str | None, part: Any) -> str | None:
    """Ids of messages are unique in their session alone."""
    known = text(part)
    return f"{session}:{known}" if session and known else known


def _disjoint(fresh: Any, read: Any, written: Any, wrote: Any, thought: Any = None) -> dict[str, Any]:
    """Counts that lie beside each other, in the shape that says so."""
    output = sum(size for size in (count(wrote, "output"), count(thought, "reasoning")) if size is not None)
    usage = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read or 0,
        "cache_creation_input_tokens": written or 0,
        "output_tokens": None if wrote is None and thought is None else output,
    }
    return usage | ({"output_tokens_details": {"thinking_tokens": thought}} if thought else {})
