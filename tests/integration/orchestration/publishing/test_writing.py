"""Files hold what the rows hold, to the last digit; no cell of a CSV is a formula."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.publishing.writing import CSV, CSV_GZ, FORMATS, JSON, JSON_LINES, PARQUET, columns_of, write_file
from orchestration.text.spreadsheets import MAY_CHANGE, csv_cell

ROWS = """create table rows as select * from (values
  (1, 12345678901234567890123456.123456789012::decimal(38, 12), date '2026-02-28', timestamp '2026-02-28 23:59:59.5',
   timestamptz '2026-03-01 00:30:00+02', true, 'a,"b"', 0.5::double),
  (2, null, null, null, null, null, null, 'nan'::double),
  (3, -0.000000000001::decimal(38, 12), date '2026-01-01', timestamp '2026-01-01', timestamptz '2026-01-01', false, '',
   null)) as t (id, cost_usd, usage_date, at_local, at_utc, is_paid, note, ratio)"""
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1", " =1", "\u00a0=1", "\u3000-2+3", "＝1+1",
    "\x1b[0m=1", "\u200b=1", "=HYPERLINK(\"http://x\")",
]  # fmt: skip
HARMLESS = ["", "a=b", "-5", "+1.5e3", "5", "team-x", "ü", "_x", "日本"]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(ROWS)
    return connection


@pytest.mark.parametrize("file_format", [CSV, CSV_GZ], ids=lambda each: each.name)
def test_csv_has_all_digits_and_empty_cells_for_what_is_unknown(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: object
) -> None:
    file = tmp_path / "rows"
    assert write_file(connection, "rows", columns_of(connection, "rows"), file_format, file) == 3  # type: ignore[arg-type]
    data = file.read_bytes()
    lines = (gzip.decompress(data) if file_format is CSV_GZ else data).decode().splitlines()
    assert lines == [
        "id,cost_usd,usage_date,at_local,at_utc,is_paid,note,ratio",
        "1,12345678901234567890123456.123456789012,2026-02-28,2026-02-28 23:59:59.5,2026-02-28 22:30:00+00,true,"
        '"a,""b""",0.5',
        "2,,,,,,,nan",
        '3,-0.000000000001,2026-01-01,2026-01-01 00:00:00,2026-01-01 00:00:00+00,false,"",',
    ]


def test_json_and_json_lines_say_the_same_with_every_digit(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = columns_of(connection, "rows")
    assert write_file(connection, "rows", columns, JSON, tmp_path / "a.json") == 3
    assert write_file(connection, "rows", columns, JSON_LINES, tmp_path / "a.jsonl") == 3
    records = json.loads((tmp_path / "a.json").read_text(), parse_float=Decimal)
    lines = [json.loads(line, parse_float=Decimal) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert records == lines
    assert records[0]["cost_usd"] == Decimal("12345678901234567890123456.123456789012")
    assert records[2]["cost_usd"] == Decimal("-0.000000000001")
    assert records[0]["usage_date"] == "2026-02-28"
    assert records[1] == dict.fromkeys(records[1]) | {"id": 2}  # what is not a number, too
    assert (tmp_path / "a.json").read_text().startswith('[\n  {\n    "id": 1,\n')
    assert write_file(connection, "(from rows where false)", columns, JSON, tmp_path / "b.json") == 0
    assert json.loads((tmp_path / "b.json").read_text()) == []


def test_parquet_is_the_rows(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    write_file(connection, "rows", columns_of(connection, "rows"), PARQUET, file)
    assert columns_of(connection, f"'{file}'") == columns_of(connection, "rows")
    assert connection.execute(f"select count(*) from (from rows except all from '{file}')").fetchall() == [(0,)]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_writes_what_no_text_or_number_is(name: str, tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table odd as select ['=1'] as list, {'a': '=1'} as struct, map {'k': 1} as map, null as n"
    )
    assert write_file(connection, "odd", columns_of(connection, "odd"), FORMATS[name], tmp_path / "odd") == 1


def written(texts: list[str], folder: Path) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute('create table texts as select unnest(?) as "=name"', [texts])
        write_file(connection, "texts", columns_of(connection, "texts"), CSV, folder / "t.csv")
    with (folder / "t.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=name"]
    return [row[0] if row else "" for row in rows]


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    cells = written(FORMULAS, tmp_path)
    assert [cell for cell in cells if not cell.startswith("'")] == []
    assert written(HARMLESS, tmp_path) == HARMLESS


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1, max_size=30))
@example(FORMULAS + HARMLESS)
@settings(max_examples=25, deadline=None)
def test_duckdb_asks_of_every_text_that_changes(texts: list[str]) -> None:
    """The pattern decides which cells are asked about: one that it missed would go out as it came."""
    with duckdb.connect() as connection:
        asked = [
            connection.execute(f"select regexp_matches(?, '{MAY_CHANGE}')", [text]).fetchall()[0][0] for text in texts
        ]
    assert [text for text, is_asked in zip(texts, asked, strict=True) if csv_cell(text) != text and not is_asked] == []
