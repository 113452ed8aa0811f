"""A budget that heads over: its running period passes the projected percentage at the rate so far.

Put here: when a projection is taken seriously, how it is said. Keep out: where a period stands
(`alerting.budget_periods`), forecasts of models (`ml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orchestration.alerting.budget_periods import (
    STATUS,
    BudgetPeriod,
    budget_periods,
    is_crossed,
    spent_in,
    standing,
    why_over,
)
from orchestration.alerting.model import AlertDraft, AlertRule, Situation, decimal_of
from orchestration.text.figures import plain

NAME = "budget_projected_over"


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """Alerts of the running periods that head beyond their budget's projected percentage."""
    for period in budget_periods(situation):
        if period.is_running and (draft := _of_period(period, situation)):
            yield draft


def _of_period(period: BudgetPeriod, situation: Situation) -> AlertDraft | None:
    """None early on and once the budget is used up."""
    last = period.last
    needed = ("alert_projected_pct", "days_elapsed", "days_remaining", "amount_usd", "spend_to_date_usd")
    if any(last.get(name) is None for name in needed):
        return None
    elapsed, remaining = int(last["days_elapsed"]), int(last["days_remaining"])
    days, limit = elapsed + remaining, decimal_of(last["alert_projected_pct"])
    is_early = elapsed * 4 < min(days, situation.params.projection_days * 4)
    if is_early or not remaining or is_crossed(last, Decimal(100)):
        return None
    amount, spent = decimal_of(last["amount_usd"]), decimal_of(last["spend_to_date_usd"])
    if spent * days * 100 <= amount * limit * elapsed:
        return None
    projected = spent * days / elapsed
    return period.alert(
        situation,
        NAME,
        severity="warning",
        title=f"Budget {period.name} is projected to pass {plain(limit)} %",
        message=(
            f"{standing(last)} spent in the {spent_in(period)} after {elapsed} of {days} days: at this rate "
            f"{projected:,.2f} USD; applies to {period.subject}."
        ),
        evidence={"projected_usd": f"{projected:.2f}", "projected_limit_pct": plain(limit)},
    )


RULE = AlertRule(NAME, (STATUS,), holding, why_over)
