"""The anomaly run: daily leaf rows in, scores of slice-days and incidents out.

Put here: the order of the steps, the frame of scores. Keep out: I/O, alerts, each step's rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import numpy as np
import pandas as pd

from ml.anomalies.cache import with_cache_savings
from ml.anomalies.channels import Channels, build_channels
from ml.anomalies.describe import describe_incidents
from ml.anomalies.elsewhere import made_up_for
from ml.anomalies.flags import comparison, flag, is_paid, is_slow, is_unit
from ml.anomalies.incidents import Flags, Run, join_runs, leaf_changes
from ml.anomalies.leaves import build_leaves
from ml.anomalies.panel import TOTAL, Panel, build_panel
from ml.anomalies.params import MODEL_NAME, MODEL_VERSION, AnomalyParams
from ml.anomalies.prices import EFFECT, with_price_effect
from ml.anomalies.scoring import Strengths, strengths_of
from ml.anomalies.severity import severities
from ml.contracts import columns_of
from ml.identity import stable_id
from ml.money import to_decimal

ANOMALY_COLUMNS = columns_of("cost_anomalies")
INCIDENT_COLUMNS = columns_of("cost_incidents")
CENTS = 9
"""Places to which a sum of floats is told: what lies behind them is noise of the addition."""


@dataclass(frozen=True)
class Source:
    """Which money is watched. `dimensions`: scope type → column (None for the total). `amount`: what stands for
    volume when slices are compared; of bills, whose quantities have many units or none, the money itself.

    `basis`: `metered` or `billed`. `late_steps`: newest days of which a lack is no news yet. `fact`: the published
    table that holds the rows, `day`, `cost`: its columns of the day and the money, `shown`: what evidence shows
    besides. `tagged`: the same three of the published table whose rows have tags.
    """

    basis: str
    dimensions: Mapping[str, str | None]
    amount: str
    fact: str
    day: str
    cost: str
    shown: str
    tagged: tuple[str, str, str]
    late_steps: int = 0


@dataclass(frozen=True)
class Detection:
    """`scores`: `ml.cost_anomalies`, one row per slice and scored day. `incidents`: `ml.cost_incidents`."""

    scores: pd.DataFrame
    incidents: pd.DataFrame


@dataclass(frozen=True)
class Judged:
    """Everything known of every slice-day, before rows are made of it."""

    panel: Panel
    channels: Channels
    strengths: Strengths
    against: np.ndarray
    flagged: np.ndarray


def detect_anomalies(
    rows: pd.DataFrame,
    source: Source,
    *,
    as_of: date,
    scored_at_utc: datetime,
    params: AnomalyParams | None = None,
    memberships: pd.DataFrame | None = None,
    incomplete_days: frozenset[date] = frozenset(),
) -> Detection:
    """Score every day of every slice that has enough history, each with what was known before it.

    `rows`: `usage_date, cost_usd` (USD), the columns of the source's dimensions, measures where known. `as_of`: UTC
    date of the run; it and later days are ignored. `memberships`: slices of which a row may have many (tags).
    `incomplete_days`: days of which data is missing; what falls on them is no anomaly.
    """
    params = params or AnomalyParams()
    rows = with_price_effect(rows) if params.step == "D" else rows
    judged = judge(rows, source, as_of, params, memberships, incomplete_days)
    if judged is None:
        return Detection(pd.DataFrame(columns=ANOMALY_COLUMNS), pd.DataFrame(columns=INCIDENT_COLUMNS))
    panel = judged.panel
    columns = [c for c in source.dimensions.values() if c] + ["service_tier"]
    leaves = build_leaves(with_cache_savings(rows), columns, panel.grid, source.amount)
    change_of = cache(lambda step: leaf_changes(leaves, step))
    impact = panel.cost.to_numpy(dtype=float) - judged.against
    by_calls = judged.flagged & ~is_unit(judged.channels)
    judged.flagged[made_up_for(by_calls, panel.slices, leaves, source.dimensions, change_of)] = False
    runs = join_runs(
        Flags(
            judged.flagged,
            impact,
            is_slow(judged.channels),
            is_unit(judged.channels),
            is_paid(panel, judged.channels),
            panel.slices,
        ),
        leaves,
        source.dimensions,
        change_of,
    )
    ids = {id(run): _incident_id(source, run, panel) for run in runs}
    scores = _scores(judged, source, runs, ids, scored_at_utc, params)
    incidents = describe_incidents(rows, source, judged, runs, ids, leaves, scores, scored_at_utc, memberships)
    fell = scores["usage_date"].map(lambda at: pd.Timestamp(at).date() in incomplete_days) & (scores["impact_usd"] < 0)
    scores.loc[fell, "reason"] = "data of this day is missing"
    return Detection(scores, incidents)


def judge(
    rows: pd.DataFrame,
    source: Source,
    as_of: date | pd.Timestamp,
    params: AnomalyParams,
    memberships: pd.DataFrame | None = None,
    incomplete_days: frozenset[date] = frozenset(),
) -> Judged | None:
    """Panel, channels, strengths and flags of rows; None without rows."""
    if params.step == "D" and EFFECT not in rows:
        rows = with_price_effect(rows)
    panel = build_panel(rows, source.dimensions, as_of, params, memberships)
    if panel is None:
        return None
    channels = build_channels(panel, params)
    strengths = strengths_of(panel, channels, params)
    against = comparison(panel, channels, params)
    flagged = flag(panel, channels, strengths, against, params)
    if source.late_steps:
        falls = panel.cost.to_numpy(dtype=float) < against
        flagged[-source.late_steps :] &= ~falls[-source.late_steps :]
    if incomplete_days:
        lacking = np.array([stamp.date() in incomplete_days for stamp in panel.grid])
        flagged[lacking] &= panel.cost.to_numpy(dtype=float)[lacking] >= against[lacking]
    return Judged(panel, channels, strengths, against, flagged)


def series_id(source: Source, scope: tuple[str, str]) -> str:
    """`team:search`, as forecasts name it; slices of bills are `billed/service:…`."""
    return ("" if source.basis == "metered" else f"{source.basis}/") + f"{scope[0]}:{scope[1]}"


def _incident_id(source: Source, run: Run, panel: Panel) -> str:
    root = ",".join(f"{k}={v}" for k, v in sorted(run.root.items())) or "all"
    return stable_id("incident", source.basis, root, panel.grid[run.first].date().isoformat())


def _scores(
    judged: Judged,
    source: Source,
    runs: list[Run],
    ids: dict[int, str],
    scored_at_utc: datetime,
    params: AnomalyParams,
) -> pd.DataFrame:
    panel, strengths = judged.panel, judged.strengths
    steps, numbers = np.nonzero(np.isfinite(strengths.joint) & np.isfinite(judged.against))
    incident = {cell: ids[id(run)] for run in runs for cell in run.cells}
    cost = panel.cost.to_numpy(dtype=float)[steps, numbers]
    usual = judged.against[steps, numbers]
    flagged = judged.flagged[steps, numbers]
    actual = [to_decimal(v) for v in np.round(cost, CENTS)]
    expected = [to_decimal(v) for v in np.round(usual, CENTS)]
    days = [stamp.date() if params.step == "D" else stamp for stamp in panel.grid]
    names = [series_id(source, scope) for scope in panel.slices]
    totals = [n for n, scope in enumerate(panel.slices) if scope == TOTAL]
    whole = judged.channels.expected[steps, totals[0]] if totals else np.full(len(steps), np.nan)
    cells = list(zip(steps.tolist(), numbers.tolist(), strict=True))
    before = block_ends(panel, params)
    return pd.DataFrame(
        {
            "anomaly_id": [
                stable_id("anomaly", names[n], days[s].isoformat(), MODEL_NAME, MODEL_VERSION) for s, n in cells
            ],
            "series_id": [names[n] for _, n in cells],
            "basis": source.basis,
            "scope_type": [panel.slices[n][0] for _, n in cells],
            "scope_id": [panel.slices[n][1] for _, n in cells],
            "usage_date": [days[s] for s, _ in cells],
            "actual_cost_usd": actual,
            "expected_cost_usd": expected,
            "impact_usd": [a - e for a, e in zip(actual, expected, strict=True)],  # type: ignore[operator]
            "z_score": judged.channels.z30[steps, numbers],
            "same_weekday_z": judged.channels.values[steps, numbers, 1],
            "isolation_score": strengths.isolation[steps, numbers],
            "p_value": 10.0 ** -np.maximum(strengths.joint[steps, numbers], 0.0),
            "is_anomaly": flagged,
            "incident_id": [incident.get(cell) for cell in cells],
            "severity": severities(cost - usual, strengths.joint[steps, numbers], flagged, whole, params),
            "reason": None,
            "model_name": MODEL_NAME,
            "model_version": MODEL_VERSION,
            "fitted_through_date": [before[s] for s, _ in cells],
            "scored_at_utc": scored_at_utc,
        },
        columns=ANOMALY_COLUMNS,
    )


def block_ends(panel: Panel, params: AnomalyParams) -> list[date]:
    """By step, the last day that the model of its block was fitted on."""
    from ml.anomalies.forest import blocks

    grid = panel.grid
    found: list[date] = []
    for start, stop in blocks(grid, params):
        found += [grid[max(0, start - 1)].date()] * (stop - start)
    return found
