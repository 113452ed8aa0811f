"""Marts of pseudonyms are marts of ids with other words for people: nobody is in them, and no figure is another."""

from __future__ import annotations

import os
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from ingestion.config import Settings
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.identities.people import bring_up_to_date
from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

ENTRANCES = ("--select", "path:models/staging", "int_budgets", "fct_quarantined_rows", "rpt_alerts",
             "fct_price_adjustments")  # fmt: skip
"""Where people enter, which is all in staging and the marts that read no more."""
SELECTED = (
    "--select", "+fct_allocated_costs_daily", "+fct_llm_requests", "+rpt_usage_daily", "+rpt_cost_by_user_monthly",
    "+fct_budget_status_daily", "int_tagged_usage_daily", "+fct_price_adjustments", "+fct_quarantined_rows",
    "+rpt_alerts",
)  # fmt: skip
"""And what is made of them: for `COSTOPS_TEST_IDENTITIES=1`, as it takes five builds."""
whole = pytest.mark.skipif(not os.environ.get("COSTOPS_TEST_IDENTITIES"), reason="five builds: COSTOPS_TEST_IDENTITIES")
PSEUDONYMS = ("--vars", "{identities: pseudonyms}")
NOW = datetime.fromisoformat("2026-06-01T10:00:00")
WORDS = ("user-0", "user-1", "Maeve O'Brien", "maeve@x.example")
SAID = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in WORDS), re.IGNORECASE)
COUNTED = ("DECIMAL", "BIGINT", "HUGEINT", "INTEGER")


def settings(warehouse: ScratchWarehouse) -> Settings:
    return Settings.from_env({}, home=warehouse.folder)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """The small company with people in every kind of place, not built."""
    built = ScratchWarehouse.create(tmp_path_factory.mktemp("identities"))
    company.small_company(built)
    tags = {"tags": '{"by": "user-1", "on": "laptop-user-12"}'}
    company.land_file(built, 3, company.requests_of_day(10, file_id=3, **tags), at=1)
    built.insert("raw_org.users", [
        {"user_id": "user-0", "user_name": "Maeve O'Brien", "email": "maeve@x.example", "team_id": "team-a"},
        {"user_id": "user-9", "user_name": "Nobody Yet", "email": None, "team_id": "team-b"},
    ])  # fmt: skip
    built.execute("update raw_org.teams set owner = 'Maeve O''Brien' where team_id = 'team-a'")
    budgets = {"amount_usd": Decimal(5), "period": "month"}
    built.insert("raw_org.budgets", [
        {"budget_id": "b1", "budget_name": "Budget of user-0", "scope_type": "user", "scope_id": "user-0", **budgets},
        {"budget_id": "b2", "scope_type": "team", "scope_id": "team-a", "owner": "maeve@x.example", **budgets},
    ])  # fmt: skip
    quarantined = {"source": "events", "file_path": "codex/user-1/a.jsonl", "reason": "invalid_value",
                   "original_record": '{"user": "Maeve O\'Brien"}'}  # fmt: skip
    built.insert("raw_events.quarantine", [quarantined])
    booked = "'a', 'r', '2026-04-01', '2026-04-01', '2026-03-01', '2026-03-31', 'x', '2026-03-02', 'openai', 'org-1'"
    built.execute(
        f"insert into adjustments.price_adjustments values ({booked}, null, null, 'key-0', 'user-0', null, null, null, "
        "null, 'gpt-known', 'output', 0.5, 0.25)"
    )
    built.execute(
        "insert into alerts.alerts (alert_id, rule, severity, subject_type, subject_id, title, message, "
        "first_seen_at_utc, last_seen_at_utc) values ('a', 'budget', 'high', 'user', 'user-0', "
        "'Budget of user-0 is used up', 'by user-1', '2026-03-02', '2026-03-02')"
    )
    with built.connection() as connection:
        bring_up_to_date(connection, settings(built), NOW)
    return built


def content(warehouse: ScratchWarehouse) -> dict[str, list[str]]:
    """Every stored table of models and every mart, row by row."""
    names = warehouse.rows(
        "select table_schema || '.' || table_name from information_schema.tables where table_schema = 'marts' "
        "or (table_schema = 'intermediate' and table_type = 'BASE TABLE')"
    )
    return {
        name: sorted(row for (row,) in warehouse.rows(f"select to_json(t)::varchar from {name} as t"))
        for (name,) in names
    }


