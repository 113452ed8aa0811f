"""Published marts by their contracts, without a build: tables of the declared types, filled at random.

Put here: what tests of readers of the marts need. Keep out: sample data with a meaning (`marts`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb

from orchestration.publishing.bi.model import Column, Mart, Model

WORDS = ("alpha", "beta", "gamma", "llm", "own", "unallocated", "total", "metered_to_billed")
FIRST_DAY = date(2026, 1, 1)
UNKNOWN = 0.2
"""Share of values that are NULL."""


def create_marts(connection: duckdb.DuckDBPyConnection, model: Model, rows: int = 0, seed: int = 0) -> None:
    """Every mart in schema `marts`; keys and days are never NULL, a dimension has one row per key."""
    connection.execute("create schema if not exists marts")
    dimensions = {join.mart: join.key for fact in model.facts.values() for join in fact.joins}
    keys = {fact.mart: fact.key for fact in model.facts.values()}
    for mart in model.marts.values():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in mart.columns)
        connection.execute(f"create table marts.{mart.name} ({columns})")
        if rows and mart.name == "dim_dates":
            _fill_dates(connection, mart)
        elif rows:
            chance = random.Random(f"{seed} {mart.name}")
            unique = dimensions.get(mart.name, keys.get(mart.name, ""))
            many = len(WORDS) if mart.name in dimensions else rows
            marks = ", ".join("?" * len(mart.columns))
            values = [list(_row(mart, unique, number, chance)) for number in range(many)]
            connection.executemany(f"insert into marts.{mart.name} values ({marks})", values)


def _row(mart: Mart, unique: str, number: int, chance: random.Random) -> Iterator[object]:
    for column in mart.columns:
        if column.name == unique:
            yield WORDS[number] if mart.name.startswith("dim_") else f"key {number}"
        elif column.type != "date" and column.type != "timestamp" and chance.random() < UNKNOWN:
            yield None
        else:
            yield _value(column, chance)


def _value(column: Column, chance: random.Random) -> object:
    if column.type == "varchar":
        return chance.choice(WORDS)
    if column.type == "boolean":
        return chance.random() < 0.5
    if column.type == "date":
        return FIRST_DAY + timedelta(days=chance.randrange(90))
    if column.type.startswith("timestamp"):
        return datetime.fromisoformat("2026-01-01") + timedelta(hours=chance.randrange(90 * 24))
    if column.type in ("bigint", "integer"):
        return chance.choice((0, 1, 7, 1000, 123_456_789))
    if column.type == "double":
        return chance.random()
    return Decimal(chance.randrange(-(10**6), 10**9)) / 10**6


def _fill_dates(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    parts = {
        "date_day": "day",
        **{f"{part}_start_date": f"date_trunc('{part}', day)" for part in ("week", "month", "quarter", "year")},
    }
    columns = ", ".join(f"{parts.get(column.name, 'null')}" for column in mart.columns)
    connection.execute(
        f"insert into marts.dim_dates select {columns} from (select unnest(generate_series(date '2025-01-01', "
        "date '2026-12-31', interval 1 day))::date as day)"
    )
