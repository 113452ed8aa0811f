"""LiteLLM's standard logging payload (S3, GCS, callbacks) under the names of its spend log.

Put here: where the two differ. Keep out: what the fields mean (`spend_logs`), prompts and answers.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.values import as_object, dig, text

_MARKS = ("response_cost", "cost_breakdown", "hidden_params", "model_map_information", "error_str")
_USAGE = ("usage", "usage_object")


def is_payload(given: Any) -> bool:
    """Whether a record is a standard logging payload."""
    return isinstance(given, dict) and "startTime" in given and "spend" not in given and any(m in given for m in _MARKS)


def as_spend_log(given: dict[str, Any]) -> dict[str, Any]:
    """The same call as a row of the spend log."""
    metadata, hidden = as_object(given.get("metadata")), as_object(given.get("hidden_params"))
    usage = as_object(metadata.get("usage_object")) or as_object(dig(hidden, "usage_object"))
    if not usage:
        response = as_object(given.get("response"))
        usage = next((found for name in _USAGE if (found := as_object(response.get(name)))), {})
    identity = text(given.get("litellm_call_id")) or text(given.get("call_id"))
    error = as_object(given.get("error_information"))
    return {
        "request_id": given.get("id"),
        "litellm_call_id": identity,
        "spend": _cost(given),
        "api_key": metadata.get("user_api_key_hash"),
        "user": metadata.get("user_api_key_user_id"),
        "team_id": metadata.get("user_api_key_team_id"),
        "organization_id": metadata.get("user_api_key_org_id"),
        "session_id": metadata.get("session_id"),
        **{name: given.get(name) for name in _SAME},
        "metadata": {
            **{name: item for name, item in metadata.items() if name != "usage_object"},
            "usage_object": usage,
            "user_api_key_alias": metadata.get("user_api_key_alias"),
            "error_information": error or None,
            "service_tier": dig(given, "model_parameters", "service_tier"),
        },
        "request_duration_ms": None,
        "response": given.get("response"),
    }


_SAME = (
    "call_type",
    "status",
    "custom_llm_provider",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "model",
    "model_id",
    "model_group",
    "api_base",
    "cache_hit",
    "request_tags",
    "end_user",
    "trace_id",
)


def _cost(given: dict[str, Any]) -> Any:
    if given.get("response_cost") is not None:
        return given["response_cost"]
    return dig(as_object(given.get("hidden_params")), "response_cost")
