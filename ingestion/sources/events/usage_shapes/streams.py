"""An answer that was logged as the pieces of its stream, as one body: the last and fullest counts are the call's.

Put here: pieces of Anthropic, Gemini, OpenAI, Cohere and Bedrock streams. Keep out: what the counts mean, envelopes.
"""

from __future__ import annotations

from typing import Any

from ingestion.reading.lines import loads
from ingestion.reading.literals import printed_object
from ingestion.sources.events.usage_shapes.values import as_object, dig

_USAGE = ("usageMetadata", "usage_metadata", "usage")
CUT_OFF = "_is_cut_off"
"""Marks a body that was put together from a stream without its end, whose output is what was counted at the start."""
_MESSAGE_EVENTS = ("message_start", "message_delta", "message_stop", "content_block_delta")


def stream_pieces(value: Any) -> list[dict[str, Any]]:
    """The objects of a stream: of a list, of server-sent events, of JSON texts, or of one JSON text cut into pieces."""
    value = _parsed(value)
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    found = [part for part in parts if not isinstance(part, str)]
    whole = _parsed("".join(texts)) if texts else []
    if isinstance(whole, dict | list):
        found += whole if isinstance(whole, list) else [whole]
    else:
        found += [_parsed(line.removeprefix("data:").strip()) for part in texts for line in part.splitlines()]
    nested = (item if isinstance(item, list) else [item] for item in found)
    return [item for items in nested for item in items if isinstance(item, dict) and item]


def merged_stream(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """One body: the last usage, with what only the start counts, and every candidate that was grounded."""
    finished = [found for piece in pieces if (found := as_object(piece.get("response"))) and _is_counted(found)]
    if finished:
        return finished[-1]
    body: dict[str, Any] = {}
    usage: dict[str, Any] = {}
    grounded: list[Any] = []
    for piece in pieces:
        piece = as_object(piece.get("metadata")) or piece
        start = as_object(piece.get("message"))
        for holder in (start, as_object(piece.get("delta")), piece):
            for name in _USAGE:
                usage |= {key: item for key, item in as_object(holder.get(name)).items() if item is not None}
        for found in choice_usages(piece):
            usage |= found
        candidates = piece.get("candidates")
        grounded += [item for item in candidates if _is_grounded(item)] if isinstance(candidates, list) else []
        body |= {name: item for name, item in {**piece, **start}.items() if name != "usage" and item is not None}
        if piece.get("type") in _MESSAGE_EVENTS:
            body["type"] = "message"
    body.pop("message", None)
    kinds = {dig(piece, "type") for piece in pieces}
    if "message_start" in kinds and not kinds & {"message_delta", "message_stop"}:
        body[CUT_OFF] = True
    name = next((name for name in _USAGE if name in body), "usage")
    return {**body, **({name: usage} if usage else {}), **({"candidates": grounded} if grounded else {})}


def choice_usages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Usage that an answer keeps in its choice, as Moonshot's streams do."""
    choices = body.get("choices")
    return (
        [found for item in choices[:1] if (found := as_object(dig(item, "usage")))] if isinstance(choices, list) else []
    )


def _is_counted(answer: dict[str, Any]) -> bool:
    return bool(answer.get("usage") or dig(answer, "meta", "billed_units"))


def _is_grounded(candidate: Any) -> bool:
    return bool(dig(candidate, "groundingMetadata") or dig(candidate, "grounding_metadata"))


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except (ValueError, RecursionError):
            return printed_object(value) or value
    return value
