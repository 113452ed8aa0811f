"""What is due after random changes, built and killed at random, leaves what building everything from nothing would.

dbt itself is played by a few lines that do what `macros/engine/due.sql` does; the real one is in `tests/e2e`.
Larger: COSTOPS_TEST_DUE_CHANGES=3000.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from orchestration.running.due import plan as planning
from orchestration.running.due.nodes import Project, project_of
from orchestration.running.due.plan import NEW_DAY, Plan, make_plan
from orchestration.running.due.state import drop_changed, note_checks, note_contents, note_step, ready
from orchestration.running.due.steps import STEPS, Step

CHANGES = int(os.environ.get("COSTOPS_TEST_DUE_CHANGES", "100"))
HOMES = 30
NOW = datetime.fromisoformat("2026-06-01T12:00:00")
SOURCES = ("raw_a.rows", "raw_b.rows", "ml.scores")


class Killed(Exception):
    """The build ended here."""


class Company:
    """A small project over two raw tables and one table of scores, and its warehouse."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.choose = random.Random(seed)
        self.connection = duckdb.connect(config={"threads": 1})
        for schema in ("raw_a", "raw_b", "ml", "marts"):
            self.connection.execute(f"create schema {schema}")
        for table in SOURCES:
            self.connection.execute(f"create table {table} (id integer, amount integer, _dlt_load_id varchar)")
            self.connection.execute(f"insert into {table} select i, i * 3, 'load' from range(5) as r (i)")
        self.day, self.setting, self.built = date(2026, 6, 1), "usd", list[str]()
        self.step_settings: dict[str, str] = {}
        self.models = {f"m{number}": self._model(number) for number in range(12)}
        step = Step("score", ("marts.m4",), ("ml.scores",))
        monkeypatch.setattr(planning, "STEPS", {"score": step})
        monkeypatch.setattr(planning, "scoring_code_key", lambda: "code")
        self.step = step

    def _model(self, number: int) -> dict[str, Any]:
        scored = number >= 8
        known = [f"marts.m{each}" for each in range(number)] + list(SOURCES[: 3 if scored else 2])
        reads = self.choose.sample(known, k=min(len(known), self.choose.randint(1, 3)))
        if number == 8:
            reads = ["ml.scores"]
        kind = self.choose.choice(("table", "table", "view"))
        return {"reads": reads, "kind": kind, "factor": 1, "dated": self.choose.random() < 0.2, "scored": scored}

    def sql(self, name: str) -> str:
        """The query of a model; rounding down and a limit make different inputs give the same result."""
        model = self.models[name]
        parts = " union all ".join(f"select id, amount from {read}" for read in model["reads"])
        day = f" + {self.day.day}" if model["dated"] else ""
        return (
            f"select id % 4 as id, cast(floor(sum(amount) * {model['factor']} / 10){day} as integer) as amount "
            f"from ({parts}) group by 1"
        )

    def project(self) -> Project:
        """What dbt's manifest would say."""
        nodes = {}
        for name, model in self.models.items():
            text = f"{model['factor']} {model['reads']}" + (" run_started_at" if model["dated"] else "")
            nodes[f"model.p.{name}"] = _node(name, "model", model["kind"], text, self._ids(model["reads"]))
            nodes[f"model.p.{name}"]["tags"] = ["after_ml"] if model["scored"] else []
            nodes[f"test.p.{name}"] = _node(f"check_{name}", "test", "test", "check", [f"model.p.{name}"])
        sources = {
            f"source.llm_cost_ops.{table}": {"schema": table.split(".")[0], "identifier": table.split(".")[1]}
            for table in SOURCES
        }
        return project_of({"nodes": nodes, "sources": sources, "macros": {}})

    def _ids(self, reads: list[str]) -> list[str]:
        return [f"source.llm_cost_ops.{each}" if each in SOURCES else f"model.p.{each.split('.')[1]}" for each in reads]

    def shows_today(self, name: str) -> bool:
        """Whether a model's own code, or that of a view it reads, asks which day it is."""
        model = self.models[name]
        read = [each.partition(".")[2] for each in model["reads"] if each not in SOURCES]
        views = [each for each in read if self.models[each]["kind"] == "view"]
        return bool(model["dated"] or any(self.shows_today(each) for each in views))

    def change(self) -> None:
        """Change one thing that a run has to notice, or nothing."""
        table = self.choose.choice(SOURCES[:2])
        name = self.choose.choice(list(self.models))
        statements = (
            f"insert into {table} values ({self.choose.randint(0, 9)}, {self.choose.randint(0, 40)}, 'load')",
            f"update {table} set amount = amount + {self.choose.randint(1, 30)} where id = {self.choose.randint(0, 9)}",
            f"delete from {table} where id = {self.choose.randint(0, 9)}",
            f"update {table} set _dlt_load_id = 'another'",
        )
        kind = self.choose.randrange(9)
        if kind < len(statements):
            self.connection.execute(statements[kind])
        elif kind == 4:
            self.models[name]["factor"] = self.choose.randint(1, 3)
        elif kind == 5:
            self.day += timedelta(days=1)
        elif kind == 6:
            self.setting = self.choose.choice(("usd", "eur"))
        elif kind == 7 and self.models[name]["kind"] == "table":
            self.connection.execute(f"drop table if exists marts.{name}")

    def run(self, *, kill_after: int | None = None) -> Plan:
        """One run: before the scores, the scores, after them."""
        self.built, self._left = [], kill_after
        ready(self.connection)
        project = self.project()
        drop_changed(self.connection)
        note_contents(self.connection, project.sources, NOW)
        plan = self._plan(project)
        self._build(project, plan, scored=False)
        if self._is_due(self.step.id):
            self._moment()
            self._score()
            note_contents(self.connection, {f"source.llm_cost_ops.{SOURCES[2]}": SOURCES[2]}, NOW)
            self._moment()
            note_step(self.connection, self.step.id, NOW)
        self._build(project, self._plan(project), scored=True)
        return plan

    def _score(self) -> None:
        self.connection.execute(f"delete from {SOURCES[2]}")
        self.connection.execute(
            f"insert into {SOURCES[2]} select id, amount + {self.day.day}, 'load' from marts.m4 where amount > 20"
        )

    def _plan(self, project: Project) -> Plan:
        return make_plan(
            self.connection,
            project,
            settings_key=self.setting,
            today=self.day,
            step_settings=self.step_settings,
        )

    def _is_due(self, key: str) -> bool:
        return bool(
            self.connection.execute("select is_due from build_state.due where node = ?", [key]).fetchall()[0][0]
        )

    def _moment(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Killed

    def _build(self, project: Project, plan: Plan, *, scored: bool) -> None:
        """What dbt does, node by node, with what it was given."""
        given = set(plan.select(project.nodes, scored=scored))
        for name, model in self.models.items():
            key = f"model.p.{name}"
            exists = self.connection.execute(
                "select count(*) from information_schema.tables where table_schema = 'marts' and table_name = ?", [name]
            ).fetchall()[0][0]
            if name not in given or (not self._is_due(key) and exists):
                continue
            (wanted,) = self.connection.execute(
                "select inputs_key from build_state.due where node = ?", [key]
            ).fetchall()[0]
            self.connection.execute("delete from build_state.built where node = ?", [key])
            self._moment()
            if exists:
                self.connection.execute(f"drop {self._kind_of(name)} marts.{name}")
            self.connection.execute(f"create {model['kind']} marts.{name} as {self.sql(name)}")
            self._moment()
            self._remember(key, name, wanted, model["kind"])
            self.built.append(name)
        note_checks(self.connection, {key: "pass" for key in plan.reach if key.startswith("test.")}, NOW)

    def _kind_of(self, name: str) -> str:
        found = self.connection.execute(
            "select table_type from information_schema.tables where table_schema = 'marts' and table_name = ?", [name]
        ).fetchall()
        return "view" if found and found[0][0] == "VIEW" else "table"

    def _remember(self, key: str, name: str, wanted: str, kind: str) -> None:
        if kind == "view":
            self.connection.execute(
                "insert into build_state.built values (?, ?, 'view', null, null, ?, ?)",
                [key, wanted, f"marts.{name}", NOW],
            )
            return
        shape = (
            "select string_agg(column_name || ' ' || data_type, ', ' order by column_index) as columns "
            f"from duckdb_columns() where schema_name = 'marts' and table_name = '{name}'"
        )
        sums = "coalesce(sum(hash(content)::hugeint), 0) as content, count(*) as rows"
        filled = f"select {sums} from marts.{name} as content"
        self.connection.execute(
            "insert into build_state.built select ?, ?, md5(shape.columns) || ':' || filled.content, filled.rows, "
            f"shape.columns, ?, ? from ({shape}) as shape, ({filled}) as filled",
            [key, wanted, f"marts.{name}", NOW],
        )

    def from_nothing(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every model computed anew in another database, in order, scores between."""
        with duckdb.connect(config={"threads": 1}) as other:
            for schema in ("raw_a", "raw_b", "ml", "marts"):
                other.execute(f"create schema {schema}")
            for table in SOURCES[:2]:
                rows = self.connection.execute(f"select id, amount from {table}").fetchall()
                other.execute(f"create table {table} (id integer, amount integer)")
                if rows:
                    other.executemany(f"insert into {table} values (?, ?)", rows)
            other.execute("create table ml.scores (id integer, amount integer)")
            for name, model in self.models.items():
                if model["scored"] and not other.execute("select count(*) from ml.scores").fetchall()[0][0]:
                    other.execute(
                        f"insert into ml.scores select id, amount + {self.day.day} from marts.m4 where amount > 20"
                    )
                other.execute(f"create table marts.{name} as {self.sql(name)}")
            return {name: other.execute(f"from marts.{name} order by all").fetchall() for name in self.models}

    def as_built(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every model as the runs left it."""
        return {name: self.connection.execute(f"from marts.{name} order by all").fetchall() for name in self.models}


def _node(name: str, kind: str, materialized: str, text: str, reads: list[str]) -> dict[str, Any]:
    return {
        "unique_id": f"{kind}.p.{name.removeprefix('check_')}",
        "resource_type": kind,
        "name": name,
        "alias": name,
        "schema": "marts",
        "config": {"materialized": materialized},
        "checksum": {"checksum": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()},
        "raw_code": text,
        "depends_on": {"nodes": reads, "macros": []},
        "columns": {},
        "tags": [],
    }


@pytest.fixture
def companies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Company]]:
    made = [Company(seed, monkeypatch) for seed in range(HOMES)]
    yield made
    for company in made:
        company.connection.close()


