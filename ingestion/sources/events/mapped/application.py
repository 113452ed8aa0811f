"""Applies a mapping to a chunk: canonical columns of raw values, and the rows where that cannot be done.

Put here: what a mapping does to values. Keep out: the shape of `mapping.yml`, typing of canonical columns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from ingestion.reading.instants import printed_instant
from ingestion.sources.events.chunks import Chunk
from ingestion.sources.events.conversion import Values, python_values
from ingestion.sources.events.fields import KINDS, Kind
from ingestion.sources.events.mapped.clocks import ClockDoubts
from ingestion.sources.events.mapped.mapping import INPUT_TOKENS, FieldMapping, Mapping
from ingestion.sources.events.mapped.printed import as_printed, is_no_value, object_of
from ingestion.sources.events.mapped.values import EPOCHS, OFFSETS
from ingestion.sources.events.values import Problem, Refused, is_missing, parse_instant, read_count

Refusals = dict[int, tuple[str | None, Problem]]
CACHE_COLUMNS = ("cache_read_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")


def canonical_values(
    mapping: Mapping, chunk: Chunk, doubts: ClockDoubts | None = None
) -> tuple[dict[str, Values], Refusals]:
    """The chunk's values under canonical names. `doubts` keeps local times that no clock showed once."""
    refused: Refusals = {}
    values: dict[str, Values] = {}
    for name, field in mapping.fields.items():
        values[name] = _field_values(name, field, chunk, refused, doubts or ClockDoubts())
        if (
            name == "recorded_cost_usd"
            and field.decimals is not None
            and "recorded_cost_decimals" not in mapping.fields
        ):
            values["recorded_cost_decimals"] = [
                None if is_missing(value) else field.decimals for value in python_values(values[name])
            ]
    if INPUT_TOKENS in values:
        total = values.pop(INPUT_TOKENS)
        inside = [values[name] for name in CACHE_COLUMNS if name in values] if mapping.input_includes_cached else []
        values["uncached_input_tokens"] = _subtract(total, inside, refused)
    if not mapping.output_includes_reasoning and {"output_tokens", "reasoning_tokens"} <= set(values):
        values["output_tokens"] = _add(values["output_tokens"], values["reasoning_tokens"])
    return values, refused


def matching_rows(mapping: Mapping, chunk: Chunk) -> Chunk:
    """The rows of a chunk that the mapping's `where` lets through."""
    if not mapping.where:
        return chunk
    keep = [True] * len(chunk.rows)
    for column, wanted in mapping.where.items():
        for index, value in enumerate(python_values(column_values(chunk, column))):
            keep[index] = keep[index] and value is not None and _key(value) in wanted
    places = [index for index, kept in enumerate(keep) if kept]
    if len(places) == len(keep):
        return chunk
    columns: dict[str, Values] = {}
    for name, values in chunk.columns.items():
        found = python_values(values)
        columns[name] = [found[index] for index in places]
    return Chunk(
        [chunk.rows[index] for index in places], columns, lambda index: chunk.original(places[index]), chunk.quarantined
    )


def unreadable_costs(mapping: Mapping, chunk: Chunk, values: dict[str, Values]) -> list[tuple[int, str]]:
    """(row, text) of each cost that is printed and no number of dollars."""
    field = mapping.fields.get("recorded_cost_usd")
    if field is None or len(field.columns) != 1 or field.pattern is not None or field.values or field.has_otherwise:
        return []
    given = python_values(column_values(chunk, field.columns[0]))
    read = python_values(values["recorded_cost_usd"])
    return [
        (row, one.strip())
        for row, one, two in zip(chunk.rows, given, read, strict=True)
        if isinstance(one, str) and two is None and not is_no_value(one)
    ]


def column_values(chunk: Chunk, column: str) -> Values:
    """A column by its name, or by the dotted path of a value inside an object, which may be text; nulls where there is
    none."""
    if column in chunk.columns:
        return chunk.columns[column]
    head, _, rest = column.partition(".")
    if rest and head in chunk.columns:
        found = python_values(chunk.columns[head])
        for key in rest.split("."):
            found = [object_of(value).get(key) for value in found]
        return found
    return [None] * len(chunk.rows)


def occurs(chunk: Chunk, column: str) -> bool:
    """Whether rows have a column, or anything at the end of a dotted path."""
    return column in chunk.columns or any(value is not None for value in column_values(chunk, column))


def _field_values(name: str, field: FieldMapping, chunk: Chunk, refused: Refusals, doubts: ClockDoubts) -> Values:
    count = len(chunk.rows)
    if field.tags:
        return _tags(field, chunk)
    if field.error_when:
        return _status(field, chunk)
    if not field.columns:
        values: Values = [field.constant] * count
    elif len(field.columns) == 1:
        values = column_values(chunk, field.columns[0])
    else:
        values = _joined([python_values(column_values(chunk, column)) for column in field.columns])
    if field.pattern is not None:
        values = _matched(field, python_values(values))
    if field.values or field.has_otherwise:
        values = _looked_up(field, python_values(values))
    if name == "requested_at_utc":
        if field.columns:
            values = _each(name, values, _instant_reader(field, doubts), refused)
        return values
    if field.columns and KINDS.get(name, Kind.COUNT) in (Kind.COUNT, Kind.MONEY):
        values = as_printed(values, KINDS.get(name, Kind.COUNT), decimal_comma=field.decimal_comma)
    if field.scale != 1:
        whole = KINDS.get(name, Kind.COUNT) is Kind.COUNT
        values = _each(name, values, lambda value: _scaled(value, field.scale, whole), refused)
    return values


