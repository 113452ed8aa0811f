# ruff: noqa: DTZ001 - instants are naive UTC
"""Reading CSV and Parquet as text, damaged or not."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.tabular import open_table
from ingestion.reading.tabular.model import UnreadableTable


def read(path: Path) -> tuple[list[str], list[tuple[str | None, ...]], list[int], list[QuarantinedRow]]:
    reader = open_table(path)
    rows: list[tuple[str | None, ...]] = []
    numbers: list[int] = []
    bad: list[QuarantinedRow] = []
    for batch in reader.batches():
        rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
        numbers += batch.row_numbers.to_pylist()
        bad += batch.quarantined
    reader.close()
    return reader.names, rows, numbers, bad


def write(tmp_path: Path, content: bytes | str, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_bom_quotes_and_null_literals(tmp_path: Path) -> None:
    names, rows, numbers, bad = read(write(tmp_path, '\ufeff"A",B,C\r\n"x, ""y""",NULL,\r\n\r\n1,2,3\r\n'))
    assert names == ["A", "B", "C"]
    assert rows == [('x, "y"', None, None), ("1", "2", "3")]
    assert numbers == [1, 2]
    assert not bad


def test_a_quoted_field_may_span_lines(tmp_path: Path) -> None:
    _, rows, numbers, bad = read(write(tmp_path, 'A,B\n1,"two\nlines"\n2,x\n'))
    assert rows == [("1", "two\nlines"), ("2", "x")]
    assert (numbers, bad) == ([1, 2], [])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_newline(tmp_path: Path, newline: str) -> None:
    _, rows, _, bad = read(write(tmp_path, newline.join(["A,B", "1,2", "3,4"])))
    assert rows == [("1", "2"), ("3", "4")]
    assert not bad


def test_an_open_quote_costs_one_row_only(tmp_path: Path) -> None:
    lines = ["A,B", *(f"{i},x" for i in range(2000))]
    lines[10] = '9,"never closed'
    _, rows, _, bad = read(write(tmp_path, "\n".join(lines) + "\n"))
    assert len(rows) == 1999
    assert [(row.row_number, row.reason) for row in bad] == [(10, "wrong_field_count")]
    assert bad[0].original_record == '9,"never closed\n'


def test_ragged_rows_are_set_aside_with_their_number(tmp_path: Path) -> None:
    _, rows, numbers, bad = read(write(tmp_path, "A,B,C\n1,2,3\n1,2\n1,2,3,4\n4,5,6,\n7,8,9\n"))
    assert rows == [("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]
    assert numbers == [1, 4, 5]
    assert [row.row_number for row in bad] == [2, 3]


def test_a_whole_file_without_its_last_columns_is_read(tmp_path: Path) -> None:
    _, rows, _, bad = read(write(tmp_path, "A,B,C\n1,2\n3,4\n"))
    assert rows == [("1", "2", None), ("3", "4", None)]
    assert not bad


def test_bad_bytes_and_nuls_cost_their_row_only(tmp_path: Path) -> None:
    content = b"A,B\n1,gut\n2," + b"schl\x81cht\n3,nu\x00l\n4,gut\n"
    _, rows, numbers, bad = read(write(tmp_path, content))
    assert numbers == [1, 4]
    assert {row.reason: row.row_number for row in bad} == {"invalid_encoding": 2, "nul_byte": 3}
    assert len(rows) == 2


def test_utf_16_and_semicolons(tmp_path: Path) -> None:
    names, rows, _, bad = read(write(tmp_path, "A;B\r\n1;ä\r\n".encode("utf-16")))
    assert (names, rows, bad) == (["A", "B"], [("1", "ä")], [])


def test_truncated_gzip_lands_what_is_there_and_says_so(tmp_path: Path) -> None:
    lines = "A,B\n" + "".join(f"{i},{i * 7919 % 104729}\n" for i in range(30_000))
    whole = gzip.compress(lines.encode())
    _, rows, _, bad = read(write(tmp_path, whole[: len(whole) // 2], "t.csv.gz"))
    assert 1000 < len(rows) < 30_000
    assert rows == [(str(i), str(i * 7919 % 104729)) for i in range(len(rows))]
    assert [row.reason for row in bad] == ["unreadable_file"]
    assert bad[0].row_number == len(rows) + 1


def test_long_fields_are_read(tmp_path: Path) -> None:
    _, rows, _, bad = read(write(tmp_path, "A,B\n1," + "x" * 10_000_000 + "\n2,y\n"))
    assert [len(row[1] or "") for row in rows] == [10_000_000, 1]
    assert not bad


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"PK\x03\x04zip", b"PAR1 no parquet", b"\x1f\x8bgarbage", b"%PDF-1.7"]
)
def test_what_is_no_table_says_why(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableTable):
        open_table(write(tmp_path, content))


def test_repeated_header_names_stay_apart(tmp_path: Path) -> None:
    names, _, _, _ = read(write(tmp_path, "Tags,Tags,\n1,2,3\n"))
    assert names == ["Tags", "Tags#2", "column_3"]


def test_parquet_types_become_text_that_keeps_their_digits(tmp_path: Path) -> None:
    table = pa.table(
        {
            "double": pa.array([0.1, 5.2e-9]),
            "decimal": pa.array([Decimal("0.000000000001"), None], pa.decimal128(38, 12)),
            "at": pa.array([datetime(2024, 9, 1, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
            "naive": pa.array([datetime(2024, 9, 1), None], pa.timestamp("us")),
            "map": pa.array([[("team", "a")], None], pa.map_(pa.string(), pa.string())),
            "dictionary": pa.array(["NULL", "x"]).dictionary_encode(),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    _, rows, numbers, bad = read(path)
    assert (numbers, bad) == ([1, 2], [])
    first, second = rows
    assert Decimal(first[0] or "") == Decimal("0.1")
    assert Decimal(second[0] or "") == Decimal("5.2e-9")
    assert Decimal(first[1] or "") == Decimal("0.000000000001")
    assert (first[2], first[3]) == ("2024-09-01T00:00:00.000000Z", "2024-09-01 00:00:00.000000")
    assert (first[4], first[5]) == ('{"team": "a"}', None)


def test_damaged_parquet_lands_its_good_start(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"a": pa.array([str(i * 7919) for i in range(120_000)])})
    pq.write_table(table, path, row_group_size=50_000, compression="gzip", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = len(content) // 2
    content[start : start + 2000] = b"\xff" * 2000
    path.write_bytes(bytes(content))
    _, rows, _, bad = read(path)
    assert len(rows) < 120_000
    assert [row.reason for row in bad] == ["unreadable_file"]
