"""Numbers, dates and archives as spreadsheets and exports save them; expected values are what the cell showed."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from ingestion.limits import Limits, limited_to
from ingestion.reading.tabular import open_table, values
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.reading.tabular.slashed_dates import parse_slashed_instant


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("$1,250.50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("(12.34)", "-12.34"),
        ("12.34-", "-12.34"),
        ("-$12.34", "-12.34"),
        ("$-12.34", "-12.34"),
        ("($10,000.00)", "-10000.00"),
        ("$10,000.00 ", "10000.00"),
        ("1,234,567", "1234567"),
        ("20.00 €", "20.00"),
        ("1250.5", "1250.5"),
        ("5.2E-9", "0.0000000052"),
    ],
)
def test_a_cell_of_a_spreadsheet_is_its_number(shown: str, number: str) -> None:
    converted = values.decimals(pa.array([shown]))
    assert converted.problems == {}
    assert converted.values[0].as_py() == Decimal(number)


@pytest.mark.parametrize(
    "shown",
    ["1,25", "1.250,50", "1,250", "12,34.56", "1,2345.00", "1 250,50", "$", "()", "--5", "(-5)", "USD 5", "1,,250.00"],
)
def test_a_number_that_may_mean_two_things_is_none(shown: str) -> None:
    assert set(values.decimals(pa.array([shown])).problems) == {0}


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("6/5/26", False, "2026-06-05"),
        ("6/5/26", True, "2026-05-06"),
        ("6/25/2026", False, "2026-06-25"),
        ("6/25/2026 13:05", False, "2026-06-25T13:05"),
        ("6/25/26 1:05:09 PM", False, "2026-06-25T13:05:09"),
        ("6/25/26 12:00 AM", False, "2026-06-25"),
        ("2026-06-25T00:00Z", False, "2026-06-25"),
        ("2026-06", False, "2026-06-01"),
        ("202606", False, "2026-06-01"),
        ("June 2026", False, "2026-06-01"),
        ("Jun-2026", False, "2026-06-01"),
        ("20260625T130509Z", False, "2026-06-25T13:05:09"),
        ("2026-06-25T13:05:09+00:00Z", False, "2026-06-25T13:05:09"),
        ("2026.06.25", False, "2026-06-25"),
        ("2026.6.5 13:05:09", False, "2026-06-05T13:05:09"),
        ("25JUN2026", False, "2026-06-25"),
        ("2026年6月25日", False, "2026-06-25"),
        ("20260625130509", False, "2026-06-25T13:05:09"),
        ("1782392709.0", False, "2026-06-25T13:05:09"),
        ("1782392709123456789", False, "2026-06-25T13:05:09.123456"),
        ("Thu Jun 25 13:05:09 2026", False, "2026-06-25T13:05:09"),
        ("Thu Jun 25 2026 13:05:09 GMT+0200 (Central European Summer Time)", False, "2026-06-25T11:05:09"),
        ("2026-06-25T13:05:09Z[UTC]", False, "2026-06-25T13:05:09"),
        ("2026-06-25 13:05:09 Europe/Berlin", False, "2026-06-25T11:05:09"),
        ("25. Juni 2026", False, "2026-06-25"),
    ],
)
def test_a_date_with_slashes_is_an_instant(text: str, day_first: bool, expected: str) -> None:
    assert parse_slashed_instant(text, day_first) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text", ["2026-06-25T00:00:00+02:00Z", "25/6/26", "13/13/2026", "6/25/26 25:00", "2/30/26", "2026-13", "Jun-26"]
)
def test_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(values.Unusable):
        parse_slashed_instant(text)


def _archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _rows(path: Path) -> list[str]:
    reader = open_table(path)
    try:
        return [cell for batch in reader.batches() for cell in batch.columns[0].to_pylist()]
    finally:
        reader.close()


def test_the_one_table_of_an_archive_is_read(tmp_path: Path) -> None:
    members = {"folder/": b"", "folder/r.csv": b"a,b\n1,2\n3,4\n", "__MACOSX/folder/._r.csv": b"x"}
    assert _rows(_archive(tmp_path / "r.csv.zip", members)) == ["1", "3"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.csv": b"a\n1\n", "b.csv": b"a\n2\n"}, "holds 2 files"),
        ({}, "damaged|holds 0 files"),
        ({"a.zip": b"PK\x03\x04rest"}, "archive is damaged"),
        ({"a.csv.gz": b"\x1f\x8b\x08rest"}, "no header line"),
        ({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}, "document of Office"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}, "workbook cannot be read"),
        ({"a.csv": b""}, "empty"),
        ({"a.json": b"[{}]"}, "JSON"),
        ({"a.pdf": b"%PDF-1.7"}, "a PDF"),
        ({"a.avro": b"Obj\x01"}, "an Avro file"),
    ],
)
def test_what_else_an_archive_can_be_is_named(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    path = _archive(tmp_path / "x.zip", members)
    if not members:
        path.write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(UnreadableTable, match=said):
        open_table(path)


def test_an_archive_that_unpacks_to_too_much_is_stopped(tmp_path: Path) -> None:
    line = b"1" * 99 + b"\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"a\n" + line * 200_000)
    path = tmp_path / "bomb.csv.zip"
    path.write_bytes(buffer.getvalue())
    with limited_to(Limits(unpacked_bytes=1_000_000)):
        reader = open_table(path)
        batches = list(reader.batches())
        reader.close()
    assert sum(len(batch) for batch in batches) < 200_000
    assert any("limit" in bad.message for batch in batches for bad in batch.quarantined)
