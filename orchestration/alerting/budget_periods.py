"""Periods of budgets as rules see them: which run, where they stand, in words.

Put here: reading `marts.fct_budget_status_daily`, what both budget rules say alike. Keep out: when to alert (`rules`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, Recovery, Row, Situation, day_of, decimal_of, text_of
from orchestration.alerting.next_steps import why

STATUS = "marts.fct_budget_status_daily"
THRESHOLD_RULE = "budget_threshold_crossed"
WORDS = {"llm": "LLM spend", "infrastructure": "infrastructure", "own": "own costs", "total": "all spend"}
"""What a budget counts, in words."""


@dataclass(frozen=True)
class BudgetPeriod:
    """One period of a budget, day by day up to the last that counts."""

    budget_id: str
    rows: tuple[Row, ...]
    is_running: bool
    """It is the newest of its budget and was looked at within the look-back."""

    @property
    def last(self) -> Row:
        """Its newest day."""
        return self.rows[-1]

    @property
    def start(self) -> date:
        """Its first day."""
        return day_of(self.last["period_start_date"])

    @property
    def name(self) -> str:
        """What people call the budget."""
        return str(self.last["budget_name"])

    @property
    def subject(self) -> str:
        """The scope it applies to, in words."""
        return f"{self.last['scope_type']} {text_of(self.last['scope_id']) or 'all'}"

    def alert(
        self,
        situation: Situation,
        rule: str,
        *,
        key: tuple[str, ...] = (),
        severity: str,
        title: str,
        message: str,
        evidence: Mapping[str, Any],
    ) -> AlertDraft:
        """An alert about this period; `key` tells several of one rule apart."""
        scope_type, scope_id = str(self.last["scope_type"]), text_of(self.last["scope_id"]) or "all"
        owner = text_of(self.last.get("owner")) or situation.owners.find(
            scope_type, scope_id, situation.params.default_owner
        )
        return AlertDraft(
            alert_id=stable_id(rule, self.budget_id, self.start.isoformat(), *key),
            rule=rule,
            severity=severity,
            subject_type="budget",
            subject_id=self.budget_id,
            owner=owner,
            title=title,
            message=message,
            evidence={
                "budget_id": self.budget_id,
                "scope_type": scope_type,
                "scope_id": scope_id,
                "counts": text_of(self.last.get("counts")) or "llm",
                "period_start": self.start.isoformat(),
                "as_of_usage_date": day_of(self.last["usage_date"]).isoformat(),
                "amount_usd": str(decimal_of(self.last["amount_usd"])),
                "spend_to_date_usd": str(decimal_of(self.last["spend_to_date_usd"])),
                "day_time_zone": zone_of(self.last),
                "what_to_do": "See where budgets stand: costops budget. What drives it: "
                f"{why(scope_type, scope_id, self.start, day_of(self.last['usage_date']))}.",
            }
            | dict(evidence),
        )


def budget_periods(situation: Situation) -> list[BudgetPeriod]:
    """Every period with a day that has begun by the end of the UTC day `as_of`, budget by budget, oldest first.

    Days of another zone (`day_time_zone`) count when they have begun by then.
    """
    last_hour = datetime.combine(situation.as_of, time(23), UTC)
    last_days = {zone: last_hour.astimezone(ZoneInfo(zone)).date() for zone in map(zone_of, situation.rows(STATUS))}
    begun = [row for row in situation.rows(STATUS) if day_of(row["usage_date"]) <= last_days[zone_of(row)]]
    oldest = situation.as_of - timedelta(days=situation.params.lookback_days)
    found = []
    for budget_id, rows in groupby(sorted(begun, key=_place), key=lambda row: str(row["budget_id"])):
        of_budget = [tuple(days) for _, days in groupby(rows, key=lambda row: day_of(row["period_start_date"]))]
        for days in of_budget:
            is_running = days is of_budget[-1] and day_of(days[-1]["usage_date"]) >= oldest
            found.append(BudgetPeriod(budget_id, days, is_running))
    return found


def _place(row: Row) -> tuple[str, date, date]:
    return str(row["budget_id"]), day_of(row["period_start_date"]), day_of(row["usage_date"])


def is_crossed(row: Row, threshold_pct: Decimal) -> bool:
    """Exact: spend × 100 ≥ amount × threshold. A budget of unknown amount or spend never crosses."""
    if row["amount_usd"] is None or row["spend_to_date_usd"] is None:
        return False
    spent = decimal_of(row["spend_to_date_usd"])
    return spent > 0 and spent * 100 >= decimal_of(row["amount_usd"]) * threshold_pct


def standing(row: Row) -> str:
    """Spend and budget of a period's day in words, with what counts."""
    if row["amount_usd"] is None or row["spend_to_date_usd"] is None:
        return "an unknown amount"
    amount, spent = decimal_of(row["amount_usd"]), decimal_of(row["spend_to_date_usd"])
    used_pct = f"{spent * 100 / amount:.1f} %" if amount else "more than nothing" if spent > 0 else "nothing"
    counted = WORDS.get(text_of(row.get("counts")) or "", "")
    return f"{spent:,.2f} of {amount:,.2f} USD ({used_pct}" + (f", counts {counted})" if counted else ")")


def spent_in(period: BudgetPeriod) -> str:
    """The period in words, with the zone of its days where that is not UTC."""
    row, zone = period.last, zone_of(period.last)
    if row.get("period") != "hour":
        return f"period from {period.start}" + ("" if zone == "UTC" else f" (days of {zone})")
    clock = text_of(row.get("period_start_local")) or ""
    return f"hour from {row['period_start_at_utc']:%Y-%m-%d %H:%M} UTC" + (
        "" if not clock or clock.endswith(" +00:00") else f" ({clock})"
    )


def zone_of(row: Row) -> str:
    """The zone whose days a row counts in."""
    return text_of(row.get("day_time_zone")) or "UTC"


def why_over(alert: Row, situation: Situation, holding: Collection[AlertDraft]) -> Recovery:
    """Why a budget's alert no longer holds: a higher threshold speaks, its period ended, the spend was restated."""
    alert_id, evidence = str(alert["alert_id"]), json.loads(str(alert["evidence"] or "{}"))
    budget_id, start = str(alert["subject_id"]), evidence.get("period_start")
    for draft in holding:
        same = draft.rule == THRESHOLD_RULE and (draft.subject_id, draft.evidence["period_start"]) == (budget_id, start)
        if same and Decimal(draft.evidence["threshold_pct"]) > Decimal(evidence.get("threshold_pct", "0")):
            return Recovery(alert_id, f"superseded: {draft.title}", is_told=False)
    rows = [row for row in situation.rows(STATUS) if str(row["budget_id"]) == budget_id]
    if not rows:
        return Recovery(alert_id, "the budget is no longer there")
    period = [row for row in rows if str(day_of(row["period_start_date"])) == str(start)]
    if not period:
        return Recovery(alert_id, "the budget has no such period any more")
    last = max(period, key=lambda row: day_of(row["usage_date"]))
    end = day_of(last["period_end_date"])
    if end <= situation.as_of and end <= max(day_of(row["usage_date"]) for row in rows):
        return Recovery(alert_id, f"the period ended on {end}")
    return Recovery(alert_id, f"{standing(last)} again below what the alert was for", may_return=True)
