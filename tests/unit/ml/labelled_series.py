"""Real, labelled monitoring series, read in place, and how the detector fares on them.

Put here: reading NAB and the Microsoft Cloud Monitoring data, precision and recall by event.
Keep out: assertions. Run `python tests/unit/ml/labelled_series.py` for the table in docs/anomalies.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from ml.anomalies.detect import score_panel
from ml.anomalies.panel import build_panel
from ml.anomalies.params import AnomalyParams

HOURLY = AnomalyParams(
    season_steps=24,
    season_count=8,
    min_history_steps=96,
    refit_every_steps=24,
    level_window_steps=192,
    recent_window_steps=48,
    dispersion_window_steps=192,
    reference_window_steps=720,
    dispersion_floor_usd=0.0001,
    min_impact_usd=0.0,
    step="h",
)
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
    frame = pd.DataFrame(
        {"series_id": "s", "scope_type": "total", "scope_id": "all", "ds": series.values.index, "y": series.values}
    )
    scored = score_panel(build_panel(frame, params.step), datetime(2000, 1, 1), params)  # noqa: DTZ001
    if scored.empty:
        return Outcome(0, 0, 0, 0, 0, 0)
    hour = pd.Timedelta(hours=1)
    windows = [(a.floor("h"), b) for a, b in series.windows if b >= scored["usage_date"].min()]
    alarms = _runs(list(scored.loc[scored["is_anomaly"], "usage_date"]))
    true_alarms = [a for a in alarms if any(a[0] <= w[1] + hour and a[1] >= w[0] - hour for w in windows)]
    found = [w for w in windows if any(a[0] <= w[1] + hour and a[1] >= w[0] - hour for a in alarms)]
    return Outcome(
        len(alarms), len(true_alarms), len(windows), len(found), len(scored), int(scored["is_anomaly"].sum())
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
