"""A budget whose forecast passes it by a margin.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.budget_outlooks import READS, outlook_query
from orchestration.alerting.measured import Measure, measured_rule

RULE = measured_rule(
    Measure(
        name="forecast_over_budget",
        reads=READS,
        query=outlook_query("outlooks.forecast_cost_usd / nullif(outlooks.amount_usd, 0)"),
        threshold=Decimal("1.1"),
        yields_to=("budget_projected_over",),
        title="Budget {name} is forecast to be passed",
        message=(
            "The forecast for the period from {period} is {forecast_cost_usd} of {budget_usd} USD "
            "({value} times the budget, alert from {threshold} on), likely day {breach_date}."
        ),
        remedy="Look at what drives the spend (costops why), slow it down or ask for more budget.",
    )
)
