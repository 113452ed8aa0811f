"""What more agents keep or export of their calls: OpenCode's exports, Zed, Continue, Droid, Amp, ZCode, VS Code.

Put here: which of their records are calls or sums, as envelopes around a usage object. Keep out: what counts mean.
Sources: code of the agents and of readers of their files.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.provider_bodies.agent_sessions import COPILOT, SUM_OF
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig, text

Calls = list[dict[str, Any]]


def opencode_messages(record: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Messages as OpenCode stores them, out of `opencode export` or a row of its database; None for other records."""
    if isinstance(record.get("messages"), list) and str(dig(record, "info", "id") or "").startswith("ses_"):
        return [part for each in record["messages"] if isinstance(dig(each, "info"), dict) for part in _steps(each)]
    if "session_id" in record and "time_created" in record and isinstance(as_object(record.get("data")), dict):
        told = as_object(record["data"])
        return [{"id": record.get("id"), "sessionID": record["session_id"], **told}] if "role" in told else None
    if record.get("type") in ("step_start", "step_finish", "text", "tool_use") and isinstance(record.get("part"), dict):
        part = record["part"]  # a line of `opencode run --format json`, which names no model
        asked = {"id": part.get("id"), "sessionID": record.get("sessionID"), "role": "assistant"}
        return [{**asked, "time": {"created": record.get("timestamp")}, **{n: part.get(n) for n in ("tokens", "cost")}}]
    return None


def _steps(exported: dict[str, Any]) -> list[dict[str, Any]]:
    """A message, or each of its steps where it has several: then it keeps the tokens of the last alone."""
    info = exported["info"]
    parts = exported.get("parts") if isinstance(exported.get("parts"), list) else []
    steps = [part for part in parts or [] if dig(part, "type") == "step-finish" and as_object(part.get("tokens"))]
    if len(steps) < 2:
        return [info]
    given = [{name: step[name] for name in ("id", "tokens", "cost") if name in step} for step in steps]
    return [{**info, "id": f"{info.get('id')}:{number}", **step} for number, step in enumerate(given)]


def zed(record: dict[str, Any]) -> Calls | None:
    """A thread: the counts of each request, which lie beside each other, at the time of the thread."""
    per_request = record.get("request_token_usage")
    if not isinstance(per_request, dict) or "updated_at" not in record:
        return None
    model = as_object(record.get("model"))
    envelope = {"timestamp": record["updated_at"], "provider": model.get("provider")}
    found = {name: as_object(used) for name, used in per_request.items()}
    calls = [
        {**envelope, "response": {"id": name, "type": "message", "model": model.get("model"), "usage": used}}
        for name, used in found.items()
        if used
    ]
    whole = as_object(record.get("cumulative_token_usage"))
    if not calls and any(whole.values()):
        calls = [{**envelope, SUM_OF: 0, "response": {"type": "message", "model": model.get("model"), "usage": whole}}]
    return calls


def continue_dev(record: dict[str, Any]) -> Calls | None:
    """`dev_data/**/tokensGenerated.jsonl` and `tokens_generated.jsonl` of Continue."""
    if "generatedTokens" not in record or "promptTokens" not in record:
        return None
    usage = {"prompt_tokens": record["promptTokens"], "completion_tokens": record["generatedTokens"]}
    envelope = {"timestamp": record.get("timestamp"), "provider": record.get("provider")}
    return [{**envelope, "user_id": record.get("userId"), "response": {"model": record.get("model"), "usage": usage}}]


def droid(record: dict[str, Any]) -> Calls | None:
    """`*.settings.json` of a session of Factory's Droid: one sum, at the time when its provider was chosen."""
    used = as_object(record.get("tokenUsage"))
    if "cacheReadTokens" not in used or "inputTokens" not in used or "providerLock" not in record:
        return None
    usage = {
        "input_tokens": used["inputTokens"],
        "cache_read_input_tokens": used["cacheReadTokens"],
        "cache_creation_input_tokens": used.get("cacheCreationTokens"),
        "output_tokens": used.get("outputTokens"),
    }
    body = {"type": "message", "model": record.get("model"), "usage": usage}
    envelope = {"timestamp": record.get("providerLockTimestamp"), "provider": record["providerLock"]}
    return [{**envelope, SUM_OF: 0, "response": body}]


