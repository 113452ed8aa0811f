"""From facts and anomalies to one alert per real problem, delivered once.

Put here: deciding (pure), keeping (one table), delivering. Keep out: Dagster, dbt, model code.
"""

from orchestration.alerting.decide import decide
from orchestration.alerting.delivery import deliver_pending, make_sender
from orchestration.alerting.model import AlertDraft, AlertParams
from orchestration.alerting.recovery import Recovery, decide_recoveries
from orchestration.alerting.store import ensure_alerts_table, read_alerts, record_alerts, resolve_alerts

__all__ = [
    "AlertDraft",
    "AlertParams",
    "Recovery",
    "decide",
    "decide_recoveries",
    "deliver_pending",
    "ensure_alerts_table",
    "make_sender",
    "read_alerts",
    "record_alerts",
    "resolve_alerts",
]
