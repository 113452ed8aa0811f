"""How the detector fares on a cube: found at a number of alarm days, how late, cause and kind named.

Put here: the measures. Keep out: the cube, assertions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from ml.anomalies.detect import Detection, detect_anomalies
from ml.anomalies.params import AnomalyParams
from ml.anomalies.sources import METERED
from tests.benchmarks.anomalies.cube import FIRST_DAY, KINDS, Event, make_cube

SOURCE = replace(
    METERED,
    dimensions={
        name: METERED.dimensions[name] for name in ("total", "provider", "team", "project", "model", "api_key")
    },
)
PARAMS = AnomalyParams(min_impact_usd=0.5, holiday_countries=())
SAME_SLICE = 0.9


def run(rows: pd.DataFrame, params: AnomalyParams = PARAMS) -> Detection:
    as_of = max(rows["usage_date"]) + timedelta(days=1)
    return detect_anomalies(rows, SOURCE, as_of=as_of, scored_at_utc=datetime(2026, 1, 1), params=params)  # noqa: DTZ001


def judge(
    seed: int,
    per_week: float,
    days: int = 365,
    params: AnomalyParams = PARAMS,
    kinds: tuple[str, ...] = KINDS,
) -> pd.DataFrame:
    """One row per planted event: `kind, found, delay_days, kind_named, top_1, top_3`, and the alarm days a week."""
    import json

    rows, events = make_cube(seed, days, kinds=kinds)
    found = run(rows, replace(params, alarm_days_per_week=per_week))
    first = found.incidents.copy()
    first["step"] = [(d - FIRST_DAY).days for d in first["first_date"]]
    flagged = found.scores[found.scores["is_anomaly"]]
    weeks = (days - 28) / 7
    rate = flagged["usage_date"].nunique() / weeks
    openings = first["step"].nunique() / weeks
    leaves = rows.drop_duplicates([c for c in SOURCE.dimensions.values() if c] + ["service_tier"])
    spend = rows.groupby([c for c in SOURCE.dimensions.values() if c] + ["service_tier"])["cost_usd"].sum()
    names = spend.index.to_frame(index=False)
    weight = spend.to_numpy()
    del leaves
    records = []
    for event in events:
        true = inside(names, event.truth)
        hits = _hits(flagged, event, names, true, weight)
        record = {
            "seed": seed,
            "kind": event.kind,
            "found": bool(hits),
            "alarm_days_per_week": rate,
            "openings_per_week": openings,
            "delay_days": np.nan,
            "kind_named": None,
            "top_1": np.nan,
            "top_3": np.nan,
        }
        if hits:
            record["delay_days"] = min(day for day, _ in hits) - event.first
            names_of = {incident for _, incident in hits}
            mine = first[first["incident_id"].isin(names_of)].copy()
            mine["size"] = mine["impact_usd"].astype(float).abs()
            best = mine.sort_values("size").iloc[-1]
            slices = [each["where"] for each in json.loads(best["slices"])]
            same = [_same(inside(names, where), true, weight) for where in slices]
            record |= {
                "kind_named": best["kind"],
                "top_1": float(same[:1] == [True]),
                "top_3": float(any(same)),
                "said": f"{slices[:2]} true {event.truth}",
            }
        records.append(record)
    return pd.DataFrame(records)


def inside(names: pd.DataFrame, where: dict[str, str]) -> np.ndarray:
    return np.logical_and.reduce(
        [np.ones(len(names), dtype=bool), *((names[c] == v).to_numpy() for c, v in where.items())]
    )


def _same(found: np.ndarray, true: np.ndarray, weight: np.ndarray) -> bool:
    return float(weight[found & true].sum()) >= SAME_SLICE * float(weight[found | true].sum())


def _hits(
    flagged: pd.DataFrame, event: Event, names: pd.DataFrame, true: np.ndarray, weight: np.ndarray
) -> list[tuple[int, str]]:
    """Day and incident of the flagged slices in the event's days of whose spend it is at least a quarter."""
    found = []
    for row in flagged.itertuples():
        day = (row.usage_date - FIRST_DAY).days
        if event.first <= day <= event.last:
            column = SOURCE.dimensions[row.scope_type]
            held = inside(names, {column: row.scope_id} if column else {})
            if weight[held & true].sum() >= 0.25 * weight[held].sum():
                found.append((day, row.incident_id))
    return found
