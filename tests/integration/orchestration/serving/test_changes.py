"""Budgets and acknowledgements from outside, answers while publications change, signing in, limits."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from tests.support.served_home import Served, publish, served_home


@pytest.fixture
def home(tmp_path: Path) -> Served:
    return served_home(tmp_path)


def opened(home: Served, **options: object) -> TestClient:
    return TestClient(create_app(home.settings, Options(hosts=("testserver",), **options)), follow_redirects=False)  # type: ignore[arg-type]


def test_writes_are_off_unless_asked_for(home: Served) -> None:
    budget = {"name": "New", "limit": "10"}
    answer = opened(home).post("/api/v1/cost/budgets", json=budget, headers=home.headers("ann"))
    assert (answer.status_code, "--allow-writes" in answer.json()["remedy"]) == (403, True)
    assert not (home.settings.org_dir / "budgets.csv").exists()


def test_a_budget_becomes_a_row_that_passes_the_checks_of_the_file(home: Served) -> None:
    client = opened(home, allow_writes=True)
    budget = {"name": "=cmd, Team", "limit": "12.345678901234", "period": "weekly", "user_id": "u1"}
    answer = client.post("/api/v1/cost/budgets", json=budget, headers=home.headers("ann"))
    assert answer.status_code == 201, answer.text
    with (home.settings.org_dir / "budgets.csv").open() as stream:
        row = next(csv.DictReader(stream))
    assert (row["budget_id"], row["scope_type"], row["scope_id"]) == ("budget_cmd_team", "user", "u1")
    assert (row["amount_usd"], row["period"], row["thresholds_pct"]) == ("12.345678901234", "week", "75;90;100")
    again = client.post("/api/v1/cost/budgets", json=budget, headers=home.headers("ann"))
    assert (again.status_code, again.json()["field"]) == (422, "name")


@pytest.mark.parametrize(
    ("who", "more", "status"),
    [
        ("fin", {}, 201), ("vic", {}, 403), ("lea", {}, 403), ("lea", {"scope_type": "team", "scope_id": "alpha"}, 201),
        ("lea", {"scope_type": "team", "scope_id": "beta"}, 403), ("lea", {"user_id": "beta-user"}, 403),
        ("lea", {"scope_type": "project", "scope_id": "alpha-project"}, 201),
        ("ann", {"scope_type": "tag", "scope_id": "nonsense"}, 422), ("ann", {"limit": "-1"}, 422),
        ("ann", {"scope_type": "team"}, 422), ("ann", {"name": "a\nb"}, 422), ("ann", {"surprise": 1}, 422),
    ],
)  # fmt: skip
def test_who_may_create_which_budget(home: Served, who: str, more: dict[str, str], status: int) -> None:
    budget = {"name": "New", "limit": "10", **more}
    answer = opened(home, allow_writes=True).post("/api/v1/cost/budgets", json=budget, headers=home.headers(who))
    assert answer.status_code == status, answer.text


def test_an_acknowledged_alert_is_so_in_the_warehouse_and_at_once_in_answers(home: Served) -> None:
    from orchestration.alerting.model import AlertDraft
    from orchestration.alerting.store import read_alerts, record_alerts
    from orchestration.home.clock import utc_now
    from orchestration.warehouse.connection import opened as warehouse

    draft = AlertDraft("c" * 32, "spike", "critical", "team", "alpha", None, "Alpha spends", "more", {})
    with warehouse(home.settings.warehouse_path) as connection:
        record_alerts(connection, [draft], now=utc_now())
    publish(home.settings.home, f"update marts.rpt_alerts set alert_id = '{draft.alert_id}' where alert_id = 'a1'")
    client = opened(home, allow_writes=True)
    path = f"/api/v1/cost/alerts/{draft.alert_id}/acknowledge"
    assert client.post(path, json={}, headers=home.headers("vic")).status_code == 403
    assert client.post(path, json={}, headers=home.headers("bea")).status_code == 404
    seen = client.post(path, json={"reason": "on it"}, headers=home.headers("lea"))
    assert seen.status_code == 200, seen.text
    with warehouse(home.settings.warehouse_path) as connection:
        assert read_alerts(connection)[0]["acknowledged_at_utc"] is not None
    shown = client.get("/api/v1/cost/alerts?acknowledged=true", headers=home.headers("lea")).json()["alerts"]
    assert draft.alert_id in [each["id"] for each in shown]


def test_every_answer_belongs_to_one_publication_while_copies_are_swapped(home: Served) -> None:
    """Each copy has one amount in all of its marts: an answer of two of them would show both."""
    client = opened(home, requests_per_minute=1e9)
    stop, wrong, seen = threading.Event(), [], set()

    def ask() -> None:
        while not stop.is_set():
            path = "/api/v1/cost/breakdown?period_start=2026-01-01&period_end=2026-12-31"
            answer = client.get(path, headers=home.headers("ann"))
            if answer.status_code != 200:
                wrong.append(answer.text)
                return
            body = answer.json()
            parts = {sum(float(each["cost"] or 0) for each in body[part]) for part in ("by_model", "by_team")}
            if {round(each, 6) for each in parts} != {round(float(body["total_cost"]), 6)}:
                wrong.append(answer.text)
            seen.add((body["publication"]["id"], body["total_cost"]))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for each in askers:
        each.start()
    for number in range(1, 6):
        publish(
            home.settings.home, f"update marts.rpt_cost_daily set spend_usd = {number}",
            f"update marts.fct_allocated_costs_daily set allocated_cost_usd = {number}",
        )  # fmt: skip
    stop.set()
    for each in askers:
        each.join(20)
    assert wrong == []
    assert len(seen) == len({identity for identity, _ in seen}) >= 2
    assert len(client.app.state.server.publications._users) == 0


def test_limits_say_when_to_come_back(home: Served) -> None:
    client = opened(home, requests_per_minute=3, failures_per_minute=2)
    answers = [client.get("/api/v1/me", headers=home.headers("lea")).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert client.get("/api/v1/me", headers=home.headers("vic")).status_code == 200
    bad = [client.get("/api/v1/me", headers={"X-API-Key": "nonsense"}) for _ in range(3)]
    assert [each.status_code for each in bad] == [401, 401, 429]
    assert int(bad[-1].headers["retry-after"]) >= 1


def test_nothing_published_is_said_and_health_tells_it_from_life(tmp_path: Path) -> None:
    home = served_home(tmp_path)
    home.settings.published_database.unlink()
    client = opened(home)
    assert client.get("/healthz").status_code == 200
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["remedy"][:16]) == (503, "run: costops run")
    assert client.get("/api/v1/teams", headers=home.headers("ann")).status_code == 503
    publish(tmp_path)
    assert client.get("/readyz").json()["ready"] is True
    assert client.get("/readyz?max_age_hours=0.001").status_code == 503


def test_an_audit_log_that_cannot_be_written_ends_answers(home: Served) -> None:
    client = opened(home)
    assert client.get("/api/v1/me", headers=home.headers("ann")).status_code == 200
    home_audit = client.app.state.server.audit
    home_audit.close()
    home_audit.folder = home.settings.home / "access" / "keys.json" / "no folder"
    assert client.get("/api/v1/me", headers=home.headers("ann")).status_code == 503
