"""Bombs, endless lines, wide tables and deep nesting end in a named row of quarantine; the rest is read."""

import gzip
import json
import tracemalloc
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ingestion.landing.database import one_file
from ingestion.landing.model import QuarantinedRow
from ingestion.limits import Limits, limited_to
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record, read_lines
from ingestion.reading.tabular.json_lines import JsonLinesReader
from ingestion.reading.tabular.model import UnreadableTable
from ingestion.reading.tabular.open import open_table
from ingestion.sources.events.chunks import read_chunks
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.prices.litellm import read_file
from ingestion.yaml_files import read_yaml

DEEP = "[" * 200_000 + "]" * 200_000


def test_a_gzip_bomb_of_events_is_read_up_to_the_limit_and_named(tmp_path: Path) -> None:
    bomb = tmp_path / "events.jsonl.gz"
    bomb.write_bytes(gzip.compress(b'{"a": 1}\n' + b" " * 30_000_000 + b"\n", 9))
    tracemalloc.start()
    with limited_to(Limits(unpacked_bytes=3_000_000, line_bytes=100_000)):
        first, *rest = read_lines(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert first.text == '{"a": 1}'  # type: ignore[union-attr]
    assert [(row.reason, "COSTOPS_MAX_UNPACKED_BYTES" in row.message) for row in rest] == [("too_large", True)]  # type: ignore[union-attr]
    assert peak < 12_000_000


@pytest.mark.parametrize("content", [b" " * 30_000_000, b"a,b\n" + b"1,2\n" * 8_000_000])
def test_a_gzip_bomb_of_a_bill_is_named(tmp_path: Path, content: bytes) -> None:
    bomb = tmp_path / "bill.csv.gz"
    bomb.write_bytes(gzip.compress(content, 9))
    said = []
    with limited_to(Limits(unpacked_bytes=2_000_000)):
        try:
            reader = open_table(bomb)
            said = [row.message for batch in reader.batches() for row in batch.quarantined]
        except UnreadableTable as error:
            said = [str(error)]
    assert len(said) == 1
    assert "COSTOPS_MAX_UNPACKED_BYTES" in said[0]


def test_a_bomb_of_prices_is_named(tmp_path: Path) -> None:
    bomb = tmp_path / "litellm_prices.json.gz"
    bomb.write_bytes(gzip.compress(b"[" * 20_000_000, 9))
    with limited_to(Limits(document_bytes=1_000_000)):
        (row,) = read_file(bomb)
    assert isinstance(row, QuarantinedRow)
    assert "COSTOPS_MAX" in row.message


def test_a_bomb_of_parquet_events_is_named(tmp_path: Path) -> None:
    bomb = tmp_path / "events.parquet"
    bomb.write_bytes(gzip.compress(b"PAR1" + b"\0" * 20_000_000, 9))
    with limited_to(Limits(unpacked_bytes=1_000_000)):
        (chunk,) = read_chunks(bomb, bomb.name)
    assert "COSTOPS_MAX_UNPACKED_BYTES" in chunk.quarantined[0].message


def test_an_endless_line_of_events_costs_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": "' + b"x" * 2_000_000 + b'"}\n{"a": 2}\n')
    with limited_to(Limits(line_bytes=1_000_000)):
        found = list(read_json_records(path))
    assert [record.value["a"] for record in found if isinstance(record, Record)] == [1, 2]
    (bad,) = (row for row in found if isinstance(row, QuarantinedRow))
    assert bad.reason == "line_too_long"
    assert "COSTOPS_MAX_LINE_BYTES" in bad.message


def test_an_endless_line_of_a_bill_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"a,b\n1,2\n" + b"x" * 3_000_000 + b"\n3,4\n")
    with limited_to(Limits(line_bytes=100_000)):
        batches = list(open_table(path).batches())
    assert [batch.columns[0].to_pylist() for batch in batches if len(batch)] == [["1"]]
    assert "COSTOPS_MAX_LINE_BYTES" in batches[-1].quarantined[0].message


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_table_of_too_many_columns_is_named(tmp_path: Path, ending: str) -> None:
    names = [f"c{number}" for number in range(51)]
    path = tmp_path / f"bill.{ending}"
    path.write_text(",".join(names) + "\n" if ending == "csv" else json.dumps(dict.fromkeys(names, 1)) + "\n")
    with limited_to(Limits(columns=50)), pytest.raises(UnreadableTable, match="COSTOPS_MAX_COLUMNS"):
        open_table(path) if ending == "csv" else JsonLinesReader(path)


