"""The dynamic optimised theta model, for many series at once.

Put here: fitting and forecasting of DOTM (Fiorucci et al. 2016, "Models for optimising the theta method and their
relationship to state space models") with its classical seasonal adjustment.
Keep out: intervals, frames.

For a given smoothing constant the one-step mean is linear in the initial level and in 1 − 1/θ, so both have their
least-squares solution in closed form and only the smoothing constant is searched, on a grid.
"""

from __future__ import annotations

import numpy as np

ALPHAS = np.concatenate([np.arange(0.1, 0.5, 0.05), np.arange(0.5, 0.95, 0.1), [0.99]])
SKIPPED = 3
"""The first observations say nothing of the fit: levels and trend start from them."""
_SEASON_QUANTILE = 1.6448536269514722
_MAX_WEIGHT = 1 - 1e-10
_CHUNK = 3000


def theta_forecast(
    values: np.ndarray, lengths: np.ndarray, horizon: int, season: int, *, additive: bool = False
) -> np.ndarray:
    """Mean of the next days per row of `values`, whose `lengths[i]` observations (at least 4) begin in column 0.

    `additive`: the season is added, even where it could multiply.
    """
    out = np.empty((len(values), horizon))
    for at in range(0, len(values), _CHUNK):
        part = slice(at, at + _CHUNK)
        width = int(lengths[part].max())
        out[part] = _forecast(values[part, :width], lengths[part], horizon, season, additive)
    return out


