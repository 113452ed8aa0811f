"""Files of what runs models and keeps their answers or sums of them: promptfoo, Inspect, OpenHands, LangChain.

Put here: which of their records are calls, as envelopes around a usage object. Keep out: what counts mean, agents that
keep sessions (`agent_logs`).
Sources: code of the tools. None has a contract: what is no call is left out, and said.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.provider_bodies.agent_sessions import SUM_OF
from ingestion.sources.events.usage_shapes.counters import meaning_of
from ingestion.sources.events.usage_shapes.places import place_of
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, dig, text

Calls = list[dict[str, Any]]


def promptfoo(record: dict[str, Any]) -> Calls | None:
    """Results of `promptfoo eval`, in a document or in lines; what its own cache answered is no call."""
    whole = as_object(record.get("results"))
    if "evalId" in record and isinstance(whole.get("results"), list):
        at = whole.get("timestamp") or dig(record, "metadata", "evaluationCreatedAt")
        found = ({"timestamp": at, **item} for item in whole["results"] if isinstance(item, dict))
        return [call for item in found for call in _result(item)]
    return _result(record) if {"promptIdx", "testIdx"} <= record.keys() else None


def _result(item: dict[str, Any]) -> Calls:
    kind, _, model = str(dig(item, "provider", "id") or "").partition(":")
    answer, identity = as_object(item.get("response")), text(item.get("id"))
    used = as_object(answer.get("tokenUsage")) or as_object(item.get("tokenUsage"))
    around = {"timestamp": item.get("timestamp"), "feature": "promptfoo"}
    calls = []
    if answer.get("cached") is not True and (used.get("prompt") or used.get("completion")):
        details = as_object(used.get("completionDetails"))
        usage = {
            "prompt_tokens": used.get("prompt"),
            "completion_tokens": used.get("completion"),
            "total_tokens": used.get("total"),
            "cache_read_tokens": details.get("cacheReadInputTokens"),
            "cache_write_tokens": details.get("cacheCreationInputTokens"),
            "reasoning_tokens": details.get("reasoning"),
        }
        told = {"provider": kind or None, "cost_usd": item.get("cost") or None, "duration_ms": item.get("latencyMs")}
        body = {"id": identity, "model": model.rpartition(":")[2] or None, "usage": usage}
        calls.append({**around, **told, "response": body})
    graded = as_object(dig(item, "gradingResult", "tokensUsed"))
    if graded.get("prompt") or graded.get("completion"):  # by a model that the result does not name
        usage = {"prompt_tokens": graded.get("prompt"), "completion_tokens": graded.get("completion")}
        calls.append({**around, "response": {"id": f"{identity}:graded" if identity else None, "usage": usage}})
    return calls


def inspect_log(record: dict[str, Any]) -> Calls | None:
    """A log of Inspect as JSON: events of its samples that are answers of models. Raises `BadValue` for sums alone."""
    if not isinstance(record.get("eval"), dict) or "stats" not in record or "status" not in record:
        return None
    samples = record.get("samples")
    events = [event for each in samples or [] for event in dig(each, "events") or [] if dig(event, "event") == "model"]
    if not events and as_object(dig(record, "stats", "model_usage")):
        message = (
            "Sums by model, without the calls. Export the log with its samples and their events (`inspect log dump`)."
        )
        raise BadValue("stats.model_usage", "usage_without_calls", message)
    calls = []
    for event in events:
        usage, name = as_object(dig(event, "output", "usage")), text(event.get("model")) or ""
        if usage and event.get("cache") != "read":
            provider, _, model = name.partition("/")
            body = {"id": event.get("uuid"), "model": dig(event, "output", "model") or model, "usage": usage}
            calls.append({"timestamp": event.get("timestamp"), "provider": provider, "model": model, "response": body})
    return calls


def openhands(record: dict[str, Any]) -> Calls | None:
    """Events of OpenHands, which keep the answer that asked for a tool; its metrics, with the usage of each answer."""
    answer = dig(record, "tool_call_metadata", "model_response")
    if isinstance(dig(answer, "usage"), dict):
        return [{"timestamp": record.get("timestamp"), "response": answer}]
    if "llm_metrics" in record and "source" in record:
        return []
    per_call, costs = record.get("token_usages"), record.get("costs")
    if not isinstance(per_call, list) or not isinstance(costs, list):
        return None
    if len(per_call) != len(costs):
        message = "Answers without a time, which stands at their costs. Put the events of the conversation here."
        raise BadValue("token_usages", "usage_without_calls", message)
    return [_of_openhands(used, cost) for used, cost in zip(per_call, costs, strict=True)]


def _of_openhands(used: dict[str, Any], cost: dict[str, Any]) -> dict[str, Any]:
    details = {"cached_tokens": used.get("cache_read_tokens"), "cache_write_tokens": used.get("cache_write_tokens")}
    usage = {
        "prompt_tokens": used.get("prompt_tokens"),
        "completion_tokens": used.get("completion_tokens"),
        "prompt_tokens_details": details,
    }
    body = {"id": used.get("response_id"), "model": used.get("model"), "usage": usage}
    return {"timestamp": cost.get("timestamp"), "cost_usd": cost.get("cost"), "response": body}


def summed_by_model(record: dict[str, Any]) -> Calls | None:
    """Sums of calls by model, as callbacks of LangChain and of others keep them: `{"usage": {"gpt-5": {…}}}`."""
    for name in ("usage_metadata", "model_usage", "usage"):
        per_model = record.get(name)
        if (
            isinstance(per_model, dict)
            and per_model
            and all(_is_sum_of_model(str(model), used) for model, used in per_model.items())
        ):
            around = {key: value for key, value in record.items() if key not in (name, "id")}
            identity = text(record.get("id"))
            return [
                {
                    **around,
                    SUM_OF: 0,
                    "response": {"id": f"{identity}:{model}" if identity else None, "model": model, "usage": used},
                }
                for model, used in per_model.items()
            ]
    return None


def _is_sum_of_model(model: str, used: Any) -> bool:
    if not isinstance(used, dict) or meaning_of("", model) or place_of(model, "") is not None:
        return False
    known = {found[0] for name in used if (found := meaning_of("", str(name)))}
    return {"input", "output"} <= known
