"""From counts by meaning to token columns that never overlap: one rule for each pattern, the same in every reader.

Whether cached tokens lie inside the input or beside it (and reasoning inside the output or beside it) is decided by
what the record prints: first a total that only one reading sums to, then a recorded cost that only one reading comes
to, then arithmetic (parts cannot exceed their whole), then what the API or tool is known to do. A printed total that
no reading sums to is a contradiction, and the record is set aside.

Put here: relations and contradictions. Keep out: names (`counters`), the split by modality (`disjoint`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.families import Family
from ingestion.sources.events.usage_shapes.reading import Reading
from ingestion.sources.events.usage_shapes.settling import MODALITIES, settle, written
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, unresolved_columns
from ingestion.sources.events.usage_shapes.values import BadValue

CostFits = Callable[[Counts], bool]
_ALL = ((False, False), (False, True), (True, False), (True, True))


@dataclass(frozen=True)
class _Sides:
    """Sums of one record: what each side has on its own, and what may lie inside it or beside it."""

    plain_input: int
    more_input: int
    tool_input: int
    plain_output: int
    more_output: int
    always_beside_output: int

    def input(self, is_beside: bool) -> int:
        return self.plain_input + (self.more_input if is_beside else 0) + self.tool_input

    def output(self, is_beside: bool) -> int:
        return self.plain_output + (self.more_output if is_beside else 0) + self.always_beside_output

    def total(self, reading: tuple[bool, bool]) -> int:
        return self.input(reading[0]) + self.output(reading[1])


def counts_from(reading: Reading, family: Family, cost_fits: CostFits | None = None) -> Counts:
    """Disjoint counts, other meters, and what stays unresolved. Raises `BadValue` for contradictions."""
    settle(reading, family)
    if family.is_certain:
        chosen = (family.cache_is_beside, family.reasoning_is_beside)
    else:
        chosen = _choose(reading, family, cost_fits)
    counts = _split(reading, family, chosen)
    is_shown = _is_settled(reading) or (cost_fits is not None and cost_fits(counts))
    if family.assumption and _sides(reading, family).more_input and not is_shown:
        path = reading.paths.get("cache_read") or reading.paths.get("cache_write") or family.input_field
        reading.unresolved.append(Unresolved(path, _sides(reading, family).more_input, "assumed_relation"))
    return drop_unknown(counts | others(reading)) | unresolved_columns(reading.unresolved)


class OnlyTotalError(BadValue):
    """Only a total is counted, which no price applies to; a cost beside it is evidence all the same."""

    def __init__(self, field: str, reason: str, message: str, total: int) -> None:
        super().__init__(field, reason, message)
        self.total = total

    def beside_cost(self, cost: object) -> Counts:
        """No counts, and the total named as unresolved, where something was recorded as the cost; else raises it."""
        if not cost:
            raise self
        return unresolved_columns([Unresolved(f"{self.field.rpartition('.')[0]}.total", self.total, "unknown_counter")])


def _is_settled(reading: Reading) -> bool:
    return reading.get("total") is not None


_OTHER_METERS = ("web_searches", "x_searches", "file_searches", "code_executions", "rerank_searches", "images")
_UNMETERED = (
    "anthropic_code_executions",
    "document_search_calls",
    "image_generation_calls",
    "x_posts_fetched",
    "x_users_fetched",
    "sources_used",
)


def others(reading: Reading) -> Counts:
    """Meters that are no tokens; those that nothing prices become unresolved."""
    for name in _UNMETERED if not reading.found.keys().isdisjoint(_UNMETERED) else ():
        path, number = reading.paths.get(name, name), reading.take(name)
        is_free = name == "anthropic_code_executions" and bool(reading.get("web_searches"))
        if number and not is_free:
            reading.unresolved.append(Unresolved(path, number, "unmetered_tool"))
    _settle_characters(reading)
    path, number = reading.paths.get("calls", ""), reading.take("calls")
    if number and number > 1:
        reading.unresolved.append(Unresolved(path, number, "summed_calls"))
    path, number = reading.paths.get("server_tools", ""), reading.take("server_tools")
    if number and not any(reading.get(name) for name in _OTHER_METERS):
        reading.unresolved.append(Unresolved(path, number, "unmetered_tool"))
    return {name: reading.get(name) for name in (*_OTHER_METERS, "document_pages", "input_characters")}


def _settle_characters(reading: Reading) -> None:
    """Characters are information where their side is counted in tokens (Genkit). Written ones have no meter."""
    if reading.get("input"):
        reading.take("input_characters")
    path, number = reading.paths.get("output_characters", ""), reading.take("output_characters")
    if number and not reading.get("output"):
        reading.unresolved.append(Unresolved(path, number, "unknown_counter"))


def _sides(reading: Reading, family: Family) -> _Sides:
    more_input = (reading.get("cache_read") or 0) + (written(reading, family) or 0)
    more_output = reading.get("reasoning") or 0
    if family.parts_join:
        more_input += sum(reading.get(f"{name}_input") or 0 for name in MODALITIES)
        more_output += sum(reading.get(f"{name}_output") or 0 for name in MODALITIES)
    if family.reasoning_is_beside:
        more_output += reading.get("citation") or 0
    return _Sides(
        reading.get("input") or 0,
        0 if reading.get("is_whole_input") else more_input,
        reading.get("tool_input") or 0,
        reading.get("output") or 0,
        more_output,
        reading.get("thoughts") or 0,
    )


def _choose(reading: Reading, family: Family, cost_fits: CostFits | None) -> tuple[bool, bool]:
    """(cache is beside, reasoning is beside) as the record shows it. Raises `BadValue` where it contradicts itself."""
    sides, total = _sides(reading, family), reading.get("total")
    default = (family.cache_is_beside, family.reasoning_is_beside)
    choices = [default, *(pair for pair in _ALL if pair != default)]
    possible = [pair for pair in choices if _is_possible(reading, sides, pair)]
    if family.reasoning_may_be_beside and reading.get("output") is not None:
        possible = [pair for pair in possible if pair[1] or sides.more_output <= sides.plain_output]
    is_own_sum = family.total_is_sum and family.cache_is_beside and total == sides.plain_input + sides.plain_output
    if is_own_sum:
        total = None  # what the tool prints whether or not it leaves the cache out
    if total is None or reading.get("input") is None or reading.get("output") is None:
        return _without_total(reading, family, possible or [default], cost_fits, total, sides)
    fitting = [pair for pair in possible if sides.total(pair) == total]
    shows_nothing = family.total_is_sum or (default not in possible and _is_flat_cache(reading))
    if not fitting and shows_nothing and total == sides.plain_input + sides.plain_output:
        fitting = possible
    if not fitting:
        return _contradicting(reading, family, possible, total, sides)
    shown = [pair for pair in fitting if pair[0]] if family.total_is_sum and sides.more_input else []
    if not shown and family.total_is_sum and cost_fits and sides.more_input:
        shown = _by_cost(reading, family, possible, cost_fits)
    return (shown or fitting)[0]


def _is_flat_cache(reading: Reading) -> bool:
    """Whether cached tokens stand beside the input and not among its details, as gateways pass Anthropic's on."""
    paths = [reading.paths.get(name, "") for name in ("cache_read", "cache_write")]
    return not any("details" in path.lower() for path in paths)


