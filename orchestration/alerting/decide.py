"""`decide`: the records of now and the alerts that exist → the alerts that hold.

Put here: joining the rules. Keep out: reading, writing, sending, clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from orchestration.alerting.anomalies import decide_anomalies
from orchestration.alerting.budgets import decide_budgets
from orchestration.alerting.model import SEVERITIES, AlertDraft, AlertParams, records_of
from orchestration.alerting.owners import Owners


def decide(
    budget_status: pd.DataFrame,
    anomalies: pd.DataFrame,
    existing_alerts: pd.DataFrame,
    *,
    as_of: date,
    owners: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    params: AlertParams | None = None,
) -> list[AlertDraft]:
    """Every alert that holds at `as_of`, each once, `is_new` where `existing_alerts` lacks it.

    `budget_status`: rows of `fct_budget_status_daily`. `anomalies`: rows of `ml.cost_anomalies`, of all days, not
    only the recent ones. `existing_alerts`: rows of `alerts.alerts`. `owners`: `scope_type, scope_id, owner` for
    routing. `links`: `api_key_id, team_id, provider_id, model_id` that occur together in usage, for telling which
    flagged scopes are one problem. Money is Decimal or float, USD. Sorted by severity, then id.
    """
    params = params or AlertParams()
    lookup = Owners.from_frames(owners, links)
    existing: dict[str, Mapping[str, object]] = {str(row["alert_id"]): row for row in records_of(existing_alerts)}
    drafts = decide_budgets(budget_status, existing, lookup, as_of, params)
    drafts += decide_anomalies(anomalies, existing, lookup, as_of, params)
    unique = {draft.alert_id: draft for draft in drafts}
    return sorted(unique.values(), key=lambda d: (SEVERITIES.index(d.severity), d.alert_id))
