"""Alerts close by themselves when their state is over, say why, and are told of once."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from orchestration.alerting import decide, deliver_pending, read_alerts, record_alerts, resolve_alerts
from orchestration.alerting.delivery import ConnectedChannel
from tests.unit.orchestration.alerting.situations import recoveries_of, situation
from tests.unit.orchestration.alerting.test_decide_budgets import NO_ANOMALIES, status

NOW = datetime(2026, 2, 12, 6)  # noqa: DTZ001
MARKS = {"alert_thresholds_pct": "80;100"}


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def look(
    connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame, as_of: date, sent: list[dict[str, object]]
) -> dict[str, str | None]:
    """One run: decide, record, close, deliver. Returns severity-free title → resolution of every alert."""
    now = NOW + timedelta(days=(as_of - date(2026, 2, 12)).days)
    decision = decide(situation(frame, NO_ANOMALIES, read_alerts(connection), as_of=as_of))
    record_alerts(connection, decision.drafts, now=now)
    resolve_alerts(connection, decision.recoveries, now=now)
    channel = ConnectedChannel("test", lambda notice: sent.append(notice.body()))
    deliver_pending(connection, [channel], now=now)
    return dict(connection.execute("select title, resolution from alerts.alerts").fetchall())


def test_a_higher_mark_closes_the_lower_one_without_a_recovery_notice(connection: duckdb.DuckDBPyConnection) -> None:
    sent: list[dict[str, object]] = []
    look(connection, status("10", 8, **MARKS), date(2026, 2, 9), sent)
    found = look(connection, status("10", 11, **MARKS), date(2026, 2, 12), sent)
    assert found == {
        "Budget Search passed 80 %": "superseded: Budget Search passed 100 %",
        "Budget Search passed 100 %": None,
    }
    assert [(each["state"], each["title"]) for each in sent] == [
        ("open", "Budget Search passed 80 %"),
        ("open", "Budget Search passed 100 %"),
    ]


def test_spend_that_was_restated_below_the_mark_is_a_recovery_told_once(connection: duckdb.DuckDBPyConnection) -> None:
    sent: list[dict[str, object]] = []
    look(connection, status("10", 11, **MARKS), date(2026, 2, 12), sent)
    lower = status("5", 11, counts="llm", **MARKS)
    for day in (13, 14):
        found = look(connection, lower, date(2026, 2, day), sent)
    why = "55.00 of 100.00 USD (55.0 %, counts LLM spend) again below what the alert was for"
    assert found == {"Budget Search passed 100 %": why}
    assert [each["state"] for each in sent] == ["open", "over"]
    assert sent[-1]["text"] == f"[over] Budget Search passed 100 %: {why}. Owner: ana."
    # It comes back: open again, and told again.
    found = look(connection, status("10", 12, **MARKS), date(2026, 2, 15), sent)
    assert found == {"Budget Search passed 100 %": None}
    assert [each["state"] for each in sent] == ["open", "over", "open"]


def test_the_end_of_a_period_closes_its_alerts(connection: duckdb.DuckDBPyConnection) -> None:
    sent: list[dict[str, object]] = []
    look(connection, status("10", 28, **MARKS), date(2026, 2, 28), sent)
    both = pd.concat([status("10", 28, **MARKS), status("1", 12, date(2026, 3, 1), **MARKS)])
    found = look(connection, both, date(2026, 3, 12), sent)
    assert found == {"Budget Search passed 100 %": "the period ended on 2026-02-28"}
    assert [each["state"] for each in sent] == ["open", "over"]


def test_without_anything_to_look_at_nothing_recovers(connection: duckdb.DuckDBPyConnection) -> None:
    look(connection, status("10", 11, **MARKS), date(2026, 2, 12), [])
    existing = read_alerts(connection)
    assert recoveries_of(pd.DataFrame(), NO_ANOMALIES, existing, as_of=date(2026, 2, 13)) == []


def test_an_incident_is_over_when_its_days_lie_far_enough_back() -> None:
    row = {"alert_id": "a", "rule": "cost_anomaly", "subject_type": "team", "subject_id": "t",
           "evidence": json.dumps({}), "resolved_at_utc": None}  # fmt: skip
    scores = pd.DataFrame([{"usage_date": date(2026, 2, 12), "is_anomaly": False}])
    (over,) = recoveries_of(pd.DataFrame(), scores, [row], as_of=date(2026, 2, 13))
    assert (over.alert_id, over.resolution, over.is_told) == ("a", "no day was unusual in the last 7 days", True)
    closed = row | {"resolved_at_utc": pd.Timestamp("2026-02-13")}
    assert recoveries_of(pd.DataFrame(), scores, [closed], as_of=date(2026, 2, 14)) == []


def test_a_table_of_an_earlier_version_gets_the_new_columns(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema alerts")
    connection.execute(
        "create table alerts.alerts (alert_id varchar primary key, rule varchar, severity varchar,"
        " subject_type varchar, subject_id varchar, owner varchar, title varchar, message varchar, evidence varchar,"
        " first_seen_at_utc timestamp, last_seen_at_utc timestamp, delivered_at_utc timestamp, delivered_to varchar,"
        " acknowledged_at_utc timestamp)"
    )
    assert read_alerts(connection) == []
    assert {"resolved_at_utc", "resolution", "opened_at_utc"} <= {
        row[0] for row in connection.execute("describe alerts.alerts").fetchall()
    }
