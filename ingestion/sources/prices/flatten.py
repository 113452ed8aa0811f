"""Flattens a genai-prices list into rows that a plain equality-and-range join can use.

Data flow: providers × models × variants → elementary intervals of date, time of day and context size → one row per
meter. Which price applies is always asked of the library, at one instant per interval; nothing here selects.

Put here: the walk over the list and its guards. Keep out: dlt, names of models in events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
    Usage,
)

from ingestion.sources.prices.grid import Cell, evaluate_grid, spans_between
from ingestion.sources.prices.units import InvalidPriceList, UnitPrice, prices_by_meter

STANDARD = "standard"
SHIPPED_PRICE_KEY = "shipped_tool_price"
"""In place of a price key of the list: the price comes from the table of tools."""
FIRST_DAY = datetime(1900, 1, 1)  # noqa: DTZ001
LAST_DAY = datetime(2200, 1, 1)  # noqa: DTZ001
DAY_SECONDS = 86_400
NO_CONTEXT_LIMIT = 2**63 - 1

Context: TypeAlias = Mapping[str, str]
Constraint: TypeAlias = StartDateConstraint | TimeOfDateConstraint | None


@dataclass(frozen=True)
class PriceRow:
    """One price: half-open in date and time of day, and for total input tokens in `(over, up_to]`."""

    provider_id: str
    model_id: str
    model_name: str
    meter: str
    variant: str
    valid_from: datetime
    valid_to: datetime
    time_of_day_from_second: int
    time_of_day_to_second: int
    context_over_tokens: int
    context_up_to_tokens: int
    price: UnitPrice
    minimum_quantity: int | None


def variant_name(context: Context) -> str:
    """`standard`, or the context as sorted `key=value` joined by `;`."""
    return ";".join(f"{key}={value}" for key, value in sorted(context.items())) or STANDARD


def model_contexts(model: ModelInfo) -> list[dict[str, str]]:
    """Every combination of the values that the model's variants ask for, the standard (empty) one first."""
    values: dict[str, list[str]] = {}
    for variant in model.price_variants or ():
        for key, value in variant.when.items():
            if value not in values.setdefault(key, []):
                values[key].append(value)
    choices = [[None, *((key, value) for value in found)] for key, found in values.items()]
    return [dict(pair for pair in combination if pair) for combination in product(*choices)]


def is_context_listed(model: ModelInfo, context: Context, at: datetime) -> bool:
    """Whether the list states, at this instant, a price for each part of the context.

    The library answers an unlisted context with the standard price and calls that an estimate; here an
    unlisted context has no price.
    """
    stated: set[str] = set()
    for variant in model.price_variants or ():
        is_active = variant.constraint is None or variant.constraint.active(at)
        if is_active and all(context.get(key) == value for key, value in variant.when.items()):
            stated |= variant.when.keys()
    return context.keys() <= stated


def flatten(providers: Iterable[Provider]) -> Iterator[PriceRow]:
    """All price rows of a list. Raises `InvalidPriceList` for a list that cannot be told apart row by row."""
    for provider in providers:
        seen: set[str] = set()
        for model in provider.models:
            if model.id in seen:
                raise InvalidPriceList(
                    f"Provider {provider.id!r} lists model {model.id!r} twice: its price rows would overlap."
                )
            seen.add(model.id)
            yield from flatten_model(provider, model)


def flatten_model(provider: Provider, model: ModelInfo) -> Iterator[PriceRow]:
    """The price rows of one model, all its variants."""
    minimum_milliseconds = _minimum_audio_milliseconds(provider, model)
    try:
        for context in model_contexts(model):
            for cell in _cells(model, context):
                for meter, price in cell.value or ():
                    minimum = minimum_milliseconds if meter == "audio_millisecond" else None
                    yield _row(provider, model, context, cell, meter, price, minimum)
    except InvalidPriceList as error:
        raise InvalidPriceList(f"Provider {provider.id!r}, model {model.id!r}: {error}") from error


CellPrices: TypeAlias = tuple[tuple[str, UnitPrice], ...] | None
"""Meter and price of each priced meter; None where the list does not state the context."""


