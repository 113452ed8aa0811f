"""Alerts: what was found, how grave, whether somebody has seen it.

Put here: reading them. Keep out: rules, acknowledging (`writes`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from orchestration.alerting.model import SEVERITIES
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import one_of
from orchestration.serving.reading import Reading

MART = "rpt_alerts"
_SQL = """
select alert_id as id, rule, severity, subject_type, subject_id, owner, title, message, evidence, first_seen_at_utc,
    last_seen_at_utc, acknowledged_at_utc, resolved_at_utc, resolution, is_open
from {mart} order by is_open desc, first_seen_at_utc desc, alert_id"""


def alerts(
    reading: Reading,
    acknowledged: bool | None = None,
    severity: str | None = None,
    is_open: bool | None = None,
    acknowledged_since: Mapping[str, datetime] | None = None,
) -> Answer:
    """Alerts by these marks. `acknowledged_since`: what this server was told after the publication."""
    if severity is not None:
        one_of(severity, tuple(SEVERITIES), "severity")
    rows = reading.rows(_SQL.format(mart=reading.need(MART)))
    for row in rows:
        row["acknowledged_at_utc"] = row["acknowledged_at_utc"] or (acknowledged_since or {}).get(row["id"])
        row["acknowledged"] = row["acknowledged_at_utc"] is not None
        row["evidence"] = _evidence(row["evidence"])
    shown = [
        row
        for row in rows
        if acknowledged in (None, row["acknowledged"])
        and severity in (None, row["severity"])
        and is_open in (None, row["is_open"])
    ]
    wanted = {"acknowledged": acknowledged, "severity": severity, "is_open": is_open}
    return Answer(
        {"alerts": shown}, "alerts", (MART,), {name: each for name, each in wanted.items() if each is not None}
    )


def _evidence(text: str | None) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}
