"""Daily series to judge forecasts on: real ones of other people, and made-up ones of the shapes that spend has.

Put here: reading and making of series. Keep out: judging.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DAYS = 430
HOURS = 7 * 24


def real(shared: Path) -> dict[str, np.ndarray]:
    """Pedestrians, Wikipedia page views (stored as logarithms) in pieces of 430 days, calls of a shop's API."""
    out = {}
    for name, is_log in (("pedestrians_covid", False), ("wp_log_peyton_manning", True), ("wp_log_R", True)):
        frame = pd.read_csv(shared / "series/prophet_examples" / f"example_{name}.csv", parse_dates=["ds"])
        daily = frame.groupby("ds")["y"].mean().sort_index()
        values = (np.exp(daily) if is_log else daily).asfreq("D").interpolate().to_numpy(dtype=float)
        pieces = len(values) // DAYS
        for piece in range(pieces):
            start = len(values) - DAYS * (pieces - piece)
            out[f"{name} {piece}"] = values[start : start + DAYS]
    calls = pd.read_csv(shared / "series/ms_cloud_monitoring/ecommerce-api-incoming-rps/api-01.csv.gz")
    times = pd.to_datetime(calls["TimeStamp"], utc=True)
    out["api calls"] = calls["Value"].groupby(times.dt.floor("D")).sum().to_numpy(dtype=float)[:-1]
    return out


def clients_of_models(shared: Path) -> dict[str, np.ndarray]:
    """A week of requests of the busiest clients of two language models (ServeGen), by hour."""
    frame = pd.read_csv(shared / "usage/servegen/requests_10min_week1.csv.gz")
    hourly = frame.groupby(["model", "client_id", frame["ts_s"] // 3600])["requests"].sum()
    table = hourly.unstack(fill_value=0).reindex(columns=range(HOURS), fill_value=0)
    busiest = table.loc[table.sum(axis=1).sort_values(ascending=False).index[:40]]
    return {f"{model} {client}": row.to_numpy(dtype=float) for (model, client), row in busiest.iterrows()}


def made_up(count: int, days: int = DAYS, seed: int = 1) -> dict[str, np.ndarray]:
    """Weekly spend with what happens to it: growth, launches, price cuts, bursts, quiet holidays, intermittent use."""
    random = np.random.default_rng(seed)
    out = {}
    for number in range(count):
        weekend = random.uniform(0.1, 1.0)
        rhythm = np.resize([1, 1.05, 1.05, 1, 0.9, weekend, weekend], days)
        level = np.exp(np.cumsum(random.normal(0, random.choice([0.005, 0.015, 0.03]), days)))
        if random.random() < 0.4:
            level[int(random.integers(days // 4, days)) :] *= random.choice([0.4, 0.7, 1.5, 2.5])
        noise = random.lognormal(0, random.choice([0.05, 0.15, 0.35]), days)
        bursts = np.where(random.random(days) < 0.01, random.uniform(2, 8, days), 1.0)
        used = random.random(days) < (0.5 if number % 10 == 9 else 1.0)
        out[f"made up {number}"] = 100 * random.lognormal(0, 1.5) * rhythm * level * noise * bursts * used
    return out
