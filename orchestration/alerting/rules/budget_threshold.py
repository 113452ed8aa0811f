"""A budget at its thresholds: one alert per budget, period and threshold, the highest crossed one only.

Put here: which thresholds, how severe, how it is said. Keep out: where a period stands (`alerting.budget_periods`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from orchestration.alerting.budget_periods import (
    STATUS,
    THRESHOLD_RULE,
    BudgetPeriod,
    budget_periods,
    is_crossed,
    spent_in,
    standing,
    why_over,
)
from orchestration.alerting.model import AlertDraft, AlertParams, AlertRule, Row, Situation, day_of, text_of
from orchestration.text.figures import plain


def holding(situation: Situation) -> Iterator[AlertDraft]:
    """Alerts of the budget periods that matter at `as_of`.

    The running period of a budget alerts whenever it stands at a threshold. An earlier one alerts only when it crossed
    within the last `lookback_days`, so a first run over old data does not report what is long over.
    """
    oldest = situation.as_of - timedelta(days=situation.params.lookback_days)
    for period in budget_periods(situation):
        draft = _of_period(period, situation)
        if draft and (period.is_running or draft.evidence["crossed_on"] >= oldest.isoformat()):
            yield draft


def _of_period(period: BudgetPeriod, situation: Situation) -> AlertDraft | None:
    """The highest threshold at which the period stands on its last day; None below all of them."""
    crossed = [pct for pct in _thresholds(period.last, situation.params) if is_crossed(period.last, pct)]
    if not crossed:
        return None
    threshold = crossed[-1]
    crossed_on = day_of(next(row["usage_date"] for row in period.rows if is_crossed(row, threshold)))
    return period.alert(
        situation,
        THRESHOLD_RULE,
        key=(plain(threshold),),
        severity=_severity(threshold, situation.params),
        title=f"Budget {period.name} passed {plain(threshold)} %",
        message=(
            f"{standing(period.last)} spent in the {spent_in(period)}; crossed on {crossed_on}; "
            f"applies to {period.subject}."
        ),
        evidence={"threshold_pct": plain(threshold), "crossed_on": crossed_on.isoformat()},
    )


def _thresholds(row: Row, params: AlertParams) -> list[Decimal]:
    """The percentages that the budget itself names, else those of the settings, ascending."""
    own = text_of(row.get("alert_thresholds_pct"))
    return sorted(Decimal(part) for part in own.split(";")) if own else sorted(params.alert_at_pct)


def _severity(threshold: Decimal, params: AlertParams) -> str:
    if threshold >= params.critical_from_pct:
        return "critical"
    return "warning" if threshold >= params.warning_from_pct else "info"


RULE = AlertRule(THRESHOLD_RULE, (STATUS,), holding, why_over)