def test_whatever_changes_the_result_is_that_of_building_everything(companies: list[Company]) -> None:
    kept = 0
    for company in companies:
        company.run()
        for step in range(CHANGES // HOMES):
            for _ in range(company.choose.randint(1, 2)):
                company.change()
            if company.choose.random() < 0.3:
                try:
                    company.run(kill_after=company.choose.randrange(6))
                except Killed:
                    company.change()
            company.run()
            assert company.as_built() == company.from_nothing(), f"step {step} of {company.choose}"
            kept += len(company.models) - len(company.built)
            company.run()
            assert company.built == []
    assert kept > CHANGES * 4, "a run keeps what it need not build"


def test_a_new_day_is_a_reason_for_what_shows_today(companies: list[Company]) -> None:
    for company in companies:
        company.run()
        company.day += timedelta(days=1)
        reasons = company.run().reasons
        shown = {name for name in company.models if company.shows_today(name)}
        views = {name for name in shown if company.models[name]["kind"] == "view"}
        expected = {f"model.p.{name}" for name in shown} | {f"test.p.{name}" for name in views} | {company.step.id}
        assert {key for key, reason in reasons.items() if reason == NEW_DAY} == expected


def test_a_setting_of_a_step_is_a_reason_for_it_alone(companies: list[Company]) -> None:
    for company in companies[:1]:
        company.run()
        company.step_settings = {"score": "another model", "alerts": "x"}
        assert set(company.run().reasons) == {company.step.id}
        assert company.run().reasons == {}


def test_steps_name_tables_that_exist() -> None:
    assert [step for step in STEPS.values() if not step.reads or not step.writes] == []
