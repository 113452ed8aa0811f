"""Simulated companies in which the effect of a change is known.

Put here: making them. Keep out: what is measured.

Costs of a slice and of the others share growth and weekdays; each has weekdays and noise of its own, which goes on from
day to day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAYS_BEFORE = 56


@dataclass(frozen=True)
class Company:
    """Daily costs of a slice and of all others; `saved` is what the change took off the slice."""

    slice_costs: np.ndarray
    other_costs: np.ndarray
    saved: float


def company(
    random: np.random.Generator, *, autocorrelation: float, noise: float, days_after: int, effect: float
) -> Company:
    """`effect` is the part of its cost that the slice saves from day `DAYS_BEFORE` on."""
    days = DAYS_BEFORE + days_after
    time = np.arange(days)
    together = 100 * np.exp(0.002 * time + 0.15 * np.sin(2 * np.pi * time / 7 + random.uniform(0, 6)))

    def own(weekday: float) -> np.ndarray:
        shocks = random.normal(0, noise * np.sqrt(1 - autocorrelation**2), days + 50)
        levels = np.zeros(days + 50)
        for day in range(1, days + 50):
            levels[day] = autocorrelation * levels[day - 1] + shocks[day]
        return np.exp(levels[50:] + weekday * np.cos(2 * np.pi * time / 7 + random.uniform(0, 6)))

    others = sum((together * random.uniform(0.2, 2) * own(0.1) for _ in range(12)), np.zeros(days))
    unchanged = together * random.uniform(0.3, 1.5) * own(0.2)
    changed = unchanged.copy()
    changed[DAYS_BEFORE:] *= 1 - effect
    return Company(changed, others, float((unchanged - changed).sum()))
