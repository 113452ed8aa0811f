"""Damaged text: every intact record comes out, everything else is named."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import Limits
from ingestion.reading import lines
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Line, Record, read_lines
from ingestion.sources.events.csv_rows import read_csv_rows


def write(folder: Path, content: bytes, name: str = "f.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def split(items: Any) -> tuple[list[Any], list[str]]:
    """(values, quarantine reasons)."""
    found = list(items)
    values = [item.value if isinstance(item, Record) else item.text for item in found if not _is_bad(item)]
    return values, [item.reason for item in found if _is_bad(item)]


def _is_bad(item: Any) -> bool:
    return isinstance(item, QuarantinedRow)


GOOD = [{"n": n, "text": "ä" * n} for n in range(5)]
LINES = [json.dumps(value, ensure_ascii=False).encode() for value in GOOD]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_newlines_compression_and_mark(tmp_path: Path, newline: bytes, is_compressed: bool) -> None:
    content = b"\xef\xbb\xbf" + newline.join(LINES)
    path = write(tmp_path, gzip.compress(content) if is_compressed else content)
    assert split(read_json_records(path)) == (GOOD, [])


def test_mixed_newlines_and_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, b"\n\r\n".join([LINES[0], LINES[1] + b"\r" + LINES[2] + b"\r\n" + LINES[3], LINES[4]]))
    assert split(read_json_records(path)) == (GOOD, [])


def test_utf16_with_a_mark(tmp_path: Path) -> None:
    text = "\n".join(line.decode() for line in LINES)
    assert split(read_json_records(write(tmp_path, text.encode("utf-16")))) == (GOOD, [])


def test_line_endings_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for newline in (b"\n", b"\r\n", b"\r"):
        for size in range(1, 40):
            monkeypatch.setattr(lines, "CHUNK_BYTES", size)
            assert split(read_json_records(write(tmp_path, newline.join(LINES)))) == (GOOD, []), (newline, size)


def test_cut_gzip_keeps_every_whole_line_and_names_the_rest(tmp_path: Path) -> None:
    many = [json.dumps({"n": n, "x": f"{n * 7919 % 10007:05}"}).encode() for n in range(20_000)]
    whole = gzip.compress(b"\n".join(many))
    values, reasons = split(read_json_records(write(tmp_path, whole[: len(whole) // 2])))
    assert reasons == ["truncated_file"]
    assert 1_000 < len(values) < 20_000
    assert values == [json.loads(line) for line in many[: len(values)]]


def test_damaged_gzip_and_joined_gzip(tmp_path: Path) -> None:
    two = gzip.compress(LINES[0] + b"\n") + gzip.compress(LINES[1] + b"\n")
    assert split(read_json_records(write(tmp_path, two))) == (GOOD[:2], [])
    assert split(read_json_records(write(tmp_path, two + b"garbage"))) == (GOOD[:2], ["truncated_file"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": "\xff"}', "invalid_encoding"),
        (b'{"a": \0 1}', "nul_byte"),
        (b"\0\0\0", "nul_byte"),
        (b'{"a": 1', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "invalid_json"),
    ],
)
def test_a_bad_line_costs_only_itself(tmp_path: Path, line: bytes, reason: str) -> None:
    for at in (0, 2, 5):
        content = b"\n".join([*LINES[:at], line, *LINES[at:]])
        assert split(read_json_records(write(tmp_path, content))) == (GOOD, [reason]), at


def test_leading_nul_bytes_of_a_crash_hole_are_dropped(tmp_path: Path) -> None:
    assert split(read_json_records(write(tmp_path, b"\0" * 4096 + LINES[1] + b"\n"))) == ([GOOD[1]], [])


def test_ten_megabyte_field_is_read_and_an_endless_line_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = json.dumps({"text": "x" * 10_000_000}).encode()
    values, reasons = split(read_json_records(write(tmp_path, big + b"\n" + LINES[0])))
    assert (len(values), reasons) == (2, [])
    monkeypatch.setattr(lines, "limits", lambda: Limits(line_bytes=1_000_000))
    assert split(read_json_records(write(tmp_path, big + b"\n" + LINES[0]))) == (GOOD[:1], ["line_too_long"])


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_arrays_and_pages(tmp_path: Path, indent: int | None) -> None:
    for value in (GOOD, {"data": GOOD, "meta": {"page": 1}}):
        text = json.dumps(value, indent=indent, ensure_ascii=False).encode()
        assert split(read_json_records(write(tmp_path, text), "data")) == (GOOD, [])


def test_pages_one_per_line(tmp_path: Path) -> None:
    pages = [json.dumps({"data": GOOD[:2]}), json.dumps({"data": GOOD[2:], "meta": {}})]
    assert split(read_json_records(write(tmp_path, "\n".join(pages).encode()), "data")) == (GOOD, [])


def test_truncated_array_and_page_keep_what_is_whole(tmp_path: Path) -> None:
    for value in (GOOD, {"data": GOOD}):
        text = json.dumps(value, indent=2).encode()
        cut = text[: text.rindex(b'"n"')]
        values, reasons = split(read_json_records(write(tmp_path, cut), "data"))
        assert (values, reasons) == (GOOD[:4], ["invalid_json"])


def test_broken_element_of_an_indented_array_costs_only_itself(tmp_path: Path) -> None:
    text = json.dumps(GOOD, indent=2).replace('"n": 2', '"n": oops').encode()
    values, reasons = split(read_json_records(write(tmp_path, text)))
    assert (values, reasons) == (GOOD[:2] + GOOD[3:], ["invalid_json"])


@given(st.binary(max_size=400))
def test_any_bytes_end_in_records_or_quarantine(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = write(tmp_path_factory.mktemp("any"), content)
    for _ in (*read_lines(path), *read_json_records(path, "data"), *read_csv_rows(path)):
        pass


def csv_rows(folder: Path, content: bytes) -> tuple[list[Any], list[str]]:
    return split(read_csv_rows(write(folder, content, "f.csv")))


def test_csv_delimiters_quotes_and_repeated_header(tmp_path: Path) -> None:
    expected = [{"a": "1", "b": 'x;"y'}, {"a": "2", "b": None}]
    assert csv_rows(tmp_path, b'a;b\r\n1;"x;""y"\r\na;b\r\n2; \r\n') == (expected, [])


def test_csv_field_with_newline(tmp_path: Path) -> None:
    assert csv_rows(tmp_path, b'a,b\n1,"x\ny"\n') == ([{"a": "1", "b": "x\ny"}], [])


def test_csv_stray_quote_costs_only_its_row(tmp_path: Path) -> None:
    rows = b"".join(b'%d,"t %d"\n' % (n, n) for n in range(50))
    values, reasons = csv_rows(tmp_path, b'a,b\n7,"open\n' + rows)
    assert len(values) == 50
    assert reasons == ["unbalanced_quote"]
    values, reasons = csv_rows(tmp_path, b"a,b\n" + rows + b'7,"open')
    assert (len(values), reasons) == (50, ["unbalanced_quote"])


def test_csv_wrong_field_count_and_bad_bytes(tmp_path: Path) -> None:
    values, reasons = csv_rows(tmp_path, b"a,b\n1,2,3\n\xff,2\n4,5\n")
    assert (values, reasons) == ([{"a": "4", "b": "5"}], ["wrong_field_count", "invalid_encoding"])


@pytest.mark.parametrize("ending", [".zst", ".bz2", ".xz"])
def test_packed_files_are_read_and_a_cut_one_says_so(tmp_path: Path, ending: str) -> None:
    text = "".join(json.dumps({"n": number, "filling": "x" * number}) + "\n" for number in range(3_000))
    path = tmp_path / f"a.jsonl{ending}"
    if ending == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(text.encode())
    else:
        path.write_bytes((bz2 if ending == ".bz2" else lzma).compress(text.encode()))
    assert [line.text for line in read_lines(path) if isinstance(line, Line)] == text.splitlines()
    path.write_bytes(path.read_bytes()[:-30])
    *_, last = read_lines(path)
    assert isinstance(last, QuarantinedRow)
    assert (last.reason, "Replace the file by an undamaged copy" in last.message) == ("truncated_file", True)


@pytest.mark.parametrize(
    ("head", "what"), [(b"PK\x03\x04", "ZIP archive"), (b"PAR1", ".parquet"), (b"SQLite format 3\0", "SQLite")]
)
def test_a_file_that_is_no_text_is_named_once_by_what_it_is(tmp_path: Path, head: bytes, what: str) -> None:
    (bad,) = read_json_records(write(tmp_path, head + b"\n\0\1\n" * 9))
    assert isinstance(bad, QuarantinedRow)
    assert (bad.reason, what in bad.message) == ("unreadable_file", True)


@pytest.mark.parametrize(
    ("content", "values", "reasons"),
    [
        (b'{"usage": {"n": 1}, "usage": {"n": 2}}\n{"n": 3}', [{"n": 3}], ["more_than_one_value"]),
        (b'[{"a": {"cost": 1, "cost": 2}}, {"n": 3}]', [{"n": 3}], ["more_than_one_value"]),
        (b'{"data": [{"tokens": 1, "tokens": 2}, {"n": 3}]}', [{"n": 3}], ["more_than_one_value"]),
        (b'{"tokens": 1, "tokens": 1}', [{"tokens": 1}], []),
        (b'{"level": "info", "level": "warn"}', [{"level": "warn"}], []),
        (b'{"n": {"$numberLong": "1"}, "cost": 1, "cost": 2}', [], ["more_than_one_value"]),
    ],
    ids=["a line", "a list", "a page", "one value", "text of a logger", "of mongodb"],
)
def test_a_key_that_stands_twice_with_two_counts_is_refused(
    tmp_path: Path, content: bytes, values: list[Any], reasons: list[str]
) -> None:
    assert split(read_json_records(write(tmp_path, content), "data")) == (values, reasons)
