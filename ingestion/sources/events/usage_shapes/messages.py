"""Messages of LangChain, which keep the provider's own answer (`response_metadata`) beside the SDK's sum of it.

Put here: finding that answer, its usage and the tools it shows. Keep out: what counters mean.
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.tools import gemini_tools, responses_tools
from ingestion.sources.events.usage_shapes.values import as_object, dig

_TELLS_MORE = frozenset(("server_tool_use", "cache_creation", "inference_geo", "speed", "service_tier", "iterations"))
"""What Anthropic's usage tells and the sum leaves out."""


def own_message(message: dict[str, Any]) -> dict[str, Any]:
    """What the provider said of a message, which may lie in the arguments it was stored with; empty where nothing."""
    if "response_metadata" in message:
        return as_object(message["response_metadata"])
    return as_object(dig(message, "kwargs", "response_metadata")) if "kwargs" in message else {}


def own_usage(message: dict[str, Any]) -> dict[str, Any]:
    """Anthropic's own usage of a message where it counts the same output and tells more; empty where there is none."""
    told = as_object(own_message(message).get("usage"))
    if not told:
        return {}
    summed = as_object(message.get("usage_metadata")) or as_object(dig(message, "kwargs", "usage_metadata"))
    is_same = "input_tokens" in told and str(told.get("output_tokens")) == str(summed.get("output_tokens"))
    return told if is_same and _TELLS_MORE & told.keys() else {}


def with_shown_tools(counts: Counts, message: dict[str, Any], model: str | None) -> Counts:
    """The counts with what blocks of the content show of OpenAI's tools, and Google's grounding."""
    content = message.get("content") or dig(message, "kwargs", "content")
    blocks = [item for item in content if _is_tool(item)] if isinstance(content, list) else []
    answered = own_message(message)
    grounding = answered.get("grounding_metadata") or answered.get("groundingMetadata")
    if blocks:
        counts = responses_tools({"output": blocks}, counts)
    if isinstance(grounding, dict) and grounding:
        counts = gemini_tools({"candidates": [{"groundingMetadata": grounding}]}, counts, model)
    return counts


def _is_tool(block: Any) -> bool:
    return str(dig(block, "type")).endswith("_call")
