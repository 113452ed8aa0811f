"""When an alert is over: what was open and no longer holds, and why.

Put here: telling from records (pure). Keep out: raising alerts, SQL, sending.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from orchestration.alerting import anomalies, budgets
from orchestration.alerting.model import AlertDraft, AlertParams, records_of


@dataclass(frozen=True)
class Recovery:
    """An open alert whose state is over. `is_told` is false where another alert says more already."""

    alert_id: str
    resolution: str
    is_told: bool = True


def decide_recoveries(
    existing_alerts: pd.DataFrame,
    drafts: Iterable[AlertDraft],
    budget_status: pd.DataFrame,
    anomalous_days: pd.DataFrame,
    *,
    as_of: date,
    params: AlertParams | None = None,
) -> list[Recovery]:
    """What is open in `existing_alerts` (rows of `alerts.alerts`) and not among the `drafts` that hold at `as_of`.

    Where a rule has nothing to look at (no budget rows, no scores), its alerts stay: silence is no recovery.
    """
    params = params or AlertParams()
    holding = {draft.alert_id: draft for draft in drafts}
    found = []
    for row in records_of(existing_alerts):
        if str(row["alert_id"]) in holding or not pd.isna(row.get("resolved_at_utc")):
            continue
        if row["rule"] in budgets.RULES and not budget_status.empty:
            found.append(_of_budget(row, holding.values(), budget_status, as_of))
        elif row["rule"] == anomalies.RULE and not anomalous_days.empty:
            text = f"no day was unusual in the last {params.lookback_days} days"
            found.append(Recovery(str(row["alert_id"]), text))
    return found


def _of_budget(row: Mapping[str, Any], holding: Iterable[AlertDraft], status: pd.DataFrame, as_of: date) -> Recovery:
    alert_id, evidence = str(row["alert_id"]), json.loads(str(row["evidence"] or "{}"))
    budget_id, start = str(row["subject_id"]), evidence.get("period_start")
    for draft in holding:
        is_same = draft.rule == budgets.RULE and (draft.subject_id, draft.evidence["period_start"]) == (
            budget_id,
            start,
        )
        if is_same and Decimal(draft.evidence["threshold_pct"]) > Decimal(evidence.get("threshold_pct", "0")):
            return Recovery(alert_id, f"superseded: {draft.title}", is_told=False)
    rows = status[status["budget_id"].astype(str) == budget_id]
    if rows.empty:
        return Recovery(alert_id, "the budget is no longer there")
    period = rows[pd.to_datetime(rows["period_start_date"]).dt.date.astype(str) == str(start)]
    if period.empty:
        return Recovery(alert_id, "the budget has no such period any more")
    last = records_of(period.sort_values("usage_date"))[-1]
    end = pd.to_datetime(last["period_end_date"]).date()
    if end <= as_of and end <= pd.to_datetime(rows["usage_date"]).dt.date.max():
        return Recovery(alert_id, f"the period ended on {end}")
    return Recovery(alert_id, f"{budgets.standing(last)} again below what the alert was for")
