"""The prices that strategies are given: of a list, and what contracts make of them by the rules of pricing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from ml.optimization.price_cards import PRICES_FROM_NOW, price_cards
from ml.optimization.strategies.second_provider import OTHERS
from orchestration.warehouse.frames import read_frame

AS_OF = date(2026, 3, 1)
TABLES_READ = """
create schema intermediate; create schema marts; create schema seeds;
create table seeds.meters as select * from (values
    ('uncached_input', true), ('output', true), ('request', false)) as t (meter, is_token);
create table intermediate.int_model_mix_daily as select 'openai' as provider_id;
create table marts.dim_models as
    select 'openai' as provider_id, 'new' as model_id, 400000 as context_window, false as is_deprecated;
create table marts.dim_prices_current (provider_id varchar, model_id varchar, meter varchar, price_variant varchar,
    context_over_tokens bigint, time_of_day_from_second bigint, list_price_usd_per_unit decimal(38, 12),
    valid_from_utc timestamp, valid_to_utc timestamp);
create table intermediate.int_negotiated_prices (provider_id varchar, model varchar, variant varchar, meter varchar,
    discount_pct decimal(38, 12), price_usd_per_million_units decimal(38, 12), is_conditional boolean,
    valid_from_utc timestamp, valid_to_utc timestamp, specificity integer);
insert into marts.dim_prices_current values
    ('openai', 'new', 'uncached_input', 'standard', -1, 0, 0.000010, '1900-01-01', '2200-01-01'),
    ('openai', 'new', 'output', 'standard', -1, 0, 0.000040, '1900-01-01', '2200-01-01'),
    ('openai', 'new', 'request', 'standard', -1, 0, 0.001, '1900-01-01', '2200-01-01'),
    ('google', 'else', 'output', 'standard', -1, 0, 0.000030, '1900-01-01', '2200-01-01');
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(TABLES_READ)
        yield opened


def agree(connection: duckdb.DuckDBPyConnection, **of: object) -> None:
    weights = {"model": 4, "variant": 2, "meter": 1}
    row = {
        "provider_id": "openai", "is_conditional": False, "valid_from_utc": "1900-01-01", "valid_to_utc": "2200-01-01",
        "specificity": sum(weight for name, weight in weights.items() if name in of), **of,
    }  # fmt: skip
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"insert into intermediate.int_negotiated_prices ({columns}) values ({marks})", [*row.values()])


def paid(connection: duckdb.DuckDBPyConnection, query: str = PRICES_FROM_NOW) -> dict[str, Decimal | None]:
    """USD for a million units by meter."""
    cards = price_cards(read_frame(connection, query, {"as_of": AS_OF}))
    assert len(cards) == 1
    found = {meter: cards[0].price(meter, "standard", 1000) for meter in ("uncached_input", "output", "request")}
    assert cards[0].price_from_now("output", "standard", "base") == cards[0].steps["output", "standard"][0][1]
    return {meter: None if price is None else price * 1_000_000 for meter, price in found.items()}


def test_without_a_contract_the_list_holds(connection: duckdb.DuckDBPyConnection) -> None:
    assert paid(connection) == {"uncached_input": 10, "output": 40, "request": 1000}


def test_a_discount_is_for_every_meter_and_a_fixed_price_for_tokens(connection: duckdb.DuckDBPyConnection) -> None:
    agree(connection, discount_pct=25)
    assert paid(connection) == {"uncached_input": Decimal("7.5"), "output": 30, "request": 750}
    agree(connection, model="new", price_usd_per_million_units=4)
    assert paid(connection) == {"uncached_input": 4, "output": 4, "request": 750}


def test_specific_beats_general_and_later_beats_earlier(connection: duckdb.DuckDBPyConnection) -> None:
    agree(connection, meter="output", discount_pct=90)
    agree(connection, model="new", discount_pct=50)
    assert paid(connection)["output"] == 20
    agree(connection, model="new", discount_pct=60, valid_from_utc="2026-02-01")
    assert paid(connection)["output"] == 16


@pytest.mark.parametrize(
    "of",
    [
        {"is_conditional": True},
        {"provider_id": "mistral"},
        {"model": "other"},
        {"variant": "processing=batch"},
        {"valid_from_utc": "2026-03-02"},
        {"valid_to_utc": "2026-03-20"},
    ],
    ids=str,
)
def test_what_is_of_something_else_or_ends_within_the_month_is_not_counted(
    connection: duckdb.DuckDBPyConnection, of: dict[str, object]
) -> None:
    agree(connection, discount_pct=50, **of)
    assert paid(connection)["output"] == 40


def test_a_second_provider_is_priced_by_its_contract_too(connection: duckdb.DuckDBPyConnection) -> None:
    agree(connection, provider_id="google", discount_pct=10)
    connection.execute("delete from marts.dim_prices_current where provider_id = 'openai'")
    assert paid(connection, OTHERS)["output"] == 27
