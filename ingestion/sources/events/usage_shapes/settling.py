"""What settles itself before relations are decided: reports of one thing in parts, under other names, or without a sum.

Put here: rewriting of a reading that loses nothing. Keep out: inside or beside (`relations`).
"""

from __future__ import annotations

from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import Reading
from ingestion.sources.events.usage_shapes.spellings import plain_name
from ingestion.sources.events.usage_shapes.unresolved import Unresolved
from ingestion.sources.events.usage_shapes.values import BadValue

MODALITIES = ("audio", "image", "video")
_TOOL_PARTS = frozenset(f"tool_{name}_input" for name in MODALITIES)


def settle(reading: Reading, family: Family) -> None:
    """Bring a reading into the counts that relations speak of. Raises `BadValue` for contradictions."""
    if reading.get("total") == 0 and any(reading.get(side) for side in ("input", "output")):
        reading.take("total")  # nobody summed up
    _settle_embedding(reading, family)
    _settle_cohere(reading)
    _settle_connectors(reading)
    _settle_text(reading, family)
    _settle_fresh(reading, family)
    if _TOOL_PARTS & reading.found.keys():
        _settle_tool_parts(reading)
    _settle_cached_parts(reading)
    _settle_thoughts(reading, family)
    if reading.unresolved:
        _settle_repeated_parts(reading)


def _settle_repeated_parts(reading: Reading) -> None:
    """A flat `image_tokens` that says of no side what the details of one side say is the same number again."""
    sides = {f"{name}_tokens": (f"{name}_input", f"{name}_output") for name in MODALITIES}
    reading.unresolved[:] = [
        item
        for item in reading.unresolved
        if not _is_fresh_again(reading, item)
        and (
            item.reason != "unknown_counter"
            or item.quantity
            not in {reading.get(side) for side in sides.get(plain_name(item.key.rpartition(".")[2]), ())}
        )
    ]


def _is_fresh_again(reading: Reading, item: Unresolved) -> bool:
    """Whether details repeat the provider's own input, which leaves out the cache that the sum holds (pydantic-ai)."""
    if item.reason != "conflicting_counter" or not item.key.endswith("details.input_tokens"):
        return False
    cached = [reading.get(name) or 0 for name in ("cache_read", "cache_write")]
    return (reading.get("input") or 0) - sum(cached) == item.quantity


def _settle_embedding(reading: Reading, family: Family) -> None:
    """For embeddings and reranking everything is input, also where only a total is printed."""
    number = reading.take("embedded")
    if number is not None and reading.get("input") is None:
        reading.found["input"] = number
    if family.is_embedding and reading.get("input") is None and reading.get("fresh") is None:
        total = reading.take("total")
        if total is not None:
            reading.found["input"] = total


_COHERE = frozenset("billed_input billed_output billed_image_input cohere_input cohere_output".split())


def _settle_cohere(reading: Reading) -> None:
    """Cohere charges `billed_units`; its `tokens` count a prompt template too and serve when units lack."""
    if not _COHERE & reading.found.keys():
        return
    billed = {name: reading.take(f"billed_{name}") for name in ("input", "output", "image_input")}
    shown = {name: reading.take(f"cohere_{name}") for name in ("input", "output")}
    has_units = any(value is not None for value in billed.values()) or reading.get("rerank_searches") is not None
    for name in ("input", "output"):
        number = billed[name] if has_units else shown[name]
        if number is not None:
            reading.found.setdefault(name, number)
    if billed["image_input"] is not None:
        reading.found["image_input"] = billed["image_input"]
        reading.found["input"] = reading.found.get("input", 0) + billed["image_input"]


def _settle_connectors(reading: Reading) -> None:
    """What a connector read or wrote is in Mistral's total and on no side: named, and no contradiction."""
    path, number = reading.paths.get("connector", ""), reading.take("connector")
    if number:
        reading.unresolved.append(Unresolved(path, number, "unmetered_tool"))
        total, parts = reading.get("total"), (reading.get("input") or 0) + (reading.get("output") or 0)
        if total is not None and total == parts + number:
            reading.found["total"] = parts


def _settle_text(reading: Reading, family: Family) -> None:
    """Text by itself is a part of its side; where parts lie beside each other and no other count holds it, it is added.

    Langfuse's integrations take text by modality out of `input` and `output`, down to zero.
    """
    for side in ("input", "output"):
        number, whole = reading.take(f"text_{side}"), reading.get(side)
        if number and family.parts_join and not whole:
            reading.found[side] = number


def _settle_fresh(reading: Reading, family: Family) -> None:
    """Input outside the cache, where it is reported by itself, settles the whole input."""
    path, fresh = reading.paths.get("fresh", ""), reading.take("fresh")
    if fresh is None:
        return
    read, wrote = reading.get("cache_read") or 0, written(reading, family) or 0
    cached, whole = read + wrote, reading.get("input")
    if whole is None:
        reading.found["input"] = fresh + cached
        reading.found["is_whole_input"] = 1
    elif whole == fresh + cached or (whole == fresh + read and wrote <= fresh):
        reading.found["is_whole_input"] = 1
    elif whole == fresh:
        reading.found |= {"input": fresh + cached, "is_whole_input": 1}
    else:
        message = f"{path} ({fresh}) and what was cached ({cached}) are not {family.input_field} ({whole})."
        raise BadValue(family.input_field, "parts_do_not_sum", message + " Log the body as the provider sent it.")


def _settle_tool_parts(reading: Reading) -> None:
    for name in MODALITIES:
        part = reading.take(f"tool_{name}_input")
        if part is not None:
            reading.found[f"{name}_input"] = reading.found.get(f"{name}_input", 0) + part


def _settle_cached_parts(reading: Reading) -> None:
    """Cached tokens of some modality are cached tokens, also where nobody reports their sum."""
    parts = [part for name in MODALITIES if (part := reading.get(f"{name}_cache_read")) is not None]
    if parts and reading.get("cache_read") is None:
        reading.found["cache_read"] = sum(parts)


def _settle_thoughts(reading: Reading, family: Family) -> None:
    """Thoughts lie beside the candidates; under a second name the same number is the same thing."""
    thoughts, reasoning = reading.get("thoughts"), reading.get("reasoning")
    if thoughts is None:
        return
    if family.parts_join or thoughts == reasoning:
        reading.take("thoughts")
        reading.found["reasoning"] = max(thoughts, reasoning or 0)
    elif reasoning:
        reading.unresolved.append(Unresolved(reading.paths["reasoning"], reasoning, "conflicting_counter"))
        reading.take("reasoning")


def written(reading: Reading, family: Family) -> int | None:
    """Cache writes of all lifetimes."""
    write, five, hour = (reading.get(name) for name in ("cache_write", "cache_write_5m", "cache_write_1h"))
    by_lifetime = (five or 0) + (hour or 0)
    if write is None:
        return by_lifetime if five is not None or hour is not None else None
    if write == 0:
        return by_lifetime  # LangChain prints 0 where it tells the lifetimes
    return write + by_lifetime if family.parts_join and write < by_lifetime else write
