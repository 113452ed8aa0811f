"""Situations from frames, as tests of rules write them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from orchestration.alerting import AlertDraft, AlertParams, Recovery, Situation, decide
from orchestration.alerting.model import Row
from orchestration.alerting.owners import Owners
from orchestration.alerting.rules import alert_rules


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame; what is missing is None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records") if len(frame) else []
    return [{str(name): value for name, value in row.items()} for row in rows]


def situation(
    status: pd.DataFrame,
    anomalies: pd.DataFrame,
    existing: pd.DataFrame | list[Row],
    *,
    as_of: date,
    owners: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
    params: AlertParams | None = None,
) -> Situation:
    """What the rules are asked about."""
    alerts = rows_of(existing) if isinstance(existing, pd.DataFrame) else existing
    return Situation(
        as_of=as_of,
        tables={name: () for rule in alert_rules() for name in rule.inputs}
        | {"marts.fct_budget_status_daily": rows_of(status), "ml.cost_anomalies": rows_of(anomalies)},
        existing={str(row["alert_id"]): row for row in alerts},
        owners=Owners.of([] if owners is None else rows_of(owners), None if links is None else rows_of(links)),
        params=params or AlertParams(),
    )


def drafts_of(*tables: object, **more: object) -> list[AlertDraft]:
    """What holds."""
    decision = decide(situation(*tables, **more))
    assert decision.failures == ()
    return list(decision.drafts)


def recoveries_of(*tables: object, **more: object) -> list[Recovery]:
    """What is over."""
    return list(decide(situation(*tables, **more)).recoveries)
