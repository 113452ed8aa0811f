"""A million rows of 20 columns, in the order of time as facts are, to each place, by the product and by the fastest way
that the place itself has.

Put here: the rows, each way, its seconds. Keep out: limits (`test_publication`).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publishing.distribution import PublishedVersion
from orchestration.publishing.hyper_file import engine, write_tables
from orchestration.publishing.targets import files, postgres
from orchestration.publishing.targets.postgres.server import opened
from orchestration.publishing.workbook.marts import write_marts
from orchestration.publishing.writing import columns_of
from tests.support.postgres import Server, running_server

WIDE = """create table marts.wide as select
  md5(range::varchar) as id, date '2026-01-01' + (range * 300 // {rows})::int as usage_date,
  timestamp '2026-01-01' + to_hours((range * 7200 // {rows})::int) as usage_hour_utc,
  'provider' || range % 6 as provider_id,
  'model' || range % 40 as model_id, 'team' || range % 25 as team_id, 'project' || range % 90 as project_id,
  case when range % 3 > 0 then 'user' || range % 500 end as user_id, 'feature' || range % 12 as feature,
  case when range % 2 = 0 then 'production' else 'test' end as environment, range % 2 = 0 as is_batch,
  (range % 100)::bigint as request_count, (range * 7 % 100000)::bigint as input_tokens,
  (range * 3 % 20000)::bigint as output_tokens, (range * 10 % 120000)::bigint as total_tokens,
  (range % 9973 / 1000)::decimal(38, 12) as list_cost_usd,
  (range % 9973 / 1100)::decimal(38, 12) as contracted_cost_usd,
  case when range % 5 > 0 then (range % 9973 / 1050)::decimal(38, 12) end as billed_cost_usd,
  (range % 1000 / 1000)::decimal(38, 12) as share_ratio, (range % 1000) / 7.0::double as score
from range({rows})"""
SMALL = "create table marts.small_{n} as select range as id, 'x' || range as name from range(100)"
SMALL_MARTS = 9


def published(folder: Path, rows: int) -> PublishedVersion:
    """A copy with one wide mart and nine small ones, and their Parquet files."""
    database = folder / "costops.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        connection.execute(WIDE.format(rows=rows))
        for number in range(SMALL_MARTS):
            connection.execute(SMALL.format(n=number))
        names = ["wide", *(f"small_{number}" for number in range(SMALL_MARTS))]
        for name in names:
            connection.execute(f"copy marts.{name} to '{folder}/{name}.parquet' (format parquet, compression zstd)")
    return PublishedVersion(database, folder, dict.fromkeys(names, "1"))


def seconds(job: Callable[[], Any]) -> float:
    """What a job takes, waits for other processes included."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def to_postgres(folder: str, rows: str) -> dict[str, float]:
    """The product, the extension's own insert into a bare table, and CSV written by DuckDB for `psql \\copy`."""
    place = Path(folder)
    version = published(place, int(rows))
    with running_server() as server:
        found = {"raw_insert": seconds(lambda: _raw_insert(version, server))}
        found["raw_copy"] = seconds(lambda: _raw_copy(version, place / "wide.csv", server))
        found["product"] = seconds(lambda: postgres.write([], [], version, url=server.url(), schema="marts"))
        with duckdb.connect(str(version.database)) as connection:
            connection.execute("update marts.wide set request_count = 0 where usage_date = date '2026-03-05'")
        changed = PublishedVersion(version.database, place, {**version.contents, "wide": "2"})
        again: dict[str, Any] = {}
        found["one_day_changed"] = seconds(
            lambda: again.update(postgres.write([], [], changed, url=server.url(), schema="marts").figures)
        )
        found["rows_of_one_day_changed"] = again["rows_written"]
        found["marts_of_one_day_changed"] = again["marts_written"]
    return found


def _raw_insert(version: PublishedVersion, server: Server) -> None:
    with opened(version.database, server.url()) as raw:
        raw.run("create schema raw")
        with raw.transaction():
            raw.copy("create table pg.raw.wide as from copy.marts.wide")


def _raw_copy(version: PublishedVersion, file: Path, server: Server) -> None:
    with duckdb.connect(str(version.database), read_only=True) as connection:
        connection.execute(f"copy marts.wide to '{file}' (header false)")
    server.ask("create table raw.copied (like raw.wide)")
    subprocess.run(
        [str(server.psql), server.url(), "-Xqc", f"\\copy raw.copied from '{file}' csv"],
        check=True,
        capture_output=True,
    )


def to_files(folder: str, rows: str) -> dict[str, float]:
    """The product, by month, and DuckDB's own COPY into one file."""
    place = Path(folder)
    version = published(place, int(rows))

    def raw() -> None:
        with duckdb.connect(str(version.database), read_only=True) as connection:
            connection.execute(f"copy marts.wide to '{place}/raw.parquet' (format parquet, compression zstd)")

    found = {"raw": seconds(raw)}
    found["product"] = seconds(lambda: files.write([], [], version, address=str(place / "share"), formats="parquet"))
    return found


def to_hyper(folder: str, rows: str) -> dict[str, float]:
    """The product, and Tableau's engine over one Parquet file."""
    place = Path(folder)
    version = published(place, int(rows))

    def raw() -> None:
        from tableauhyperapi import Connection, CreateMode

        with (
            engine() as running,
            Connection(running.endpoint, str(place / "raw.hyper"), CreateMode.CREATE) as connection,
        ):
            connection.execute_command(f"create table wide as select * from external('{version.parquet('wide')}')")

    def product() -> None:
        with engine() as running:
            tables = {mart: version.parquet(mart) for mart in version.contents}
            assert write_tables(running, place / "ours.hyper", tables) == []

    return {"raw": seconds(raw), "product": seconds(product)}


def to_excel(folder: str, rows: str) -> dict[str, float]:
    """The product, and XlsxWriter told the type of each column, without formats and checks."""
    place = Path(folder)
    version = published(place, int(rows))
    with _reading(version) as connection:
        columns = columns_of(connection, "marts.wide")
        raw = seconds(lambda: _raw_excel(connection, columns, place / "raw.xlsx"))
        product = seconds(lambda: write_marts(connection, [("wide", "from marts.wide", columns)], place / "ours.xlsx"))
    return {"raw": raw, "product": product}


@contextmanager
def _reading(version: PublishedVersion) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(version.database), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")  # it would stand before the figures
        yield connection


def _raw_excel(connection: duckdb.DuckDBPyConnection, columns: tuple[tuple[str, str], ...], file: Path) -> None:
    import xlsxwriter

    days = {"DATE", "TIMESTAMP"}
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        page, form = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        cursor, number = connection.execute("from marts.wide"), 0
        while batch := cursor.fetchmany(10_000):
            for row in batch:
                number += 1
                for place, ((_, kind), value) in enumerate(zip(columns, row, strict=True)):
                    if value is None:
                        continue
                    if kind == "VARCHAR":
                        page.write_string(number, place, value)
                    elif kind in days:
                        page.write_datetime(number, place, value, form)
                    elif kind == "BOOLEAN":
                        page.write_boolean(number, place, value)
                    else:
                        page.write_number(number, place, float(value))
