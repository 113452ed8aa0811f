# ruff: noqa: DTZ001 - instants are naive UTC
"""One bill in every wrapper that programs put around it: the same charge comes out, and nothing stays behind."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.landing.model import SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.tabular import open_table
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.sources.billing.paths import part_of
from ingestion.sources.billing.pipeline import route

CHARGE = {"BilledCost": "12.50", "BillingAccountId": "a", "BillingCurrency": "USD", "ChargePeriodStart": "2026-06-05"}
CSV = f"{','.join(CHARGE)}\n{','.join(CHARGE.values())}\n".encode()
ROW = {**CHARGE, "Tags": [{"key": "team", "value": "x"}]}


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({name: [cell] for name, cell in CHARGE.items()}), buffer)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


def tar(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("bill.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


PACKED: dict[str, Callable[[], bytes]] = {
    "a.csv.zst": lambda: zstd(CSV),
    "a.parquet.zst": lambda: zstd(parquet()),
    "a.jsonl.zst": lambda: zstd(json.dumps(ROW).encode()),
    "a.csv.bz2": lambda: bz2.compress(CSV),
    "a.csv.xz": lambda: lzma.compress(CSV),
    "a.parquet.gz": lambda: gzip.compress(parquet()),
    "a.csv.gz": lambda: gzip.compress(gzip.compress(CSV)),
    "a.csv.gz.zip": lambda: zipped("a.csv.gz", gzip.compress(CSV)),
    "a.zip": lambda: zipped("b.zip", zipped("a.csv", CSV)),
    "a.parquet.zip": lambda: zipped("a.parquet", parquet()),
    "a.json.zip": lambda: zipped("a.json", json.dumps([ROW]).encode()),
    "a.txt": lambda: CSV,
    "one.json": lambda: json.dumps(ROW).encode(),
    "page.json": lambda: json.dumps({"object": "list", "has_more": False, "data": [ROW]}, indent=2).encode(),
    "page.json.gz": lambda: gzip.compress(json.dumps({"nextLink": None, "value": [ROW]}).encode()),
    "pages.jsonl": lambda: b'{"rows": []}\n' + json.dumps({"rows": [ROW]}).encode(),
}


@pytest.mark.parametrize("folder", ["", "focus/"])
@pytest.mark.parametrize("name", [name for name in PACKED if name != "pages.jsonl"])
def test_a_bill_is_read_whatever_it_is_packed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    path = tmp_path / folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(PACKED[name]())
    found = route(tmp_path, folder + name)
    assert isinstance(found, tuple), found
    batches = list(found[1](SourceFile(path, name, path.stat().st_size, datetime(2026, 7, 1), "h")))
    rows = [row for batch in batches if batch.table is not None for row in batch.table.to_pylist()]
    assert [row["billed_cost"] for row in rows] == [Decimal("12.5")]
    assert not [bad for batch in batches for bad in batch.quarantined]
    assert not list(beside.iterdir())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tar(CSV), "a tar archive"),
        (b"Obj\x01" + bytes(20), "an Avro file"),
        (gzip.compress(b"%PDF-1.7"), "a PDF"),
        (zstd(CSV * 999)[:-9], "cannot be read to its end"),
        (gzip.compress(zipped("a", zipped("a", zipped("a", zipped("a", CSV))))), "three times over"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(UnreadableTable, match=said):
        open_table(path)


@pytest.mark.parametrize("name", ["README.txt", "focus/read me.txt", "invoices/notes.txt"])
@pytest.mark.parametrize("text", ["", "Put the bills here, please, every month.\n"])
def test_a_text_that_is_no_bill_is_passed_over(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    found = route(tmp_path, name)
    assert isinstance(found, Note)
    assert found.kind == "passed_over"


def test_whole_numbers_of_a_column_with_empty_cells_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"account": [123456789012.0, None, 1.5, -2.0, 1e20]}), path)
    reader = open_table(path)
    assert [cell for batch in reader.batches() for cell in batch.columns[0].to_pylist()] == [
        "123456789012", None, "1.5", "-2", "1e+20"
    ]  # fmt: skip
    reader.close()


@pytest.mark.parametrize("ending", ["csv.zip", "zip", "csv.zst", "json", "xlsx"])
def test_parts_are_parts_however_they_are_packed(ending: str) -> None:
    assert {part_of(f"r/cur-0000{number}.{ending}").stem for number in (1, 2)} == {"r/cur"}


@pytest.mark.parametrize(("cell", "meant"), [('"=""0123"""', "0123"), ("'0123", "0123"), ("'a", "'a"), ("=1", "=1")])
def test_digits_that_are_kept_as_text_are_digits(tmp_path: Path, cell: str, meant: str) -> None:
    (tmp_path / "a.csv").write_text(f"account,cost\n{cell},1\n")
    reader = open_table(tmp_path / "a.csv")
    assert [batch.columns[0].to_pylist() for batch in reader.batches()] == [[meant]]
    reader.close()
