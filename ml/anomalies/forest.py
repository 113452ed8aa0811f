"""The isolation forest, walked forward: fitted on the past, asked about the next steps, fitted again.

Put here: fitting, scoring, p-values. Keep out: features, the decision what is an anomaly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ml.anomalies.params import AnomalyParams


@dataclass(frozen=True)
class ForestBlock:
    """Scores of the steps `start` to `stop` (exclusive) by a forest that saw only steps before `start`.

    `scores`, `p_values`: arrays (stop - start, series), NaN where a series has too little history. A higher score is
    stranger. `reference_counts`: how many own past scores stand behind each p-value.
    """

    start: int
    stop: int
    scores: np.ndarray
    p_values: np.ndarray
    reference_counts: np.ndarray


def walk_forward(
    features: np.ndarray,
    first_steps: np.ndarray,
    params: AnomalyParams,
    flag: Callable[[ForestBlock], np.ndarray],
) -> Iterator[ForestBlock]:
    """Blocks of scores in time order. One forest serves all series of a block: the features carry no scale.

    `first_steps`: per series the index of its first row. `flag` says which rows of a finished block are anomalies;
    those leave the reference and the training rows of later blocks. Raw scores do not compare across series, so a
    p-value is (1 + own past scores at least as high) / (1 + own past scores).
    """
    step_count, series_count, _ = features.shape
    usable = np.isfinite(features).all(axis=2)
    past_scores: list[list[float]] = [[] for _ in range(series_count)]
    is_flagged = np.zeros((step_count, series_count), dtype=bool)
    for start in range(params.min_history_steps, step_count, params.refit_every_steps):
        stop = min(start + params.refit_every_steps, step_count)
        ready = first_steps + params.min_history_steps <= start
        training = usable[:start] & ~is_flagged[:start]
        if not ready.any() or training.sum() < params.season_steps:
            continue
        forest = _fit(features[:start][training], params, start)
        for column in np.flatnonzero(ready):
            if not past_scores[column]:
                own = features[:start, column][training[:, column]]
                past_scores[column] = list(_score(forest, own)) if len(own) else []
        block = _score_block(forest, features, usable & ready, past_scores, start, stop, params)
        is_flagged[start:stop] = flag(block)
        for column in np.flatnonzero(ready):
            keep = np.isfinite(block.scores[:, column]) & ~is_flagged[start:stop, column]
            past_scores[column] += list(block.scores[keep, column])
        yield block


def _fit(rows: np.ndarray, params: AnomalyParams, start: int) -> Callable[[np.ndarray], np.ndarray]:
    from sklearn.ensemble import IsolationForest

    if len(rows) > params.max_training_rows:
        chosen = np.random.default_rng([params.seed, start]).choice(len(rows), params.max_training_rows, replace=False)
        rows = rows[np.sort(chosen)]
    model = IsolationForest(
        n_estimators=params.tree_count,
        max_samples=min(params.max_samples, len(rows)),
        random_state=params.seed,
    )
    return model.fit(rows).score_samples


def _score(score_samples: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Higher is stranger, between 0 and 1 (scikit-learn's `score_samples` with the sign turned)."""
    return -score_samples(rows)


def _score_block(
    forest: Callable[[np.ndarray], np.ndarray],
    features: np.ndarray,
    usable: np.ndarray,
    past_scores: list[list[float]],
    start: int,
    stop: int,
    params: AnomalyParams,
) -> ForestBlock:
    mask = usable[start:stop]
    scores = np.full(mask.shape, np.nan)
    if mask.any():
        scores[mask] = _score(forest, features[start:stop][mask])
    p_values = np.full(mask.shape, np.nan)
    counts = np.zeros(mask.shape, dtype=int)
    for column, past in enumerate(past_scores):
        reference = np.sort(np.array(past[-params.reference_window_steps :]))
        if mask[:, column].any() and len(reference):
            higher = len(reference) - np.searchsorted(reference, scores[:, column], side="left")
            p_values[:, column] = np.where(mask[:, column], (1 + higher) / (1 + len(reference)), np.nan)
            counts[:, column] = len(reference)
    return ForestBlock(start, stop, scores, p_values, counts)
