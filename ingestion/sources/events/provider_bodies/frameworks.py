"""What frameworks keep of their calls: AutoGen, Haystack, smolagents, the Vercel AI SDK, OpenAI's agents.

Put here: which of their records are calls, as envelopes around a usage object. Keep out: what counts mean, programs
that people chat with (`chat_apps`).
Sources: code of the frameworks. None has a contract: what is no call is left out, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestion.sources.events.provider_bodies.agent_sessions import SUM_OF
from ingestion.sources.events.provider_bodies.field_names import IDENTITY, TIMES
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig

Calls = list[dict[str, Any]]
_AROUND = frozenset((*TIMES, *IDENTITY, "created_at", "provider", "tags"))


def _around(record: dict[str, Any]) -> dict[str, Any]:
    """What somebody wrote around what a framework printed."""
    return {name: record[name] for name in record.keys() & _AROUND}


def _autogen(record: dict[str, Any]) -> Calls | None:
    """A row of its table of completions, a result that its cache gave, a message of a team, or what a chat cost."""
    if {"invocation_id", "is_cached", "response"} <= record.keys():
        call = {
            "timestamp": record.get("start_time"),
            "end_time": record.get("end_time"),
            "session_id": record.get("session_id"),
            "cost_usd": record.get("cost"),
            "cache_hit": str(record["is_cached"]) not in ("0", "False", "false", "None"),
            "request": as_object(record.get("request")),
            "response": as_object(record["response"]),
        }
        return [call] if call["response"] else []  # else the text of an error
    if dig(record, "response", "cached") is True or (record.get("cached") is True and "finish_reason" in record):
        return [{**record, "cache_hit": True}]
    if "models_usage" in record and "source" in record:
        return _message(record)
    messages = record.get("messages")
    if isinstance(messages, list) and any("models_usage" in each for each in messages if isinstance(each, dict)):
        return [call for each in messages if isinstance(each, dict) for call in _message(each)]
    spent = as_object(record.get("usage_excluding_cached_inference"))
    if not spent:
        return None
    return [
        {**_around(record), SUM_OF: 0, "cost_usd": used.get("cost"), "response": {"model": model, "usage": used}}
        for model, used in spent.items()
        if isinstance(used, dict) and "prompt_tokens" in used
    ]


def _message(message: dict[str, Any]) -> Calls:
    used = as_object(message.get("models_usage"))
    body = {"id": message.get("id"), "model": dig(message, "metadata", "model"), "usage": used}
    return [{"timestamp": message.get("created_at"), "response": body}] if used else []


def haystack(record: dict[str, Any]) -> Calls | None:
    """The replies of a generator, alone or below the name of its component. Several replies to one question each
    repeat its usage."""
    found = [
        each for each in (record, *record.values()) if isinstance(each, dict) and isinstance(each.get("replies"), list)
    ]
    calls: Calls = []
    for holder in found:
        beside = holder.get("meta")
        told = [as_object(dig(each, "meta") or dig(each, "_meta")) for each in holder["replies"]]
        told += [as_object(each) for each in (beside if isinstance(beside, list) else [])]
        used: Calls = []
        for meta in told:
            if as_object(meta.get("usage")) and meta["usage"] not in [each["usage"] for each in used]:
                used.append(meta)
        for meta in used:
            started = meta.get("completion_start_time")
            body = {"id": meta.get("id"), "model": meta.get("model"), "usage": meta["usage"]}
            calls.append({**({"timestamp": started} if started else {}), **_around(record), "response": body})
    return calls or None


_OF_RESULT = ("usage", "finishReason", "providerMetadata", "warnings")
_OF_HOLDER = frozenset((*_OF_RESULT, "totalUsage", "steps", "response"))


def _ai_sdk(record: dict[str, Any]) -> Calls | None:
    """The result of a call of the Vercel AI SDK, whose id, model and time lie in its `response`; of several steps each
    is a call."""
    holder = record if "usage" in record else as_object(record.get("response"))
    given = holder.get("steps")
    steps = [step for step in (given if isinstance(given, list) else []) if _is_result(step)]
    if len(steps) < 2 and not _is_result(holder):
        return None
    left_out = _OF_HOLDER if len(steps) < 2 else _OF_HOLDER | {*TIMES, "cost_usd", "recorded_cost_usd", "event_id"}
    around = {name: item for name, item in record.items() if name not in left_out}
    calls = []
    for result in steps if len(steps) > 1 else [holder]:
        answer = result["response"]
        told = {name: result[name] for name in _OF_RESULT if name in result}
        body = {**told, "id": answer.get("id"), "modelId": answer.get("modelId")}
        calls.append({"timestamp": answer.get("timestamp"), **around, "response": body})
    return calls


def _is_result(result: Any) -> bool:
    answer = dig(result, "response")
    return bool(as_object(dig(result, "usage"))) and isinstance(answer, dict) and {"id", "modelId"} <= answer.keys()


_TRACED = ("trace", "trace.span")


def _openai_agents(record: dict[str, Any]) -> Calls | None:
    """A span as the tracing of OpenAI's agents exports it; those that generate are calls."""
    told = as_object(record.get("span_data"))
    if record.get("object") not in _TRACED or not (told or "workflow_name" in record):
        return None
    if told.get("type") not in ("generation", "response"):
        return []
    if not as_object(told.get("usage")):
        message = (
            f"A span of a {told['type']} without its usage, which OpenAI keeps. Log the answer with its usage, or "
            "export traces that tell it (docs/sources/otel.md)."
        )
        raise BadValue("span_data.usage", "missing_usage", message)
    body = {"id": told.get("response_id") or record.get("id"), "model": told.get("model"), "usage": told["usage"]}
    times = {"timestamp": record.get("started_at"), "end_time": record.get("ended_at")}
    return [{**times, "trace_id": record.get("trace_id"), "response": body}]


_NO_STEPS = ({"system_prompt"}, {"task"}, {"task", "task_images"})


def _smolagents(record: dict[str, Any]) -> Calls | None:
    """A step, or the result of a run with its steps; of a run that keeps none its sum."""
    if record.keys() in _NO_STEPS:
        return []
    timing, used = as_object(record.get("timing")), as_object(record.get("token_usage"))
    if "start_time" not in timing or "token_usage" not in record:
        return None
    given = record.get("steps")
    steps = [step for each in (given if isinstance(given, list) else []) for step in _smolagents(as_object(each)) or []]
    if steps or not used:
        return steps
    raw = as_object(dig(record, "model_output_message", "raw"))
    call = {
        "timestamp": timing["start_time"],
        "end_time": timing.get("end_time"),
        "response": raw if as_object(raw.get("usage")) else {"usage": used},
    }
    return [{**call, SUM_OF: 0} if "state" in record else call]


FRAMEWORKS: tuple[tuple[str, Callable[[dict[str, Any]], Calls | None]], ...] = (
    ("AutoGen", _autogen),
    ("Haystack", haystack),
    ("smolagents", _smolagents),
    ("AI SDK", _ai_sdk),
    ("OpenAI Agents", _openai_agents),
)
