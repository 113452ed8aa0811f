"""Budget rules: one alert per budget, period and threshold, the highest crossed one only, and one for where it heads.

Put here: reading `fct_budget_status_daily`. Keep out: delivery, anomalies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, AlertParams, records_of
from orchestration.alerting.owners import Owners
from orchestration.text.figures import plain

RULE = "budget_threshold_crossed"
PROJECTED_RULE = "budget_projected_over"
RULES = (RULE, PROJECTED_RULE)
WORDS = {"llm": "LLM spend", "infrastructure": "infrastructure", "own": "own costs", "total": "all spend"}
"""What a budget counts, in words."""


def decide_budgets(
    status: pd.DataFrame, existing: Mapping[str, object], owners: Owners, as_of: date, params: AlertParams
) -> list[AlertDraft]:
    """Alerts of the budget periods that matter at `as_of`.

    The running period of a budget alerts whenever it stands at a threshold. An earlier one alerts only when it crossed
    within the last `lookback_days`, so a first run over old data does not report what is long over. `as_of` is a UTC
    day; days of another zone (`day_time_zone`) count when they have begun by its end.
    """
    if status.empty:
        return []
    frame = status.assign(
        usage_date=_dates(status["usage_date"]), period_start_date=_dates(status["period_start_date"])
    )
    frame = frame[frame["usage_date"] <= _last_days(frame, as_of)]
    oldest = as_of - timedelta(days=params.lookback_days)
    drafts = []
    for budget_id, rows in frame.groupby("budget_id", sort=True):
        current_start = rows["period_start_date"].max()
        for period_start, period in rows.groupby("period_start_date", sort=True):
            period = period.sort_values("usage_date")
            is_current = period_start == current_start and period["usage_date"].iloc[-1] >= oldest
            draft = _decide_period(str(budget_id), period, existing, owners, params)
            if draft and (is_current or draft.evidence["crossed_on"] >= oldest.isoformat()):
                drafts.append(draft)
            if is_current and (heading := _decide_projection(str(budget_id), period, existing, owners, params)):
                drafts.append(heading)
    return drafts


def _decide_period(
    budget_id: str, period: pd.DataFrame, existing: Mapping[str, object], owners: Owners, params: AlertParams
) -> AlertDraft | None:
    """The highest threshold at which the period stands on its last day; None below all of them."""
    rows = records_of(period)
    last = rows[-1]
    crossed = [pct for pct in _thresholds(last, params) if _is_crossed(last, pct)]
    if not crossed:
        return None
    threshold = crossed[-1]
    start: date = last["period_start_date"]
    first = next(row for row in rows if _is_crossed(row, threshold))
    alert_id = stable_id(RULE, budget_id, start.isoformat(), plain(threshold))
    scope_type, scope_id = str(last["scope_type"]), last["scope_id"]
    subject_id = "all" if pd.isna(scope_id) else str(scope_id)
    name = str(last["budget_name"])
    spent_in = _spent_in(last, start)
    return AlertDraft(
        alert_id=alert_id,
        rule=RULE,
        severity=_severity(threshold, params),
        subject_type="budget",
        subject_id=budget_id,
        owner=_text(last.get("owner")) or owners.find(scope_type, subject_id, params.default_owner),
        title=f"Budget {name} passed {plain(threshold)} %",
        message=(
            f"{standing(last)} spent in the {spent_in}; "
            f"crossed on {first['usage_date']}; applies to {scope_type} {subject_id}."
        ),
        evidence=_evidence(budget_id, last)
        | {"threshold_pct": plain(threshold), "crossed_on": first["usage_date"].isoformat()},
        is_new=alert_id not in existing,
    )


def _decide_projection(
    budget_id: str, period: pd.DataFrame, existing: Mapping[str, object], owners: Owners, params: AlertParams
) -> AlertDraft | None:
    """The running period heads beyond the budget's projected percentage; None early on and once it is used up."""
    last = records_of(period)[-1]
    needed = ("alert_projected_pct", "days_elapsed", "days_remaining", "amount_usd", "spend_to_date_usd")
    if any(last.get(name) is None or pd.isna(last[name]) for name in needed):
        return None
    elapsed, remaining, limit = int(last["days_elapsed"]), int(last["days_remaining"]), last["alert_projected_pct"]
    days = elapsed + remaining
    if elapsed * 4 < min(days, params.projection_days * 4) or not remaining or _is_crossed(last, Decimal(100)):
        return None
    amount, spent = _decimal(last["amount_usd"]), _decimal(last["spend_to_date_usd"])
    if spent * days * 100 <= amount * _decimal(limit) * elapsed:
        return None
    start: date = last["period_start_date"]
    alert_id = stable_id(PROJECTED_RULE, budget_id, start.isoformat())
    scope_type, subject_id = str(last["scope_type"]), _text(last["scope_id"]) or "all"
    projected = spent * days / elapsed
    return AlertDraft(
        alert_id=alert_id,
        rule=PROJECTED_RULE,
        severity="warning",
        subject_type="budget",
        subject_id=budget_id,
        owner=_text(last.get("owner")) or owners.find(scope_type, subject_id, params.default_owner),
        title=f"Budget {last['budget_name']} is projected to pass {plain(_decimal(limit))} %",
        message=(
            f"{standing(last)} spent in the {_spent_in(last, start)} after {elapsed} of {days} days: at this rate "
            f"{projected:,.2f} USD; applies to {scope_type} {subject_id}."
        ),
        evidence=_evidence(budget_id, last)
        | {"projected_usd": f"{projected:.2f}", "projected_limit_pct": plain(_decimal(limit))},
        is_new=alert_id not in existing,
    )