def _forecast(values: np.ndarray, lengths: np.ndarray, horizon: int, season: int, additive: bool) -> np.ndarray:
    inside = np.arange(values.shape[1]) < lengths[:, None]
    values = np.where(inside, values, 0.0)
    factors, is_multiplied = seasonal_factors(values, inside, lengths, season, additive)
    along = np.tile(factors, (1, values.shape[1] // season + 1))[:, : values.shape[1]]
    by_factor = is_multiplied[:, None]
    adjusted = np.where(by_factor, values / np.where(by_factor, along, 1.0), values - along)
    mean = _dotm(np.where(inside, adjusted, 0.0), lengths, horizon)
    ahead = np.take_along_axis(factors, (lengths[:, None] + np.arange(horizon)) % season, axis=1)
    return np.where(by_factor, mean * ahead, mean + ahead)


def seasonal_factors(
    values: np.ndarray, inside: np.ndarray, lengths: np.ndarray, season: int, additive: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Seasonal indices per phase (column 0 is phase 0) and whether they multiply; zeros where there is no season.

    A season is what the autocorrelation test at 90 % says. Indices multiply where every value and index is positive,
    unless they are to be `additive`.
    """
    rows, width = values.shape
    none = np.zeros((rows, season)), np.zeros(rows, dtype=bool)
    if season < 2 or width < 2 * season:
        return none
    half = season // 2
    kernel = np.full(season, 1 / season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5] / season
    sums = np.zeros((rows, width))
    for step, weight in enumerate(kernel):
        sums[:, half : width - half] += weight * values[:, step : step + width - 2 * half]
    centred = (np.arange(width) >= half) & (np.arange(width) < lengths[:, None] - half)
    is_positive = (np.where(inside, values, np.inf).min(axis=1) > 0) & (not additive)
    phase = np.arange(width) % season
    added = _phase_means(np.where(centred, values - sums, 0.0), centred, phase, season)
    added -= added.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(centred & is_positive[:, None], values / sums, 1.0)
    multiplied = _phase_means(np.where(centred, ratios, 0.0), centred, phase, season)
    with np.errstate(divide="ignore", invalid="ignore"):
        multiplied /= multiplied.mean(axis=1, keepdims=True)
    seasonal = _is_seasonal(values, inside, lengths, season)
    is_multiplied = seasonal & is_positive & (np.nan_to_num(multiplied).min(axis=1) >= 0.01)
    factors = np.where(is_multiplied[:, None], multiplied, np.where(seasonal[:, None], added, 0.0))
    return factors, is_multiplied


def _phase_means(values: np.ndarray, mask: np.ndarray, phase: np.ndarray, season: int) -> np.ndarray:
    means = [values[:, phase == p].sum(axis=1) / np.maximum(mask[:, phase == p].sum(axis=1), 1) for p in range(season)]
    return np.stack(means, axis=1)


def _is_seasonal(values: np.ndarray, inside: np.ndarray, lengths: np.ndarray, season: int) -> np.ndarray:
    centred = np.where(inside, values - (values.sum(axis=1) / lengths)[:, None], 0.0)
    variance = (centred**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lags = [(centred[:, k:] * centred[:, :-k]).sum(axis=1) / variance for k in range(1, season + 1)]
        limit = np.sqrt((1 + 2 * sum(lag**2 for lag in lags[:-1])) / lengths)
        found = np.abs(lags[-1]) / limit > _SEASON_QUANTILE
    return found & (lengths >= 2 * season) & (variance > 0)


def _dotm(y: np.ndarray, lengths: np.ndarray, horizon: int) -> np.ndarray:
    rows, width = y.shape
    intercepts, slopes = _running_lines(y)
    decay = 1 - ALPHAS
    level = np.zeros((rows, len(ALPHAS)))
    last = np.zeros_like(level)
    zz, zx, zg, xx, xg = (np.zeros_like(level) for _ in range(5))
    gg = np.zeros_like(level)
    for t in range(width):
        if t >= SKIPPED:
            g = decay**t
            x = intercepts[:, t - 1, None] * g + slopes[:, t - 1, None] * ((1 - decay ** (t + 1)) / ALPHAS)
            z = y[:, t, None] - level
            if t >= lengths.min():
                running = (t < lengths)[:, None]
                x, z = x * running, z * running
                gg += running * (g * g)
            else:
                gg += g * g
            zz += z * z
            zx += z * x
            xx += x * x
            zg += z * g
            xg += x * g
        level = level + ALPHAS * (y[:, t, None] - level)
        ends = lengths == t + 1
        if ends.any():
            last[ends] = level[ends]
    start, weight, errors = _solve(zz, zx, zg, xx, xg, gg, np.abs(y[:, 0]))
    best = errors.argmin(axis=1)
    pick = np.arange(rows), best
    alpha, weight, start = ALPHAS[best], weight[pick], start[pick]
    final = last[pick] + (1 - alpha) ** lengths * start
    ends = np.arange(rows), lengths - 1
    state = (final, y.sum(axis=1) / lengths, intercepts[ends], slopes[ends])
    return _ahead(state, lengths, alpha, weight, horizon)


def _running_lines(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intercept and slope of the least-squares line through the first t observations, for every t from 1."""
    times = np.arange(1, y.shape[1] + 1, dtype=float)
    means = np.cumsum(y, axis=1) / times
    moments = np.cumsum(y * times, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (moments - means * times * (times + 1) / 2) * 12 / (times * (times**2 - 1))
    slopes[:, 0] = 0.0
    return means - slopes * (times + 1) / 2, slopes


def _solve(
    zz: np.ndarray, zx: np.ndarray, zg: np.ndarray, xx: np.ndarray, xg: np.ndarray, gg: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Initial level and 1 − 1/θ of least squared error, the latter within [0, 1); and that error."""
    gg = np.maximum(gg, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = (zx * gg - zg * xg) / (xx * gg - xg * xg)
    weight = np.clip(np.nan_to_num(weight, nan=0.5, posinf=0.5, neginf=0.5), 0.0, _MAX_WEIGHT)
    bound = 1e3 * (first[:, None] + np.sqrt(zz))
    start = np.clip((zg - weight * xg) / gg, -bound, bound)
    errors = zz + weight**2 * xx + start**2 * gg - 2 * weight * zx - 2 * start * zg + 2 * weight * start * xg
    return start, weight, errors


def _ahead(
    state: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    lengths: np.ndarray,
    alpha: np.ndarray,
    weight: np.ndarray,
    horizon: int,
) -> np.ndarray:
    """The mean of each day ahead; the forecast of a day stands for its observation in the next."""
    level, mean, intercept, slope = state
    out = np.empty((len(lengths), horizon))
    for step in range(horizon):
        i = lengths + step
        power = (1 - alpha) ** i
        value = level + weight * (intercept * power + slope * (1 - power * (1 - alpha)) / alpha)
        out[:, step] = value
        level = alpha * value + (1 - alpha) * level
        slope = ((i - 1) * slope + 6 * (value - mean) / (i + 1)) / (i + 2)
        mean = (i * mean + value) / (i + 1)
        intercept = mean - slope * (i + 2) / 2
    return out
