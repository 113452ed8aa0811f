"""Why a cost of the warehouse may differ from the library's, each reason proved by its own formula.

Put here: one function per explained class. Keep out: tolerance. A difference that no formula predicts to the
last decimal is unexplained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from genai_prices.types import ModelInfo

from ingestion.sources.prices.unit_registry import unit_registry
from ingestion.vocabulary.meters import METERS_BY_NAME
from tests.integration.pricing.pricing_vectors import Vector, as_usage

LIBRARY_DIGITS = 28
"""The library computes in Python's default decimal context."""

EQUAL = "equal to the last decimal"
ROUNDED = "unit price has more than 12 decimals: rounded once, per unit"
UNPRICED = "a used meter has no price: unknown here, counted as 0 by the library"
NOT_LISTED = "variant not listed at that date: unknown here, standard price as an estimate in the library"
NO_VARIANT = "model or provider without that variant: unknown here, standard price as an estimate in the library"
FALLBACK = "variant of another provider's price: unknown here, standard price as an estimate in the library"
REFUSED = "more reasoning and citation than output: priced here, refused by the library"


@dataclass(frozen=True)
class Line:
    """One used meter of a vector as SQL priced it; the prices are None where there is none."""

    meter: str
    quantity: int
    rounded_price: Decimal | None
    exact_price: Fraction | None


@dataclass(frozen=True)
class Priced:
    """What SQL made of a vector."""

    cost: Decimal | None
    priced_cost: Decimal
    unpriced_meters: Sequence[str]
    lines: Sequence[Line]


def library_cost(vector: Vector, context: Mapping[str, str] | None = None) -> Decimal | None:
    """The library's total for a vector (in another context if given), None where it refuses the usage."""
    try:
        return vector.model.calc_price(
            as_usage(vector.quantities),
            vector.provider,
            genai_request_timestamp=vector.at.replace(tzinfo=UTC),
            price_context=vector.context if context is None else context,
        ).total_price
    except ValueError:
        return None


def explain(vector: Vector, ours: Priced, library: Decimal | None, unresolved_reason: str | None = None) -> str | None:
    """The class of a vector, None when nothing explains it."""
    if library is None:
        return REFUSED if is_refused(vector) else None
    if unresolved_reason is not None:
        return _without_variant(vector, ours, library, unresolved_reason)
    if ours.cost is None:
        if not is_listed(vector):
            return NOT_LISTED if is_estimate(vector, library) else None
        return UNPRICED if is_all_but_unpriced(vector, ours, library) else None
    if ours.cost == library:
        return EQUAL
    return ROUNDED if is_rounding(ours.lines, ours.cost, library) else None


def is_refused(vector: Vector) -> bool:
    """The library takes reasoning and citation out of output and finds a negative rest."""
    keys = {key for key, price in vars(vector.model.get_prices(_at(vector))).items() if price is not None}
    inner = [
        vector.quantities.get(meter, 0)
        for meter, key in (
            ("reasoning_surcharge", "output_reasoning_mtok"),
            ("citation_surcharge", "output_citation_mtok"),
        )
        if key in keys
    ]
    output = as_usage(vector.quantities).output_tokens
    return bool(inner) and sum(inner) > output


def is_rounding(lines: Sequence[Line], cost: Decimal, library: Decimal) -> bool:
    """cost − library = Σ quantity × (rounded price − exact price), and no unit moved by more than half a place."""
    priced = [line for line in lines if line.rounded_price is not None and line.exact_price is not None]
    moved = sum((line.quantity * (Fraction(line.rounded_price) - line.exact_price) for line in priced), Fraction(0))
    within_half_a_place = all(
        abs(Fraction(line.rounded_price) - line.exact_price) <= Fraction(1, 2 * 10**12) for line in priced
    )
    library_rounding = Fraction(max(abs(library), Decimal(1))) / 10 ** (LIBRARY_DIGITS - 4)
    return within_half_a_place and abs(Fraction(cost) - Fraction(library) - moved) <= library_rounding


def is_listed(vector: Vector) -> bool:
    """Every part of the context belongs to a variant that is in force at the instant and matches the context."""
    in_force = [
        variant
        for variant in vector.model.price_variants or ()
        if (variant.constraint is None or variant.constraint.active(_at(vector)))
        and variant.when.items() <= dict(vector.context).items()
    ]
    return all(any(key in variant.when for variant in in_force) for key in vector.context)


def is_estimate(vector: Vector, library: Decimal) -> bool:
    """The library's figure is the one it gives without those parts of the context that nothing lists."""
    listed = {
        key: value
        for key, value in vector.context.items()
        if is_listed(Vector(0, vector.provider, vector.model, {key: value}, vector.at, {}))
    }
    return listed != dict(vector.context) and library == library_cost(vector, listed)


def is_all_but_unpriced(vector: Vector, ours: Priced, library: Decimal) -> bool:
    """No unit at or above an unpriced meter has a price, and all the rest adds up to the library's figure."""
    prices = vector.model.get_prices(_at(vector), vector.context)
    return (
        bool(ours.unpriced_meters)
        and all(not _has_price(prices, meter) for meter in ours.unpriced_meters)
        and is_rounding(ours.lines, ours.priced_cost, library)
    )


def _has_price(prices: object, meter: str) -> bool:
    registry, _ = unit_registry()
    own = next(u for u in registry.units.values() if u.dimensions == METERS_BY_NAME[meter].dimensions)
    keys = {own.usage_key, *registry.ancestor_usage_keys(own.usage_key)}
    return any(getattr(prices, registry.units[key].price_key) is not None for key in keys)


def _without_variant(vector: Vector, ours: Priced, library: Decimal, reason: str) -> str | None:
    """Nothing is priced here; the library ignored the context, as it does for models of another provider."""
    assert reason in {"no_price_for_variant", "unknown_service_tier", "unknown_speed", "no_price_listed"}, reason
    is_unknown = ours.cost is None or all(line.meter == "request" for line in ours.lines)
    if reason == "no_price_listed":
        return UNPRICED if is_unknown and library == 0 and not _has_any_price(vector.model) else None
    is_foreign = not any(vector.model is model for model in vector.provider.models)
    listed = {} if is_foreign else _listed_part(vector)
    if not is_unknown or listed == dict(vector.context) or library != library_cost(vector, listed):
        return None
    return FALLBACK if is_foreign else NO_VARIANT


def _listed_part(vector: Vector) -> dict[str, str]:
    pairs = {pair for variant in vector.model.price_variants or () for pair in variant.when.items()}
    return {key: value for key, value in vector.context.items() if (key, value) in pairs}


def _has_any_price(model: ModelInfo) -> bool:
    entries = model.prices if isinstance(model.prices, list) else [model]
    return any(value is not None for entry in entries for value in vars(entry.prices).values())


def _at(vector: Vector) -> datetime:
    return vector.at.replace(tzinfo=UTC)