def _each(name: str, values: Values, one: Callable[[Any], Any], refused: Refusals) -> list[Any]:
    found: list[Any] = []
    for index, value in enumerate(python_values(values)):
        try:
            found.append(None if is_missing(value) else one(value))
        except Refused as problem:
            found.append(None)
            refused.setdefault(index, (name, problem.problem))
    return found


def _joined(columns: list[list[Any]]) -> list[Any]:
    """Texts joined by a space; missing when any part is."""
    return [
        None if any(is_missing(part) for part in parts) else " ".join(str(part).strip() for part in parts)
        for parts in zip(*columns, strict=True)
    ]


def _tags(field: FieldMapping, chunk: Chunk) -> list[dict[str, str] | None]:
    columns = {tag: python_values(column_values(chunk, column)) for tag, column in field.tags.items()}
    return [
        {tag: str(values[index]) for tag, values in columns.items() if not is_missing(values[index])} or None
        for index in range(len(chunk.rows))
    ]


def _status(field: FieldMapping, chunk: Chunk) -> list[str]:
    """`error` where any of the columns holds something that is not listed in `ok_when`."""
    columns = [python_values(column_values(chunk, column)) for column in field.error_when]

    def failed(value: Any) -> bool:
        return not is_missing(value) and value is not False and _key(value) not in field.ok_when

    return ["error" if any(map(failed, row)) else "ok" for row in zip(*columns, strict=True)]


def _key(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip()


def _looked_up(field: FieldMapping, values: list[Any]) -> list[Any]:
    """A value without an entry becomes `otherwise`, or stays when there is none."""
    return [
        field.values.get(_key(value) if value is not None else "", field.otherwise if field.has_otherwise else value)
        for value in values
    ]


def _matched(field: FieldMapping, values: list[Any]) -> list[Any]:
    """The first group of the pattern (or all of the match), nothing where it does not match."""
    found: list[Any] = []
    for value in values:
        match = field.pattern.search(str(value)) if field.pattern and not is_missing(value) else None
        found.append((match.group(1) if match.re.groups else match.group(0)) if match else None)
    return found


def _decimal(value: Any) -> Decimal:
    text = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    try:
        number = Decimal(str(text))
    except ArithmeticError:
        number = Decimal("nan")
    if isinstance(value, bool) or not number.is_finite() or abs(number) > 10**30:
        raise Refused("invalid_number", f"{str(value)[:60]!r} is not a number; check the column the mapping names")
    return number


def _scaled(value: Any, scale: Decimal, whole: bool) -> Any:
    number = _decimal(value) * scale
    return int(number.to_integral_value(ROUND_HALF_EVEN)) if whole else format(number, "f")


def _instant_reader(field: FieldMapping, doubts: ClockDoubts) -> Callable[[Any], datetime]:
    pattern = field.time_format
    if pattern in EPOCHS or pattern in OFFSETS:
        origin = field.start or datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
        unit = Decimal((EPOCHS | OFFSETS)[pattern])
        return lambda value: _after(origin, _decimal(value) * unit)
    if pattern == "iso":
        return lambda value: _to_utc(_iso(value), field, doubts)
    return lambda value: _to_utc(_by_pattern(value, pattern), field, doubts)


def _after(origin: datetime, microseconds: Decimal) -> datetime:
    try:
        return origin + timedelta(microseconds=int(microseconds.to_integral_value(ROUND_HALF_EVEN)))
    except OverflowError:
        message = f"{microseconds} microseconds from {origin} is no date; check the format (seconds or milliseconds?)"
        raise Refused("out_of_range", message) from None


def _iso(value: Any) -> datetime:
    if isinstance(value, str):
        found = printed_instant(value)
        if found is None:
            remedy = "set its format in mapping.yml: epoch_s, epoch_ms, or a pattern such as '%d/%m/%Y %H:%M:%S'"
            raise Refused("invalid_time", f"{value.strip()[:60]!r} is no ISO 8601 time; {remedy}")
        return found
    return value if isinstance(value, datetime) else parse_instant(value)


def _by_pattern(value: Any, pattern: str) -> datetime:
    try:
        return datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007 (the mapping names the zone)
    except ValueError:
        message = f"{str(value)[:60]!r} does not fit the format {pattern}; correct the mapping or the row"
        raise Refused("invalid_time", message) from None


def _to_utc(value: datetime, field: FieldMapping, doubts: ClockDoubts) -> datetime:
    """A time without an offset is local to the mapping's zone; the earlier one when clocks go back."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=field.time_zone)
        doubts.look_at(value)
    try:
        return value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise Refused("out_of_range", f"{value} is no date of an event; correct the row") from None


def _subtract(total: Values, inside: list[Values], refused: Refusals) -> Values:
    """Total input minus the cached tokens in it; unknown stays unknown, a negative rest is refused."""
    if not inside:
        return total
    columns = [python_values(column) for column in inside]
    rest: list[Any] = []
    for index, value in enumerate(python_values(total)):
        parts = [column[index] for column in columns if not is_missing(column[index])]
        if is_missing(value):
            rest.append(None)
            continue
        try:
            remaining = read_count(value) - sum(read_count(part) for part in parts)
        except Refused:
            rest.append(value)  # typing the columns refuses the row and names the one at fault
            continue
        if remaining < 0:
            message = (
                f"{remaining + sum(read_count(part) for part in parts)} input tokens are said to include more cached "
                "ones; set input_includes_cached to false or correct the row"
            )
            refused.setdefault(index, (INPUT_TOKENS, ("part_exceeds_whole", message)))
        rest.append(max(remaining, 0))
    return rest


def _add(output: Values, reasoning: Values) -> list[Any]:
    found: list[Any] = []
    for first, second in zip(python_values(output), python_values(reasoning), strict=True):
        try:
            found.append(first if is_missing(first) or is_missing(second) else read_count(first) + read_count(second))
        except Refused:
            found.append(first)
    return found