def standing(row: Mapping[str, Any]) -> str:
    """Spend and budget of a period's day in words, with what counts."""
    if pd.isna(row["amount_usd"]) or pd.isna(row["spend_to_date_usd"]):
        return "an unknown amount"
    amount, spent = _decimal(row["amount_usd"]), _decimal(row["spend_to_date_usd"])
    used_pct = f"{spent * 100 / amount:.1f} %" if amount else "more than nothing" if spent > 0 else "nothing"
    counted = WORDS.get(_text(row.get("counts")) or "", "")
    return f"{spent:,.2f} of {amount:,.2f} USD ({used_pct}" + (f", counts {counted})" if counted else ")")


def _evidence(budget_id: str, last: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "budget_id": budget_id,
        "scope_type": str(last["scope_type"]),
        "scope_id": _text(last["scope_id"]) or "all",
        "counts": _text(last.get("counts")) or "llm",
        "period_start": last["period_start_date"].isoformat(),
        "as_of_usage_date": last["usage_date"].isoformat(),
        "amount_usd": str(_decimal(last["amount_usd"])),
        "spend_to_date_usd": str(_decimal(last["spend_to_date_usd"])),
        "day_time_zone": _zone(last),
    }


def _thresholds(row: Mapping[str, Any], params: AlertParams) -> list[Decimal]:
    """The percentages that the budget itself names, else those of the settings, ascending."""
    own = _text(row.get("alert_thresholds_pct"))
    return sorted(Decimal(part) for part in own.split(";")) if own else sorted(params.alert_at_pct)


def _severity(threshold: Decimal, params: AlertParams) -> str:
    if threshold >= params.critical_from_pct:
        return "critical"
    return "warning" if threshold >= params.warning_from_pct else "info"


def _spent_in(row: Mapping[str, Any], start: date) -> str:
    """The period in words, with the zone of its days where that is not UTC."""
    zone = _zone(row)
    if row.get("period") != "hour":
        return f"period from {start}" + ("" if zone == "UTC" else f" (days of {zone})")
    clock = _text(row.get("period_start_local")) or ""
    return f"hour from {row['period_start_at_utc']:%Y-%m-%d %H:%M} UTC" + (
        "" if not clock or clock.endswith(" +00:00") else f" ({clock})"
    )


def _last_days(frame: pd.DataFrame, as_of: date) -> pd.Series:
    """The last day of each row's zone that has begun by the end of the UTC day `as_of`."""
    if "day_time_zone" not in frame:
        return pd.Series(as_of, index=frame.index)
    last_hour = datetime.combine(as_of, time(23), UTC)
    days = {zone: last_hour.astimezone(ZoneInfo(zone)).date() for zone in frame["day_time_zone"].unique()}
    return frame["day_time_zone"].map(days)


def _zone(row: Mapping[str, Any]) -> str:
    return _text(row.get("day_time_zone")) or "UTC"


def _is_crossed(row: Mapping[str, Any], threshold_pct: Decimal) -> bool:
    """Exact: spend × 100 ≥ amount × threshold. A budget of unknown amount or spend never crosses."""
    if pd.isna(row["amount_usd"]) or pd.isna(row["spend_to_date_usd"]):
        return False
    spent = _decimal(row["spend_to_date_usd"])
    return spent > 0 and spent * 100 >= _decimal(row["amount_usd"]) * threshold_pct


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def _dates(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).dt.date
