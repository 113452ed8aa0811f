"""From rows of billed quantities to one numeric problem per price series.

Put here: which amounts and quantities belong together, which price each is expected to have, how exactly the bill is
printed. Keep out: fitting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SERIES_COLUMNS = ("provider_id", "charge_source", "billing_account_id", "sku_id", "model_id")
POINT_COLUMNS = ("meter", "price_variant", "context_tier")
INPUT_COLUMNS = (
    *SERIES_COLUMNS,
    "usage_date",
    "billed_line_id",
    *POINT_COLUMNS,
    "quantity",
    "quantity_source",
    "billed_cost_usd",
    "charge_count",
    "list_price_usd_per_unit",
    "contracted_price_usd_per_unit",
)


@dataclass(frozen=True)
class PricePoint:
    """What has one price at a time: a meter in one variant and context step."""

    meter: str | None
    price_variant: str | None
    context_tier: str | None


@dataclass(frozen=True)
class Series:
    """The billed amounts of one SKU (n lines) over the quantities of its price points (k columns).

    `quantity`, `listed`, `expected` are n × k: units, and USD per unit (NaN unknown). `cost` and `tolerance` are n, in
    USD: the printed amount and how far rounding may have moved it. `day` numbers the sorted `dates`.
    """

    key: dict[str, Any]
    points: tuple[PricePoint, ...]
    dates: tuple[Any, ...]
    day: Integers
    quantity: Floats
    listed: Floats
    expected: Floats
    reference: str | None
    cost: Floats
    tolerance: Floats
    charge_count: Integers
    quantity_source: str
    unexplained_line_count: int
    list_price: dict[tuple[int, int], Decimal]
    contracted_price: dict[tuple[int, int], Decimal]

    @property
    def amounts(self) -> Floats:
        """n × k: USD of each cell at its expected price; plain quantities where no price is expected."""
        return self.quantity * (self.expected if self.reference else 1.0)


def printed_decimals(amounts: pd.Series) -> int:
    """The most decimals that any of these amounts shows; amounts are Decimal."""
    shown = [-int(a.normalize().as_tuple().exponent) for a in amounts if isinstance(a, Decimal) and a != 0]
    return max(0, *shown) if shown else 0


def build_series(rows: pd.DataFrame) -> Iterator[Series]:
    """One `Series` per provider, source, account, SKU and model, in the order of their names.

    `rows`: columns `INPUT_COLUMNS`, one row per line × price point; the amount of a line repeats on the rows with its
    `billed_line_id`; amounts and prices are Decimal, missing is None. Raises ValueError when a column is missing.
    """
    if missing := sorted(set(INPUT_COLUMNS) - set(rows.columns)):
        raise ValueError(f"billed quantities lack the columns {missing}")
    if rows.empty:
        return
    frame = rows.astype("object").where(rows.notna(), None)
    printed = {
        source: printed_decimals(group["billed_cost_usd"])
        for source, group in frame.groupby(["charge_source", "billing_account_id"], dropna=False, sort=False)
    }
    for (_, *_), group in frame.groupby(list(SERIES_COLUMNS), dropna=False, sort=True):
        source = (group["charge_source"].iloc[0], group["billing_account_id"].iloc[0])
        decimals = next(d for s, d in printed.items() if _same(s, source))
        series = _series(group, decimals)
        if series is not None:
            yield series


def _same(left: Any, right: Any) -> bool:
    return all((pd.isna(a) and pd.isna(b)) or a == b for a, b in zip(left, right, strict=True))


def _series(group: pd.DataFrame, decimals: int) -> Series | None:
    dates = tuple(sorted(group["usage_date"].unique()))
    day_number = {date: number for number, date in enumerate(dates)}
    line_of: dict[Any, int] = {}
    records: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in group.to_dict("records")]
    for row in sorted(records, key=lambda r: (r["usage_date"], str(r["billed_line_id"]))):
        line_of.setdefault(row["billed_line_id"], len(line_of))
    points, column_of = _points(records)
    n, k = len(line_of), len(points)
    quantity, listed, expected = np.zeros((n, k)), np.full((n, k), np.nan), np.full((n, k), np.nan)
    cost, count, day = np.zeros(n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    list_price: dict[tuple[int, int], Decimal] = {}
    contracted_price: dict[tuple[int, int], Decimal] = {}
    for row in records:
        i, j = line_of[row["billed_line_id"]], column_of[_point(row)]
        day[i] = day_number[row["usage_date"]]
        quantity[i, j] += float(row["quantity"])
        cost[i], count[i] = float(row["billed_cost_usd"]), int(row["charge_count"])
        public, own = row["list_price_usd_per_unit"], row["contracted_price_usd_per_unit"]
        if public is not None:
            listed[i, j], list_price[int(day[i]), j] = float(public), public
        if own is not None:
            contracted_price[int(day[i]), j] = own
        best = own if own is not None else public
        if best is not None:
            expected[i, j] = float(best)
    tolerance = count * 10.0**-decimals + 1e-15 * np.abs(cost)
    used = quantity.sum(axis=1) > 0
    if not used.any():
        return None
    known = ~np.isnan(expected[used]) | (quantity[used] == 0)
    has_reference = bool(known.all()) and bool((np.nan_to_num(expected[used]) * quantity[used] > 0).any(axis=1).all())
    kept = sorted({int(d) for d in day[used]})
    renumbered = {old: new for new, old in enumerate(kept)}
    return Series(
        key={column: group[column].iloc[0] for column in SERIES_COLUMNS},
        points=points,
        dates=tuple(dates[d] for d in kept),
        day=np.array([renumbered[int(d)] for d in day[used]], dtype=np.int64),
        quantity=quantity[used],
        listed=listed[used],
        expected=np.nan_to_num(expected[used]) if has_reference else expected[used],
        reference=("contracted" if contracted_price else "list") if has_reference else None,
        cost=cost[used],
        tolerance=tolerance[used],
        charge_count=count[used],
        quantity_source=str(group["quantity_source"].iloc[0]),
        unexplained_line_count=int((~used & (np.abs(cost) > tolerance)).sum()),
        list_price={(renumbered[d], j): p for (d, j), p in list_price.items() if d in renumbered},
        contracted_price={(renumbered[d], j): p for (d, j), p in contracted_price.items() if d in renumbered},
    )


def _point(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column] for column in POINT_COLUMNS)


def _points(records: list[dict[str, Any]]) -> tuple[tuple[PricePoint, ...], dict[tuple[Any, ...], int]]:
    """Price points as columns; those of one meter that are expected to cost the same every day share a column."""
    prices: dict[tuple[Any, ...], dict[Any, Any]] = {}
    for row in records:
        pair = (row["list_price_usd_per_unit"], row["contracted_price_usd_per_unit"])
        prices.setdefault(_point(row), {})[row["usage_date"]] = pair
    columns: list[tuple[Any, ...]] = []
    column_of: dict[tuple[Any, ...], int] = {}
    for point in sorted(prices, key=lambda p: tuple(str(part) for part in p)):
        for number, first in enumerate(columns):
            shared = prices[first].keys() & prices[point].keys()
            if first[0] == point[0] and shared and all(prices[first][d] == prices[point][d] for d in shared):
                prices[first] |= prices[point]
                column_of[point] = number
                break
        else:
            column_of[point] = len(columns)
            columns.append(point)
    return tuple(PricePoint(*point) for point in columns), column_of
