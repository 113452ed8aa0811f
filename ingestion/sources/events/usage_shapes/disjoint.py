"""The arithmetic from a provider's overlapping counts to token columns that never overlap.

Put here: sums, subtractions and the checks that they are possible. Keep out: names of provider fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingestion.sources.events.usage_shapes.values import BadValue

Counts = dict[str, Any]
"""Columns of a row by name: counts, and what is unresolved among them."""


@dataclass
class Input:
    """Input counts as reported. `total` includes everything else; each `*_cache_read` is inside `cache_read`.

    `cache_write_5m` and `_1h` are inside `cache_write` (which may be None when only they are known);
    audio, image and video include their cached part. `field` names the total in messages.
    """

    field: str
    total: int | None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    audio: int | None = None
    audio_cache_read: int | None = None
    image: int | None = None
    image_cache_read: int | None = None
    video: int | None = None
    video_cache_read: int | None = None


def _exceeds(field: str, whole: int, part: int, what: str) -> BadValue:
    message = f"{what} ({part}) exceed {field} ({whole}), which includes them. Log the body as the provider sent it."
    return BadValue(field, "parts_exceed_total", message)


def disjoint_input(given: Input) -> Counts:
    """Disjoint input columns whose sum is the total.

    Cached tokens without a modality are taken for text; only what cannot be text (the parts would exceed the
    total) is moved to cached audio, then image, then video. Raises `BadValue` when no split is possible.
    """
    write_known = sum(n for n in (given.cache_write_5m, given.cache_write_1h) if n is not None)
    has_ttl = given.cache_write_5m is not None or given.cache_write_1h is not None
    write = given.cache_write if given.cache_write is not None else (write_known if has_ttl else None)
    if write is not None and write_known > write:
        raise _exceeds(given.field, write, write_known, "Cache writes by lifetime")
    counts: Counts = {
        "cache_read_tokens": given.cache_read,
        "cache_write_tokens": None if write is None else write - write_known,
        "cache_write_5m_tokens": given.cache_write_5m,
        "cache_write_1h_tokens": given.cache_write_1h,
    }
    cached = given.cache_read or 0
    if given.total is not None and cached + (write or 0) > given.total:
        raise _exceeds(given.field, given.total, cached + (write or 0), "Cached tokens")
    counts |= _modalities(given, write or 0)
    return counts


def _modalities(given: Input, write: int) -> Counts:
    sizes = {"audio": given.audio, "image": given.image, "video": given.video}
    cached = {"audio": given.audio_cache_read, "image": given.image_cache_read, "video": given.video_cache_read}
    for name, part in cached.items():
        if part is not None and sizes[name] is None:
            sizes[name] = part
        if (part or 0) > (sizes[name] or 0):
            raise _exceeds(given.field, sizes[name] or 0, part or 0, f"Cached {name} tokens")
    total_cached = given.cache_read or 0
    free = total_cached - sum(part or 0 for part in cached.values())
    if free < 0:
        raise _exceeds(given.field, total_cached, total_cached - free, "Cached tokens by modality")
    text = None
    if given.total is not None:
        text = given.total - total_cached - write - sum((sizes[n] or 0) - (cached[n] or 0) for n in sizes)
        for name in sizes if text < 0 else ():
            moved = min(-text, free, (sizes[name] or 0) - (cached[name] or 0))
            if moved > 0:
                cached[name] = (cached[name] or 0) + moved
                free, text = free - moved, text + moved
        if text < 0:
            raise _exceeds(given.field, given.total, given.total - text, "Cached, audio, image and video tokens")
    counts: Counts = {"uncached_input_tokens": text}
    for name, size in sizes.items():
        counts[f"{name}_input_tokens"] = None if size is None else size - (cached[name] or 0)
    counts["audio_cache_read_tokens"] = cached["audio"]
    counts["image_cache_read_tokens"] = cached["image"]
    if given.cache_read is not None:
        counts["cache_read_tokens"] = total_cached - (cached["audio"] or 0) - (cached["image"] or 0)
    return counts


def disjoint_output(
    field: str,
    total: int | None,
    *,
    reasoning: int | None = None,
    citation: int | None = None,
    audio: int | None = None,
    image: int | None = None,
    video: int | None = None,
) -> Counts:
    """Output columns: text with reasoning, and each other modality beside it. `total` includes everything."""
    other = (audio or 0) + (image or 0) + (video or 0)
    inside = (reasoning or 0) + (citation or 0)
    if total is not None and max(other, inside) > total:
        what = "Audio, image and video tokens" if other > total else "Reasoning and citation tokens"
        raise _exceeds(field, total, max(other, inside), what)
    return {
        "output_tokens": None if total is None else total - other,
        "audio_output_tokens": audio,
        "image_output_tokens": image,
        "video_output_tokens": video,
        "reasoning_tokens": reasoning,
        "citation_tokens": citation,
    }


def drop_unknown(counts: Counts) -> Counts:
    """Without the columns nobody reported."""
    return {name: number for name, number in counts.items() if number is not None}
