"""An incident in amounts: its days against the same weekdays before it, what drove the change, where, of what kind.

Put here: the frame of incidents. Keep out: which days belong to one (`incidents`), sentences (`words`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ml.anomalies.decompose import DRIVERS, NUMBERS, decompose, exact
from ml.anomalies.elsewhere import moved_elsewhere
from ml.anomalies.evidence import evidence_query
from ml.anomalies.incidents import ADAPTED_DAYS, GAP_DAYS, SLOW_DAYS, Run, leaf_changes, paid_changes, root_of
from ml.anomalies.kinds import Signs, kind_of
from ml.anomalies.params import MODEL_NAME, MODEL_VERSION
from ml.anomalies.rootcause import Leaves, Suspect
from ml.anomalies.words import incident_sentence
from ml.contracts import columns_of
from ml.money import to_decimal

if TYPE_CHECKING:
    from ml.anomalies.detect import Judged, Source

WEEKS = 4
CLEAR_SHARE = 0.4
"""The slices are searched in the days around the one that moved most, as long as they moved this share of it."""
STAYING = frozenset({"level_shift", "price_change", "model_swap", "tier_change", "longer_prompts", "shorter_prompts"})
"""Kinds that are over when somebody undoes them, not when a day has passed."""
RANK = ("critical", "warning", "info")


def describe_incidents(
    rows: pd.DataFrame,
    source: Source,
    judged: Judged,
    runs: list[Run],
    ids: dict[int, str],
    leaves: Leaves,
    scores: pd.DataFrame,
    scored_at_utc: datetime,
    memberships: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """`ml.cost_incidents`; fills the column `reason` of the scores that belong to one.

    `memberships`: rows of slices that leaves do not tell (tags), see `detect_anomalies`.
    """
    if not runs:
        return pd.DataFrame(columns=columns_of("cost_incidents"))
    grid = judged.panel.grid
    ready = _numbers(rows, source).assign(step=_steps(rows, grid))
    flagged = scores[scores["incident_id"].notna()].groupby("incident_id", sort=False)
    worst = flagged["severity"].agg(lambda found: min(found, key=RANK.index))
    slices = flagged["series_id"].agg(lambda found: sorted(set(found)))
    days = flagged["usage_date"].nunique()
    records = []
    for run in runs:
        name = ids[id(run)]
        members = None if leaves.tells(run.root) else _members(memberships, run.root, source, grid)
        record = _record(run, ready, source, leaves, grid, members)
        record |= {
            "incident_id": name,
            "severity": worst.get(name, "info"),
            "series_ids": json.dumps(list(slices.get(name, []))),
            "day_count": int(days.get(name, 0)),
            "scored_at_utc": scored_at_utc,
        }
        records.append(record)
    incidents = pd.DataFrame(records).drop_duplicates("incident_id")[columns_of("cost_incidents")]
    reasons = dict(zip(incidents["incident_id"], incidents["reason"], strict=True))
    scores["reason"] = scores["incident_id"].map(reasons).astype("object")
    return incidents


def _steps(rows: pd.DataFrame, grid: pd.DatetimeIndex) -> np.ndarray:
    return grid.get_indexer(pd.DatetimeIndex(pd.to_datetime(rows["usage_date"]).astype("datetime64[us]")))


def _numbers(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    numbers = [c for c in (*NUMBERS, "error_count", "quantity") if c in rows]
    texts = [c for c in {*source.dimensions.values(), "model_id", "service_tier", "item_id"} if c and c in rows]
    ready = rows[texts].copy()
    for name in numbers:
        ready[name] = pd.to_numeric(rows[name], errors="coerce").replace([np.inf, -np.inf], np.nan).astype(float)
    return ready


def _record(
    run: Run,
    rows: pd.DataFrame,
    source: Source,
    leaves: Leaves,
    grid: pd.DatetimeIndex,
    members: pd.DataFrame | None,
) -> dict[str, object]:
    """What is known of one incident. `members`: the rows of its slice where leaves do not tell them."""
    suspects = _suspects(run, leaves) if members is None else []
    where = suspects[0].where if suspects else run.root
    inside = _inside(rows, where) if members is None else members
    newest = len(grid) - 1
    end = run.last
    signs, drivers = _judge_days(inside, run, end)
    kind = _kind(signs, rows, where, run, end)
    status = "open" if newest - run.last <= GAP_DAYS else "over"
    if kind in STAYING | {"spike", "drop"}:
        adapted = run.first + ADAPTED_DAYS - 1
        while end < min(newest, adapted) and _stayed(inside, run, signs, newest, end):
            end = min(end + 7, newest, adapted)
        if end > run.last:
            signs, drivers = _judge_days(inside, run, end)
            kind = _kind(signs, rows, where, run, end)
            status = "adapted" if end == adapted else "open" if end == newest else "over"
    actual, expected = (to_decimal(round(v, 9)) or Decimal(0) for v in (signs.actual, signs.expected))
    exactly = exact(drivers, actual - expected)
    scope_type, scope_id = subject(where, source)
    if members is not None:
        suspects = [Suspect(where, float(actual - expected), 0.0)]
    first_day, last_day = grid[run.first].date(), grid[end].date()
    return {
        "basis": source.basis,
        "kind": kind,
        "scope_type": scope_type,
        "scope_id": scope_id,
        "first_date": first_day,
        "last_date": last_day,
        "status": status,
        "actual_cost_usd": actual,
        "expected_cost_usd": expected,
        "impact_usd": actual - expected,
        **{f"{name}_change_usd": exactly[name] for name in DRIVERS},
        "slices": json.dumps([{"where": s.where, "change_usd": round(s.change_usd, 2)} for s in suspects]),
        "reason": incident_sentence(
            kind, scope_type, scope_id, first_day, last_day, signs, exactly if members is None else {}
        ),
        "evidence_query": evidence_query(source, where, grid[max(0, run.first - 7 * WEEKS)].date(), last_day),
        "model_name": MODEL_NAME,
        "model_version": MODEL_VERSION,
    }


def _kind(signs: Signs, rows: pd.DataFrame, where: dict[str, str], run: Run, last: int) -> str:
    if run.paid:
        return "price_change"
    weights = base_weights(run.first, last, slow=run.slow)
    return kind_of(replace(signs, elsewhere=moved_elsewhere(rows, where, weights, run.first, last)))


def subject(where: dict[str, str], source: Source) -> tuple[str, str]:
    """Scope type and id of a slice: `team`, `search`; of two dimensions `project+model`, `chat+gpt-4o`."""
    names = {column: scope for scope, column in source.dimensions.items() if column}
    if not where:
        return "total", "all"
    return "+".join(names.get(c, c) for c in where), "+".join(where.values())


def _suspects(run: Run, leaves: Leaves) -> list[Suspect]:
    """The slices that explain the first days best; the root of the first day stays among them."""
    first = max(0, run.first - SLOW_DAYS + 1) if run.slow else run.first
    last = run.last if run.slow else min(run.last, run.first + SLOW_DAYS - 1)
    root = leaves.inside(run.root)
    if not run.slow:
        change_of = paid_changes if run.paid else leaf_changes
        moved_by_day = [abs(float(change_of(leaves, step)[root].sum())) for step in range(first, last + 1)]
        first, last = _clear_days(moved_by_day, first)
    _, found = root_of(leaves, first, last, paid=run.paid, about=root if run.root else None)
    if not run.root:
        return found
    moved = float((leaves.cost[first : last + 1].sum(axis=0))[root].sum())
    if found and (leaves.inside(found[0].where) & root).any():
        return found
    return [Suspect(run.root, moved, 0.0), *found][:3]


def _clear_days(moved: list[float], first: int) -> tuple[int, int]:
    """The day that moved most, with its neighbours that moved nearly as much: a weak first day says little."""
    start = end = int(np.argmax(moved))
    while start > 0 and moved[start - 1] >= CLEAR_SHARE * max(moved):
        start -= 1
    while end + 1 < len(moved) and moved[end + 1] >= CLEAR_SHARE * max(moved):
        end += 1
    return first + start, first + end


def _members(
    memberships: pd.DataFrame | None, root: dict[str, str], source: Source, grid: pd.DatetimeIndex
) -> pd.DataFrame | None:
    """Rows of the one slice of `root`, ready to be counted: money alone, as they tell neither model nor tokens."""
    if memberships is None or len(root) != 1:
        return None
    ((scope_type, scope_id),) = root.items()
    found = memberships[(memberships["scope_type"] == scope_type) & (memberships["scope_id"] == scope_id)]
    found = found[["usage_date", "cost_usd"]]
    return _numbers(found, source).assign(step=_steps(found, grid))


def _inside(rows: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    keep = np.ones(len(rows), dtype=bool)
    for column, value in where.items():
        keep &= (rows[column].astype("object") == value).to_numpy() if column in rows else False
    return rows[keep]


def base_weights(first: int, last: int, *, slow: bool) -> dict[int, float]:
    """Steps before `first` and their weight: for each day up to `last` the mean of the same weekday in four weeks.

    Of a slow change the weeks from five back, since it began before it was seen.
    """
    weights: dict[int, float] = {}
    for day in range(first, last + 1):
        nearest = (day - first) // 7 + 1 + (WEEKS if slow else 0)
        steps = [day - 7 * k for k in range(nearest, nearest + WEEKS) if day - 7 * k >= 0]
        steps = steps or [day - 7 * k for k in range((day - first) // 7 + 1, nearest + 1) if day - 7 * k >= 0]
        for step in steps:
            weights[step] = weights.get(step, 0.0) + 1 / len(steps)
    return weights


def _judge_days(inside: pd.DataFrame, run: Run, last: int) -> tuple[Signs, dict[str, float]]:
    after = inside[(inside["step"] >= run.first) & (inside["step"] <= last)]
    weights = inside["step"].map(base_weights(run.first, last, slow=run.slow))
    numbers = inside.select_dtypes("number").columns.drop("step")
    before = inside[weights.notna()].copy()
    before[numbers] = before[numbers].mul(weights[weights.notna()], axis=0)
    drivers = decompose(before, after)
    sums = [{n: float(side[n].sum()) for n in numbers} for side in (before, after)]
    signs = Signs(
        drivers=drivers,
        actual=sums[1].get("cost_usd", 0.0),
        expected=sums[0].get("cost_usd", 0.0),
        days=last - run.first + 1,
        is_slow=run.slow or (_creeps(inside, run.first) and sums[1]["cost_usd"] < 2.5 * sums[0]["cost_usd"]),
        request_ratio=_ratio(sums[1].get("request_count"), sums[0].get("request_count")),
        output_ratio=_ratio(_per_call(sums[1], "output_tokens"), _per_call(sums[0], "output_tokens")),
        lowest_day=_lowest_day(inside, run, last),
        error_share_change=_change(_per_call(sums[1], "error_count"), _per_call(sums[0], "error_count")),
    )
    return signs, drivers


def _lowest_day(inside: pd.DataFrame, run: Run, last: int) -> float | None:
    by_step = inside.groupby("step")["cost_usd"].sum()
    ratios = []
    for day in range(run.first, min(last, run.first + 7) + 1):
        weights = base_weights(day, day, slow=run.slow)
        usual = sum(by_step.get(step, 0.0) * weight for step, weight in weights.items())
        if usual > 0:
            ratios.append(float(by_step.get(day, 0.0)) / usual)
    return min(ratios, default=None)


def _per_call(sums: dict[str, float], name: str) -> float | None:
    return _ratio(sums.get(name), sums.get("request_count"))


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _stayed(inside: pd.DataFrame, run: Run, signs: Signs, newest: int, last: int) -> bool:
    """Whether the week after day `last` is nearer to the incident's days than to those before it."""
    until = min(newest, last + 7)
    if until - last < 2:
        return False
    after = inside[(inside["step"] > last) & (inside["step"] <= until)]
    usual = inside["step"].map(base_weights(run.first, until, slow=run.slow)) * inside["cost_usd"]
    expected_rate = float(usual.sum()) / (until - run.first + 1)
    now = float(after["cost_usd"].sum()) / (until - last)
    incident = expected_rate + (signs.actual - signs.expected) / signs.days
    return abs(now - incident) < abs(now - expected_rate)


def _creeps(inside: pd.DataFrame, first: int) -> bool:
    """Whether each of the weeks up to the first flagged day cost more than the one before."""
    weeks = [
        float(inside.loc[(inside["step"] > first - 7 * k) & (inside["step"] <= first - 7 * (k - 1)), "cost_usd"].sum())
        for k in (4, 3, 2, 1)
    ]
    return weeks[0] > 0 and all(b > a for a, b in pairwise(weeks)) and weeks[-1] > 1.25 * weeks[0]
