"""Usage of Gemini and Vertex: `usageMetadata` with lists by modality, thoughts outside the candidates.

Put here: `usageMetadata`. Keep out: Gemini behind an OpenAI-compatible endpoint (`openai.chat_counts`).
"""

from __future__ import annotations

from typing import Any

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.values import count, count_at

_MODALITY = {"AUDIO": "audio", "IMAGE": "image", "DOCUMENT": "image", "VIDEO": "video"}
ROOT = "usageMetadata"


def _by_modality(usage: dict[str, Any], *keys: str) -> dict[str, int]:
    """Tokens by modality over lists that may be absent or short; text is whatever they do not name."""
    found: dict[str, int] = {}
    for key in keys:
        items = usage.get(key)
        for item in items if isinstance(items, list) else []:
            if not isinstance(item, dict):
                continue
            name = _MODALITY.get(str(item.get("modality")).upper())
            tokens = count(item.get("tokenCount"), f"{ROOT}.{key}.tokenCount")
            if name and tokens is not None:
                found[name] = found.get(name, 0) + tokens
    return found


def gemini_counts(usage: dict[str, Any]) -> Counts:
    """Disjoint counts. Absent counters are zero where the printed total leaves no room, as protobuf drops zeros."""
    prompt = count_at(usage, "promptTokenCount", root=ROOT)
    tools = count_at(usage, "toolUsePromptTokenCount", root=ROOT)
    candidates = count_at(usage, "candidatesTokenCount", root=ROOT)
    if candidates is None:
        candidates = count_at(usage, "responseTokenCount", root=ROOT)
    thoughts = count_at(usage, "thoughtsTokenCount", root=ROOT)
    total = count_at(usage, "totalTokenCount", root=ROOT)
    if prompt is not None and candidates is None and (total is not None or thoughts is not None):
        candidates = max(0, total - prompt - (tools or 0) - (thoughts or 0)) if total is not None else 0
    elif prompt is None and candidates is not None and total is not None:
        prompt = max(0, total - candidates - (tools or 0) - (thoughts or 0))
    received = _by_modality(usage, "promptTokensDetails", "toolUsePromptTokensDetails")
    cached = _by_modality(usage, "cacheTokensDetails")
    produced = _by_modality(usage, "candidatesTokensDetails", "responseTokensDetails")
    given = Input(
        field=f"{ROOT}.promptTokenCount",
        total=None if prompt is None else prompt + (tools or 0),
        cache_read=count_at(usage, "cachedContentTokenCount", root=ROOT),
        audio=received.get("audio"),
        audio_cache_read=cached.get("audio"),
        image=received.get("image"),
        image_cache_read=cached.get("image"),
        video=received.get("video"),
        video_cache_read=cached.get("video"),
    )
    output = disjoint_output(
        f"{ROOT}.candidatesTokenCount",
        None if candidates is None else candidates + (thoughts or 0),
        reasoning=thoughts,
        audio=produced.get("audio"),
        image=produced.get("image"),
        video=produced.get("video"),
    )
    return drop_unknown(disjoint_input(given) | output)
