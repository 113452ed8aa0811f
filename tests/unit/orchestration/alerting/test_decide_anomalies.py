"""Anomalies: one alert per root cause, however many scopes and days it shows in."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from orchestration.alerting import AlertDraft
from tests.unit.orchestration.alerting.situations import drafts_of

NO_BUDGETS = pd.DataFrame()
NONE = pd.DataFrame(columns=["alert_id", "rule", "subject_type", "subject_id", "evidence"])
DAY = date(2026, 2, 25)
LINKS = pd.DataFrame(
    [
        {"api_key_id": "k1", "team_id": "research", "provider_id": "anthropic", "model_id": "opus"},
        {"api_key_id": "k2", "team_id": "support", "provider_id": "openai", "model_id": "gpt"},
        {"api_key_id": "k3", "team_id": "support", "provider_id": "openai", "model_id": "gpt"},
    ]
)
OWNERS = pd.DataFrame(
    [
        {"scope_type": "team", "scope_id": "research", "owner": "rosa"},
        {"scope_type": "team", "scope_id": "support", "owner": "sami"},
    ]
)


def flagged(scope_type: str, scope_id: str, impact: str, day: date = DAY, severity: str = "critical") -> dict:
    return {
        "anomaly_id": f"{scope_type}-{scope_id}-{day}", "scope_type": scope_type, "scope_id": scope_id,
        "usage_date": day, "impact_usd": Decimal(impact), "is_anomaly": True, "severity": severity,
        "reason": "900.00 USD against 25.00 expected",
    }  # fmt: skip


RUNAWAY = [
    flagged("total", "all", "850"),
    flagged("provider", "anthropic", "870"),
    flagged("team", "research", "874"),
    flagged("model", "opus", "860"),
    flagged("api_key", "k1", "875"),
]


def run(
    rows: list[dict], as_of: date = DAY + timedelta(days=3), existing: pd.DataFrame = NONE, **kwargs
) -> list[AlertDraft]:
    return drafts_of(NO_BUDGETS, pd.DataFrame(rows), existing, as_of=as_of, **kwargs)


def stored(draft: AlertDraft) -> pd.DataFrame:
    return pd.DataFrame(
        [{"alert_id": draft.alert_id, "rule": draft.rule, "subject_type": draft.subject_type,
          "subject_id": draft.subject_id, "evidence": json.dumps(draft.evidence)}]
    )  # fmt: skip


def test_a_runaway_key_is_one_alert_on_the_key_for_the_owner_of_its_team():
    for kwargs in ({"links": LINKS, "owners": OWNERS}, {}):
        (draft,) = run(RUNAWAY, **kwargs)
        assert (draft.subject_type, draft.subject_id, draft.severity) == ("api_key", "k1", "critical")
        assert {e["scope_type"] for e in draft.evidence["also_visible_in"]} == {"total", "provider", "team", "model"}
    (draft,) = run(RUNAWAY, links=LINKS, owners=OWNERS)
    assert draft.owner == "rosa"
    assert "research" in draft.message


def test_two_independent_causes_on_one_day_are_two_alerts():
    drafts = run([*RUNAWAY, flagged("team", "support", "300"), flagged("api_key", "k2", "290")], links=LINKS)
    assert {(d.subject_type, d.subject_id) for d in drafts} == {("api_key", "k1"), ("api_key", "k2")}


def test_a_rise_spread_over_keys_is_told_on_the_team():
    rows = [flagged("team", "support", "400"), flagged("api_key", "k2", "150"), flagged("api_key", "k3", "140")]
    (draft,) = run(rows, links=LINKS, owners=OWNERS)
    assert (draft.subject_type, draft.subject_id, draft.owner) == ("team", "support", "sami")


def test_an_incident_over_midnight_is_one_alert():
    next_day = [{**r, "usage_date": DAY + timedelta(days=1), "anomaly_id": "x"} for r in RUNAWAY]
    (draft,) = run(RUNAWAY + next_day, links=LINKS)
    assert draft.evidence["impact_usd"] == "1750"
    assert draft.alert_id == run(RUNAWAY, links=LINKS)[0].alert_id


def test_an_incident_keeps_its_id_when_its_first_day_leaves_the_window():
    days = [flagged("api_key", "k1", "500", DAY + timedelta(days=n)) for n in range(12)]
    early = run(days[:3], DAY + timedelta(days=3))
    late = run(days, DAY + timedelta(days=12), stored(early[0]))
    assert [d.alert_id for d in late] == [early[0].alert_id]
    assert not late[0].is_new


def test_the_same_key_weeks_later_is_a_new_alert():
    (first,) = run(RUNAWAY)
    later = [flagged("api_key", "k1", "500", DAY + timedelta(days=30))]
    (second,) = run(RUNAWAY + later, DAY + timedelta(days=31), stored(first))
    assert second.alert_id != first.alert_id
    assert second.is_new


def test_restated_data_that_moves_the_first_day_makes_no_second_alert():
    (first,) = run([flagged("api_key", "k1", "500", DAY)])
    moved = [flagged("api_key", "k1", "100", DAY - timedelta(days=1)), flagged("api_key", "k1", "500", DAY)]
    (again,) = run(moved, existing=stored(first))
    assert again.alert_id == first.alert_id


def test_restated_data_that_moves_the_cause_makes_no_second_alert():
    (told_on_team,) = run([flagged("team", "research", "874")], links=LINKS)
    (again,) = run(RUNAWAY, existing=stored(told_on_team), links=LINKS)
    assert again.alert_id == told_on_team.alert_id
    (told_on_key,) = run(RUNAWAY, links=LINKS)
    (again,) = run([flagged("team", "research", "874")], existing=stored(told_on_key), links=LINKS)
    assert again.alert_id == told_on_key.alert_id


def test_a_runaway_the_day_after_an_unexplained_rise_is_news():
    before = flagged("total", "all", "200", DAY - timedelta(days=1))
    (first,) = run([before])
    drafts = run([before, *RUNAWAY], existing=stored(first), links=LINKS)
    assert [(d.subject_id, d.is_new) for d in sorted(drafts, key=lambda d: d.subject_id)] == [
        ("all", False),
        ("k1", True),
    ]


def test_a_weekend_in_between_does_not_start_a_new_incident():
    rows = [flagged("api_key", "k1", "500", DAY), flagged("api_key", "k1", "400", DAY + timedelta(days=3))]
    assert len(run(rows, DAY + timedelta(days=4))) == 1


def test_old_days_falls_and_information_do_not_alert():
    assert run(RUNAWAY, DAY + timedelta(days=8)) == []
    assert len(run(RUNAWAY, DAY + timedelta(days=7))) == 1
    assert run([{**flagged("team", "support", "-300"), "severity": "info"}]) == []
    assert run([flagged("team", "support", "300", severity="info")]) == []
    assert run([{**flagged("team", "support", "300"), "is_anomaly": False}]) == []


def test_nothing_after_as_of_is_told():
    assert run(RUNAWAY, DAY - timedelta(days=1)) == []


def test_order_of_rows_does_not_matter():
    assert run(RUNAWAY, links=LINKS) == run(list(reversed(RUNAWAY)), links=LINKS)


def test_the_bill_of_an_incident_is_not_told_beside_it():
    used = [row | {"incident_id": "i", "basis": "metered"} for row in RUNAWAY]
    charged = [
        flagged("sub_account", "workspace", "880") | {"incident_id": "j", "basis": "billed"},
        flagged("provider", "anthropic", "880") | {"incident_id": "j", "basis": "billed"},
    ]
    others = [flagged("service", "Bedrock", "500") | {"incident_id": "k", "basis": "billed"}]
    drafts = run([*used, *charged, *others], owners=OWNERS, links=LINKS)
    assert {(d.subject_type, d.subject_id) for d in drafts} == {("api_key", "k1"), ("service", "Bedrock")}


def test_slices_of_one_incident_are_one_alert_whatever_they_are_slices_by():
    rows = [
        flagged("service", "Bedrock", "150") | {"incident_id": "i"},
        flagged("sub_account", "222", "140") | {"incident_id": "i"},
        flagged("tag", "env=test", "140") | {"incident_id": "i"},
        flagged("service", "EC2", "90") | {"incident_id": "j"},
    ]
    drafts = {(d.subject_type, d.subject_id): d for d in run(rows, owners=OWNERS, links=LINKS)}
    assert set(drafts) == {("service", "Bedrock"), ("service", "EC2")}
    assert {each["scope_id"] for each in drafts["service", "Bedrock"].evidence["also_visible_in"]} == {
        "222",
        "env=test",
    }
