"""Public holidays and the turn of the year: what they were worth before, what they will be worth.

Put here: which days these are, what spend did on them, factors for the days ahead. Keep out: models, prices.

Nothing is assumed: an occasion counts by what the history says of it, and one that spend did not mind has the factor
1, as has one that the history has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from ml.forecasting.members import predict
from ml.forecasting.params import ForecastParams

TURN_OF_YEAR = frozenset({(12, day) for day in range(24, 32)} | {(1, 1), (1, 2)})
LOWEST = 0.05
QUIET = 0.85
"""Share of the usual below which a day was quiet; above it the holiday is a day like others."""


def occasions(first: date, last: date, countries: Sequence[str]) -> dict[date, str]:
    """Days between `first` and `last` that are holidays in one of the countries or lie at the turn of the year."""
    import holidays

    found: dict[date, str] = {}
    for country in countries:
        code, _, part = country.partition("-")
        try:
            named = holidays.country_holidays(code, subdiv=part or None, years=range(first.year, last.year + 1))
        except NotImplementedError:
            raise ValueError(f"no holidays of {country!r} are known: write codes like US or DE-BY") from None
        found |= {day: str(name) for day, name in named.items() if first <= day <= last}
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return found | {day: f"{day:%m-%d}" for day in days if (day.month, day.day) in TURN_OF_YEAR}


def without_quiet_days(
    values: np.ndarray, lengths: np.ndarray, last_day: date, horizon: int, params: ForecastParams
) -> tuple[np.ndarray, np.ndarray]:
    """Histories in which quiet days are usual ones, and factors (leaf × day ahead) for the quiet days to come.

    What a leaf keeps on quiet days is learned from all of its own; how quiet an occasion is, from all leaves together.
    """
    factors = np.ones((len(values), horizon))
    width = values.shape[1]
    named = occasions(
        last_day - timedelta(days=width - 1), last_day + timedelta(days=horizon), params.holiday_countries
    )
    place = {day: width - 1 - (last_day - day).days for day in named}
    past = sorted(day for day in named if 4 * params.season_days <= place[day] < width)
    if not len(values) or len(past) < 2:
        return values, factors
    cleaned = values.copy()
    kept, usual_of_leaf = np.zeros(len(values)), np.zeros(len(values))
    of_occasion: dict[str, list[float]] = {}
    for day in past:
        at = place[day]
        rows = np.flatnonzero(lengths >= width - at + 4 * params.season_days)
        if not len(rows):
            continue
        usual = predict("weekday_median", cleaned[rows, :at], lengths[rows] - (width - at), 1, params)[:, 0]
        happened = values[rows, at]
        kept[rows] += happened
        usual_of_leaf[rows] += usual
        if usual.sum() > 0:
            of_occasion.setdefault(named[day], []).append(float(happened.sum() / usual.sum()))
        fell = happened < QUIET * usual
        cleaned[rows[fell], at] = usual[fell]
    if usual_of_leaf.sum() <= 0 or not of_occasion:
        return values, factors
    overall = kept.sum() / usual_of_leaf.sum()
    # A leaf with few such days leans on all of them: theirs weigh as one day's share of it.
    lean = usual_of_leaf / np.maximum(usual_of_leaf + usual_of_leaf / len(past), 1e-300)
    own = np.where(usual_of_leaf > 0, kept / np.maximum(usual_of_leaf, 1e-300), overall)
    leaf = np.where(usual_of_leaf > 0, lean * own + (1 - lean) * overall, overall)
    for day, name in named.items():
        ahead = place[day] - width
        if 0 <= ahead < horizon and name in of_occasion:
            relative = float(np.mean(of_occasion[name])) / max(overall, 1e-9)
            share = leaf * relative
            factors[:, ahead] = np.where(share < QUIET, np.maximum(share, LOWEST), 1.0)
    return cleaned, factors
