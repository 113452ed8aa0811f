"""A budget that heads over: its running period passes the projected percentage by forecast, else at the rate so far.

Put here: which projection counts, when it is taken seriously, how it is said. Keep out: where a period stands
(`alerting.budget_periods`), the making of forecasts (`ml`).
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
from orchestration.alerting.model import AlertDraft, AlertRule, Row, Situation, day_of, decimal_of
from orchestration.text.figures import plain

NAME = "budget_projected_over"
OUTLOOKS = "ml.budget_outlooks"
_NEEDED = ("alert_projected_pct", "days_elapsed", "days_remaining", "amount_usd", "spend_to_date_usd")


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """Alerts of the running periods that head beyond their budget's projected percentage."""
    forecasts = {
        (str(row["budget_id"]), day_of(row["period_start_date"])): row
        for row in situation.rows(OUTLOOKS)
        if row.get("forecast_cost_usd") is not None
    }
    for period in budget_periods(situation):
        if not period.is_running or any(period.last.get(name) is None for name in _NEEDED):
            continue
        forecast = forecasts.get((period.budget_id, period.start))
        if draft := _of_period(period, forecast, situation):
            yield draft


def _of_period(period: BudgetPeriod, forecast: Row | None, situation: Situation) -> AlertDraft | None:
    """None once the budget is used up; early on where there is only the rate so far."""
    last = period.last
    elapsed, remaining = int(last["days_elapsed"]), int(last["days_remaining"])
    days, limit = elapsed + remaining, decimal_of(last["alert_projected_pct"])
    amount, spent = decimal_of(last["amount_usd"]), decimal_of(last["spend_to_date_usd"])
    is_early = forecast is None and elapsed * 4 < min(days, situation.params.projection_days * 4)
    if is_early or not remaining or is_crossed(last, Decimal(100)):
        return None
    # Compared times the elapsed days: a rate must be beyond its limit to the last decimal.
    times_elapsed = spent * days if forecast is None else decimal_of(forecast["forecast_cost_usd"]) * elapsed
    if times_elapsed * 100 <= amount * limit * elapsed:
        return None
    projected = times_elapsed / elapsed
    evidence = {"projected_usd": f"{projected:.2f}", "projected_limit_pct": plain(limit)}
    how = f"at this rate {projected:,.2f} USD"
    if forecast is not None:
        how = f"the forecast is {projected:,.2f} USD"
        if forecast.get("breach_probability") is not None:
            chance = f"{100 * decimal_of(forecast['breach_probability']):.0f}"
            how += f", and the budget is passed with a probability of {chance} %"
            evidence["breach_probability_pct"] = chance
    return period.alert(
        situation,
        NAME,
        severity="warning",
        title=f"Budget {period.name} is projected to pass {plain(limit)} %",
        message=(
            f"{standing(last)} spent in the {spent_in(period)} after {elapsed} of {days} days: {how}; "
            f"applies to {period.subject}."
        ),
        evidence=evidence | {"projected_by": "rate so far" if forecast is None else "forecast"},
    )


RULE = AlertRule(NAME, (STATUS,), holding, why_over, helped_by=(OUTLOOKS,))
