"""Reads a whole usage object: each number in it either has a meaning or is named as unknown. Nothing is passed over.

Put here: walking objects and lists of any depth, duplicates. Keep out: names (`counters`), arithmetic (`relations`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.reading.lines import Printed
from ingestion.sources.events.usage_shapes.counters import SUMS_OF_CALLS, meaning_of
from ingestion.sources.events.usage_shapes.places import place_of
from ingestion.sources.events.usage_shapes.spellings import enumeration_value, plain_name
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, names_money
from ingestion.sources.events.usage_shapes.values import LARGEST_COUNT, count

_WHOLE = re.compile(r"\d{1,18}(\.0*)?\Z")
_BY_MODALITY = ("modality", "ttl", "type")
_SIZES = ("token_count", "tokens", "input_tokens", "count")
_MEASUREMENTS = re.compile(
    r"^(?!.*(?:audio|video|speech|media|song)).*"
    r"(_per_(s|sec|second|minute|token|request)(_first_\w+)?|_(rate|ratio|pct|percent|time|latency|duration|ms|ns|us|limit|budget))$"
)
"""Names of how fast or how well a call ran and of what it might have used, which are no quantities; how long a
recording is, is one."""
_TOOLS = re.compile(r"(server_)?tool_(use|usage|calls?)|connectors", re.IGNORECASE)
DEEPEST = 8
_DETAILED_FIRST = ("input", "output", "written", "cached", "tool_input", "billed", "tools", "tokens", "")


@dataclass
class Reading:
    """Counts by meaning with the path of each, and what nobody knows."""

    found: dict[str, int] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    unresolved: list[Unresolved] = field(default_factory=list)
    precedence: int = 0
    """Where the names come from that are read at the moment; smaller is believed more."""
    _ranks: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def get(self, meaning: str) -> int | None:
        """The count of a meaning; None where it was not reported."""
        return self.found.get(meaning)

    def take(self, meaning: str) -> int | None:
        """The count of a meaning, which nobody else shall count."""
        if meaning not in self.found:
            return None
        self.paths.pop(meaning, None)
        return self.found.pop(meaning)

    def add(self, meaning: str, number: int, path: str, rank: tuple[int, int, int]) -> None:
        """One more report of a quantity: counted once; of unequal ones the better known name's, the other is named."""
        known = self.found.get(meaning)
        if known is None or known == 0 or (number and number != known and rank < self._ranks[meaning]):
            if known:
                self.unresolved.append(Unresolved(self.paths[meaning], known, "conflicting_counter"))
            self.found[meaning], self.paths[meaning], self._ranks[meaning] = number, path, rank
        elif number and number != known:
            self.unresolved.append(Unresolved(path, number, "conflicting_counter"))


def read_usage(usage: Mapping[str, Any], root: str = "usage", skip: Iterable[str] = ()) -> Reading:
    """Every number of a usage object. Raises `BadValue` where a known counter is no count.

    `skip` names keys of the top level that the caller reads itself.
    """
    reading = Reading()
    skipped = {plain_name(name) for name in skip}
    for key, value in usage.items():
        if plain_name(str(key)) not in skipped:
            place, name = _unfolded(str(key))
            _walk(reading, place, name, value, f"{root}.{key}".lstrip("."), 1)
    return reading


def read_beside(reading: Reading, pairs: Iterable[tuple[str, str, Any]]) -> Reading:
    """The reading with what another object beside the usage tells, which is believed less: pairs as `read_named`."""
    reading.precedence += 1
    for name, path, value in pairs:
        _walk(reading, "", name, value, path, 1)
    return reading


def read_named(pairs: Iterable[tuple[str, str, Any]]) -> Reading:
    """The same for dotted names, as traces have them: (name without prefix, name as reported, value).

    Of unequal reports of one quantity the one that comes first among names of other prefixes is believed.
    """
    reading = Reading()
    prefixes: dict[str, int] = {}
    for name, path, value in pairs:
        prefix = path.removesuffix(name)
        reading.precedence = prefixes.setdefault(prefix, len(prefixes))
        place, key = _unfolded(name)
        _walk(reading, place, key, value, path, 1)
    return reading


