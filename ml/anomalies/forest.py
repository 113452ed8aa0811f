"""The isolation forest over all slices: fitted on the past, asked about the days of one block of the calendar.

Put here: fitting, scoring, blocks. Keep out: channels, the decision what is an anomaly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from ml.anomalies.params import AnomalyParams

EARLY_BLOCKS = 12
EPOCH = pd.Timestamp("2000-01-03")


def blocks(grid: pd.DatetimeIndex, params: AnomalyParams) -> Iterator[tuple[int, int]]:
    """First and last-plus-one step of each block. Blocks begin at fixed dates, whatever day the data ends.

    Those of the first weeks are a season long: there is little past yet.
    """
    since = _steps_since(grid, params)
    edges = np.flatnonzero(np.diff(since // params.refit_every_steps)) + 1
    weekly = np.flatnonzero(np.diff(since // params.season_steps)) + 1
    edges = np.union1d(edges, weekly[weekly < EARLY_BLOCKS * params.season_steps])
    starts = [0, *edges.tolist()]
    for start, stop in zip(starts, [*edges.tolist(), len(grid)], strict=True):
        yield int(start), int(stop)


def _steps_since(grid: pd.DatetimeIndex, params: AnomalyParams) -> np.ndarray:
    step = pd.Timedelta(hours=1) if params.step == "h" else pd.Timedelta(days=1)
    return np.asarray((grid - EPOCH) // step, dtype=int)


def fit_forest(training: np.ndarray, day: pd.Timestamp, params: AnomalyParams) -> Callable[[np.ndarray], np.ndarray]:
    """A forest on rows of channels; what it returns is higher for what is stranger. `day`: the block's first."""
    from sklearn.ensemble import IsolationForest

    if len(training) > params.max_training_rows:
        day_number = int((day - EPOCH) // pd.Timedelta(hours=1)) % 2**31
        random = np.random.default_rng([params.seed, day_number])
        training = training[np.sort(random.choice(len(training), params.max_training_rows, replace=False))]
    forest = IsolationForest(
        n_estimators=params.tree_count, max_samples=min(params.max_samples, len(training)), random_state=params.seed
    ).fit(np.arcsinh(training))
    return lambda rows: -forest.score_samples(np.arcsinh(rows))
