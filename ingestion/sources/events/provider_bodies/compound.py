"""Calls of several models (Groq compound, images made inside a response): one row for each, priced as that model.

Put here: taking such a body apart. Keep out: iterations of one model (`calls`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.sources.events.usage_shapes.cost_kinds import CHARGE
from ingestion.sources.events.usage_shapes.openai import chat_counts, responses_counts
from ingestion.sources.events.usage_shapes.tools import image_tool
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, with_unresolved
from ingestion.sources.events.usage_shapes.values import dig, tags, text

_OF_THE_WHOLE = (
    "recorded_cost_usd",
    "recorded_cost_text",
    "recorded_cost_decimals",
    "recorded_cost_kind",
    "duration_ms",
)
_OF_THE_MODEL = ("requested_service_tier", "served_service_tier", "speed")
_CHARGED_WITH_THE_FIRST = {
    "recorded_cost_usd": Decimal(0),
    "recorded_cost_text": "0",
    "recorded_cost_decimals": 0,
    "recorded_cost_kind": CHARGE,
}


def without_whole(row: Row) -> Row:
    """A further row of one call: what is known of the whole stands on the first, whose charge pays for this one too."""
    rest = {name: value for name, value in row.items() if name not in _OF_THE_WHOLE}
    return rest | (_CHARGED_WITH_THE_FIRST if row.get("recorded_cost_kind") == CHARGE else {})


def models_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The models that answered, each with its own usage; the usage of the body is their sum."""
    found = dig(body, "usage_breakdown", "models")
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(dig(item, "usage"), dict) and item.get("model")]


def compound_rows(row: Row, body: dict[str, Any], models: list[dict[str, Any]]) -> list[Row]:
    """One row per model. What is known of the call as a whole, with the tools it ran, stays on the first."""
    rows: list[Row] = []
    for index, item in enumerate(models):
        part = row if index == 0 else without_whole(row)
        found = {
            **part,
            **chat_counts(item["usage"], None, f"usage_breakdown.models[{index}].usage"),
            "event_id": f"{row['event_id']}/{index}",
            "parent_event_id": row["event_id"],
            "requested_model": row.get("requested_model") or row.get("served_model"),
            "served_model": text(item["model"]),
            "tags": tags(row.get("tags"), {"compound": row.get("served_model")}),
        }
        rows.append(found)
    tools = _executed_tools(body)
    if tools:
        rows[0] = with_unresolved(rows[0], [Unresolved("choices.message.executed_tools", tools, "unmetered_tool")])
    return rows


def image_rows(row: Row, body: dict[str, Any]) -> list[Row]:
    """The row of the image model that a response ran, where the body names it; `row` holds no counts yet."""
    found = image_tool(body)
    if found is None:
        return []
    model, usage = found
    image = {
        **{name: value for name, value in without_whole(row).items() if name not in _OF_THE_MODEL},
        **responses_counts(usage, {"type": "image_generation.tool"}, root="tool_usage.image_gen"),
        "event_id": f"{row['event_id']}/image_gen",
        "parent_event_id": row["event_id"],
        "requested_model": model,
        "served_model": model,
        "tags": tags(row.get("tags"), {"tool": "image_generation"}),
    }
    return [image]


def _executed_tools(body: dict[str, Any]) -> int:
    choices = body.get("choices")
    lists = [dig(choice, "message", "executed_tools") for choice in (choices if isinstance(choices, list) else [])]
    return sum(len(each) for each in lists if isinstance(each, list))