def amp_ledger(record: dict[str, Any]) -> Calls | None:
    """The ledger of a thread of Amp whose messages keep no usage."""
    events = dig(record, "usageLedger", "events")
    if not isinstance(events, list) or any("usage" in message for message in record.get("messages") or []):
        return None
    calls = []
    for event in events:
        used = as_object(dig(event, "tokens"))
        usage = {
            "input_tokens": used.get("input"),
            "cache_read_input_tokens": used.get("cacheReadInputTokens") or 0,
            "cache_creation_input_tokens": used.get("cacheCreationInputTokens") or 0,
            "output_tokens": used.get("output"),
        }
        if used:
            body = {"id": event.get("id"), "type": "message", "model": event.get("model"), "usage": usage}
            calls.append({"timestamp": event.get("timestamp"), "session_id": record.get("id"), "response": body})
    return calls


def zcode(record: dict[str, Any]) -> Calls | None:
    """A row of ZCode's table `model_usage`, whose input holds what was cached."""
    if "computed_total_tokens" not in record or "model_id" not in record:
        return None
    cached = {
        "cached_tokens": record.get("cache_read_input_tokens"),
        "cache_write_tokens": record.get("cache_creation_input_tokens"),
    }
    usage = {
        "prompt_tokens": record.get("input_tokens"),
        "completion_tokens": record.get("output_tokens"),
        "prompt_tokens_details": cached,
    }
    provider = text(record.get("provider_id")) or ""
    envelope = {
        "timestamp": record.get("started_at"),
        "end_time": record.get("completed_at"),
        "provider": provider.removeprefix("builtin:") if provider.startswith("builtin:") else "gateway",
        "session_id": record.get("session_id"),
        "response": {"id": record.get("id"), "model": record["model_id"], "usage": usage},
    }
    return [envelope] if record.get("input_tokens") or record.get("output_tokens") else []


def vscode_chat(record: dict[str, Any]) -> Calls | None:
    """`chatSessions/*.json` of VS Code: requests to Copilot, with the tokens of their prompt and answer."""
    requests = record.get("requests")
    if not isinstance(requests, list) or "requesterUsername" not in record:
        return None
    calls = []
    for asked in requests:
        told = as_object(dig(asked, "result", "metadata"))
        usage = {"prompt_tokens": told.get("promptTokens"), "completion_tokens": told.get("outputTokens")}
        if any(usage.values()):
            model = (text(asked.get("modelId")) or "").removeprefix("copilot/") or None
            body = {"id": asked.get("requestId"), "model": model, "usage": usage}
            calls.append({"timestamp": asked.get("timestamp"), "provider": COPILOT, "response": body})
    return calls


def claude_printed(record: dict[str, Any]) -> Calls | None:
    """`claude -p --output-format stream-json`: its messages have no time, and its last line is a sum."""
    if "session_id" not in record or "uuid" not in record or "timestamp" in record:
        return None
    if record.get("type") == "assistant" and as_object(dig(record, "message", "usage")):
        message = (
            "A message that `claude -p` printed, without its time. Put the session (~/.claude/projects/**/*.jsonl) "
            "into claude_code/."
        )
        raise BadValue("timestamp", "usage_without_calls", message)
    return [] if record.get("type") in ("system", "user", "assistant", "stream_event") else None


def cline_task(record: dict[str, Any]) -> Calls | None:
    """An item of `taskHistory.json`: the sum of a task, without its model."""
    if {"ts", "task", "tokensIn", "tokensOut", "totalCost"} <= record.keys():
        message = "The sum of a task of Cline or Roo, without its model. Put ui_messages.json of its folder here."
        raise BadValue("tokensIn", "usage_without_calls", message)
    return None
