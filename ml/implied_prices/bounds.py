"""Which price ratios are possible, given what was printed: the feasible set of |A x − c| ≤ tolerance, x ≥ 0.

Put here: feasibility, bounds per column, how far columns move together. Keep out: time, prices, names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.implied_prices.lines import Floats

_FLOAT_NOISE = 4e-15


@dataclass(frozen=True)
class Bounds:
    """Lowest, highest and most likely value per column; `is_feasible` says whether one x fits every line."""

    lower: Floats
    upper: Floats
    fitted: Floats
    is_feasible: bool

    @property
    def relative_width(self) -> Floats:
        """(upper − lower) / fitted, infinite where nothing bounds the column."""
        with np.errstate(divide="ignore", invalid="ignore"):
            width = (self.upper - self.lower) / np.abs(self.fitted)
        return np.where(np.isfinite(width), width, np.inf)


def is_feasible(amounts: Floats, cost: Floats, tolerance: Floats) -> bool:
    """Whether one vector of ratios (k ≥ 0) explains every cost within its tolerance. amounts: n × k."""
    if amounts.shape[1] == 1:
        bounds = _scalar_bounds(amounts[:, 0], cost, tolerance)
        return bounds.is_feasible
    start = _weighted_fit(amounts, cost, tolerance)
    slack = _padded(amounts, cost, tolerance)
    if (np.abs(amounts @ start - cost) <= slack).all():
        return True
    return _solve(amounts, cost, slack, start, np.zeros(amounts.shape[1])) is not None


def find_bounds(amounts: Floats, cost: Floats, tolerance: Floats, fixed: dict[int, float] | None = None) -> Bounds:
    """Bounds per column; `fixed` holds columns whose ratio is known. amounts: n × k, cost and tolerance: n, USD."""
    fixed = fixed or {}
    k = amounts.shape[1]
    free = [j for j in range(k) if j not in fixed]
    lower, upper, fitted = np.zeros(k), np.full(k, np.inf), np.zeros(k)
    for j, value in fixed.items():
        lower[j] = upper[j] = fitted[j] = value
    rest = cost - sum((amounts[:, j] * value for j, value in fixed.items()), np.zeros(len(cost)))
    if not free:
        ok = bool((np.abs(rest) <= _padded(amounts, cost, tolerance)).all())
        return Bounds(lower, upper, fitted, ok)
    part = amounts[:, free]
    if len(free) == 1:
        rows = part[:, 0] > 0
        one = _scalar_bounds(part[rows, 0], rest[rows], _padded(amounts, cost, tolerance)[rows])
        lower[free[0]], upper[free[0]], fitted[free[0]] = one.lower[0], one.upper[0], one.fitted[0]
        return Bounds(lower, upper, fitted, one.is_feasible)
    slack = _padded(amounts, cost, tolerance)
    start = _weighted_fit(part, rest, slack)
    ok = True
    for number, j in enumerate(free):
        aim = np.zeros(len(free))
        aim[number] = 1.0
        low, high = _solve(part, rest, slack, start, aim), _solve(part, rest, slack, start, -aim)
        ok = ok and low is not None and high is not None
        lower[j] = 0.0 if low is None else low[number]
        upper[j] = np.inf if high is None else high[number]
        fitted[j] = float(np.clip(start[number], lower[j], upper[j]))
    return Bounds(lower, upper, fitted, ok)


def robust_ratios(amounts: Floats, cost: Floats) -> Floats:
    """Ratios (k ≥ 0) with the least sum of relative absolute errors: single bad lines do not move them."""
    from scipy.optimize import linprog

    n, k = amounts.shape
    scale = np.maximum(np.abs(cost), 1e-12)
    a, b = amounts / scale[:, None], cost / scale
    aim = np.concatenate([np.zeros(k), np.ones(n)])
    both = np.block([[a, -np.eye(n)], [-a, -np.eye(n)]])
    found = linprog(aim, A_ub=both, b_ub=np.concatenate([b, -b]), bounds=[(0, None)] * (n + k), method="highs")
    return np.asarray(found.x[:k]) if found.status == 0 else _weighted_fit(amounts, cost, scale)


def variance_inflation(amounts: Floats) -> tuple[Floats, float]:
    """1 / (1 − R²) of each column against the others (through the origin), and the condition number of the columns."""
    norms = np.linalg.norm(amounts, axis=0)
    unit = amounts / np.where(norms > 0, norms, 1.0)
    singular = np.linalg.svd(unit, compute_uv=False)
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else float("inf")
    if len(amounts) < amounts.shape[1]:
        return np.full(amounts.shape[1], np.inf), float("inf")
    inverse = np.linalg.pinv(unit.T @ unit)
    factors = np.diag(inverse).copy()
    factors[[bool(_weak_partners(unit, j, 1e-7)) for j in range(unit.shape[1])]] = np.inf
    return factors, condition


def moving_together(amounts: Floats, column: int) -> list[int]:
    """The other columns that a column can be exchanged with almost without a trace, by the weakest direction."""
    norms = np.linalg.norm(amounts, axis=0)
    unit = amounts / np.where(norms > 0, norms, 1.0)
    return _weak_partners(unit, column, 0.1)


def _weak_partners(unit: Floats, column: int, threshold: float) -> list[int]:
    rows, k = unit.shape
    square = np.linalg.qr(unit, mode="r") if rows > k else np.vstack([unit, np.zeros((k - rows, k))])
    _, singular, directions = np.linalg.svd(square)
    weak = [
        d for s, d in zip(singular, directions, strict=True) if s <= threshold * singular[0] and abs(d[column]) > 0.1
    ]
    return sorted({j for d in weak for j in range(len(d)) if j != column and abs(d[j]) > 0.1})


def _padded(amounts: Floats, cost: Floats, tolerance: Floats) -> Floats:
    return tolerance + _FLOAT_NOISE * (np.abs(cost) + amounts.sum(axis=1))


def _scalar_bounds(amounts: Floats, cost: Floats, tolerance: Floats) -> Bounds:
    slack = tolerance + _FLOAT_NOISE * (np.abs(cost) + np.abs(amounts))
    low, high = float(((cost - slack) / amounts).max()), float(((cost + slack) / amounts).min())
    ok = low <= high
    middle = (max(low, 0.0) + high) / 2 if ok else float(np.median(cost / amounts))
    return Bounds(np.array([max(low, 0.0)]), np.array([high]), np.array([middle]), ok)


def _weighted_fit(amounts: Floats, cost: Floats, tolerance: Floats) -> Floats:
    scale = np.maximum(tolerance, 1e-300)
    weighted = amounts / scale[:, None]
    norms = np.linalg.norm(weighted, axis=0)
    norms = np.where(norms > 0, norms, 1.0)
    found = np.linalg.lstsq(weighted / norms, cost / scale, rcond=1e-13)[0] / norms
    return np.maximum(found, 0.0)


def _solve(amounts: Floats, cost: Floats, slack: Floats, start: Floats, aim: Floats) -> Floats | None:
    """Minimise `aim · x` over the feasible set, in steps of the tolerance around `start` so that it is well scaled."""
    from scipy.optimize import linprog

    share = amounts / slack[:, None]
    step = 1.0 / np.maximum(share.max(axis=0), 1e-300)
    scaled = share * step
    offset = (cost - amounts @ start) / slack
    found = linprog(
        aim,
        A_ub=np.vstack([scaled, -scaled]),
        b_ub=np.concatenate([offset + 1.0, 1.0 - offset]),
        bounds=[(-s / d, None) for s, d in zip(start, step, strict=True)],
        method="highs",
    )
    return start + np.asarray(found.x) * step if found.status == 0 else None
