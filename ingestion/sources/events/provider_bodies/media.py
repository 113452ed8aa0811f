"""Answers that are charged by what they made or heard and report no usage: videos, images, transcripts.

Put here: telling such answers by their shape, and the count that their price is of. Keep out: usage objects.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.values import count, decimal

_HEARD = ("transcribe", "translate")


def made_video(body: dict[str, Any]) -> Counts:
    """A finished video of the videos API, which is charged by its seconds."""
    if body.get("object") != "video" or body.get("status") != "completed" or body.get("seconds") in (None, ""):
        return {}
    return {"video_milliseconds": _milliseconds(body["seconds"], "seconds")}


def media_made(body: dict[str, Any]) -> Counts:
    """Images of the images API and of Vertex, and what a verbose transcript says of its length."""
    if any(body.get(name) for name in ("usage", "usageMetadata", "usage_metadata")):
        return {}
    if body.get("task") in _HEARD and body.get("duration") not in (None, ""):
        return {"audio_milliseconds": _milliseconds(body["duration"], "duration")}
    for name in ("data", "predictions"):
        items = body.get(name) if name == "predictions" or "created" in body else None
        made = sum(map(_is_image, items)) if isinstance(items, list) else 0
        if made:
            return {"images": made}
    return {}


def _is_image(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return "b64_json" in item or "url" in item or str(item.get("mimeType")).startswith("image/")


def _milliseconds(seconds: Any, field: str) -> int | None:
    number = decimal(seconds, field) or Decimal(0)
    return count(str(int(number * 1000)), field)
