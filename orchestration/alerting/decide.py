"""From a situation to the alerts that hold and those that are over: every rule is asked, none depends on another.

Put here: asking the rules. Keep out: rules, reading, writing, sending, clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from orchestration.alerting.model import SEVERITIES, AlertDraft, AlertRule, Recovery, Row, Situation
from orchestration.alerting.rules import alert_rules

CLEAR_AFTER_HOURS = Decimal(24)
"""So long a measurement stays away before its alert is over, where the home says nothing else."""


@dataclass(frozen=True)
class Decision:
    """`failures`: words on each rule that could not be asked; what it raised before stays as it is."""

    drafts: tuple[AlertDraft, ...]
    recoveries: tuple[Recovery, ...]
    failures: tuple[str, ...] = ()


def decide(situation: Situation, rules: Sequence[AlertRule] | None = None) -> Decision:
    """Every alert that holds, each once, by severity, then id, and every open one that is over.

    `is_new` says which are not stored yet. Where a rule has nothing to look at (no budget rows, no scores) or fails,
    its alerts stay: silence is no recovery.
    """
    drafts: dict[str, AlertDraft] = {}
    recoveries: list[Recovery] = []
    failures, asked = [], []
    for rule in alert_rules() if rules is None else rules:
        try:
            found = _ask(rule, situation)
        except Exception as error:
            failures.append(_words(rule, error))
            continue
        for draft in found:
            if situation.book.is_enabled(rule.name, draft.subject_id):
                drafts[draft.alert_id] = _as_the_home_says(draft, situation)
        asked.append(rule)
    said = {(draft.rule, draft.subject_type, draft.subject_id) for draft in drafts.values()}
    yielding = {rule.name: rule.yields_to for rule in asked}
    drafts = {key: draft for key, draft in drafts.items() if not _is_said(draft, yielding[draft.rule], said)}
    ordered = tuple(sorted(drafts.values(), key=lambda draft: (SEVERITIES.index(draft.severity), draft.alert_id)))
    for rule in asked:
        try:
            recoveries += _ended(rule, situation, ordered, said)
        except Exception as error:
            failures.append(_words(rule, error))
    return Decision(ordered, tuple(recoveries), tuple(failures))


def _ask(rule: AlertRule, situation: Situation) -> list[AlertDraft]:
    if missing := [table for table in rule.inputs if table not in situation.tables]:
        raise LookupError(f"{', '.join(missing)} cannot be read")
    found = list(rule.holding(situation))
    for draft in found:
        if draft.rule != rule.name or draft.severity not in SEVERITIES:
            raise ValueError(f"it raised an alert of rule {draft.rule} and severity {draft.severity}")
    return found


def _as_the_home_says(draft: AlertDraft, situation: Situation) -> AlertDraft:
    said = {name: situation.book.value(name, draft.rule, draft.subject_id) for name in ("severity", "owner")}
    changed = {name: value for name, value in said.items() if value is not None}
    return replace(draft, is_new=draft.alert_id not in situation.existing, **changed)


def _is_said(draft: AlertDraft, yields_to: Sequence[str], said: set[tuple[str, str, str]]) -> bool:
    return any((rule, draft.subject_type, draft.subject_id) in said for rule in yields_to)


def _ended(
    rule: AlertRule, situation: Situation, drafts: Sequence[AlertDraft], said: set[tuple[str, str, str]]
) -> list[Recovery]:
    holding = {draft.alert_id for draft in drafts}
    open_ = [
        alert
        for alert_id, alert in situation.existing.items()
        if alert["rule"] == rule.name and alert_id not in holding and alert.get("resolved_at_utc") is None
    ]
    found: list[Recovery] = []
    for alert in open_:
        subject = str(alert.get("subject_type")), str(alert.get("subject_id"))
        if not situation.book.is_enabled(rule.name, subject[1]):
            found.append(Recovery(str(alert["alert_id"]), "the rule was switched off", is_told=False))
        elif any((other, *subject) in said for other in rule.yields_to):
            found.append(Recovery(str(alert["alert_id"]), "another alert says more of it", is_told=False))
        elif any(situation.rows(table) for table in rule.inputs) and (ended := rule.ending(alert, situation, drafts)):
            found += [] if _may_return_yet(ended, alert, situation) else [ended]
    return found


def _may_return_yet(recovery: Recovery, alert: Row, situation: Situation) -> bool:
    """A measurement that crosses to and fro is one alert: its end waits until it has stayed away for some hours."""
    if not recovery.may_return or situation.now is None:
        return False
    hours = situation.book.number("clear_after_hours", str(alert["rule"]), str(alert["subject_id"]), CLEAR_AFTER_HOURS)
    return bool(situation.now - alert["last_seen_at_utc"] < timedelta(hours=float(hours)))


def _words(rule: AlertRule, error: Exception) -> str:
    return f"rule {rule.name}: {type(error).__name__}: {error}"
