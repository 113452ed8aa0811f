"""Recall at a number of alarm days a week, delay and root cause on made-up companies with nine kinds of events.

Eight companies of a year with COSTOPS_BENCH_SIZE=full; by default one, and what would be broken if it were worse.
`python -m tests.benchmarks.anomalies.test_injected_cube FIRST_SEED LAST_SEED` prints the table of docs/anomalies.md.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Any

import pandas as pd

from tests.benchmarks.anomalies.judging import PARAMS, judge

IS_FULL = os.environ.get("COSTOPS_BENCH_SIZE") == "full"
SEEDS = range(500, 508) if IS_FULL else range(500, 501)
TINY = {
    "days": 210,
    "params": replace(PARAMS, tree_count=30),
    "kinds": ("retry_storm", "cache_break", "model_swap", "price_change", "missing_data"),
}


def outcome(seeds: range, per_week: float, **size: Any) -> pd.DataFrame:
    """One row per planted event of all companies."""
    return pd.concat([judge(seed, per_week, **size) for seed in seeds], ignore_index=True)


def test_planted_events_are_found_and_their_cause_is_named():
    found = outcome(SEEDS, 1.0, **({} if IS_FULL else TINY))
    leaks = found[found["kind"] == "slow_leak"]["found"]
    tell(found, 1.0)
    if IS_FULL:
        assert found["found"].mean() >= 0.88
        assert leaks.mean() >= 0.7
        assert found["top_1"].mean() >= 0.8
        assert found["top_3"].mean() >= 0.9
    else:
        assert found["found"].sum() >= 4
        assert found["top_3"].sum() >= 4
    assert found["openings_per_week"].mean() <= 1.0


def tell(found: pd.DataFrame, per_week: float) -> None:
    """Print the figures and their parts by kind."""
    named = (found["kind"] == found["kind_named"])[found["found"]].mean()
    print(
        f"alarm days a week {per_week:g}: found {found['found'].mean():.3f}, "
        f"delay {found['delay_days'].mean():.2f} days, "
        f"cause first {found['top_1'].mean():.3f}, among three {found['top_3'].mean():.3f}, kind {named:.3f}, "
        f"incidents opened a week {found['openings_per_week'].mean():.2f}"
    )
    print(found.groupby("kind")[["found", "delay_days", "top_1", "top_3"]].mean().round(2).to_string())


if __name__ == "__main__":
    for knob in (1.0, 3.0):
        tell(outcome(range(int(sys.argv[1]), int(sys.argv[2])), knob), knob)
