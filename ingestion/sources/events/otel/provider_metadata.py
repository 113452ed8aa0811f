"""What a span of the Vercel AI SDK, or of Google's Agent Development Kit, keeps of the provider's own answer.

Put here: the attributes that hold it. Keep out: the object itself (`usage_shapes.sdk_metadata`).
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes import sdk_metadata
from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE
from ingestion.sources.events.usage_shapes.values import as_object

ATTRIBUTE = "ai.response.providerMetadata"
_ADK = "gcp.vertex.agent.llm_response"
"""The answer as Google's Agent Development Kit keeps it; its attributes leave thinking out."""
_LANGFUSE_COST = "langfuse.observation.cost_details"
_CALLS = (".doGenerate", ".doStream", ".doEmbed")


def metadata_of(attributes: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a span that is one call: those of the spans above repeat their last step's."""
    if ATTRIBUTE not in attributes or not str(attributes.get("ai.operationId") or "").endswith(_CALLS):
        return {}
    return as_object(attributes[ATTRIBUTE])


def google_usage(attributes: dict[str, Any]) -> dict[str, Any]:
    """Google's own usage object; empty where there is none."""
    answered = as_object(as_object(attributes.get(_ADK)).get("usage_metadata"))
    return answered or sdk_metadata.google_usage(metadata_of(attributes))


def charged(attributes: dict[str, Any]) -> tuple[Any, str]:
    """(what a gateway or Langfuse's SDK says the call cost, its kind); None where none says so."""
    if attributes.get("gen_ai.usage.cost.source") == "provider":
        return attributes.get("gen_ai.usage.cost.amount"), CHARGE
    taken, kind = sdk_metadata.charged(metadata_of(attributes))
    if taken is None:
        taken = as_object(attributes.get(_LANGFUSE_COST)).get("total")
    return taken, kind
