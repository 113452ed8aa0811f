"""May this be spent? As of the publication and of what was sent since, at once, also while a copy is being opened."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.serving.http.app import create_app
from orchestration.serving.http.server import Options
from orchestration.serving.publications import Publications
from tests.support.received import event
from tests.support.served_home import Served, publish, served_home

CHECK = "/api/v1/cost/budgets/check"


@pytest.fixture
def home(tmp_path: Path) -> Served:
    return served_home(tmp_path)


@pytest.fixture
def sending(home: Served) -> Iterator[TestClient]:
    with TestClient(create_app(home.settings, Options(hosts=("testserver",)))) as client:
        yield client


def version(home: Served, sending: TestClient) -> str:
    """Which publication answers."""
    answer = sending.get(f"{CHECK}?amount=1", headers=home.headers("ann"))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["publication"]["id"])


def until_another(home: Served, sending: TestClient, before: str) -> str:
    """Wait for a publication that was swapped in; which one answers then."""
    end = time.monotonic() + 20
    while (found := version(home, sending)) == before and time.monotonic() < end:
        time.sleep(0.01)
    return found


def test_budgets_know_what_was_sent_and_forget_it_when_a_publication_holds_it(
    home: Served, sending: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromisoformat("2026-03-15T12:00:00")
    monkeypatch.setattr("orchestration.serving.http.spending.utc_now", lambda: now)

    def check(amount: str, scope: str = "team:alpha", who: str = "fin") -> dict[str, Any]:
        path = f"/api/v1/cost/budgets/check?scope={scope}&amount={amount}"
        answer = sending.get(path, headers=home.headers(who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = {each["budget_id"]: each for each in check("9")["budgets"]}
    assert first.keys() == {"b-all", "b-alpha"}
    assert Decimal(first["b-alpha"]["remaining_after"]) == Decimal("0.399999999999")  # 40 − 30.600000000001 − 9
    assert (check("9")["allowed"], check("9.4")["allowed"]) == (True, False)
    assert check("9")["age_seconds"] == 6 * 3600
    # A million input tokens of gpt-5 cost 1.25 USD on the list.
    sending.post("/api/v1/events", json=[event(1), event(2), event(1)], headers=home.headers("lea"))
    after = {each["budget_id"]: each for each in check("6.8")["budgets"]}
    assert Decimal(after["b-alpha"]["spent_since_publication"]) == Decimal("2.5")
    assert (check("6.8")["allowed"], check("6.9")["allowed"]) == (True, False)
    assert {each["budget_id"] for each in check("1", "team:alpha", "vic")["budgets"]} == {"b-alpha"}
    assert check("1", "team:beta", "vic")["budgets"] == []
    before = version(home, sending)
    publish(
        home.settings.home, "insert into marts.fct_llm_requests by name select 'x' as request_key, 'e1' as event_id"
    )
    until_another(home, sending, before)
    held = {each["budget_id"]: each for each in check("1")["budgets"]}
    assert Decimal(held["b-alpha"]["spent_since_publication"]) == Decimal("1.25")


def test_a_budget_of_a_pseudonym_counts_what_its_person_sent_and_tells_nobody_else_whose_it_is(
    home: Served, sending: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "orchestration.serving.http.spending.utc_now", lambda: datetime.fromisoformat("2026-03-15T12:00:00")
    )
    pseudonym = Pseudonyms.of_home(home.settings.home).of("u1")
    publish(
        home.settings.home,
        f"update marts.dim_budgets set scope_id = '{pseudonym}' where budget_id = 'b-u1'; "
        f"update marts.dim_users set user_id = '{pseudonym}' where user_id = 'u1'",
    )
    sending.post("/api/v1/events", json=[event(7) | {"user_id": "u1"}], headers=home.headers("lea"))

    def touched(scope: str, who: str) -> dict[str, Any]:
        answer = sending.get(f"/api/v1/cost/budgets/check?scope={scope}&amount=1", headers=home.headers(who)).json()
        return {each["budget_id"]: each["spent_since_publication"] for each in answer["budgets"]}

    assert Decimal(touched("user:u1", "ann")["b-u1"]) == Decimal("1.25")
    assert touched(f"user:{pseudonym}", "vic")["b-u1"] == touched("user:u1", "ann")["b-u1"]
    assert "b-u1" not in touched("user:u1", "vic")


def test_a_budget_whose_period_is_over_begins_anew(home: Served, sending: TestClient, monkeypatch: Any) -> None:
    now = datetime.fromisoformat("2026-04-01T00:00:00")
    monkeypatch.setattr("orchestration.serving.http.spending.utc_now", lambda: now)
    found = sending.get("/api/v1/cost/budgets/check?scope=team:alpha&amount=40", headers=home.headers("lea")).json()
    assert found["allowed"] is True
    assert found["budgets"][0]["is_new_period"] is True


def test_while_a_copy_is_opened_the_one_before_answers(
    home: Served, sending: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version(home, sending)
    may_open, opened = threading.Event(), Publications._opened

    def slowly(self: Publications) -> Any:
        assert may_open.wait(20)
        return opened(self)

    monkeypatch.setattr(Publications, "_opened", slowly)
    publish(home.settings.home, "update marts.dim_budgets set amount_usd = 1")
    assert [version(home, sending) for _ in range(3)] == [before] * 3
    may_open.set()
    assert until_another(home, sending, before) != before


def test_a_copy_that_cannot_be_opened_leaves_the_one_before(home: Served, sending: TestClient) -> None:
    before = version(home, sending)
    broken = home.settings.published_database.with_suffix(".broken")
    broken.write_bytes(b"no database")
    broken.replace(home.settings.published_database)
    assert [version(home, sending) for _ in range(3)] == [before] * 3
    assert sending.get("/api/v1/cost/budgets", headers=home.headers("ann")).status_code == 503
    publish(home.settings.home)
    assert until_another(home, sending, before) != before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "amount"), ("amount=", "amount"), ("amount=-1", "amount"), (f"amount={'1' * 41}", "amount"),
        ("amount=1&decimals=words", "decimals"), ("amount=1&scope=planet:mars", "scope"), ("amount=1&scope=", "scope"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_named(home: Served, sending: TestClient, query: str, field: str) -> None:
    answer = sending.get(f"{CHECK}?{query}", headers=home.headers("ann"))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_short_way_and_the_ordinary_one_answer_alike(home: Served, sending: TestClient) -> None:
    query = "amount=2.50&scope=team:alpha&scope=user:u1"
    found = []
    for way in (query, f"{query}&decimals=text", f"{query}&more=1", f"amount=1&{query}"):
        for headers in (home.headers("ann"), {"X-API-Key": home.headers("ann")["Authorization"].split()[1]}):
            answer = sending.get(f"{CHECK}?{way}", headers=headers)
            body = answer.json()
            assert body.pop("age_seconds") > 0
            found.append((answer.status_code, answer.headers["cache-control"], body))
        assert sending.get(f"{CHECK}?{way}").status_code == 401
    assert found == [found[0]] * len(found)
    numbers = sending.get(f"{CHECK}?{query}&decimals=number", headers=home.headers("ann")).json()
    assert {each["budget_id"]: each["limit"] for each in numbers["budgets"]} == {
        "b-all": 100000,
        "b-alpha": 40,
        "b-u1": 50,
    }