def test_events_of_too_many_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(",".join(f"c{number}" for number in range(51)) + "\n" + "," * 50 + "\n")
    with limited_to(Limits(columns=50)):
        (bad,) = read_csv_rows(path)
    assert isinstance(bad, QuarantinedRow)
    assert "COSTOPS_MAX_COLUMNS" in bad.message


def test_events_that_each_bring_other_names_do_not_multiply(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    wide = json.dumps({f"w{number}": 1 for number in range(51)})
    path.write_text("".join(f'{{"k{n}": 1, "l{n}": 2}}\n' for n in range(500)) + wide + "\n")
    with limited_to(Limits(columns=50)):
        chunks = list(read_chunks(path, path.name))
    assert sum(len(chunk.rows) for chunk in chunks) == 500
    assert max(len(chunk.columns) for chunk in chunks) <= 50
    assert [row.reason for chunk in chunks for row in chunk.quarantined] == ["too_many_columns"]


def test_a_document_too_large_to_hold_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text("[\n" + '{"a": 1},\n' * 1_000 + "{}]")
    with limited_to(Limits(document_bytes=5_000)):
        *_, bad = read_json_records(path)
    assert isinstance(bad, QuarantinedRow)
    assert "COSTOPS_MAX_DOCUMENT_BYTES" in bad.message


@pytest.mark.parametrize("text", ['{"a": 1}\n{"a": %s}\n{"a": 2}\n', '[\n{"a": 1},\n{"a": %s},\n{"a": 2}\n]'])
def test_deep_json_costs_its_record_only(tmp_path: Path, text: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(text % DEEP)
    found = list(read_json_records(path))
    assert [record.value["a"] for record in found if isinstance(record, Record)] == [1, 2]
    assert [row.reason for row in found if isinstance(row, QuarantinedRow)] == ["invalid_json"]


ALIASES = "a: &a [x, x]\n" + "".join(
    f"{after}: &{after} [*{before}, *{before}]\n" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        ALIASES,
        "<<: &m {<<: *m}",
        "a: !!python/object/apply:os.system ['id']",
        "a: " + "[" * 50_000,
        "a: 1\na: 2",
        "a: " + "x" * 2_000_000,
        "day: 2026-13-45",
    ],
    ids=["aliases", "recursive", "python objects", "deep", "key twice", "large", "no date"],
)
def test_hostile_yaml_is_an_error_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(text)
    with pytest.raises(yaml.YAMLError):
        read_yaml(path)


def test_a_parquet_bomb_is_named_whichever_way_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.table({"event_id": ["x" * 1_000_000 + str(n) for n in range(20)]}), path, compression="zstd")
    with limited_to(Limits(unpacked_bytes=1_000_000)):
        (chunk,) = read_chunks(path, path.name)
        with pytest.raises(UnreadableTable, match="COSTOPS_MAX_UNPACKED_BYTES"):
            open_table(path)
    assert "COSTOPS_MAX_UNPACKED_BYTES" in chunk.quarantined[0].message


def test_parquet_of_too_many_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(pa.table({f"c{number}": [1] for number in range(51)}), path)
    with limited_to(Limits(columns=50)), pytest.raises(UnreadableTable, match="COSTOPS_MAX_COLUMNS"):
        open_table(path)


@pytest.mark.parametrize("name", ["a*.parquet", "a[12].parquet", "a?.parquet", "[[]]*.parquet", "it's.parquet"])
def test_a_name_with_wildcards_stands_for_one_file(tmp_path: Path, name: str) -> None:
    for each in (name, "a1.parquet", "a2.parquet"):
        pq.write_table(pa.table({"of": [each]}), tmp_path / each)
    with duckdb.connect() as db:
        assert db.execute("from read_parquet(?)", [one_file(tmp_path / name)]).fetchall() == [(name,)]
