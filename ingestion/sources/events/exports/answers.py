"""The provider's own answer or usage object where an export keeps it beside the tool's columns, which tell less.

Put here: reading it. Keep out: where a tool keeps it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ingestion.sources.events.provider_bodies.flavours import counts_of, find_usage
from ingestion.sources.events.provider_bodies.media import made_video, media_made
from ingestion.sources.events.usage_shapes.disjoint import Counts
from ingestion.sources.events.usage_shapes.tiers import terms_in
from ingestion.sources.events.usage_shapes.values import as_object


class Answered(NamedTuple):
    """The usage object of an answer, its counts, and what it says of place, speed and tier."""

    usage: dict[str, Any]
    counts: Counts
    terms: dict[str, str]


def answered(body: Any, provider: str | None, model: str | None) -> Answered | None:
    """What an answer counts, or made and heard where it counts nothing; None where it is none, or counts under names
    that no rule knows. Raises `BadValue`."""
    answer = as_object(body)
    found = find_usage(answer) if answer else None
    if found is None and (made := made_video(answer) or media_made(answer)):
        return Answered({}, made, {})
    if found is None or found[0] in ("unknown", "charge"):
        return None
    flavour, usage = found
    return Answered(usage, counts_of(flavour, usage, answer, provider, model), terms_in(usage, answer))


def as_answer(usage: Any) -> dict[str, Any]:
    """A usage object as the answer around it; empty where it is none."""
    found = as_object(usage)
    key = "usageMetadata" if {"promptTokenCount", "prompt_token_count"} & found.keys() else "usage"
    return {key: found} if found else {}
