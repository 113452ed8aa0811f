"""Usage of Gemini and Vertex: `usageMetadata` with lists by modality, thoughts outside the candidates.

Put here: `usageMetadata` in both spellings. Keep out: Gemini behind OpenAI's shape (`openai.chat_counts`).
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import read_usage
from ingestion.sources.events.usage_shapes.relations import counts_from

ROOT = "usageMetadata"
GEMINI = Family(
    "gemini",
    input_field=f"{ROOT}.promptTokenCount",
    output_field=f"{ROOT}.candidatesTokenCount",
    total_holds_thinking=True,
)


def gemini_counts(usage: dict[str, Any], root: str = ROOT) -> Counts:
    """Disjoint counts. Absent counters are zero where the printed total leaves no room, as protobuf drops zeros."""
    return counts_from(read_usage(usage, root), GEMINI)
