"""From facts and anomalies to one alert per real problem, told once to each channel.

Put here: deciding (pure), keeping (two tables), telling. Keep out: Dagster, dbt, model code.
"""

from orchestration.alerting.channels import connected_channels
from orchestration.alerting.decide import Decision, decide
from orchestration.alerting.delivery import deliver_pending
from orchestration.alerting.model import AlertDraft, AlertParams, AlertRule, Recovery, Situation
from orchestration.alerting.rules import alert_rules
from orchestration.alerting.store import read_alerts, record_alerts, resolve_alerts

__all__ = [
    "AlertDraft",
    "AlertParams",
    "AlertRule",
    "Decision",
    "Recovery",
    "Situation",
    "alert_rules",
    "connected_channels",
    "decide",
    "deliver_pending",
    "read_alerts",
    "record_alerts",
    "resolve_alerts",
]
