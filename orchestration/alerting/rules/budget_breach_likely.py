"""A budget that its forecast will probably break.

Put here: what is measured, its defaults and words. Keep out: comparing, hysteresis (`alerting.measured`).
"""

from __future__ import annotations

from decimal import Decimal

from orchestration.alerting.budget_outlooks import READS, outlook_query
from orchestration.alerting.measured import Measure, measured_rule

RULE = measured_rule(
    Measure(
        name="budget_breach_likely",
        reads=READS,
        query=outlook_query("outlooks.breach_probability"),
        threshold=Decimal("0.8"),
        critical=Decimal("0.95"),
        yields_to=("forecast_over_budget", "budget_projected_over"),
        title="Budget {name} will probably be broken",
        message=(
            "The forecast for the period from {period} is {forecast_cost_usd} of {budget_usd} USD; the "
            "probability that it passes the budget is {value}, likely day {breach_date}."
        ),
        remedy="Look at what drives the spend (costops why), slow it down or ask for more budget.",
    )
)
