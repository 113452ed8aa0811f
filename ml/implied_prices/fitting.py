"""The prices of one stretch: bounds from the printed amounts, then the plausible price within them.

Put here: bounds and snapping over the columns of a stretch together. Keep out: cutting into stretches, words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ml.implied_prices.bounds import Bounds, find_bounds, is_feasible, moving_together, variance_inflation
from ml.implied_prices.lines import Floats, Series
from ml.implied_prices.params import ImpliedPriceParams
from ml.implied_prices.snapping import Snap, named_first, snap
from ml.implied_prices.stretches import Stretch, overall_ratio
from ml.money import USD_QUANTUM

ListedPrices = Mapping[tuple[str | None, str | None, str | None], Mapping[str, Decimal]]
"""(provider, model, meter) → name of a variant's price → USD per unit."""


@dataclass(frozen=True)
class ColumnFit:
    """One price point in one stretch. Prices are USD per unit; ratios and widths are shares.

    `reference_price` is what it was expected to cost at the end of the stretch (1 where nothing was expected).
    """

    listed: Decimal | None
    contracted: Decimal | None
    reference_price: Decimal
    lower: float
    upper: float
    fitted: float
    width_ratio: float
    snapped: Snap | None
    variant_rules: frozenset[str]
    inflation: float
    moves_with: tuple[int, ...]
    is_known: bool
    is_collinear: bool

    @property
    def has_own_contract(self) -> bool:
        """Whether a price other than the public one was agreed."""
        return self.contracted is not None and self.contracted != self.listed

    @property
    def ratio(self) -> float:
        """Implied ÷ reference price, by the snapped price where there is one."""
        return (float(self.snapped.price) if self.snapped else self.fitted) / float(self.reference_price)


@dataclass(frozen=True)
class StretchFit:
    """All price points of a stretch; `ratio` is billed ÷ expected over the whole of it. None: not used in it."""

    stretch: Stretch
    columns: tuple[ColumnFit | None, ...]
    condition: float
    ratio: float


def fit_stretch(series: Series, stretch: Stretch, names: ListedPrices, params: ImpliedPriceParams) -> StretchFit:
    """Bounds, the most plausible price and identifiability of every price point used in a stretch."""
    rows = stretch.lines
    amounts, cost = series.amounts[rows], series.cost[rows]
    used = [j for j in range(amounts.shape[1]) if amounts[:, j].any()]
    part = amounts[:, used]
    tolerance = series.tolerance[rows]
    bounds = find_bounds(part, cost, tolerance)
    if not bounds.is_feasible and stretch.is_reference:
        tolerance = tolerance + params.material_ratio * part.sum(axis=1)
        bounds = find_bounds(part, cost, tolerance)
    factors, condition = variance_inflation(part)
    prices = [prices_at_end(series, stretch, j) for j in used]
    snaps: list[Snap | None]
    if stretch.is_reference:
        snaps = [_agreed(listed, own) for listed, own in prices]
    else:
        snaps, bounds = _snap_together(series, used, part, cost, tolerance, bounds, prices, names, params)
    columns: list[ColumnFit | None] = [None] * amounts.shape[1]
    for number, j in enumerate(used):
        listed, own = prices[number]
        reference = reference_price(series, listed, own)
        width = float(bounds.relative_width[number])
        together = tuple(used[other] for other in moving_together(part, number))
        is_tied = len(together) > 0 and factors[number] > params.collinear_variance_inflation
        is_collinear = is_tied and width > params.collinear_width_ratio
        is_known = width <= params.identified_width_ratio and not is_collinear
        columns[j] = ColumnFit(
            listed=listed,
            contracted=own,
            reference_price=reference,
            lower=float(bounds.lower[number]) * float(reference),
            upper=float(bounds.upper[number]) * float(reference),
            fitted=float(bounds.fitted[number]) * float(reference),
            width_ratio=width,
            snapped=snaps[number] if is_known else None,
            variant_rules=frozenset(_other_variants(series, j, names, listed, own)),
            inflation=float(factors[number]),
            moves_with=together,
            is_known=is_known,
            is_collinear=is_collinear,
        )
    return StretchFit(stretch, tuple(columns), condition, overall_ratio(series, rows))


