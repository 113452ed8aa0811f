"""Who sees what: five roles at every route and page, and a key of one team that asks for another's rows in 200 ways."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from fastapi.testclient import TestClient

from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.serving.audit import FOLDER
from orchestration.serving.http import asking
from orchestration.serving.publications import Publication
from orchestration.serving.reading import reading
from orchestration.serving.viewers import Viewer
from orchestration.warehouse.identity_tables import ensure_identity_tables
from tests.support.served_home import Served, tells_of_beta

DAYS = "start_date=2026-01-01&end_date=2026-12-31"
READS = (
    "cost/metrics", "cost/breakdown?period_start=2026-01-01&period_end=2026-12-31", "cost/trend", "cost/report",
    f"cost/aggregate?{DAYS}&group_by=team_id,model,user_id", f"cost/records?{DAYS}", "cost/budgets",
    "cost/budgets/Alpha/status", "cost/budgets/check?amount=1", "cost/alerts", "cost/suggestions",
    "cost/suggestions/rec-alpha/roi", "metrics", f"metrics/spend_usd?group_by=team&{DAYS}", "me", "teams", "projects",
)  # fmt: skip
ADMIN = ("cost/admin/optimize", "cost/admin/costs")
PAGES = ("/", "/dashboards/team", "/reports/team?team=alpha")
SEE_ALL, SEE_ALPHA = ("ann", "fin"), ("lea", "vic")


@pytest.mark.parametrize("path", [*READS, *ADMIN])
def test_each_role_sees_exactly_its_rows(client: TestClient, served: Served, path: str) -> None:
    for who in (*SEE_ALL, *SEE_ALPHA, "old", None):
        headers = {} if who is None else served.headers(who)
        answer = client.get(f"/api/v1/{path}", headers=headers)
        if who in ("old", None):
            assert (answer.status_code, "remedy" in answer.json()) == (401, True)
        elif path in ADMIN:
            assert answer.status_code == (200 if who == "ann" else 403)
        else:
            assert answer.status_code == 200, answer.text
        if who not in SEE_ALL:
            assert not tells_of_beta(answer.text)


@pytest.mark.parametrize("path", READS)
def test_what_a_team_lead_does_not_see_is_there_for_others(client: TestClient, served: Served, path: str) -> None:
    """So that the matrix above cannot hold for want of rows."""
    mine = client.get(f"/api/v1/{path}", headers=served.headers("lea")).json()
    all_ = client.get(f"/api/v1/{path}", headers=served.headers("ann")).json()
    is_the_same_for_all = path.startswith(("cost/budgets/Alpha", "cost/suggestions/rec-alpha", "metrics"))
    if not is_the_same_for_all or "group_by" in path:
        assert {**mine, "publication": 0} != {**all_, "publication": 0}


def attacks() -> Iterator[str]:
    """Ways to ask for rows of team beta."""
    names = ("beta", "BETA", "alpha,beta", "beta' or '1'='1", "alpha' or team_id='beta", "beta\x00", "*", "%", "be\\ta")
    for name in names:
        value = quote(name)
        yield f"cost/aggregate?{DAYS}&team_id={value}"
        yield f"cost/aggregate?{DAYS}&filter=team_id:{value}&group_by=model"
        yield f"cost/aggregate?{DAYS}&team_id=alpha&team_id={value}&group_by=user_id"
        yield f"cost/aggregate?{DAYS}&of=requests&filter=team_id:{value}&group_by=team_id"
        yield f"cost/records?{DAYS}&team_id={value}"
        yield f"cost/records?{DAYS}&filter=team_id:{value}"
        yield f"cost/trend?team_id={value}"
        yield f"cost/budgets/check?amount=1&scope=team:{value}"
        yield f"metrics/spend_usd?{DAYS}&filter=team:{value}&group_by=team"
        yield f"cost/metrics?user_id={value}"
    for value in ("beta-user", "beta-model", "beta-project", "beta-feature", "b-beta", "Beta", "rec-beta", "rec-none"):
        yield f"cost/metrics?user_id={value}&period_start=2026-01-01"
        yield f"cost/aggregate?{DAYS}&filter=user_id:{value}"
        yield f"cost/aggregate?{DAYS}&filter=user_id:{value}&of=usage&group_by=feature"
        yield f"cost/aggregate?{DAYS}&filter=project_id:{value}&filter=team_id:alpha&filter=team_id:beta"
        yield f"cost/aggregate?{DAYS}&filter=model:{value}&group_by=date"
        yield f"cost/aggregate?{DAYS}&filter=feature:{value}&group_by=customer_id"
        yield f"cost/records?{DAYS}&user_id={value}"
        yield f"cost/records?{DAYS}&filter=model:{value}"
        yield f"cost/budgets/{value}/status"
        yield f"cost/budgets/check?amount=1&scope=budget:{value}&scope=user:{value}"
        yield f"cost/suggestions/{value}/roi"
    groups = ("team_id", "model", "user_id", "project_id", "tags", "tag:team", "api_key_id", "feature", "environment")
    for group in groups:
        yield f"cost/aggregate?{DAYS}&group_by={group}&order_by=-sum&metrics=sum,max"
        yield f"cost/aggregate?{DAYS}&group_by={group}&order_by={group}&limit=1"
        yield f"cost/aggregate?{DAYS}&group_by={group}&of=requests&metrics=max"
        yield f"cost/aggregate?{DAYS}&group_by={group}&of=usage&metrics=max"
    injections = (
        "1) union all select * from published.marts.rpt_cost_daily --", "team_id; drop table marts.dim_teams",
        "published.marts.rpt_cost_daily", "sum desc, (select max(cost) from published.marts.fct_llm_requests)",
        "tag:' || (select team_name from published.marts.dim_teams limit 1 offset 1) || '", "tag:/../../team",
        "model from published.marts.rpt_cost_daily", "\"team_id\"", "g0", "(select 1)", "main.duckdb_tables()",
    )  # fmt: skip
    for text in injections:
        value = quote(text)
        yield f"cost/aggregate?{DAYS}&group_by={value}"
        yield f"cost/aggregate?{DAYS}&group_by=model&order_by={value}"
        yield f"cost/aggregate?{DAYS}&filter={value}:x"
        yield f"cost/aggregate?{DAYS}&filter=model:{value}"
        yield f"cost/records?{DAYS}&cursor={value}"
        yield f"metrics/{quote(text, safe='')}"
        yield f"metrics/spend_usd?{DAYS}&group_by={value}"
    yield "cost/alerts?is_open=true"
    yield "cost/alerts?severity=critical&acknowledged=false"


def test_a_key_of_one_team_gets_nothing_of_another_in_200_ways(client: TestClient, served: Served) -> None:
    every = list(attacks())
    assert len(every) >= 200
    for path in every:
        answer = client.get(f"/api/v1/{path}", headers=served.headers("vic"))
        assert answer.status_code in (200, 404, 422), (path, answer.text)
        # What was asked for may be said again; no row, name or amount of the other team may.
        asked = {"source", "scope", "team_id", "user_id", "detail", "field"}
        content = json.dumps({name: each for name, each in answer.json().items() if name not in asked})
        assert not tells_of_beta(content), (path, content)


def test_a_cursor_of_another_team_leads_to_own_rows_only(client: TestClient, served: Served) -> None:
    page = client.get(f"/api/v1/cost/records?{DAYS}&limit=1", headers=served.headers("bea")).json()
    assert page["next_cursor"]
    mine = client.get(f"/api/v1/cost/records?{DAYS}&cursor={page['next_cursor']}", headers=served.headers("vic")).json()
    assert {each["team_id"] for each in mine["rows"]} == {"alpha"}


def test_an_answer_is_not_taken_for_that_of_another_viewer(client: TestClient, served: Served) -> None:
    path = "/api/v1/cost/metrics"
    tags = {who: client.get(path, headers=served.headers(who)).headers["etag"] for who in ("ann", "lea", "bea")}
    assert len(set(tags.values())) == 3
    own = client.get(path, headers=served.headers("lea") | {"If-None-Match": tags["lea"]})
    other = client.get(path, headers=served.headers("lea") | {"If-None-Match": tags["ann"]})
    assert (own.status_code, other.status_code) == (304, 200)


def test_a_question_asked_twice_is_worked_out_once_for_each_who_sees_other_rows(
    client: TestClient, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[frozenset[str]] = []

    def noted(publication: Publication, viewer: Viewer) -> Any:
        looked.append(viewer.teams)
        return reading(publication, viewer)

    monkeypatch.setattr(asking, "reading", noted)
    path = "/api/v1/cost/metrics?period_start=2026-01-05&period_end=2026-12-31"
    answers = {who: [client.get(path, headers=served.headers(who)) for _ in range(3)] for who in ("ann", "lea", "bea")}
    assert looked == [frozenset(), frozenset({"alpha"}), frozenset({"beta"})]
    assert all(len({each.text for each in given}) == 1 for given in answers.values())
    assert len({given[0].json()["total_cost"] for given in answers.values()}) == 3
    rows = [each["rows"] for each in audited(served) if each["parameters"].get("period_start") == "2026-01-05"]
    assert len(rows) == 9
    assert rows == [each for each in rows[::3] for _ in range(3)]
    assert None not in rows


def audited(served: Served) -> list[dict[str, Any]]:
    lines = [
        line for file in sorted((served.settings.home / FOLDER).glob("*")) for line in file.read_text().splitlines()
    ]
    return [json.loads(line) for line in lines]


def sign_in(client: TestClient, served: Served, who: str) -> TestClient:
    opened = TestClient(client.app, follow_redirects=False)
    assert opened.post("/login", content=f"key={served.keys[who]}").status_code == 303
    return opened


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_the_rows_of_who_looks(client: TestClient, served: Served, path: str) -> None:
    assert client.get(path).headers["location"] == "/login"
    for who in (*SEE_ALL, *SEE_ALPHA):
        answer = sign_in(client, served, who).get(path)
        assert answer.status_code == 200, answer.text
        if who in SEE_ALPHA:
            assert not tells_of_beta(answer.text)


def test_a_page_of_another_team_is_refused_without_naming_it(client: TestClient, served: Served) -> None:
    answer = sign_in(client, served, "vic").get("/reports/team?team=beta")
    assert answer.status_code == 422
    assert "there are: alpha" in answer.json()["detail"]
    assert client.post("/login", content=f"key={served.keys['old']}").status_code == 401


def test_a_dashboard_of_ones_own_has_no_other_way_to_the_marts(client: TestClient, served: Served) -> None:
    folder = served.settings.dashboards_dir
    folder.mkdir(exist_ok=True)
    own = folder / "around.yml"
    own.write_text("""