def _cells(model: ModelInfo, context: Context) -> list[Cell[CellPrices]]:
    variants = [v for v in model.price_variants or () if all(context.get(k) == x for k, x in v.when.items())]
    conditional = [] if isinstance(model.prices, ModelPrice) else model.prices
    constraints: list[Constraint] = [entry.constraint for entry in (*conditional, *variants)]
    axes = [
        spans_between(0, (LAST_DAY - FIRST_DAY).days, _date_cuts(constraints)),
        spans_between(0, DAY_SECONDS, _time_cuts(constraints)),
        spans_between(0, NO_CONTEXT_LIMIT, (start + 1 for start in _thresholds(model, variants))),
    ]

    def value_at(corner: tuple[int, ...]) -> CellPrices:
        day, second, total_input_tokens = corner
        at = (FIRST_DAY + timedelta(days=day, seconds=second)).replace(tzinfo=UTC)
        if not is_context_listed(model, context, at):
            return None
        return tuple(prices_by_meter(model.get_prices(at, context), total_input_tokens).items())

    return evaluate_grid(axes, value_at)


def _date_cuts(constraints: Iterable[Constraint]) -> Iterator[int]:
    for constraint in constraints:
        if isinstance(constraint, StartDateConstraint):
            yield (constraint.start_date - FIRST_DAY.date()).days


def _time_cuts(constraints: Iterable[Constraint]) -> Iterator[int]:
    for constraint in constraints:
        if isinstance(constraint, TimeOfDateConstraint):
            yield _second_of_day(constraint.start_time)
            yield _second_of_day(constraint.end_time)


def _second_of_day(value: time) -> int:
    moment = datetime.combine(datetime(1970, 1, 2, tzinfo=UTC).date(), value)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if moment.microsecond:
        raise InvalidPriceList(f"time of day {value} is finer than a second")
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _thresholds(model: ModelInfo, variants: Iterable[PriceVariant]) -> set[int]:
    conditional = [model.prices] if isinstance(model.prices, ModelPrice) else [c.prices for c in model.prices]
    return {
        tier.start
        for prices in (*conditional, *(variant.prices for variant in variants))
        for price in vars(prices).values()
        if isinstance(price, TieredPrices)
        for tier in price.tiers
    }


def _minimum_audio_milliseconds(provider: Provider, model: ModelInfo) -> int | None:
    """The shortest audio a request is billed for, found by pricing one millisecond with the library."""
    entries = [model.prices] if isinstance(model.prices, ModelPrice) else [entry.prices for entry in model.prices]
    if not any(key in vars(prices) for prices in entries for key in ("audio_hours", "input_audio_hours")):
        return None
    at = datetime(2100, 1, 1, tzinfo=UTC)
    millisecond = Decimal("0.001")
    billed, linear = (
        Fraction(calculate(Usage(audio_seconds=millisecond, input_audio_seconds=millisecond)))
        for calculate in (
            lambda usage: model.calc_price(usage, provider, genai_request_timestamp=at).total_price,
            lambda usage: model.get_prices(at).calc_price(usage)["total_price"],
        )
    )
    if not linear or billed == linear:
        return None
    return round(billed / linear)


def _row(
    provider: Provider,
    model: ModelInfo,
    context: Context,
    cell: Cell[CellPrices],
    meter: str,
    price: UnitPrice,
    minimum: int | None,
) -> PriceRow:
    (day_from, day_to), (second_from, second_to), (tokens_from, tokens_to) = cell.spans
    return PriceRow(
        provider_id=provider.id,
        model_id=model.id,
        model_name=model.name or model.id,
        meter=meter,
        variant=variant_name(context),
        valid_from=FIRST_DAY + timedelta(days=day_from),
        valid_to=FIRST_DAY + timedelta(days=day_to),
        time_of_day_from_second=second_from,
        time_of_day_to_second=second_to,
        context_over_tokens=tokens_from - 1,
        context_up_to_tokens=tokens_to if tokens_to == NO_CONTEXT_LIMIT else tokens_to - 1,
        price=price,
        minimum_quantity=minimum,
    )
