"""The installed price list, flattened into a scratch database."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from ingestion.raw_schemas import create_table_statements
from ingestion.sources.prices.flatten import flatten
from ingestion.sources.prices.rows import model_prices_table


@pytest.fixture(scope="module")
def snapshot() -> DataSnapshot:
    return get_snapshot()


@pytest.fixture(scope="module")
def prices(snapshot: DataSnapshot) -> pa.Table:
    return model_prices_table(flatten(snapshot.providers), "test")


@pytest.fixture(scope="module")
def connection(prices: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        for statement in create_table_statements():
            db.execute(statement)
        db.register("price_list", prices)
        db.execute("insert into raw_prices.model_prices by name select * exclude (price_row_hash) from price_list")
        yield db
