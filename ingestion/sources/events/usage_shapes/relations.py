"""From counts by meaning to token columns that never overlap: one rule for each pattern, the same in every reader.

Whether cached tokens lie inside the input or beside it (and reasoning inside the output or beside it) is decided by
what the record prints: first a total that only one reading sums to, then a recorded cost that only one reading comes
to, then arithmetic (parts cannot exceed their whole), then what the API or tool is known to do. A printed total that
no reading sums to is a contradiction, and the record is set aside.

Put here: relations and contradictions. Keep out: names (`counters`), the split by modality (`disjoint`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ingestion.sources.events.usage_shapes.disjoint import Counts, Input, disjoint_input, disjoint_output, drop_unknown
from ingestion.sources.events.usage_shapes.reading import Reading
from ingestion.sources.events.usage_shapes.unresolved import Unresolved, unresolved_columns
from ingestion.sources.events.usage_shapes.values import BadValue

CostFits = Callable[[Counts], bool]
_MODALITIES = ("audio", "image", "video")
_ALL = ((False, False), (False, True), (True, False), (True, True))


@dataclass(frozen=True)
class Family:
    """What is known of an API or tool before a record is looked at.

    `cache_is_beside`, `reasoning_is_beside`: how it counts where the record does not show it. `is_certain`: its
    reference says so, and printed totals are no question. `total_is_sum`: the tool itself adds input and output up, so
    that a total equal to their sum shows nothing. `parts_join`: parts by modality lie where cached tokens do.
    `total_holds_thinking`: a total above its parts is thinking that is not itemised (Google).
    `is_embedding`: everything the record counts is input.
    """

    name: str
    input_field: str = "usage.input_tokens"
    output_field: str = "usage.output_tokens"
    cache_is_beside: bool = False
    reasoning_is_beside: bool = False
    is_certain: bool = False
    total_is_sum: bool = False
    parts_join: bool = False
    total_holds_thinking: bool = False
    is_embedding: bool = False
    assumption: str | None = None

    def with_(self, **changes: object) -> Family:
        """The family with other traits."""
        return replace(self, **changes)  # type: ignore[arg-type]


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
    _settle_embedding(reading, family)
    _settle_cohere(reading)
    _settle_fresh(reading, family)
    _settle_tool_parts(reading)
    _settle_cached_parts(reading)
    _settle_thoughts(reading, family)
    if family.is_certain:
        chosen = (family.cache_is_beside, family.reasoning_is_beside)
    else:
        chosen = _choose(reading, family, cost_fits)
    counts = _split(reading, family, chosen)
    if family.assumption and not _is_settled(reading) and _sides(reading, family).more_input:
        path = reading.paths.get("cache_read") or reading.paths.get("cache_write") or family.input_field
        reading.unresolved.append(Unresolved(path, _sides(reading, family).more_input, "assumed_relation"))
    return drop_unknown(counts | others(reading)) | unresolved_columns(reading.unresolved)


def _is_settled(reading: Reading) -> bool:
    return reading.get("total") is not None


_OTHER_METERS = ("web_searches", "x_searches", "file_searches", "code_executions", "rerank_searches", "images")
_UNMETERED = (
    "anthropic_code_executions",
    "document_search_calls",
    "image_generation_calls",
    "x_posts_fetched",
    "x_users_fetched",
)


def others(reading: Reading) -> Counts:
    """Meters that are no tokens; those that nothing prices become unresolved."""
    for name in _UNMETERED:
        path, number = reading.paths.get(name, name), reading.take(name)
        is_free = name == "anthropic_code_executions" and bool(reading.get("web_searches"))
        if number and not is_free:
            reading.unresolved.append(Unresolved(path, number, "unmetered_tool"))
    return {name: reading.get(name) for name in (*_OTHER_METERS, "document_pages")}


def _settle_embedding(reading: Reading, family: Family) -> None:
    """For embeddings and reranking everything is input, also where only a total is printed."""
    number = reading.take("embedded")
    if number is not None and reading.get("input") is None:
        reading.found["input"] = number
    if family.is_embedding and reading.get("input") is None and reading.get("fresh") is None:
        total = reading.take("total")
        if total is not None:
            reading.found["input"] = total


def _settle_cohere(reading: Reading) -> None:
    """Cohere charges `billed_units`; its `tokens` count a prompt template too and serve when units lack."""
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


def _settle_fresh(reading: Reading, family: Family) -> None:
    """Input outside the cache, where it is reported by itself, settles the whole input."""
    path, fresh = reading.paths.get("fresh", ""), reading.take("fresh")
    if fresh is None:
        return
    cached = (reading.get("cache_read") or 0) + (_written(reading, family) or 0)
    whole = reading.get("input")
    if whole is None:
        reading.found["input"] = fresh + cached
        reading.found["is_whole_input"] = 1
    elif whole == fresh + cached:
        reading.found["is_whole_input"] = 1
    elif whole == fresh:
        reading.found |= {"input": fresh + cached, "is_whole_input": 1}
    else:
        message = f"{path} ({fresh}) and what was cached ({cached}) are not {family.input_field} ({whole})."
        raise BadValue(family.input_field, "parts_do_not_sum", message + " Log the body as the provider sent it.")


def _settle_tool_parts(reading: Reading) -> None:
    for name in _MODALITIES:
        part = reading.take(f"tool_{name}_input")
        if part is not None:
            reading.found[f"{name}_input"] = reading.found.get(f"{name}_input", 0) + part


def _settle_cached_parts(reading: Reading) -> None:
    """Cached tokens of some modality are cached tokens, also where nobody reports their sum."""
    parts = [part for name in _MODALITIES if (part := reading.get(f"{name}_cache_read")) is not None]
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


def _written(reading: Reading, family: Family) -> int | None:
    """Cache writes of all lifetimes."""
    write, five, hour = (reading.get(name) for name in ("cache_write", "cache_write_5m", "cache_write_1h"))
    by_lifetime = (five or 0) + (hour or 0)
    if write is None:
        return by_lifetime if five is not None or hour is not None else None
    return write + by_lifetime if family.parts_join and write < by_lifetime else write


def _sides(reading: Reading, family: Family) -> _Sides:
    more_input = (reading.get("cache_read") or 0) + (_written(reading, family) or 0)
    more_output = reading.get("reasoning") or 0
    if family.parts_join:
        more_input += sum(reading.get(f"{name}_input") or 0 for name in _MODALITIES)
        more_output += sum(reading.get(f"{name}_output") or 0 for name in _MODALITIES)
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
    if total is None or reading.get("input") is None or reading.get("output") is None:
        return _without_total(reading, family, possible or [default], cost_fits, total, sides)
    fitting = [pair for pair in possible if sides.total(pair) == total]
    if not fitting and family.total_is_sum and total == sides.plain_input + sides.plain_output:
        fitting = possible
    if not fitting:
        return _contradicting(reading, family, possible, total, sides)
    shown = [pair for pair in fitting if pair[0]] if family.total_is_sum and sides.more_input else []
    if not shown and family.total_is_sum and cost_fits and sides.more_input:
        shown = _by_cost(reading, family, possible, cost_fits)
    return (shown or fitting)[0]


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
            raise BadValue(family.input_field, "only_total_tokens", message)
        if family.total_holds_thinking:
            missing = "output" if reading.get("output") is None else "input"
            reading.found[missing] = max(rest, 0)
        elif rest > 0:
            raise _contradiction(family, total, sides.total(possible[0]))
    if cost_fits and sides.more_input and (shown := _by_cost(reading, family, possible, cost_fits)):
        return shown[0]
    return possible[0]


def _by_cost(
    reading: Reading, family: Family, possible: list[tuple[bool, bool]], cost_fits: CostFits
) -> list[tuple[bool, bool]]:
    """The readings of the input of which only one comes to the recorded cost; none where several do or none."""
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
        if not default[1]:
            reading.found["output"] = (reading.get("output") or 0) + hidden
        reading.found["reasoning"] = (reading.get("reasoning") or 0) + hidden
        return default
    if family.total_holds_thinking and total == printed - sides.tool_input:
        return default
    raise _contradiction(family, total, printed)


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
        cache_write=_written(reading, family),
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
