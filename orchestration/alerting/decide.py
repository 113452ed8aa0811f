"""From a situation to the alerts that hold and those that are over: every rule is asked, none depends on another.

Put here: asking the rules. Keep out: rules, reading, writing, sending, clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestration.alerting.model import SEVERITIES, AlertDraft, AlertRule, Recovery, Situation
from orchestration.alerting.rules import alert_rules


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
        drafts |= {draft.alert_id: replace(draft, is_new=draft.alert_id not in situation.existing) for draft in found}
        asked.append(rule)
    ordered = tuple(sorted(drafts.values(), key=lambda draft: (SEVERITIES.index(draft.severity), draft.alert_id)))
    for rule in asked:
        try:
            recoveries += _ended(rule, situation, ordered)
        except Exception as error:
            failures.append(_words(rule, error))
    return Decision(ordered, tuple(recoveries), tuple(failures))


def _ask(rule: AlertRule, situation: Situation) -> list[AlertDraft]:
    if missing := [table for table in rule.reads if table not in situation.tables]:
        raise LookupError(f"{', '.join(missing)} cannot be read")
    found = list(rule.holding(situation))
    for draft in found:
        if draft.rule != rule.name or draft.severity not in SEVERITIES:
            raise ValueError(f"it raised an alert of rule {draft.rule} and severity {draft.severity}")
    return found


def _ended(rule: AlertRule, situation: Situation, drafts: Sequence[AlertDraft]) -> list[Recovery]:
    if not any(situation.rows(table) for table in rule.reads):
        return []
    holding = {draft.alert_id for draft in drafts}
    return [
        rule.ending(alert, situation, drafts)
        for alert_id, alert in situation.existing.items()
        if alert["rule"] == rule.name and alert_id not in holding and alert.get("resolved_at_utc") is None
    ]


def _words(rule: AlertRule, error: Exception) -> str:
    return f"rule {rule.name}: {type(error).__name__}: {error}"
