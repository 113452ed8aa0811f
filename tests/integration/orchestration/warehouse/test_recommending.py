"""Recommendations are keyed by strategy: a run or a failure of one leaves the rows of all others alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from ml.contracts import TABLES
from ml.optimization import OptimizationParams, Strategy, strategies
from orchestration.warehouse.frames import ensure_ml_tables
from orchestration.warehouse.recommending import drop_retired, recommend

NOW = datetime(2026, 3, 1, 6)  # noqa: DTZ001
DAY = date(2026, 3, 1)
LOG = logging.getLogger("test")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        ensure_ml_tables(opened)
        opened.execute("create schema marts; create table marts.spend as select 10::decimal(38,12) as usd")
        yield opened


def strategy(name: str, *savings: str) -> Strategy:
    def advise(inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams):
        assert inputs["spend"]["usd"].tolist() == [Decimal(10)]
        assert as_of == DAY
        given = {"strategy": name, "saving_usd": None, "scored_at_utc": scored_at_utc}
        rows = [dict.fromkeys(TABLES["recommendations"]) | given | {"saving_usd": Decimal(each)} for each in savings]
        return pd.DataFrame(rows, columns=list(TABLES["recommendations"]))

    return Strategy(name, "1", {"spend": "select * from marts.spend where date '2026-03-01' = $as_of"}, advise)


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    return connection.execute("select strategy, saving_usd from ml.recommendations order by all").fetchall()


def ask(connection: duckdb.DuckDBPyConnection, each: Strategy) -> str | None:
    return recommend(connection, each, DAY, NOW, LOG).failure


def test_each_strategy_replaces_its_own_rows_alone(connection) -> None:
    assert ask(connection, strategy("one", "1", "2")) is None
    assert ask(connection, strategy("two", "3")) is None
    assert rows(connection) == [("one", Decimal(1)), ("one", Decimal(2)), ("two", Decimal(3))]
    assert ask(connection, strategy("one", "4")) is None
    assert rows(connection) == [("one", Decimal(4)), ("two", Decimal(3))]
    assert ask(connection, strategy("one")) is None
    assert rows(connection) == [("two", Decimal(3))]


def test_a_strategy_that_fails_is_named_and_all_rows_stay(connection) -> None:
    before = [ask(connection, strategy("one", "1")), ask(connection, strategy("two", "3"))]
    assert before == [None, None]

    def fail(*_: object, **__: object) -> pd.DataFrame:
        raise KeyError("usd")

    broken = [
        Strategy("one", "1", {"spend": "select * from marts.spend"}, fail),
        Strategy("one", "1", {"spend": "select * from marts.none"}, fail),
        Strategy("one", "1", strategy("two").inputs, strategy("two", "9").recommend),
    ]
    failures = [ask(connection, each) or "" for each in broken]
    assert [words.split(":")[1].strip() for words in failures] == ["KeyError", "CatalogException", "ValueError"]
    assert all(words.startswith("strategy one: ") for words in failures)
    assert rows(connection) == [("one", Decimal(1)), ("two", Decimal(3))]


def test_what_a_strategy_said_that_is_gone_is_removed(connection) -> None:
    ask(connection, strategy("gone", "1"))
    ask(connection, strategy(strategies()[0].name, "2"))
    drop_retired(connection)
    assert rows(connection) == [(strategies()[0].name, Decimal(2))]
