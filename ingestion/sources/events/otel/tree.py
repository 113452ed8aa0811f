"""How the spans of a file hang together: which lie above others, and which of two that show one call tells more.

Put here: parents and children of spans. Keep out: rows of spans, which of them are counted (`traces`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingestion.landing.model import Joint
from ingestion.landing.notes import Note
from ingestion.sources.events.families import hanging
from ingestion.sources.events.snapshots import INPUT_SIDE, output_size
from ingestion.sources.events.usage_shapes.batches import Row
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, TOKEN_COLUMNS

SpanKey = tuple[str, str]


@dataclass
class Span:
    """A span that mentions tokens or a model; `row` is None when it is no call of a model (an agent, a chain)."""

    record: int
    row: Row | None
    has_usage: bool
    response_id: str | None
    text: str
    asks_model: bool = False
    """Whether it is named for one question to a model, and not for a run that may hold several."""


@dataclass
class Spans:
    """What the lines of one file say together: children may come in a later line than their parents."""

    parents: dict[SpanKey, SpanKey] = field(default_factory=dict)
    spans: dict[SpanKey, Span] = field(default_factory=dict)
    present: set[SpanKey] = field(default_factory=set)
    tools: set[SpanKey] = field(default_factory=set)
    """Spans of tools: what a tool asks of a model is in no usage of the call that asked for the tool."""
    repeated: int = 0
    passed_over: dict[SpanKey, tuple[int, list[str]]] = field(default_factory=dict)
    """Spans that are no call, with the attributes of theirs that speak of tokens."""
    rerankers: Counter[str] = field(default_factory=Counter)
    """Spans of rerankers that count nothing, by model."""


def ancestors(file: Spans, keys: Iterable[SpanKey]) -> set[SpanKey]:
    """The spans above some, without questions to a model that a tool separates from them."""
    above: set[SpanKey] = set()
    walked: set[tuple[SpanKey, bool]] = set()
    for key in keys:
        parent, is_by_tool = file.parents.get(key), False
        while parent is not None and (parent, is_by_tool) not in walked:
            walked.add((parent, is_by_tool))
            is_by_tool = is_by_tool or parent in file.tools
            span = file.spans.get(parent)
            if not (is_by_tool and span is not None and span.row is not None and span.asks_model):
                above.add(parent)
            parent = file.parents.get(parent)
    return above


def fuller_above(file: Spans, leaves: Iterable[SpanKey]) -> dict[SpanKey, Row]:
    """By call, the counts of the one span above it that shows the same call and tells more of it.

    Frameworks keep the provider's answer; instrumentations of its client below may leave out thinking or the cache.
    """
    nearest = {leaf: parent for leaf in leaves if (parent := usage_above(file, leaf)) is not None}
    calls_below = Counter(nearest.values())
    found: dict[SpanKey, Row] = {}
    for leaf, parent in nearest.items():
        row, above = file.spans[leaf].row, file.spans[parent].row
        if calls_below[parent] == 1 and row is not None and above is not None and _tells_more(above, row):
            found[leaf] = {name: above.get(name) for name in _COUNTS}
    return found


_NAMES = ("provider_name", "requested_model", "served_model")


def names_above(file: Spans, leaves: Iterable[SpanKey]) -> dict[SpanKey, Row]:
    """By call that names no model, the names of the nearest call above it that does: steps leave them to their call."""
    found: dict[SpanKey, Row] = {}
    for leaf in leaves:
        row, key, seen = file.spans[leaf].row or {}, leaf, {leaf}
        if any(row.get(name) for name in _NAMES[1:]):
            continue
        while (parent := file.parents.get(key)) is not None and parent not in seen and key not in file.tools:
            above = (file.spans[parent].row if parent in file.spans else None) or {}
            if any(above.get(name) for name in _NAMES[1:]):
                found[leaf] = {name: row.get(name) or above.get(name) for name in _NAMES}
                break
            seen.add(parent)
            key = parent
    return found


_COUNTS = (*TOKEN_COLUMNS, *INFORMATION_COLUMNS, "unresolved_usage", "unknown_usage_reason")
_CACHED = tuple(name for name in INPUT_SIDE if "cache_" in name)


def usage_above(file: Spans, key: SpanKey) -> SpanKey | None:
    """The nearest span above that reports usage, where it is a call of a model and no tool lies between."""
    seen = {key}
    parent = file.parents.get(key)
    while parent is not None and parent not in seen and parent not in file.tools:
        span = file.spans.get(parent)
        if span is not None and span.has_usage:
            return parent if span.row is not None else None
        seen.add(parent)
        parent = file.parents.get(parent)
    return None


def beyond(file: Spans, key: SpanKey) -> str | None:
    """The id that the nearest span above has which is not in the file; None where all are, or a tool lies between."""
    seen = {key}
    while (parent := file.parents.get(key)) is not None and parent not in seen and key not in file.tools:
        if parent not in file.present:
            return _named(parent)
        seen.add(parent)
        key = parent
    return None


def joints(file: Spans, rows: set[SpanKey], event_source: str) -> Iterator[Joint]:
    """What hangs rows of several files together, where no tool lies between.

    Spans that are no row (`rows`) and lie below one or below a span of another file; and spans whose rows have the id
    of their answer, while the spans below name theirs.
    """
    for key in rows:
        row = file.spans[key].row
        if row and row["event_id"] != _named(key):
            yield Joint(event_source, _named(key), str(row["event_id"]))
    for key, above in hanging(file.parents, rows, file.present, file.tools):
        row = file.spans[above].row if above in rows else None
        yield Joint(event_source, _named(key), str(row["event_id"]) if row else _named(above))


def uncounted_rerankers(file: Spans) -> Iterator[Note]:
    """A note on calls of rerankers, for which vendors charge by search and spans count nothing."""
    if file.rerankers:
        shown = ", ".join(f"{model} ({number})" for model, number in file.rerankers.most_common(20))
        message = (
            f"spans of rerankers, which count nothing: {shown}. If a vendor charges for them, that is missing until "
            "its answers lie in provider_bodies/ or its bill is there"
        )
        yield Note("usage_without_row", message, count=file.rerankers.total())


def _named(key: SpanKey) -> str:
    return f"{key[0]}:{key[1]}"


def _tells_more(above: Row, row: Row) -> bool:
    """Whether a row has the same input as another, and thinking or a cache that the other leaves out."""
    if _sum(above, INPUT_SIDE) != _sum(row, INPUT_SIDE):
        return False
    more = output_size(above) - output_size(row)
    if more:
        return more == above.get("reasoning_tokens") and not row.get("reasoning_tokens")
    return bool(_sum(above, _CACHED)) and not _sum(row, _CACHED)


def _sum(row: Row, names: Iterable[str]) -> int:
    return sum(row.get(name) or 0 for name in names)