def figures(warehouse: ScratchWarehouse) -> dict[str, tuple[Any, ...]]:
    """Rows and sums of each table; numbers that are made from keys are none."""
    columns: dict[str, list[str]] = {}
    for name, column, kind in warehouse.rows(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('marts', 'intermediate')"
    ):
        found = columns.setdefault(name, [])
        if kind.startswith(COUNTED) and not column.endswith(("_row_id", "_key", "_id")):
            found.append(f"sum({column})")
    return {
        name: warehouse.rows(f"select {', '.join(['count(*)', *found])} from {name}")[0]
        for name, found in columns.items()
    }


def test_nobody_gets_past_the_places_where_people_enter(warehouse: ScratchWarehouse) -> None:
    names = Pseudonyms.of_home(warehouse.folder)
    warehouse.dbt("seed", "--select", "provider_aliases", *PSEUDONYMS)
    warehouse.dbt("run", *ENTRANCES, *PSEUDONYMS)
    views = warehouse.rows(
        "select schema_name || '.' || view_name from duckdb_views() where schema_name in ('staging', 'marts') and "
        "view_name not in ('stg_org__users', 'stg_openai__users', 'stg_anthropic__members') order by 1"
    )
    assert len(views) > 60
    texts = {name: str(warehouse.rows(f"select to_json(t)::varchar from {name} as t")) for (name,) in views}
    assert [name for name, text in texts.items() if SAID.search(text)] == []
    ids = "select user_id, count(*), sum(output_tokens) from {} group by 1 order by 2, 3"
    found = warehouse.rows(ids.format("staging.stg_events__requests"))
    landed = warehouse.rows(ids.format("raw_events.requests"))
    assert found == [(names.of(user), *counted) for user, *counted in landed]
    assert warehouse.rows("select user_id from marts.fct_price_adjustments") == [(names.of("user-0"),)]
    assert warehouse.rows("select title from marts.rpt_alerts") == [(f"Budget of {names.of('user-0')} is used up",)]
    owners = warehouse.rows("select owner from staging.stg_org__teams where owner is not null")
    assert owners == [(names.of("Maeve O'Brien"),)]
    assert "laptop-user-12" in texts["staging.stg_events__requests"], "which is somebody else's, or nobody's"
    assert warehouse.rows("select budget_name, scope_id from intermediate.int_budgets order by budget_id") == [
        (f"Budget of {names.of('user-0')}", names.of("user-0")), ("b2", "team-a"),
    ]  # fmt: skip


@whole
def test_pseudonyms_change_words_and_no_figure_and_going_back_brings_back_every_row(
    warehouse: ScratchWarehouse,
) -> None:
    names = Pseudonyms.of_home(warehouse.folder)
    warehouse.dbt("seed")
    warehouse.dbt("run", *SELECTED)
    delivered, before = content(warehouse), figures(warehouse)
    assert len({name for name, rows in delivered.items() if SAID.search(str(rows))}) > 10
    warehouse.dbt("run", *SELECTED, *PSEUDONYMS)
    shown = content(warehouse)
    assert [row for rows in shown.values() for row in rows if SAID.search(row)] == []
    assert figures(warehouse) == before
    assert len(before) > 60
    assert warehouse.value(
        "select max(spend_to_date_usd) > 0 from marts.fct_budget_status_daily where budget_id = 'b1'"
    )

    warehouse.execute(f"update raw_org.budgets set scope_id = '{names.of('user-0')}' where budget_id = 'b1'")
    warehouse.execute(f"update adjustments.price_adjustments set user_id = '{names.of('user-0')}'")
    warehouse.dbt("run", *SELECTED)
    again = content(warehouse)
    assert {name for name in delivered if delivered[name] != again[name]} == set()


@whole
def test_somebody_who_was_not_looked_up_is_not_shown_and_a_check_says_so(warehouse: ScratchWarehouse) -> None:
    company.land_file(warehouse, 4, company.requests_of_day(11, file_id=4, user_id="user-new"), at=2)
    warehouse.dbt("run", *SELECTED, *PSEUDONYMS)
    assert warehouse.rows("select distinct user_id from marts.fct_llm_requests where usage_date = '2026-03-12'") == [
        ("person-unresolved",)
    ]
    check = ("test", "--select", "assert_everybody_has_a_pseudonym", *PSEUDONYMS)
    assert not warehouse.dbt(*check, expect_success=False).success
    with warehouse.connection() as connection:
        assert bring_up_to_date(connection, settings(warehouse), NOW) == 1
    warehouse.dbt("run", *SELECTED, *PSEUDONYMS)
    warehouse.dbt(*check)