def _unfolded(name: str) -> tuple[str | None, str]:
    """The place and the key of a dotted name, as flat tables write nested objects; no place where nobody knows it."""
    place, key = "", name
    while "." in key and meaning_of(place, key) is None:
        head, _, key = key.partition(".")
        inner = place_of(head, place)
        if inner is None:
            return None, key
        place = inner
    return place, key


def _walk(reading: Reading, place: str | None, key: str, value: Any, path: str, depth: int) -> None:
    if value is None or value == "":
        return
    if type(value) is int and place is not None and (quick := meaning_of(place, key)) is not None:
        if quick[0] not in ("none", "audio_seconds"):
            number = value if 0 <= value <= LARGEST_COUNT else count(value, path)
            if number is not None:
                reading.add(quick[0], number, path, (reading.precedence, _DETAILED_FIRST.index(place), quick[1]))
        return
    if isinstance(value, dict | list) and not _is_misplaced_list(place, key, value):
        _descend(reading, place, key, value, path, depth)
        return
    known = meaning_of(place, key) if place is not None else None
    if known is None:
        quantity = _unknown_quantity(value, key, is_text_counted=place == "" or depth == 1)
        if quantity and place not in ("cost", "about"):
            reason = "unmetered_tool" if _TOOLS.search(path) else "unknown_counter"
            reading.unresolved.append(Unresolved(path, quantity, reason))
        return
    meaning, rank = known
    if meaning in ("none", "audio_seconds"):
        return
    number = count(value, path)
    if number is not None and place is not None:
        reading.add(meaning, number, path, (reading.precedence, _DETAILED_FIRST.index(place), rank))


def _is_misplaced_list(place: str | None, key: str, value: Any) -> bool:
    """A list of bare values where a count belongs is no count, and said so."""
    is_bare = isinstance(value, list) and not any(isinstance(item, dict | list) for item in value)
    return is_bare and place is not None and meaning_of(place, key) is not None


def _descend(reading: Reading, place: str | None, key: str, value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST or (place == "" and plain_name(key) in SUMS_OF_CALLS):
        return
    inner = place if place in ("cost", "about") else (place_of(key, place) if place is not None else None)
    if inner == "cached" and place == "written":
        inner = None
    if isinstance(value, dict):
        for name, item in value.items():
            at, last = _unfolded(str(name)) if inner == "" else (inner, str(name))
            _walk(reading, at, last, item, f"{path}.{name}", depth + 1)
        return
    sizes: dict[str, int] = {}
    for index, item in enumerate(value):
        labelled = _labelled(item, path) if inner else None
        if labelled is not None:
            sizes[labelled[0]] = sizes.get(labelled[0], 0) + labelled[1]
        elif isinstance(item, dict):
            for name, part in item.items():
                _walk(reading, None, str(name), part, f"{path}[{index}].{name}", depth + 1)
    for label, number in sizes.items():
        _walk(reading, inner, label, number, f"{path}.{label}", depth + 1)


def _labelled(item: Any, path: str) -> tuple[str, int] | None:
    """(label, count) of an item such as {modality: AUDIO, tokenCount: 5} or {ttl: 5m, inputTokens: 3}."""
    if not isinstance(item, dict):
        return None
    plain = {plain_name(str(name)): (name, value) for name, value in item.items()}
    label = next((plain[name][1] for name in _BY_MODALITY if name in plain), None)
    size = next((plain[name] for name in _SIZES if name in plain), None)
    if not isinstance(label, str) or size is None:
        return None
    number = count(size[1], f"{path}.{size[0]}")
    return None if number is None else (_bare_label(label), number)


def _bare_label(label: str) -> str:
    """`TEXT` however an SDK prints it: `MediaModality.TEXT`, `<MediaModality.TEXT: 'TEXT'>`, `MODALITY_TEXT`."""
    bare = enumeration_value(label).lower()
    return bare if meaning_of("input", bare) else bare.removeprefix("modality_")


def _unknown_quantity(value: Any, key: str, *, is_text_counted: bool) -> int:
    """How much a number under an unknown name says; 0 for what is no quantity (text, fractions, money, flags)."""
    if isinstance(value, bool) or names_money(key) or _MEASUREMENTS.search(plain_name(key)):
        return 0
    if isinstance(value, int):
        return min(max(value, 0), LARGEST_COUNT)
    if isinstance(value, Printed | str) and (isinstance(value, Printed) or is_text_counted):
        return int(value.partition(".")[0]) if _WHOLE.match(value) else 0
    return 0
