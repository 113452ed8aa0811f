"""Rules of alerts, one module each: a new file here is asked in the next run, and no other line changes.

A module holds `RULE`, an `AlertRule`: its name, the tables it reads, what holds now, and why something is over.

Put here: one rule per module. Keep out: what several share (`alerting.budget_periods`, `alerting.incidents`), SQL.
"""

from __future__ import annotations

from ml.discovery import members
from orchestration.alerting.model import AlertRule


def alert_rules() -> tuple[AlertRule, ...]:
    """Every rule of this folder."""
    return members(__name__, __path__, "RULE", AlertRule)


def rule_names() -> frozenset[str]:
    """What a rule file may name."""
    return frozenset(rule.name for rule in alert_rules())
