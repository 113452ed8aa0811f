"""Real, labelled monitoring series, read in place, and how the detector fares on them.

Put here: reading NAB and the Microsoft Cloud Monitoring data, precision and recall by event.
Keep out: assertions. Run `python -m tests.benchmarks.anomalies.labelled FOLDER` for the table in docs/anomalies.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ml.anomalies import detect
from ml.anomalies.params import AnomalyParams

HOURLY = AnomalyParams(
    alarm_days_per_week=1.0,
    season_steps=24,
    season_count=6,
    min_history_steps=96,
    baseline_steps=96,
    scale_window_steps=192,
    reference_steps=720,
    refit_every_steps=24,
    max_grid_steps=100_000,
    min_impact_usd=0.0,
    step="h",
)
ALONE = detect.Source("metered", {"total": None}, "request_count", "", "", "", "", ("", "", ""))
MERGE = pd.Timedelta(hours=6)


@dataclass(frozen=True)
class LabelledSeries:
    """`values`: hourly means. `windows`: closed intervals that people marked as anomalous."""

    name: str
    values: pd.Series
    windows: list[tuple[pd.Timestamp, pd.Timestamp]]


@dataclass(frozen=True)
class Outcome:
    """Events, not hours: flagged hours within six hours of each other are one alarm."""

    alarms: int
    true_alarms: int
    windows: int
    found_windows: int
    scored_steps: int
    flagged_steps: int


def read_nab(folder: Path) -> Iterator[LabelledSeries]:
    """The realAWSCloudwatch part of the Numenta Anomaly Benchmark with its combined windows."""
    windows = json.loads((folder / "combined_windows.json").read_text())
    for path in sorted((folder / "realAWSCloudwatch").glob("*.csv.gz")):
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        marked = windows[f"realAWSCloudwatch/{path.name.removesuffix('.gz')}"]
        yield LabelledSeries(
            path.name.removesuffix(".csv.gz"),
            _hourly(frame["timestamp"], frame["value"]),
            [(pd.Timestamp(a), pd.Timestamp(b)) for a, b in marked],
        )


def read_cloud_monitoring(folder: Path) -> Iterator[LabelledSeries]:
    """The Microsoft Cloud Monitoring Dataset; hours with a marked point, joined within six hours, are the windows."""
    for path in sorted(folder.glob("*/*.csv.gz")):
        frame = pd.read_csv(path)
        times = pd.to_datetime(frame["TimeStamp"], utc=True, format="mixed").dt.tz_localize(None)
        marked = times[frame["Label"].astype(int) == 1].dt.floor("h").drop_duplicates().sort_values()
        yield LabelledSeries(path.name.removesuffix(".csv.gz"), _hourly(times, frame["Value"]), _runs(list(marked)))


def judge(series: LabelledSeries, params: AnomalyParams = HOURLY) -> Outcome:
    """Walk the detector over one series alone and compare alarms with windows that end after scoring begins."""
    rows = pd.DataFrame({"usage_date": series.values.index, "cost_usd": series.values.to_numpy()})
    judged = detect.judge(rows, ALONE, series.values.index.max() + pd.Timedelta(hours=1), params)
    if judged is None or not np.isfinite(judged.strengths.joint).any():
        return Outcome(0, 0, 0, 0, 0, 0)
    scored = np.isfinite(judged.strengths.joint[:, 0])
    grid = judged.panel.cost.index
    hour = pd.Timedelta(hours=1)
    windows = [(a.floor("h"), b) for a, b in series.windows if b >= grid[scored].min()]
    alarms = _runs(list(grid[judged.flagged[:, 0]]))
    true_alarms = [a for a in alarms if any(a[0] <= w[1] + hour and a[1] >= w[0] - hour for w in windows)]
    found = [w for w in windows if any(a[0] <= w[1] + hour and a[1] >= w[0] - hour for a in alarms)]
    return Outcome(
        len(alarms), len(true_alarms), len(windows), len(found), int(scored.sum()), int(judged.flagged.sum())
    )


def add(outcomes: list[Outcome]) -> Outcome:
    """The sums over series."""
    fields = Outcome.__dataclass_fields__
    return Outcome(**{name: sum(getattr(o, name) for o in outcomes) for name in fields})


def _hourly(times: pd.Series, values: pd.Series) -> pd.Series:
    return values.astype(float).groupby(times.dt.floor("h")).mean()


def _runs(times: list[pd.Timestamp]) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    runs: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for time in sorted(times):
        if runs and time - runs[-1][1] <= MERGE:
            runs[-1] = (runs[-1][0], time)
        else:
            runs.append((time, time))
    return runs


def _main() -> None:
    import sys

    root = Path(sys.argv[1])
    for name, reader in (("nab", read_nab), ("ms_cloud_monitoring", read_cloud_monitoring)):
        outcomes = []
        for series in reader(root / "series" / name):
            outcomes.append(judge(series))
            print(f"  {series.name:45s} {outcomes[-1]}")
        print(name, len(outcomes), "series", add(outcomes))


if __name__ == "__main__":
    _main()
