"""Answers charged by what they made, heard or learned that report no usage: videos, images, transcripts, training.

Put here: telling such answers by their shape, and the count that their price is of. Keep out: usage objects.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.values import as_object, count, decimal

_VIDEO_SECONDS = ("output_video_duration", "video_duration")
_HEARD = ("transcribe", "translate")


def made_video(body: dict[str, Any]) -> Counts:
    """A finished video of the videos API or of DashScope, which is charged by its seconds."""
    told = as_object(body.get("usage"))
    made = next((name for name in _VIDEO_SECONDS if told.get(name)), None) if "video_count" in told else None
    if made is not None:
        return {"video_milliseconds": _milliseconds(told[made], f"usage.{made}")}
    if body.get("object") != "video" or body.get("status") != "completed" or body.get("seconds") in (None, ""):
        return {}
    return {"video_milliseconds": _milliseconds(body["seconds"], "seconds")}


def trained(body: dict[str, Any]) -> Counts:
    """A fine-tuning job that is done, which is charged by the tokens it was trained on."""
    if body.get("object") != "fine_tuning.job" or body.get("trained_tokens") in (None, ""):
        return {}
    return {"training_tokens": count(body["trained_tokens"], "trained_tokens")}


def media_made(body: dict[str, Any]) -> Counts:
    """Images of the images API and of Vertex, and what a verbose transcript says of its length."""
    if any(body.get(name) for name in ("usage", "usageMetadata", "usage_metadata")):
        return {}
    heard = _heard(body)
    if heard is not None:
        return {"audio_milliseconds": _milliseconds(heard[1], heard[0])}
    for name in ("data", "predictions"):
        is_answer = name == "predictions" or "created" in body or {"id", "model"} <= body.keys()
        items = body.get(name) if is_answer else None
        made = sum(map(_is_image, items)) if isinstance(items, list) else 0
        if made:
            return {"images": made}
    return {}


def _heard(body: dict[str, Any]) -> tuple[str, Any] | None:
    """(field, seconds) of what a transcript was made of: OpenAI's verbose answer, AssemblyAI's, Deepgram's."""
    told = as_object(body.get("metadata"))
    for field, seconds, is_transcript in (
        ("duration", body.get("duration"), body.get("task") in _HEARD),
        ("audio_duration", body.get("audio_duration"), "speech_model" in body or "speech_models" in body),
        ("metadata.duration", told.get("duration"), "channels" in told and isinstance(told.get("models"), list)),
    ):
        if is_transcript and seconds not in (None, ""):
            return field, seconds
    return None


def _is_image(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return "b64_json" in item or "url" in item or str(item.get("mimeType")).startswith("image/")


def _milliseconds(seconds: Any, field: str) -> int | None:
    number = decimal(seconds, field) or Decimal(0)
    return count(str(int(number * 1000)), field)
