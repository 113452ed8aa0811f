"""A rule that is one measurement held against a threshold: the shape that most rules have.

Put here: comparing, hysteresis, what such an alert says. Keep out: what is measured (`rules`), files.

The query of a measure gives one row per subject: `subject_type`, `subject_id`, `value`, and, where there are any,
`amount_usd` (held against the least amount), `period` (an alert of its own per period), `owner`, `name`, `since`,
`is_complete`, and whatever the words need. A value of NULL is unknown: no alert, and no end of one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ml.identity import stable_id
from orchestration.alerting.model import AlertDraft, AlertRule, Recovery, Row, Situation, decimal_of, text_of
from orchestration.text.figures import plain


@dataclass(frozen=True)
class Measure:
    """What is measured and from where on it is an alert; a home may change each number.

    `threshold`: None means that only a home's own row makes alerts. `recovery_ratio`: an open alert stays until the
    value is back at this share of the threshold. `is_below`: low is bad, and a day whose data is incomplete says
    nothing.
    """

    name: str
    reads: tuple[str, ...]
    query: str
    threshold: Decimal | None
    title: str
    message: str
    remedy: str
    critical: Decimal | None = None
    minimum_usd: Decimal = Decimal(0)
    severity: str = "warning"
    recovery_ratio: Decimal = Decimal("0.9")
    is_below: bool = False
    is_reached: bool = False
    """Whether a value at the limit is beyond it."""
    yields_to: tuple[str, ...] = ()

    def alert_id(self, row: Row) -> str:
        """The same problem has the same id in every run."""
        period = row.get("period")
        parts = [str(row["subject_type"]), str(row["subject_id"]), *([str(period)] if period is not None else [])]
        return stable_id(self.name, *parts)


def measured_rule(measure: Measure) -> AlertRule:
    """The rule of a measure."""

    def holding(situation: Situation) -> Iterator[AlertDraft]:
        for row in situation.rows(measure.name):
            if draft := _draft(measure, row, situation):
                yield draft

    def ending(alert: Row, situation: Situation, _: Collection[AlertDraft]) -> Recovery | None:
        alert_id = str(alert["alert_id"])
        row = next((row for row in situation.rows(measure.name) if measure.alert_id(row) == alert_id), None)
        if row is None:
            return Recovery(alert_id, "there is nothing to measure any more", may_return=True)
        if row["value"] is None or (measure.is_below and row.get("is_complete") is False):
            return None
        return Recovery(alert_id, f"it is {figure(row['value'])} again", may_return=True)

    defaults = {
        "threshold": measure.threshold,
        "critical_threshold": measure.critical,
        "minimum_usd": measure.minimum_usd or None,
        "severity": measure.severity,
    }
    return AlertRule(measure.name, measure.reads, holding, ending, measure.query, measure.yields_to, defaults=defaults)


def _draft(measure: Measure, row: Row, situation: Situation) -> AlertDraft | None:
    subject_type, subject_id, alert_id = str(row["subject_type"]), str(row["subject_id"]), measure.alert_id(row)
    limits = _limits(measure, situation, subject_id)
    if row["value"] is None or limits.threshold is None or (measure.is_below and row.get("is_complete") is False):
        return None
    value, known = decimal_of(row["value"]), situation.existing.get(alert_id)
    is_open = known is not None and known.get("resolved_at_utc") is None
    is_little = row.get("amount_usd") is not None and abs(decimal_of(row["amount_usd"])) < limits.minimum_usd
    if is_little or not _is_beyond(measure, value, limits.threshold, is_open=is_open):
        return None
    is_critical = limits.critical is not None and _is_beyond(measure, value, limits.critical, is_open=False)
    words = {name: figure(each) for name, each in row.items()} | {"threshold": figure(limits.threshold)}
    words.setdefault("name", subject_id)
    return AlertDraft(
        alert_id=alert_id,
        rule=measure.name,
        severity="critical" if is_critical else measure.severity,
        subject_type=subject_type,
        subject_id=subject_id,
        owner=text_of(row.get("owner"))
        or situation.owners.find(subject_type, subject_id, situation.params.default_owner),
        title=measure.title.format_map(words),
        message=measure.message.format_map(words),
        evidence={
            **{name: _plain(each) for name, each in row.items() if each is not None},
            "threshold": str(limits.threshold),
            "what_to_do": measure.remedy.format_map(words),
        },
    )


@dataclass(frozen=True)
class _Limits:
    threshold: Decimal | None
    critical: Decimal | None
    minimum_usd: Decimal


def _limits(measure: Measure, situation: Situation, subject_id: str) -> _Limits:
    def said(name: str, default: Decimal | None) -> Decimal | None:
        found: Decimal | None = situation.book.value(name, measure.name, subject_id)
        return default if found is None else found

    return _Limits(
        said("threshold", measure.threshold),
        said("critical_threshold", measure.critical),
        said("minimum_usd", measure.minimum_usd) or Decimal(0),
    )


def _is_beyond(measure: Measure, value: Decimal, limit: Decimal, *, is_open: bool) -> bool:
    """Beyond the limit; what is open stays so until it is clearly back."""
    if measure.is_below:
        return value < (limit / measure.recovery_ratio if is_open else limit)
    limit = limit * measure.recovery_ratio if is_open else limit
    return value >= limit if measure.is_reached and not is_open else value > limit


def figure(value: Any) -> str:
    """A value as people read it: two decimals, or the first two digits that say something."""
    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date | str | bool | int):
        return str(value)
    number = decimal_of(value)
    if number == number.to_integral_value():
        return f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) >= Decimal("0.1") else plain(Decimal(f"{number:.2g}"))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int) else str(value)