def prices_at_end(series: Series, stretch: Stretch, column: int) -> tuple[Decimal | None, Decimal | None]:
    """List and contracted price on the last day of the stretch on which this column has one."""
    for day in range(stretch.last, stretch.first - 1, -1):
        if (day, column) in series.list_price or (day, column) in series.contracted_price:
            return series.list_price.get((day, column)), series.contracted_price.get((day, column))
    return None, None


def reference_price(series: Series, listed: Decimal | None, own: Decimal | None) -> Decimal:
    """The price ratios are taken to; 1 where the series has none."""
    best = own if own is not None else listed
    return best if series.reference and best is not None else Decimal(1)


def _agreed(listed: Decimal | None, own: Decimal | None) -> Snap | None:
    best = own if own is not None else listed
    if best is None:
        return None
    return Snap(best, "contracted price" if own is not None and own != listed else "list price", 0.0)


def _other_variants(
    series: Series, column: int, names: ListedPrices, listed: Decimal | None, own: Decimal | None
) -> dict[str, Decimal]:
    key = (series.key["provider_id"], series.key["model_id"], series.points[column].meter)
    return {name: price for name, price in names.get(key, {}).items() if price not in (listed, own)}


def _snap_together(
    series: Series,
    used: list[int],
    part: Floats,
    cost: Floats,
    tolerance: Floats,
    bounds: Bounds,
    prices: list[tuple[Decimal | None, Decimal | None]],
    names: ListedPrices,
    params: ImpliedPriceParams,
) -> tuple[list[Snap | None], Bounds]:
    """Snap the surest column, hold it fast, bound the others again, and so on; one round cut of all comes first."""
    snaps: list[Snap | None] = [None] * len(used)
    alike = _common_cut(series, part, cost, tolerance, prices, params)
    if alike is not None:
        return list(alike), bounds
    fixed: dict[int, float] = {}
    now = bounds
    while len(fixed) < len(used):
        free = sorted((w, n) for n, w in enumerate(now.relative_width) if n not in fixed)
        for width, number in free:
            if width > params.identified_width_ratio:
                return snaps, _unpinned(now, bounds)
            listed, own = prices[number]
            scale = float(reference_price(series, listed, own))
            agreed = named_first(
                [("list price", listed if listed == own else None), ("contracted price", own), ("list price", listed)]
            )
            variants = _other_variants(series, used[number], names, listed, own).items()
            found = snap(
                float(now.lower[number]) * scale,
                float(now.upper[number]) * scale,
                named_first([*agreed.items(), *variants]),
                dict(list(agreed.items())[:1]),
                params.max_accidental_candidates,
            )
            if found is None:
                continue
            tried = find_bounds(part, cost, tolerance, fixed | {number: float(found.price) / scale})
            if tried.is_feasible:
                snaps[number], now = found, tried
                fixed[number] = float(found.price) / scale
                break
        else:
            return snaps, _unpinned(now, bounds)
    return snaps, bounds


def _unpinned(now: Bounds, before: Bounds) -> Bounds:
    """Bounds after snapping others, but those of the snapped columns as the data alone gave them."""
    pinned = now.lower == now.upper
    return Bounds(
        np.where(pinned, before.lower, now.lower),
        np.where(pinned, before.upper, now.upper),
        np.where(pinned, before.fitted, now.fitted),
        before.is_feasible,
    )


def _common_cut(
    series: Series,
    part: Floats,
    cost: Floats,
    tolerance: Floats,
    prices: list[tuple[Decimal | None, Decimal | None]],
    params: ImpliedPriceParams,
) -> list[Snap] | None:
    """One round discount that explains every meter, where it does."""
    if part.shape[1] == 1 or series.reference is None:
        return None
    total = part.sum(axis=1, keepdims=True)
    if not is_feasible(total, cost, tolerance):
        return None
    one = find_bounds(total, cost, tolerance)
    label = "contracted price" if any(own not in (None, listed) for listed, own in prices) else "list price"
    lower, upper = float(one.lower[0]), float(one.upper[0])
    found = snap(lower, upper, {}, {label: Decimal(1)}, params.max_accidental_candidates, digits=False)
    if found is None:
        return None
    agreed = [reference_price(series, listed, own) for listed, own in prices]
    rule = f"{found.rule}, all meters alike"
    return [Snap((p * found.price).quantize(USD_QUANTUM), rule, found.accidental_candidates) for p in agreed]
