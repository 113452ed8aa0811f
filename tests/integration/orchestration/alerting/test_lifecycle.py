"""An alert from its crossing to its end, by real receivers: once each, whatever fails in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.alerting import Situation, connected_channels, decide, deliver_pending, record_alerts, resolve_alerts
from orchestration.alerting.actions import ACK, MUTE, UNMUTE, act, mutes_of, read_actions
from orchestration.alerting.decide import Decision
from orchestration.alerting.delivery import ConnectedChannel, DeliveryParams
from orchestration.alerting.model import Row
from orchestration.alerting.outbox import Manners
from orchestration.alerting.rulebook import RuleBook, read_rulebook
from orchestration.alerting.rules import alert_rules, rule_names
from orchestration.alerting.store import read_alerts
from tests.support.alert_receivers import Hook, Mailbox

START = datetime(2026, 11, 10, 8)  # noqa: DTZ001
SCHEDULES = int(os.environ.get("COSTOPS_TEST_ALERT_SCHEDULES", "4"))
ONCE = DeliveryParams(attempts=1)
NOTHING: dict[str, tuple[Row, ...]] = {name: () for rule in alert_rules() for name in rule.inputs}


class Killed(BaseException):
    """The process ends here; nothing after it happens."""


def share(value: float, *, requests: int = 10) -> dict[str, Any]:
    """A measurement of the rule on prices that are missing; alert above 5, critical above 25."""
    row = {"subject_type": "total", "subject_id": "all", "value": value, "requests": requests, "since": "2026-11-01"}
    return {"unpriced_share": (row,)}


def budget(spent: int) -> dict[str, Any]:
    days = {
        "budget_id": "b", "budget_name": "Search", "owner": "search-lead", "scope_type": "team", "scope_id": "search",
        "period_start_date": date(2026, 11, 1), "period_end_date": date(2026, 11, 30), "usage_date": date(2026, 11, 9),
        "amount_usd": 100, "spend_to_date_usd": spent, "alert_thresholds_pct": "75;90;100",
    }  # fmt: skip
    return {"marts.fct_budget_status_daily": (days,)}


def runs(*, failed: bool) -> dict[str, Any]:
    return {"runs": ({"job": "main", "run_id": "r", "is_failure": failed, "ended_at_utc": START},)}


def anomaly(day: int | None) -> dict[str, Any]:
    row = {
        "anomaly_id": "a", "usage_date": date(2026, 11, day or 1), "scope_type": "team", "scope_id": "search",
        "is_anomaly": day is not None, "severity": "critical", "impact_usd": 80.0, "reason": "runaway agent",
    }  # fmt: skip
    return {"ml.cost_anomalies": (row,)}


class Home:
    """A warehouse file that is opened and closed like that of a real home, a clock and receivers."""

    def __init__(self, folder: Path, variables: dict[str, str] | None = None, rules: str = "") -> None:
        self.path, self.now, self.variables = folder / "warehouse.duckdb", START, variables or {}
        if rules:
            (folder / "alerts").mkdir()
            (folder / "alerts" / "alert_rules.csv").write_text(rules)
        self.book: RuleBook = read_rulebook(folder, rule_names())
        assert self.book.problems == ()
        self.sent: list[tuple[str, str]] = []

    def decide(self, tables: dict[str, Any]) -> Decision:
        with duckdb.connect(str(self.path)) as db:
            existing = {str(row["alert_id"]): row for row in read_alerts(db)}
            seen = Situation(self.now.date(), NOTHING | tables, existing, book=self.book, now=self.now)
            decision = decide(seen)
            assert decision.failures == ()
            record_alerts(db, decision.drafts, now=self.now)
            resolve_alerts(db, decision.recoveries, now=self.now)
        return decision

    def deliver(self, *, kill_at: int | None = None) -> None:
        """Tell; with `kill_at` the process ends before that message is handed over."""
        channels = connected_channels(self.variables) if self.variables else (ConnectedChannel("own", self._keep),)
        number = iter(range(10_000))

        def guarded(channel: ConnectedChannel) -> ConnectedChannel:
            def send(message: Any) -> None:
                if next(number) == kill_at:
                    raise Killed
                channel.send(message)

            return replace(channel, send=send)

        with duckdb.connect(str(self.path)) as db:
            manners = Manners(self.book, mutes_of(read_actions(db)), self.now)
            told = [guarded(each) for each in channels]
            deliver_pending(db, told, now=self.now, manners=manners, params=ONCE, sleep=lambda _: None)

    def look(self, tables: dict[str, Any]) -> None:
        self.decide(tables)
        self.deliver()

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)

    def act(self, action: str, target: str, **more: Any) -> None:
        with duckdb.connect(str(self.path)) as db:
            act(db, action, target, by="ops", reason="planned", now=self.now, **more)

    def alerts(self) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.path)) as db:
            return read_alerts(db)

    def _keep(self, message: Any) -> None:
        for notice in message.notices:
            self.sent.append((notice.state, notice.severity))


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as found:
        yield found


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    with Hook() as found:
        yield found


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_each_problem_and_its_end_arrive_once_by_both_ways(
    seed: int, tmp_path: Path, mailbox: Mailbox, hook: Hook
) -> None:
    """A crossing, an incident and a failed run come and go, channels are down for hours, processes end between decision
    and delivery and between two messages. In the end each of the six notices is there once by either way."""
    dice = random.Random(seed)
    mailbox.messages.clear()
    hook.received.clear()
    mailbox.is_down = hook.is_down = False
    home = Home(tmp_path, mailbox.variables | {"COSTOPS_ALERT_WEBHOOK_URL": hook.url})
    comes = {name: dice.randrange(0, 8) for name in ("budget", "anomaly", "run")}
    goes = {name: hour + dice.randrange(1, 8) for name, hour in comes.items()}
    for hour in range(40):
        holds = {name: comes[name] <= hour < goes[name] for name in comes}
        mailbox.is_down, hook.is_down = dice.random() < 0.3 and hour < 32, dice.random() < 0.3 and hour < 32
        tables = budget(120 if holds["budget"] else 10) | runs(failed=holds["run"])
        tables |= anomaly(9 if holds["anomaly"] else None)
        home.decide(tables)
        fate = dice.random() if hour < 32 else 1.0
        if fate > 0.2:
            with suppress(Killed):
                home.deliver(kill_at=dice.randrange(0, 4) if fate < 0.5 else None)
        home.pass_(hours=1)
    expected = Counter(
        {("open", "budget_threshold_crossed"): 1, ("open", "cost_anomaly"): 1, ("open", "run_failed"): 1}
    )
    told = Counter((body["state"], body["rule"]) for body in hook.bodies() if body["state"] == "open")
    assert told == expected
    assert sorted(mailbox.ids) == sorted(hook.ids)
    assert len(set(hook.ids)) == len(hook.ids)
    rows = home.alerts()
    assert [row["resolved_at_utc"] is not None for row in rows] == [True] * 3
    over = {body["alert_id"] for body in hook.bodies() if body["state"] == "over"}
    late = {body["alert_id"] for body in hook.bodies() if "It was over at" in body["text"]}
    assert over | late == {row["alert_id"] for row in rows}


def test_a_measurement_that_crosses_fifty_times_a_day_is_one_alert(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for look in range(100):
        home.look(share(9 if look % 2 == 0 else 1))
        home.pass_(minutes=14)
    assert home.sent == [("open", "warning")]
    home.pass_(hours=23)
    home.look(share(1))
    assert home.sent == [("open", "warning")], "it stays open until it has stayed away for a day"
    home.pass_(hours=2)
    home.look(share(1))
    assert home.sent == [("open", "warning"), ("over", "warning")]


def test_near_the_threshold_an_open_alert_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.look(share(4.9))
    assert home.sent == []
    home.look(share(5.1))
    for _ in range(3):
        home.pass_(days=2)
        home.look(share(4.6))  # above 90 % of the threshold
    assert home.sent == [("open", "warning")]


def test_what_worsens_is_told_once_more_and_does_not_calm_down_by_half(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for value in (9, 30, 9, 30):
        home.look(share(value))
        home.pass_(hours=1)
    assert home.sent == [("open", "warning"), ("worse", "critical")]
    home.pass_(days=2)
    home.look(share(0))
    assert home.sent[2:] == [("over", "critical")]


def test_what_worsens_before_anybody_was_told_is_told_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.decide(share(9))
    home.pass_(hours=1)
    home.look(share(30))
    assert home.sent == [("open", "critical")]


def test_what_comes_back_later_is_told_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.look(share(9))
    home.pass_(days=2)
    home.look(share(0))
    home.pass_(days=1)
    home.look(share(9))
    assert home.sent == [("open", "warning"), ("over", "warning"), ("open", "warning")]
    assert len(home.alerts()) == 1


def test_an_unknown_value_ends_no_alert(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.look(share(9))
    home.pass_(days=3)
    home.look({"unpriced_share": ({"subject_type": "total", "subject_id": "all", "value": None},)})
    home.look({})
    assert home.sent == [("open", "warning")]


def test_a_mute_holds_until_it_ends_and_says_who_and_why(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.act(MUTE, "rule:unpriced_share", until=home.now + timedelta(hours=5))
    for _ in range(4):
        home.look(share(9))
        home.pass_(hours=1)
    assert home.sent == []
    home.pass_(hours=2)
    home.look(share(9))
    assert home.sent == [("open", "warning")]
    (alert,) = home.alerts()
    home.pass_(minutes=1)
    home.act(MUTE, alert["alert_id"], until=home.now + timedelta(days=9))
    home.look(share(40))
    assert len(home.sent) == 1
    home.pass_(minutes=1)
    home.act(UNMUTE, alert["alert_id"])
    home.look(share(40))
    assert home.sent[1:] == [("worse", "critical")]
    with duckdb.connect(str(home.path)) as db:
        assert {(row["by_whom"], row["reason"]) for row in read_actions(db)} == {("ops", "planned")}


def test_what_was_over_while_it_was_muted_is_never_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.act(MUTE, "rule:unpriced_share", until=home.now + timedelta(days=5))
    home.look(share(9))
    home.pass_(days=2)
    home.look(share(0))
    home.pass_(days=5)
    home.look(share(0))
    assert home.sent == []


def test_quiet_hours_hold_a_warning_and_let_a_critical_one_through(tmp_path: Path) -> None:
    home = Home(tmp_path, rules="rule,quiet_hours,time_zone\n*,18:00-08:00,Europe/Berlin\n")
    home.now = START.replace(hour=22)
    home.look(share(9))
    assert home.sent == []
    home.look(budget(150))
    assert home.sent == [("open", "critical")]
    home.now = (START + timedelta(days=1)).replace(hour=6, minute=59)
    home.look(share(9) | budget(150))
    assert len(home.sent) == 1
    home.pass_(minutes=1)  # 08:00 in Berlin
    home.look(share(9) | budget(150))
    assert home.sent[1:] == [("open", "warning")]


def test_an_acknowledged_alert_is_noted_and_its_end_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.look(share(9))
    (alert,) = home.alerts()
    home.act(ACK, alert["alert_id"])
    assert home.alerts()[0]["acknowledged_at_utc"] == home.now
    home.pass_(days=2)
    home.look(share(0))
    assert home.sent == [("open", "warning"), ("over", "warning")]


def test_a_table_of_an_earlier_version_is_upgraded(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.look(share(9))
    with duckdb.connect(str(home.path)) as db:
        db.execute("alter table alerts.alerts drop column escalated_at_utc; drop table alerts.actions")
    home.pass_(hours=1)
    home.look(share(30))
    assert home.sent == [("open", "warning"), ("worse", "critical")]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.integration.orchestration.alerting.test_lifecycle import Home, share

home = Home(Path(sys.argv[1]))
home.decide(share(9))
home._keep = lambda message: os.kill(os.getpid(), signal.SIGKILL)
home.deliver()
"""


def test_a_process_killed_between_decision_and_delivery_loses_and_doubles_nothing(tmp_path: Path, hook: Hook) -> None:
    hook.received.clear()
    hook.is_down = False
    root = Path(__file__).parents[4]
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    home = Home(tmp_path, {"COSTOPS_ALERT_WEBHOOK_URL": hook.url})
    for _ in range(3):
        home.look(share(9))
        home.pass_(hours=1)
    assert [body["state"] for body in hook.bodies()] == ["open"]
