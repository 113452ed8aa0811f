"""What goes wrong: which errors come, what is tried again and what is never sent twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from costops_client import (
    AskedWrongly,
    AsyncCostOps,
    CostOps,
    CostOpsError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotNow,
    ServerBroke,
    TimedOut,
    TooManyRequests,
    UnexpectedAnswer,
    Unreachable,
)
from orchestration.alerting.rulebook import Kind, read_rulebook
from orchestration.alerting.rules import rule_names
from tests.support.http_stub import Answer, Asked, serving
from tests.support.live_server import live
from tests.support.ports import free_port
from tests.support.served_home import Served, served_home

READY = {"ready": True, "publication": "p", "published_at_utc": None, "age_seconds": None, "held_back": 0}
TAKEN = {"accepted": 1, "rejected": [], "rejected_count": 0}
KEY = "costops_000000000000_not-a-key"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, without waiting."""
    found: list[float] = []

    async def awaited(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr("costops_client.synchronous.time", SimpleNamespace(sleep=found.append))
    monkeypatch.setattr("costops_client.asynchronous.anyio", SimpleNamespace(sleep=awaited))
    return found


def failing(*before: Answer, body: Any = READY) -> Callable[[Asked], Answer]:
    """These answers in their order, then a good one."""
    rest = list(before)
    return lambda asked: rest.pop(0) if rest else Answer(body)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_is_transient_is_asked_again_after_longer_pauses(pauses: list[float], status: int) -> None:
    with serving(failing(Answer(status=status), Answer(status=status))) as stub, CostOps(KEY, stub.url) as client:
        assert client.ready().ready
        assert len(stub.asked) == 3
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0


def test_awaiting_asks_again_too(pauses: list[float]) -> None:
    async def asked(url: str) -> bool:
        async with AsyncCostOps(KEY, url) as client:
            return (await client.ready()).ready

    with serving(failing(Answer(status=503), Answer(is_cut=True))) as stub:
        assert asyncio.run(asked(stub.url))
        assert len(stub.asked) == 3
    assert len(pauses) == 2


def test_a_server_says_how_long_to_wait(pauses: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    answers = failing(Answer(status=429, headers={"Retry-After": "7"}), Answer(status=503, headers={"Retry-After": at}))
    with serving(answers) as stub, CostOps(KEY, stub.url) as client:
        assert client.ready().ready
    assert pauses[0] == 7
    assert 15 < pauses[1] <= 20
    too_long = failing(Answer({"detail": "x"}, 429, {"Retry-After": "3600"}))
    with serving(too_long) as stub, CostOps(KEY, stub.url) as client, pytest.raises(TooManyRequests) as caught:
        client.ready()
    assert caught.value.retry_after_seconds == 3600
    assert len(pauses) == 2


@pytest.mark.parametrize(("status", "kind"), [(500, ServerBroke), (401, NotAuthenticated), (404, NotFound)])
def test_what_is_not_transient_is_asked_once(pauses: list[float], status: int, kind: type[Exception]) -> None:
    with serving(lambda asked: Answer("no problem+json", status)) as stub, CostOps(KEY, stub.url) as client:
        with pytest.raises(kind):
            client.ready()
        assert len(stub.asked) == 1
    assert pauses == []


def test_attempts_end(pauses: list[float]) -> None:
    with serving(lambda asked: Answer(status=503)) as stub, CostOps(KEY, stub.url, retries=2) as client:
        with pytest.raises(NotNow):
            client.ready()
        assert len(stub.asked) == 3
    with serving(lambda asked: Answer(status=503)) as stub, CostOps(KEY, stub.url, retries=0) as client:
        with pytest.raises(NotNow):
            client.ready()
        assert len(stub.asked) == 1


@pytest.mark.parametrize("trouble", [Answer(status=502), Answer(status=503), Answer(status=504), Answer(is_cut=True)])
def test_what_changes_something_is_never_sent_twice(pauses: list[float], trouble: Answer) -> None:
    sends: list[Callable[[CostOps], Any]] = [
        lambda client: client.send_events([{"event_id": "e"}]),
        lambda client: client.create_budget("b", 1),
        lambda client: client.create_alert("user_cost", 5),
        lambda client: client.acknowledge_alert("a"),
    ]
    for send in sends:
        with serving(lambda asked: trouble) as stub, CostOps(KEY, stub.url) as client:
            with pytest.raises(CostOpsError):
                send(client)
            assert len(stub.asked) == 1
    assert pauses == []


def test_what_was_turned_away_unread_is_sent_again(pauses: list[float]) -> None:
    answers = failing(Answer(status=429, headers={"Retry-After": "1"}), body=TAKEN)
    with serving(answers) as stub, CostOps(KEY, stub.url) as client:
        assert client.send_events([{"event_id": "e"}]).accepted == 1
        assert [asked.json for asked in stub.asked] == [{"events": [{"event_id": "e"}]}] * 2


def test_a_price_is_asked_again_though_it_is_sent(pauses: list[float]) -> None:
    with serving(lambda asked: Answer(status=503)) as stub, CostOps(KEY, stub.url, retries=1) as client:
        with pytest.raises(NotNow):
            client.estimate("gpt-5", 1, 1)
        assert len(stub.asked) == 2


def test_time_runs_out(pauses: list[float]) -> None:
    def slow(asked: Asked) -> Answer:
        time.sleep(0.5)
        return Answer(READY)

    with serving(slow) as stub, CostOps(KEY, stub.url, timeout=0.05, retries=1) as client:
        started = time.monotonic()
        with pytest.raises(TimedOut, match="did not answer in time") as caught:
            client.ready()
        assert time.monotonic() - started < 1
    assert len(pauses) == 1
    assert KEY not in repr(caught.value) + str(caught.value.__cause__)


def test_nothing_there_is_said_with_the_remedy(pauses: list[float]) -> None:
    port = free_port()
    with CostOps(KEY, f"http://127.0.0.1:{port}") as client, pytest.raises(Unreachable, match="costops serve"):
        client.metrics()
    assert len(pauses) == 3


@pytest.mark.parametrize("body", ["<html>a portal</html>", {"ready": "perhaps"}, {"ready": True}, []])
def test_another_server_is_told_apart(body: Any) -> None:
    with (
        serving(lambda asked: Answer(body)) as stub,
        CostOps(KEY, stub.url) as client,
        pytest.raises(UnexpectedAnswer),
    ):
        client.ready()


def test_a_problem_becomes_an_error_with_field_and_remedy(costs: CostOps, served: Served, url: str) -> None:
    with pytest.raises(AskedWrongly, match="is no day") as wrong:
        costs.metrics(period_start="soon")
    assert (wrong.value.status, wrong.value.field) == (422, "period_start")
    assert "2026-01-31" in wrong.value.remedy
    with pytest.raises(NotFound) as missing:
        costs.budget_status("no/such budget")
    assert missing.value.remedy
    with CostOps(served.keys["vic"], url) as client:
        with pytest.raises(NotAllowed):
            client.admin_costs()
        with pytest.raises(NotFound):
            client.budget_status("b-beta")
        with pytest.raises(NotAllowed, match="--sends"):
            client.send_events([{"event_id": "e"}])


@pytest.mark.parametrize("key", ["wrong", KEY])
def test_a_wrong_key_is_refused_and_not_repeated(url: str, key: str) -> None:
    with CostOps(key, url) as client, pytest.raises(NotAuthenticated) as caught:
        client.me()
    assert "costops keys create" in caught.value.remedy
    assert key not in repr(client) + repr(caught.value)


def test_a_real_server_that_is_asked_too_often_is_waited_for(tmp_path: Path, pauses: list[float]) -> None:
    served = served_home(tmp_path / "home")
    with live(served, requests_per_minute=2) as url, CostOps(served.keys["ann"], url, retries=1) as client:
        client.me()
        client.me()
        with pytest.raises(TooManyRequests, match="a minute") as caught:
            client.me()
    assert pauses
    assert pauses[0] == caught.value.retry_after_seconds == 30


def test_key_and_url_come_from_the_environment(served: Served, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COSTOPS_API_KEY", raising=False)
    with pytest.raises(CostOpsError, match="COSTOPS_API_KEY"):
        CostOps()
    monkeypatch.setenv("COSTOPS_API_KEY", served.keys["lea"])
    monkeypatch.setenv("COSTOPS_URL", url)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with CostOps() as client:
        assert client.me().name == "lea"
    for wrong in ("ftp://x", "nonsense", "http://"):
        with pytest.raises(CostOpsError, match="no url"):
            CostOps("k", wrong)


def test_writes_reach_the_home_and_its_rules(tmp_path: Path) -> None:
    served = served_home(tmp_path / "home")
    event = {
        "event_id": "r-1", "requested_at_utc": "2026-03-14T03:00:00Z", "provider_name": "openai",
        "requested_model": "gpt-5", "uncached_input_tokens": 1200, "output_tokens": 300, "team_id": "alpha",
    }  # fmt: skip
    with live(served) as url, CostOps(served.keys["lea"], url) as client:
        taken = client.send_events([event, {"event_id": "r-2"}])
        assert (taken.accepted, taken.rejected_count, taken.rejected[0].row) == (1, 1, 2)
        made = client.create_budget("From a client", "12.50", scope_type="team", scope_id="alpha")
        assert "12.50" in (served.settings.org_dir / "budgets.csv").read_text()
        assert made.counts_from == "the next run"
        with pytest.raises(NotAllowed):
            client.create_budget("Not mine", 1, scope_type="team", scope_id="beta")
        assert client.check_budgets(1, "team:alpha").captured_event_count == 1
        assert client.create_alert("model_cost_per_request", "0.05", subject="gpt-4*", team="alpha").rule
        with pytest.raises(NotAllowed):
            client.create_alert("user_cost", 500)
        with pytest.raises(AskedWrongly, match="is no rule") as wrong:
            client.create_alert("user_costs", 500, team="alpha")
        assert wrong.value.field == "rule"
    book = read_rulebook(served.settings.home, rule_names())
    assert book.problems == ()
    assert book.value("threshold", "model_cost_per_request", "gpt-4o", Kind(team="alpha")) == Decimal("0.05")
    assert book.value("threshold", "model_cost_per_request", "gpt-4o", Kind(team="beta")) is None


def test_a_file_takes_nothing_in_and_a_place_must_be_there(served: Served, tmp_path: Path) -> None:
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    with CostOps.local(served.settings.published_database) as client:
        assert client.metrics().total_cost is not None
        for send in (lambda: client.send_events([{}]), lambda: client.create_budget("b", 1)):
            with pytest.raises(NotAllowed, match="takes nothing in"):
                send()
    with CostOps.local(served.settings.home) as client, pytest.raises(NotAllowed, match="takes no writes"):
        client.create_budget("b", 1)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    with pytest.raises(CostOpsError, match="is not there"):
        CostOps.local(tmp_path / "nothing")
    with pytest.raises(CostOpsError, match="no principal"):
        CostOps.local(served.settings.home, principal="old")
    with pytest.raises(CostOpsError, match="not good"):
        CostOps.local(served.settings.home, api_key=KEY)


def test_a_key_does_not_travel_where_others_can_read_it() -> None:
    with pytest.raises(CostOpsError, match=r"unencrypted to costs\.example\.com") as refused:
        CostOps(KEY, "http://costs.example.com:8080")
    assert KEY not in str(refused.value)
    CostOps(KEY, "https://costs.example.com").close()
