"""One strength per slice and step: two members, each as the rarity of its value among the past of all slices.

Put here: the members, their calibration, the mean. Keep out: channels, thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.anomalies.channels import CHANNELS, Channels
from ml.anomalies.forest import blocks, fit_forest
from ml.anomalies.panel import Panel
from ml.anomalies.params import AnomalyParams

TAIL = 0.02
PLAIN_CHANNELS = [
    CHANNELS.index(name)
    for name in ("dollars", "same_weekday", "cost_per_request", "cost_per_token", "cache_rate", "price")
]
CALLS = CHANNELS.index("requests")


@dataclass(frozen=True)
class Strengths:
    """Arrays (steps, slices), −log10 of a pooled p-value; NaN where nothing could be said.

    `joint`: the mean of `plain` (dollars and unit prices) and `forest`; where calls are gone at least `plain`.
    `isolation`: the forest's own score.
    """

    joint: np.ndarray
    plain: np.ndarray
    forest: np.ndarray
    isolation: np.ndarray


def plain_member(channels: Channels) -> np.ndarray:
    """The largest of the thirty-day z, the distance from the same weekdays and the unit prices, in usual errors.

    Where hardly a call is left their number counts too: of a slice with wild days it says more than the dollars.
    """
    size = np.abs(channels.values)
    largest = size[:, :, PLAIN_CHANNELS].max(axis=2)
    return np.where(channels.gone, np.maximum(largest, size[:, :, CALLS]), largest)


def strengths_of(panel: Panel, channels: Channels, params: AnomalyParams) -> Strengths:
    """Block by block: what came before a block's first day is the reference of its days."""
    values = channels.values
    usable = panel.watched & np.isfinite(values).all(axis=2)
    judged = usable & channels.is_old
    plain = plain_member(channels)
    reference = usable & ~channels.quiet
    found = {name: np.full(usable.shape, np.nan) for name in ("plain", "forest", "isolation")}
    for start, stop in blocks(panel.grid, params):
        oldest = max(0, start - params.reference_steps)
        past, asked = reference[oldest:start], judged[start:stop]
        if past.sum() < 2 * params.season_steps or not asked.any():
            continue
        training = values[oldest:start][past]
        forest = fit_forest(training, panel.grid[start], params)
        isolation = forest(values[start:stop][asked])
        found["isolation"][start:stop][asked] = isolation
        found["forest"][start:stop][asked] = rarity(forest(training), isolation)
        found["plain"][start:stop][asked] = rarity(plain[oldest:start][past], plain[start:stop][asked])
    joint = (found["plain"] + found["forest"]) / 2
    joint = np.where(channels.gone, np.fmax(joint, found["plain"]), joint)
    return Strengths(joint, found["plain"], found["forest"], found["isolation"])


def rarity(reference: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """−log10 of the share of `reference` that is at least as large; beyond its largest 2 % an exponential tail."""
    ordered = np.sort(reference)
    count = len(ordered)
    higher = count - np.searchsorted(ordered, asked, side="left")
    inside = -np.log10((1 + higher) / (1 + count))
    tail = ordered[int(np.ceil((1 - TAIL) * count)) - 1 :] if count > 1 else ordered
    edge, mean_excess = tail[0], max(float((tail - tail[0]).mean()), 1e-9)
    share = max(len(tail), 1) / (1 + count)
    beyond = -np.log10(share) + (asked - edge) / mean_excess / np.log(10)
    return np.where(asked > edge, np.minimum(beyond, 12.0), inside)
