"""The vocabulary of alerts: a draft, and what the rules can be told.

Put here: the two dataclasses, reading rows of a frame. Keep out: rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

SEVERITIES = ("critical", "warning", "info")
"""Most pressing first."""


@dataclass(frozen=True)
class AlertDraft:
    """An alert that holds now. The same problem has the same `alert_id` in every run.

    `is_new` is false when `existing_alerts` already has it: then only its last sighting changes.
    """

    alert_id: str
    rule: str
    severity: str
    subject_type: str
    subject_id: str
    owner: str | None
    title: str
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)
    is_new: bool = True


@dataclass(frozen=True)
class AlertParams:
    """Settings of `decide`; units are in the names.

    `alert_at_pct`: budget utilisation that makes an alert where a budget names no thresholds of its own.
    `warning_from_pct`, `critical_from_pct`: from which threshold on an alert is a warning, or critical; `info` below.
    `projection_days`: days of a period (a quarter of it, if that is less) before a projection is taken seriously.
    `root_cause_ratio`: the most specific scope that holds this share of the broadest impact is named as the cause.
    `incident_gap_days`: flagged days at most this far apart are one incident (a weekend lies in between).
    """

    alert_at_pct: tuple[Decimal, ...] = (Decimal(75), Decimal(90), Decimal(100))
    warning_from_pct: Decimal = Decimal(80)
    critical_from_pct: Decimal = Decimal(100)
    lookback_days: int = 7
    projection_days: int = 7
    alert_severities: tuple[str, ...] = ("warning", "critical")
    root_cause_ratio: float = 0.5
    incident_gap_days: int = 3
    default_owner: str | None = None


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
