"""A score is due by the days that are over: usage of today is no reason, a change of any day before is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import duckdb
import pytest

from orchestration.running.due import plan as planning
from orchestration.running.due.days_over import DATED_BY, note_days_over
from orchestration.running.due.nodes import Node, Project
from orchestration.running.due.plan import make_plan
from orchestration.running.due.state import built_at, note_step, ready
from orchestration.running.due.steps import Step

TODAY = date(2026, 6, 15)
SPEND, SPEND_ID = "intermediate.int_spend", "model.p.int_spend"


class Home:
    """Spend by day in one stored table, a view of it that dates the scores, and one step that scores."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.step = Step("score", (SPEND, DATED_BY), ("ml.scores",), scores_days=(SPEND, DATED_BY))
        monkeypatch.setattr(planning, "STEPS", {"score": self.step})
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("create schema marts; create schema intermediate")
        self.connection.execute(f"create table {SPEND} (usage_date date, cost_usd decimal(38, 12))")
        self.connection.execute(f"create view {DATED_BY} as select * from {SPEND}")
        self.project = Project(
            {
                SPEND_ID: Node(SPEND_ID, SPEND, "table", "code", (), ()),
                "model.p.fct": Node("model.p.fct", DATED_BY, "view", "code", (SPEND_ID,), (SPEND_ID,)),
            },
            {},
        )
        self.today, self.builds = TODAY, 0
        for day in range(1, 4):
            self.spend(TODAY - timedelta(days=day), 5)
        ready(self.connection)

    def spend(self, day: date, amount: int) -> None:
        self.connection.execute(f"insert into {SPEND} values (?, ?)", [day, amount])
        self.builds += 1

    def is_due(self) -> bool:
        """Plan, build the table, ask the step, and do what it says."""
        now = datetime.combine(self.today, time(5), UTC).replace(tzinfo=None)
        make_plan(self.connection, self.project, settings_key="", today=self.today)
        self.connection.execute("delete from build_state.built where node = ?", [SPEND_ID])
        self.connection.execute(
            "insert into build_state.built "
            "select node, inputs_key, ?, 0, '', '', ? from build_state.due where node = ?",
            [f"content {self.builds}", now, SPEND_ID],
        )
        note_days_over(self.connection, self.today)
        asked = "select is_due from build_state.due where node = ?"
        due = bool(self.connection.execute(asked, [self.step.id]).fetchall()[0][0])
        if due:
            note_step(self.connection, self.step.id, now)
        return due


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that was scored once."""
    home = Home(monkeypatch)
    assert home.is_due()
    assert not home.is_due()
    return home


def test_usage_of_today_is_no_reason_to_score(home: Home) -> None:
    home.spend(TODAY, 7)
    home.spend(TODAY, 9)
    assert not home.is_due()


def test_a_day_that_is_over_is(home: Home) -> None:
    home.spend(TODAY - timedelta(days=2), 1)
    assert home.is_due()
    assert not home.is_due()


def test_tomorrow_scores_what_came_today(home: Home) -> None:
    home.spend(TODAY, 7)
    assert not home.is_due()
    home.today = TODAY + timedelta(days=1)
    assert home.is_due()


def test_usage_of_today_after_days_without_any_moves_the_day_that_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(monkeypatch)
    home.today = TODAY + timedelta(days=3)
    assert home.is_due()
    home.spend(home.today, 7)
    assert home.is_due()


def test_what_was_not_scored_when_its_table_changed_is_due_later(home: Home) -> None:
    """A run in which the step was skipped, as something it reads was held back."""
    home.spend(TODAY - timedelta(days=1), 1)
    home.connection.execute("update build_state.built set content = 'newer' where node = ?", [SPEND_ID])
    make_plan(home.connection, home.project, settings_key="", today=TODAY)
    assert home.is_due()


def test_looking_at_what_is_due_builds_nothing(home: Home) -> None:
    """`--explain` says since when nothing is new: since the last build, not since somebody looked."""
    built = built_at(home.connection)
    make_plan(home.connection, home.project, settings_key="", today=TODAY + timedelta(days=1))
    assert built_at(home.connection) == built
