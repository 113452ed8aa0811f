"""Answers charged by what they made, heard or learned that report no usage: videos, images, transcripts, training.

Put here: telling such answers by their shape, and the count that their price is of. Keep out: usage objects.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.values import BadValue, as_object, count, decimal, dig

_VIDEOS = ("videos", "generated_videos", "generatedVideos")
_VIDEO_SECONDS = ("output_video_duration", "video_duration")
_HEARD = ("transcribe", "translate")
_IMAGES = ("data", "predictions", "generated_images", "generatedImages", "images")
_OF_IMAGES = frozenset(("maskImage", "finish_reasons", "seeds", "error"))
"""What stands beside the bare images of models on Bedrock."""


def made_video(body: dict[str, Any], request: dict[str, Any] | None = None) -> Counts:
    """A finished video of the videos API, of DashScope or of Veo, which is charged by its seconds.

    Raises `BadValue` where Veo's answer lies without its question, which alone tells how long the video is.
    """
    if made_by_veo := _videos_of_veo(body):
        seconds = dig(request, "parameters", "durationSeconds") or dig(request, "config", "durationSeconds")
        if seconds is None:
            seconds = dig(request, "config", "duration_seconds")
        if seconds is None:
            message = (
                "A video of Veo, whose length is in no answer. Log the request beside it "
                '({"request": {"parameters": {"durationSeconds": 8}}, …}); what it cost is on the bill.'
            )
            raise BadValue("request.parameters.durationSeconds", "missing_usage", message)
        return {"video_milliseconds": made_by_veo * (_milliseconds(seconds, "durationSeconds") or 0)}
    told = as_object(body.get("usage"))
    made = next((name for name in _VIDEO_SECONDS if told.get(name)), None) if "video_count" in told else None
    if made is not None:
        return {"video_milliseconds": _milliseconds(told[made], f"usage.{made}")}
    if body.get("object") != "video" or body.get("status") != "completed" or body.get("seconds") in (None, ""):
        return {}
    return {"video_milliseconds": _milliseconds(body["seconds"], "seconds")}


_OPERATION = re.compile(r"(?:^|/)models/([^/]+)/operations/")


def with_operation(body: dict[str, Any]) -> dict[str, Any]:
    """A long-running operation of Google with its state and the model that its name tells; other bodies as they are."""
    name = body.get("name")
    found = _OPERATION.search(name) if isinstance(name, str) else None
    if not found:
        return body
    state = {} if body.get("done") else {"status": "running"}
    return {"id": name, "model": found[1], "provider_name": "google", **state, **body}


def _videos_of_veo(body: dict[str, Any]) -> int:
    """How many videos an operation that is done made."""
    made = as_object(body.get("response")) if "operations/" in str(body.get("name")) and body.get("done") else {}
    lists = (dig(made, "generateVideoResponse", "generatedSamples"), *(made.get(name) for name in _VIDEOS))
    return next((len(each) for each in lists if isinstance(each, list)), 0)


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
    predicted = count(dig(body, "metrics", "image_count"), "metrics.image_count")  # Replicate
    if predicted:
        return {"images": predicted}
    for name in _IMAGES:
        is_answer = name != "data" or "created" in body or {"id", "model"} <= body.keys()
        items = body.get(name) if is_answer else None
        made = sum(map(_is_image, items)) if isinstance(items, list) else 0
        if not made and name == "images" and isinstance(items, list) and _OF_IMAGES & body.keys():
            made = sum(isinstance(item, str) and bool(item) for item in items)
        if made:
            return {"images": made}
    return {}


def _heard(body: dict[str, Any]) -> tuple[str, Any] | None:
    """(field, seconds) of what a transcript was made of: OpenAI's verbose answer, and those of other APIs and SDKs."""
    told = as_object(body.get("metadata"))
    for field, seconds, is_transcript in (
        ("duration", body.get("duration"), body.get("task") in _HEARD),
        ("audio_duration", body.get("audio_duration"), "speech_model" in body or "speech_models" in body),
        ("audio_duration_secs", body.get("audio_duration_secs"), "text" in body or "transcripts" in body),
        ("durationInSeconds", body.get("durationInSeconds"), "text" in body),
        ("totalBilledTime", _in_seconds(body.get("totalBilledTime")), "totalBilledTime" in body),
        ("metadata.totalBilledDuration", _in_seconds(told.get("totalBilledDuration")), "totalBilledDuration" in told),
        ("metadata.duration", told.get("duration"), "channels" in told and isinstance(told.get("models"), list)),
    ):
        if is_transcript and seconds not in (None, ""):
            return field, seconds
    return None


def _in_seconds(given: Any) -> Any:
    """A duration as Google prints it: `15s`."""
    return given.removesuffix("s") if isinstance(given, str) else given


def _is_image(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    kind = item.get("mimeType") or item.get("content_type")
    return "b64_json" in item or "url" in item or str(kind).startswith("image/") or bool(as_object(item.get("image")))


def _milliseconds(seconds: Any, field: str) -> int | None:
    number = decimal(seconds, field) or Decimal(0)
    return count(str(int(number * 1000)), field)
