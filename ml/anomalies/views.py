"""Usage and the bill that charges for it show one cause twice; it is told once.

Put here: which incident of a bill is one of metered usage. Keep out: detection, alerts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ml.anomalies.describe import RANK
from ml.anomalies.detect import Detection
from ml.anomalies.incidents import GAP_DAYS

PRICED = "price_change"
ALIKE = 2.0
"""Of one cause the change a day is not more than this times larger in one view than in the other."""


@dataclass(frozen=True)
class _View:
    """An incident as what is compared: its days, kind, USD a day, the providers it is about."""

    first: date
    last: date
    kind: str
    a_day: float
    providers: frozenset[object]


def told_once(metered: Detection, rows: pd.DataFrame, billed: Detection, charges: pd.DataFrame) -> list[Detection]:
    """Both detections, without the incidents of bills that are incidents of metered usage.

    They are one where their days touch, a provider is in both, and the change a day is alike, or where prices changed
    in both on one day. The flagged days of the bill then carry the incident of the usage, which is known first and
    says which calls it was. `rows`, `charges`: what each detection was given.
    """
    own = {name: _view(each, rows) for name, each in _by_id(metered.incidents).items()}
    same: dict[str, str] = {}
    for name, each in _by_id(billed.incidents).items():
        view = _view(each, charges)
        able = [(_apart(view, known), other) for other, known in own.items() if _is_same(view, known)]
        if able:
            same[name] = min(able)[1]
    if not same:
        return [metered, billed]
    incidents = metered.incidents.copy()
    for name, known in same.items():
        at = incidents.index[incidents["incident_id"] == known][0]
        usage, bill = incidents.loc[at], billed.incidents[billed.incidents["incident_id"] == name].iloc[0]
        series = json.loads(str(usage["series_ids"])) + json.loads(str(bill["series_ids"]))
        incidents.loc[at, "series_ids"] = json.dumps(list(dict.fromkeys(series)))
        incidents.loc[at, "severity"] = min(str(usage["severity"]), str(bill["severity"]), key=RANK.index)
    reasons = dict(zip(incidents["incident_id"], incidents["reason"], strict=True))
    scores = billed.scores.copy()
    moved = scores["incident_id"].isin(same).to_numpy()
    scores.loc[moved, "incident_id"] = scores.loc[moved, "incident_id"].map(same)
    scores.loc[moved, "reason"] = scores.loc[moved, "incident_id"].map(reasons)
    left = billed.incidents[~billed.incidents["incident_id"].isin(same)].reset_index(drop=True)
    return [Detection(metered.scores, incidents), Detection(scores, left)]


def _by_id(incidents: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(each["incident_id"]): each for _, each in incidents.iterrows()}


def _view(incident: pd.Series, rows: pd.DataFrame) -> _View:
    first, last = incident["first_date"], incident["last_date"]
    found: Sequence[dict[str, object]] = json.loads(incident["slices"])
    where = found[0]["where"] if found else {}
    days = (rows["usage_date"] >= first - timedelta(days=28)) & (rows["usage_date"] <= last)
    inside = days.to_numpy(dtype=bool).copy()
    for column, value in dict(where).items():  # type: ignore[call-overload]
        inside &= (rows[column].astype("object") == value).to_numpy() if column in rows else np.False_
    providers = frozenset(rows.loc[inside, "provider_id"].dropna()) if "provider_id" in rows else frozenset()
    return _View(
        first, last, str(incident["kind"]), float(incident["impact_usd"]) / ((last - first).days + 1), providers
    )


def _is_same(bill: _View, usage: _View) -> bool:
    gap = timedelta(days=GAP_DAYS)
    touches = bill.first <= usage.last + gap and bill.last >= usage.first - gap
    alike = bill.a_day * usage.a_day > 0 and 1 / ALIKE <= bill.a_day / usage.a_day <= ALIKE
    priced = bill.kind == usage.kind == PRICED and bill.first == usage.first
    return touches and (alike or priced) and bool(bill.providers & usage.providers)


def _apart(bill: _View, usage: _View) -> tuple[int, float]:
    return abs((bill.first - usage.first).days), abs(bill.a_day - usage.a_day)
