"""Snapshots and verification on a scratch warehouse: queries run, what is verified leaves the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from ml.contracts import TABLES
from orchestration.warehouse.frames import ensure_ml_tables, replace_rows
from orchestration.warehouse.recommending import put_in_order
from orchestration.warehouse.verifying import take_snapshots, verify

SINCE = date(2026, 3, 1)
NOW = datetime(2026, 3, 11, 6)  # noqa: DTZ001
TABLES_READ = """
create schema staging; create schema intermediate; create schema marts;
create table staging.stg_org__recommendation_actions (recommendation_id varchar, action varchar,
    valid_from_utc timestamp, _source_row bigint);
create table intermediate.int_usage_priced_hourly (usage_date date, provider_id varchar, model_id varchar,
    price_variant varchar, meter varchar, project_id varchar, team_id varchar, list_price_usd_per_unit decimal(38, 12),
    quantity bigint, contracted_cost_usd decimal(38, 12), is_billable boolean);
create table marts.dim_prices_current (provider_id varchar, model_id varchar, meter varchar, price_variant varchar,
    valid_from_utc timestamp, valid_to_utc timestamp, list_price_usd_per_unit decimal(38, 12));
create table marts.fct_gpu_usage_hourly (usage_date date, host varchar, used_seconds decimal(38, 12),
    idle_seconds decimal(38, 12), no_telemetry_seconds decimal(38, 12), used_cost_usd decimal(38, 12),
    idle_cost_usd decimal(38, 12), no_telemetry_cost_usd decimal(38, 12));
insert into marts.dim_prices_current values
    ('openai', 'gpt-5', 'output', 'standard', '1900-01-01', '2200-01-01', 0.000010);
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        ensure_ml_tables(opened)
        opened.execute(TABLES_READ)
        yield opened


def recommended(connection: duckdb.DuckDBPyConnection, identifier: str, saving: int) -> None:
    row = dict.fromkeys(TABLES["recommendations"]) | {
        "recommendation_id": identifier, "strategy": "cheaper_model_same_token_mix", "lever": "model",
        "saving_kind": "price", "title": "t", "scope_type": "project", "scope_id": "p", "provider_id": "openai",
        "current_model_id": "gpt-5", "suggested_model_id": "gpt-5.1", "evidence": "{}", "status": "proposed",
        "slices": f'[["llm|project|p|openai|gpt-5", "100", "{saving}"]]', "saving_usd": Decimal(saving),
        "current_cost_usd": Decimal(100), "score": float(saving), "scored_at_utc": NOW,
    }  # fmt: skip
    replace_rows(connection, "recommendations", pd.DataFrame([row]), key=("recommendation_id",))


def act(connection: duckdb.DuckDBPyConnection, identifier: str, action: str, on: date = SINCE) -> None:
    connection.execute(
        "insert into staging.stg_org__recommendation_actions values (?, ?, ?, 1)", [identifier, action, on]
    )


def serve(connection: duckdb.DuckDBPyConnection, days: int) -> None:
    """A million tokens out a day on the new model, at 4 USD; the old one took 10."""
    for number in range(days):
        connection.execute(
            "insert into intermediate.int_usage_priced_hourly values "
            "(?, 'openai', 'gpt-5.1', 'standard', 'output', 'p', null, 0.000004, 1000000, 4, true)",
            [SINCE + timedelta(days=number)],
        )


def test_a_snapshot_is_of_the_day_it_was_acted_on(connection: duckdb.DuckDBPyConnection) -> None:
    recommended(connection, "r1", 60)
    assert take_snapshots(connection, NOW) == 0
    act(connection, "r1", "implement")
    assert take_snapshots(connection, NOW) == 1
    recommended(connection, "r1", 1)
    assert take_snapshots(connection, NOW) == 0
    saved = connection.execute("select recommendation_id, saving_usd from ml.recommendation_snapshots").fetchall()
    assert saved == [("r1", Decimal(60))]


def test_an_implemented_recommendation_is_verified_and_the_others_go_on(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten days of 10 − 4 USD; what was promised, 60 in 30 days, is 20 in ten."""
    recommended(connection, "r1", 60)
    recommended(connection, "r2", 30)
    recommended(connection, "r3", 20)
    act(connection, "r1", "implement")
    act(connection, "r2", "reject")
    take_snapshots(connection, NOW)
    serve(connection, 10)
    assert verify(connection, SINCE + timedelta(days=10), NOW) == 2
    found = connection.execute(
        "select status, realised_saving_usd, expected_saving_usd from ml.verified_savings order by recommendation_id"
    ).fetchall()
    assert found == [("verified", Decimal(60), Decimal(20)), ("rejected", None, None)]
    put_in_order(connection)
    order = connection.execute(
        "select recommendation_id, status, portfolio_order, incremental_saving_usd from ml.recommendations order by 1"
    ).fetchall()
    assert order == [("r1", "verified", None, None), ("r2", "rejected", None, None), ("r3", "proposed", 1, Decimal(20))]


def test_without_actions_nothing_is_verified(connection: duckdb.DuckDBPyConnection) -> None:
    recommended(connection, "r1", 60)
    assert verify(connection, SINCE, NOW) == 0
    act(connection, "gone", "implement")
    assert verify(connection, SINCE, NOW) == 1
    assert connection.execute("select status, strategy from ml.verified_savings").fetchall() == [
        ("not_verifiable", None)
    ]


def test_what_moved_to_a_second_provider_is_found_in_every_project_it_names(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Ten million tokens out in two projects, 4 USD a million at the new one, 10 at the old."""
    recommended(connection, "r1", 60)
    connection.execute(
        """update ml.recommendations set strategy = 'second_provider', scope_type = 'company', scope_id = 'all',
        current_model_id = null, suggested_model_id = null,
        slices = '[["llm|project|p|openai|gpt-5", "100", "60"], ["llm|team|t|openai|gpt-5", "100", "60"]]',
        evidence = '{"moves": [{"scope": "p", "from": "gpt-5", "to": "google/gemini-2.5-pro"},
                               {"scope": "t", "from": "gpt-5", "to": "google/gemini-2.5-pro"}]}'"""
    )
    act(connection, "r1", "implement")
    take_snapshots(connection, NOW)
    for number in range(10):
        for project, team in (("p", None), (None, "t"), ("elsewhere", None)):
            connection.execute(
                "insert into intermediate.int_usage_priced_hourly values "
                "(?, 'google', 'gemini-2.5-pro', 'standard', 'output', ?, ?, 0.000004, 1000000, 4, true)",
                [SINCE + timedelta(days=number), project, team],
            )
    verify(connection, NOW.date(), NOW)
    found = connection.execute("select status, realised_saving_usd from ml.verified_savings").fetchall()
    assert found == [("verified", Decimal(120))]
