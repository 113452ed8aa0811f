"""Whatever happens to the inputs, building on what is there gives what building anew gives, row for row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from orchestration.running.due.state import changed_by_hand, drop_changed, ready
from tests.integration.dbt import tiny_company as company
from tests.support.warehouse import ScratchWarehouse

FIRST = (
    "--select",
    "+fct_allocated_costs_daily",
    "+fct_unpriced_usage_daily",
    "+fct_llm_requests",
    "int_tagged_usage_daily",
)
SELECTED = (*FIRST, "--exclude", "path:models/staging")
"""Staging is views: once there, they need no second build."""
COMPARED = (
    "intermediate.int_usage_file_days",
    "intermediate.int_llm_usage_hourly",
    "intermediate.int_llm_usage_daily",
    "intermediate.int_usage_recorded_spend",
    "intermediate.int_tagged_usage_daily",
    "marts.fct_llm_usage_hourly",
    "marts.fct_unpriced_usage_daily",
    "marts.fct_allocated_costs_daily",
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    return company.built(tmp_path_factory.mktemp("incremental"), *FIRST)


def new_day(warehouse: ScratchWarehouse) -> None:
    company.land_file(warehouse, 3, company.requests_of_day(10, file_id=3), at=1)


def old_day_backfilled(warehouse: ScratchWarehouse) -> None:
    company.land_file(warehouse, 4, company.requests_of_day(1, file_id=4), at=2)


def file_grew(warehouse: ScratchWarehouse) -> None:
    rows = [row for day in range(6) for row in company.requests_of_day(day, file_id=1, count=6 + (day == 2))]
    company.land_file(warehouse, 1, rows, content="v2", at=3)


def file_replaced_by_one_of_other_days(warehouse: ScratchWarehouse) -> None:
    company.land_file(warehouse, 2, company.requests_of_day(0, file_id=2, output_tokens=7), content="v2", at=4)


def costs_are_no_longer_recorded(warehouse: ScratchWarehouse) -> None:
    """The day keeps its requests, and has no row left where recorded costs stand."""
    rows = company.requests_of_day(10, file_id=3, recorded_cost_usd=None)
    company.land_file(warehouse, 3, rows, content="v2", at=5)


def file_vanished_with_its_days(warehouse: ScratchWarehouse) -> None:
    company.forget_file(warehouse, 3)


def model_became_known(warehouse: ScratchWarehouse) -> None:
    company.add_price_list(warehouse, "gpt-new", factor=2)
    company.resolve(warehouse, "gpt-new", "gpt-new")


def list_corrected_a_price(warehouse: ScratchWarehouse) -> None:
    """Learned within the days of usage: from then on it holds, before it the old one does."""
    learned = datetime.fromisoformat("2026-03-05T07:00")
    warehouse.execute(
        f"update raw_prices.model_prices set known_to_utc = '{learned}' where price_model_id = 'gpt-known'"
    )
    middle = datetime.fromisoformat("2026-03-03T12:00")
    company.add_price_list(warehouse, "gpt-known", factor=2, valid_to_utc=middle, known_from_utc=learned)
    company.add_price_list(warehouse, "gpt-known", factor=3, valid_from_utc=middle, known_from_utc=learned)


def discount_agreed_from_a_day(warehouse: ScratchWarehouse) -> None:
    offer = {
        "provider_name": "openai",
        "discount_pct": Decimal("12.5"),
        "valid_from_utc": datetime.fromisoformat("2026-03-04"),
    }
    warehouse.insert("raw_org.negotiated_prices", [offer])


def bill_arrived(warehouse: ScratchWarehouse) -> None:
    charge = {
        "charge_period_start_utc": datetime.fromisoformat("2026-03-02"),
        "charge_period_end_utc": datetime.fromisoformat("2026-03-03"),
        "provider_name": "OpenAI",
        "billing_account_id": "org-1",
        "charge_category": "Usage",
        "service_name": "OpenAI API",
        "billed_cost": Decimal("1.25"),
        "billed_cost_text": "1.25",
        "billing_currency": "USD",
    }
    warehouse.insert("raw_billing.focus_charges", [charge])


def key_changed_hands(warehouse: ScratchWarehouse) -> None:
    day = "timestamp '2026-03-05'"
    warehouse.execute(f"update raw_org.ownership set valid_to_utc = {day} where subject_id = 'key-0'")
    row = {
        "subject_type": "api_key",
        "subject_id": "key-0",
        "team_id": "team-b",
        "valid_from_utc": datetime.fromisoformat("2026-03-05"),
    }
    warehouse.insert("raw_org.ownership", [row])


def tables_were_built_by_an_earlier_version(warehouse: ScratchWarehouse) -> None:
    """One that kept no fingerprints: nothing tells which of their days are as they should be."""
    warehouse.execute("alter table intermediate.int_spend_owners drop column usage_date")
    for table in ("int_spend_owners", "int_spend_lines"):
        warehouse.execute(f"alter table intermediate.{table} drop column _inputs_fingerprint")


CHANGES: list[tuple[Callable[[ScratchWarehouse], None], ...]] = [
    (new_day, old_day_backfilled),
    (file_grew, file_replaced_by_one_of_other_days, costs_are_no_longer_recorded),
    (discount_agreed_from_a_day, tables_were_built_by_an_earlier_version),
    (model_became_known, list_corrected_a_price, key_changed_hands),
    (file_vanished_with_its_days, bill_arrived),
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: "+".join(change.__name__ for change in changes))
def test_incremental_build_equals_full_refresh(
    warehouse: ScratchWarehouse, changes: tuple[Callable[[ScratchWarehouse], None], ...]
) -> None:
    before = warehouse.rows("select * from intermediate.int_llm_usage_hourly")
    for change in changes:
        change(warehouse)
    warehouse.dbt("run", *SELECTED)
    for table in COMPARED:
        warehouse.execute(f"create or replace table main.{table.split('.')[1]} as select * from {table}")
    assert warehouse.rows("select * from intermediate.int_llm_usage_hourly") != before
    warehouse.dbt("run", "--full-refresh", *SELECTED)
    for table in COMPARED:
        kept = f"main.{table.split('.')[1]}"
        assert warehouse.rows(f"select * from {kept} except all select * from {table}") == [], table
        assert warehouse.rows(f"select * from {table} except all select * from {kept}") == [], table


BY_HAND: tuple[Callable[[str, str], str], ...] = (
    lambda table, column: f'alter table {table} drop column "{column}"',
    lambda table, column: f'alter table {table} rename "{column}" to mine',
    lambda table, column: f'alter table {table} alter "{column}" type varchar; alter table {table} add column mine int',
    lambda table, _: (
        f"create table main.kept as from {table} limit 1; drop table {table}; create view {table} as from main.kept"
    ),
    lambda table, _: f"delete from {table} where hash(rowid) % 2 = 0",
    lambda table, _: f"insert into {table} from {table} limit 1",
)


def test_tables_changed_by_hand_are_built_whole(warehouse: ScratchWarehouse) -> None:
    """Every incremental model that holds rows, each changed in one way: what a run adds would be half of it."""
    with warehouse.connection() as connection:
        filled = sorted(
            name
            for name in connection.execute(
                "select distinct schema_name, table_name from duckdb_columns() where column_name in "
                "('_inputs_fingerprint', 'file_version') and schema_name in ('intermediate', 'marts')"
            ).fetchall()
            if connection.execute(f"from {'.'.join(name)} limit 1").fetchall()
        )
        assert len(filled) >= len(BY_HAND)
        remember_in(connection, filled)
        assert changed_by_hand(connection) == {}
        expected = {name: sorted(connection.execute(f"from {'.'.join(name)}").fetchall(), key=repr) for name in filled}
        for number, name in enumerate(filled):
            table, way = ".".join(name), number % len(BY_HAND)
            if way == 3:
                connection.execute("drop table if exists main.kept")
            column = connection.execute(f"describe {table}").fetchall()[2][0]
            connection.execute(BY_HAND[way](table, column))
        assert len(drop_changed(connection)) == len(filled)
    warehouse.dbt("run", *SELECTED)
    for name, rows in expected.items():
        assert sorted(warehouse.rows(f"from {'.'.join(name)}"), key=repr) == rows, name


def remember_in(connection: duckdb.DuckDBPyConnection, tables: list[tuple[str, str]]) -> None:
    """As after a build that keeps the state, as `costops run` does."""
    ready(connection)
    for schema, name in tables:
        columns = connection.execute(
            "select string_agg(column_name || ' ' || data_type, ', ' order by column_index) from duckdb_columns() "
            "where schema_name = ? and table_name = ?",
            [schema, name],
        ).fetchall()[0][0]
        rows = connection.execute(f"select count(*) from {schema}.{name}").fetchall()[0][0]
        connection.execute(
            "insert into build_state.built values (?, 'from', 'content', ?, ?, ?, now()::timestamp)",
            [f"model.{name}", rows, columns, f"{schema}.{name}"],
        )


def test_only_days_whose_input_changed_are_rebuilt(warehouse: ScratchWarehouse) -> None:
    warehouse.execute("update intermediate.int_llm_usage_hourly set region = 'kept'")
    company.land_file(warehouse, 9, company.requests_of_day(2, file_id=9), at=9)
    warehouse.dbt("run", *SELECTED)
    kept = warehouse.rows(
        "select usage_date, bool_and(region is not distinct from 'kept') from intermediate.int_llm_usage_hourly "
        "group by 1 order by 1"
    )
    newest = max(day for day, _ in kept)
    rebuilt = {day.day for day, is_kept in kept if not is_kept}
    assert rebuilt == {3} | {newest.day - back for back in range(3)}
    warehouse.dbt("run", *SELECTED, "--vars", "{lookback_days: 100}")
    assert warehouse.value("select count(*) from intermediate.int_llm_usage_hourly where region = 'kept'") == 0


def test_run_killed_after_the_files_were_read_loses_no_day(warehouse: ScratchWarehouse) -> None:
    company.land_file(warehouse, 10, company.requests_of_day(3, file_id=10), at=10)
    warehouse.dbt("run", "--select", "int_usage_file_days", "int_usage_contexts", "int_usage_day_fingerprints")
    warehouse.dbt("run", *SELECTED)
    landed = warehouse.value("select count(*) from raw_events.requests")
    assert warehouse.value("select sum(request_count) from marts.fct_llm_usage_hourly") == landed


def test_requested_window_is_rebuilt(warehouse: ScratchWarehouse) -> None:
    warehouse.execute("update intermediate.int_llm_usage_hourly set region = 'edited'")
    warehouse.dbt("run", *SELECTED, "--vars", "{from_date: '2026-03-02', to_date: '2026-03-03'}")
    edited = warehouse.rows(
        "select distinct usage_date from intermediate.int_llm_usage_hourly where region = 'edited' order by 1"
    )
    newest = warehouse.value("select max(usage_date) from intermediate.int_llm_usage_hourly")
    assert [day.day for (day,) in edited] == [1, *range(4, newest.day - 2)]
