"""A change of spend as a sum: volume, model mix, tier mix, tokens per request, cache rate, price, and what is left.

Each driver gets its Shapley share: its effect averaged over all orders in which the drivers could have changed, so
that no order is preferred and nothing is left over.

Put here: the split of a difference between two periods. Keep out: which slice is to blame, words.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from math import factorial

import numpy as np
import pandas as pd

from ml.money import to_decimal

DRIVERS = ("volume", "model_mix", "tier_mix", "tokens_per_request", "cache_rate", "price", "other")
"""`other`: spend that no request or quantity stands behind, and charges beside tokens."""
TOKENS = ("uncached_input", "cache_read", "cache_write", "output")
NUMBERS = (
    "request_count",
    *(f"{name}_tokens" for name in TOKENS),
    *(f"{name}_cost_usd" for name in TOKENS),
    "cost_usd",
)


def decompose(before: pd.DataFrame, after: pd.DataFrame, ratio: float = 1.0) -> dict[str, float]:
    """USD by driver; their sum is the spend of `after` less `ratio` times that of `before`.

    Rows: `model_id, service_tier`, requests, tokens and costs (`NUMBERS`), at any grain; what is missing counts as 0.
    `ratio`: length of `after` over that of `before`. Where requests are not known but `quantity` is (bills),
    each item `item_id` splits into volume and price.
    """
    tables = _aligned(before, after)
    if tables is None:
        return dict.fromkeys(DRIVERS, 0.0)
    old, new = tables
    old = old * ratio
    if "quantity" in old:
        return _by_quantity(old, new)
    counted = ((old["request_count"] > 0) | (new["request_count"] > 0)).to_numpy()
    loose = float(new.loc[~counted, "cost_usd"].sum() - old.loc[~counted, "cost_usd"].sum())
    # A side without requests but with spend has no cost per request: that spend is not of these drivers.
    for side in (old, new):
        silent = counted & (side["request_count"] <= 0).to_numpy()
        sign = 1.0 if side is new else -1.0
        loose += sign * float(side.loc[silent, "cost_usd"].sum())
        side.loc[silent, list(NUMBERS)] = 0.0
    found = _shapley(_factors(old[counted], new[counted])) if counted.any() else dict.fromkeys(DRIVERS, 0.0)
    found["other"] += loose
    return found


def exact(drivers: dict[str, float], change: Decimal) -> dict[str, Decimal]:
    """The same as decimals that sum to `change` exactly; what rounding leaves goes to the largest."""
    rounded = {name: to_decimal(value) or Decimal(0) for name, value in drivers.items()}
    largest = max(rounded, key=lambda name: abs(rounded[name]))
    rounded[largest] += change - sum(rounded.values(), Decimal(0))
    return rounded


def _aligned(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    by_quantity = "quantity" in before and "quantity" in after
    keys = ["item_id"] if by_quantity else ["model_id", "service_tier"]
    numbers = ["quantity", "cost_usd"] if by_quantity else list(NUMBERS)
    sides = []
    for frame in (before, after):
        texts = {k: frame[k].astype("object").where(frame[k].notna(), "") for k in keys if k in frame}
        ready = pd.DataFrame(texts, index=frame.index)
        for key in keys:
            if key not in ready:
                ready[key] = ""
        for name in numbers:
            ready[name] = (
                pd.to_numeric(frame[name], errors="coerce").fillna(0.0).astype(float) if name in frame else 0.0
            )
        sides.append(ready.groupby(keys)[numbers].sum())
    index = sides[0].index.union(sides[1].index)
    if not len(index):
        return None
    return sides[0].reindex(index, fill_value=0.0), sides[1].reindex(index, fill_value=0.0)


def _by_quantity(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, float]:
    """Per item: the mean price times the change of quantity, and the mean quantity times the change of price."""
    q0, q1 = old["quantity"].to_numpy(), new["quantity"].to_numpy()
    c0, c1 = old["cost_usd"].to_numpy(), new["cost_usd"].to_numpy()
    known0, known1 = q0 > 0, q1 > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        p0, p1 = np.where(known0, c0 / q0, np.nan), np.where(known1, c1 / q1, np.nan)
    p0, p1 = np.where(np.isnan(p0), p1, p0), np.where(np.isnan(p1), p0, p1)
    counted = np.isfinite(p0) & (known0 | (c0 == 0)) & (known1 | (c1 == 0))
    found = dict.fromkeys(DRIVERS, 0.0)
    found["volume"] = float((((p0 + p1) / 2) * (q1 - q0))[counted].sum())
    found["price"] = float((((q0 + q1) / 2) * (p1 - p0))[counted].sum())
    found["other"] = float((c1 - c0)[~counted].sum())
    return found


def _factors(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each driver's arrays before and after; a side without a value takes that of the other side."""
    models = pd.factorize(old.index.get_level_values("model_id"))[0]
    n = [side["request_count"].to_numpy() for side in (old, new)]
    by_model = [np.bincount(models, weights=each)[models] for each in n]
    totals = [float(each.sum()) for each in n]
    model_share = _both([_over(m, t) for m, t in zip(by_model, totals, strict=True)])
    tier_share = _both([_over(each, m) for each, m in zip(n, by_model, strict=True)])
    tokens, shares, prices, rest = [], [], [], []
    for side, count in zip((old, new), n, strict=True):
        amounts = np.stack([side[f"{name}_tokens"].to_numpy() for name in TOKENS])
        costs = np.stack([side[f"{name}_cost_usd"].to_numpy() for name in TOKENS])
        inputs = amounts[:3].sum(axis=0)
        tokens.append(np.stack([_over(inputs, count), _over(amounts[3], count)]))
        shares.append(_over(amounts[:3], inputs))
        prices.append(_over(costs, amounts))
        priced = np.where(amounts > 0, costs, 0.0).sum(axis=0)
        rest.append(_over(side["cost_usd"].to_numpy() - priced, count))
    volume = (np.array([totals[0]]), np.array([totals[1]]))
    values = (volume, model_share, tier_share, _both(tokens), _both(shares), _both(prices), _both(rest))
    return dict(zip(DRIVERS, values, strict=True))


def _over(above: np.ndarray, below: np.ndarray | float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(below) > 0, above / below, np.nan)


def _both(sides: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    old, new = sides
    return (
        np.nan_to_num(np.where(np.isnan(old), new, old)),
        np.nan_to_num(np.where(np.isnan(new), old, new)),
    )


def _cost(
    volume: np.ndarray,
    model: np.ndarray,
    tier: np.ndarray,
    tokens: np.ndarray,
    shares: np.ndarray,
    prices: np.ndarray,
    rest: np.ndarray,
) -> float:
    per_request = tokens[0] * (shares * prices[:3]).sum(axis=0) + tokens[1] * prices[3] + rest
    return float((volume * model * tier * per_request).sum())


def _shapley(factors: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    moving = [name for name, (old, new) in factors.items() if not np.array_equal(old, new)]
    costs = {}
    for chosen in product((0, 1), repeat=len(moving)):
        side = dict(zip(moving, chosen, strict=True))
        costs[chosen] = _cost(*(pair[side.get(name, 0)] for name, pair in factors.items()))
    count = len(moving)
    found = dict.fromkeys(DRIVERS, 0.0)
    for position, name in enumerate(moving):
        for chosen, value in costs.items():
            if chosen[position]:
                others = sum(chosen) - 1
                weight = factorial(others) * factorial(count - others - 1) / factorial(count)
                found[name] += weight * (value - costs[(*chosen[:position], 0, *chosen[position + 1 :])])
    return found