def _is_possible(reading: Reading, sides: _Sides, pair: tuple[bool, bool]) -> bool:
    """Whether the input could hold the parts; outputs that could not are refused when they are split."""
    return pair[0] or sides.more_input <= sides.plain_input + sides.tool_input or reading.get("input") is None


def _without_total(
    reading: Reading,
    family: Family,
    possible: list[tuple[bool, bool]],
    cost_fits: CostFits | None,
    total: int | None,
    sides: _Sides,
) -> tuple[bool, bool]:
    """What holds where no total can decide; with one side missing, the total says what that side was."""
    if total is not None:
        rest = total - sides.total(possible[0])
        if rest > 0 and reading.get("input") is None and reading.get("output") is None:
            message = "Only a total is reported, which no price applies to. Report input and output."
            raise OnlyTotalError(family.input_field, "only_total_tokens", message, total)
        if family.total_holds_thinking:
            missing = "output" if reading.get("output") is None else "input"
            reading.found[missing] = max(rest, 0)
        elif rest > 0:
            raise _contradiction(family, total, sides.total(possible[0]))
    if (
        cost_fits
        and (sides.more_input or family.reasoning_may_be_beside)
        and (shown := _by_cost(reading, family, possible, cost_fits))
    ):
        return shown[0]
    return possible[0]