title: Around
section: dashboards
datasets:
  cost:
    query: select usage_date, spend_usd from published.marts.rpt_cost_daily
    date: usage_date
    measures: [spend_usd]
widgets:
  - {type: number, title: Cost, dataset: cost, value: sum(spend_usd), unit: usd}
""")
    try:
        answer = sign_in(client, served, "vic").get("/dashboards/around")
        assert answer.status_code in (403, 404)
        assert not tells_of_beta(answer.text)
    finally:
        own.unlink()


def test_who_a_user_id_is_only_an_admin_learns(client: TestClient, served: Served) -> None:
    found = {who: client.get("/api/v1/people/u1", headers=served.headers(who)) for who in ("ann", "fin", "lea", "vic")}
    assert [each.status_code for each in found.values()] == [200, 403, 403, 403]
    assert found["ann"].json()["email"] == "one@x.example"
    assert not any("one@x" in each.text for who, each in found.items() if who != "ann")
    assert client.get("/api/v1/people/nobody", headers=served.headers("ann")).status_code == 404


def test_who_a_pseudonym_is_only_an_admin_learns_and_each_time_is_logged(client: TestClient, served: Served) -> None:
    pseudonym = Pseudonyms.of_home(served.settings.home).of("u1")
    with duckdb.connect(str(served.settings.warehouse_path)) as connection:
        ensure_identity_tables(connection)
        connection.execute(
            "insert into identity.people values (?, 'u1', 'One', 'one@x.example', 'raw_org.users', null)", [pseudonym]
        )
    path = f"/api/v1/identities/{pseudonym}"
    found = {who: client.get(path, headers=served.headers(who)) for who in ("ann", "fin", "lea", "vic")}
    assert [each.status_code for each in found.values()] == [200, 403, 403, 403]
    body = found["ann"].json()
    assert (body["user_id"], body["display_name"], body["email"]) == ("u1", "One", "one@x.example")
    assert {each.json()["remedy"] for who, each in found.items() if who != "ann"} == {"ask somebody who is: admin"}
    assert not any("one@x" in each.text for who, each in found.items() if who != "ann")
    assert (
        client.get(path, headers={**served.headers("fin"), "If-None-Match": found["ann"].headers["etag"]}).status_code
        == 403
    )
    unknown = client.get("/api/v1/identities/person-aaaaaaaaaaaaaaaa", headers=served.headers("ann"))
    assert (unknown.status_code, unknown.json()["field"]) == (404, "pseudonym")
    person = client.get(f"/api/v1/people/{pseudonym}", headers=served.headers("ann")).json()
    assert (person["user_id"], person["email"]) == ("u1", "one@x.example")
    text = "".join(path.read_text() for path in (served.settings.home / "access" / "audit").glob("*.jsonl"))
    entries = [json.loads(line) for line in text.splitlines() if "resolved a pseudonym" in line]
    assert [(each["principal_id"], each["status"]) for each in entries][:4] == [
        ("ann", 200), ("fin", 403), ("lea", 403), ("vic", 403),
    ]  # fmt: skip
    assert "one@x" not in text


def test_a_run_that_holds_the_warehouse_is_said(client: TestClient, served: Served) -> None:
    held = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(served.settings.warehouse_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        answer = client.get("/api/v1/identities/person-aaaaaaaaaaaaaaaa", headers=served.headers("ann"))
        run.communicate()
    assert (answer.status_code, answer.json()["remedy"]) == (503, "ask again when the run is over")


def test_a_revoked_key_opens_nothing_at_once(client: TestClient, served: Served) -> None:
    from orchestration.serving.keys import KeyStore

    store = KeyStore(served.settings.home)
    key, text = store.create("vic")
    headers = {"X-API-Key": text}
    signed_in = TestClient(client.app, follow_redirects=False)
    signed_in.post("/login", content=f"key={text}")
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    assert signed_in.get("/").status_code == 200
    store.revoke(key.key_id)
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    assert signed_in.get("/").headers["location"] == "/login"


def test_every_access_is_in_the_log_without_a_secret(client: TestClient, served: Served) -> None:
    client.get("/api/v1/cost/metrics?user_id=u1", headers=served.headers("lea"))
    client.get("/api/v1/cost/admin/costs", headers=served.headers("lea"))
    client.get("/api/v1/cost/metrics?api_key=costops_secret", headers={"Authorization": "Bearer costops_x_y"})
    text = "".join(path.read_text() for path in (served.settings.home / "access" / "audit").glob("*.jsonl"))
    entries: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()][-3:]
    assert [(each["principal_id"], each["path"], each["status"]) for each in entries] == [
        ("lea", "/api/v1/cost/metrics", 200), ("lea", "/api/v1/cost/admin/costs", 403),
        (None, "/api/v1/cost/metrics", 401),
    ]  # fmt: skip
    assert entries[0]["parameters"] == {"user_id": "u1"}
    assert (entries[0]["rows"], entries[2]["rows"]) == (1, 0)  # u1 used one model
    assert all(each["at_utc"] for each in entries)
    for secret in (*served.keys.values(), "costops_secret", "costops_x_y"):
        assert secret[-43:] not in text
    stored = (served.settings.home / "access" / "keys.json").read_text()
    assert not any(each[-43:] in stored for each in served.keys.values())


def test_other_hosts_and_other_sites_are_refused(client: TestClient, served: Served) -> None:
    there = client.get("/api/v1/me", headers=served.headers("ann") | {"Host": "evil.example"})
    assert there.status_code == 421
    form = client.post("/login", content=f"key={served.keys['ann']}", headers={"Origin": "http://evil.example"})
    assert form.status_code == 403