def _by_cost(
    reading: Reading, family: Family, possible: list[tuple[bool, bool]], cost_fits: CostFits
) -> list[tuple[bool, bool]]:
    """The readings of the input of which only one comes to the recorded cost; none where several do or none."""
    sides = _sides(reading, family)
    if family.reasoning_may_be_beside and not sides.more_input:
        possible = [pair for pair in possible if pair[0] == family.cache_is_beside]
    fitting = [pair for pair in possible if cost_fits(_split(reading, family, pair))]
    return fitting if len({pair[0] for pair in fitting}) == 1 else []


def _contradicting(
    reading: Reading, family: Family, possible: list[tuple[bool, bool]], total: int, sides: _Sides
) -> tuple[bool, bool]:
    default = (family.cache_is_beside, family.reasoning_is_beside)
    printed = sides.total(default)
    if default not in possible:
        return default
    if sides.plain_output + sides.plain_input == total and reading.get("thoughts"):
        # Thoughts that the candidates include already, as the printed total shows.
        reading.found["reasoning"] = reading.take("thoughts") or 0
        return default[0], False
    if family.total_holds_thinking and total > printed:
        hidden = total - printed
        if (reading.get("thoughts") or reading.get("reasoning")) and not reading.get("tool_input"):
            reading.found["tool_input"] = hidden  # thinking is told, so that only what tools put into the prompt is not
            return default
        if not default[1]:
            reading.found["output"] = (reading.get("output") or 0) + hidden
        reading.found["reasoning"] = (reading.get("reasoning") or 0) + hidden
        return default
    if family.total_holds_thinking and total == printed - sides.tool_input:
        return default
    if total - printed in _unknown_sums(reading):
        return default
    raise _contradiction(family, total, printed)


def _unknown_sums(reading: Reading) -> frozenset[int]:
    """What counters that nobody knows come to, one of them or all: a total may hold them, and they are named. Where
    everything is summed up (Langfuse), it holds searches and the like, too."""
    unknown = [item.quantity for item in reading.unresolved if item.reason == "unknown_counter"]
    other = sum(reading.get(name) or 0 for name in _OTHER_METERS)
    return frozenset((*unknown, sum(unknown), sum(unknown) + other)) - {0}


def _contradiction(family: Family, total: int, parts: int) -> BadValue:
    message = (
        f"The printed total is {total}, its parts come to {parts} in no reading that fits. Log the record as the "
        "provider sent it, with every counter."
    )
    return BadValue(family.input_field, "parts_contradict_total", message)


def _split(reading: Reading, family: Family, chosen: tuple[bool, bool]) -> Counts:
    """Disjoint columns of one reading."""
    sides = _sides(reading, family)
    has_input = reading.get("input") is not None or (chosen[0] and sides.more_input > 0)
    has_output = reading.get("output") is not None or (chosen[1] and sides.more_output > 0)
    given = Input(
        field=family.input_field,
        total=sides.input(chosen[0]) if has_input else None,
        cache_read=reading.get("cache_read"),
        cache_write=written(reading, family),
        cache_write_5m=reading.get("cache_write_5m"),
        cache_write_1h=reading.get("cache_write_1h"),
        audio=reading.get("audio_input"),
        audio_cache_read=reading.get("audio_cache_read"),
        image=reading.get("image_input"),
        image_cache_read=reading.get("image_cache_read"),
        video=reading.get("video_input"),
        video_cache_read=reading.get("video_cache_read"),
    )
    thoughts = reading.get("thoughts")
    reasoning = reading.get("reasoning")
    output = disjoint_output(
        family.output_field,
        sides.output(chosen[1]) if has_output or thoughts else None,
        reasoning=thoughts if reasoning is None else reasoning,
        citation=reading.get("citation"),
        audio=reading.get("audio_output"),
        image=reading.get("image_output"),
        video=reading.get("video_output"),
    )
    return disjoint_input(given) | output
