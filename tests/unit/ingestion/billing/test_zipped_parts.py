"""One table in the parts of one archive: all rows once, in order, or a word about what is missing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingestion.reading.tabular import open_table
from ingestion.reading.tabular.model import UnreadableTable


def rows(folder: Path, members: dict[str, str]) -> tuple[list[tuple[str, ...]], list[int]]:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    reader = open_table(path)
    try:
        found: list[tuple[str, ...]] = []
        numbers: list[int] = []
        for batch in reader.batches():
            assert not batch.quarantined
            found += zip(*(column.to_pylist() for column in batch.columns), strict=True)
            numbers += batch.row_numbers.to_pylist()
        return found, numbers
    finally:
        reader.close()


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_parts_are_one_table_in_their_order(tmp_path: Path, end: str) -> None:
    parts = {f"part-{n}-of-11.csv": f"a,b\n{n},x\n{n},y{end}" for n in (10, 2, 1, 3, 4, 5, 6, 7, 8, 9, 11)}
    others = dict.fromkeys(("manifest.json", "x/README.txt", "NOTES.md", "part-1-of-11.csv.sha256"), "{}")
    found, numbers = rows(tmp_path, others | parts)
    assert found == [(str(n), text) for n in range(1, 12) for text in ("x", "y")]
    assert numbers == list(range(1, 23))


def test_a_large_part_and_one_without_rows(tmp_path: Path) -> None:
    lines = "".join(f"{n},z\n" for n in range(60_000))
    found, _ = rows(
        tmp_path, {"part-1-of-3.csv": f"a,b\n{lines}", "part-2-of-3.csv": "a,b", "part-3-of-3.csv": "a,b\n7,q"}
    )
    assert (len(found), found[-2:]) == (60_001, [("59999", "z"), ("7", "q")])


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"part-1-of-3.csv": "a\n1\n", "part-3-of-3.csv": "a\n3\n"}, "lacks part 2 of 3"),
        ({"part-1-of-2.csv": "a\n1\n", "other.csv": "a\n3\n"}, "holds 2 files"),
        ({"x-1-of-2.csv": "a\n1\n", "y-2-of-2.csv": "a\n3\n"}, "holds 2 files"),
    ],
)
def test_what_is_not_whole_is_named(tmp_path: Path, members: dict[str, str], words: str) -> None:
    with pytest.raises(UnreadableTable, match=words):
        rows(tmp_path, members)


def test_a_part_with_another_header_is_named_and_never_read_as_rows(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("part-1-of-2.csv", "a,b\n1,2\n")
        archive.writestr("part-2-of-2.csv", "b,a\n3,4\n")
    batches = list(open_table(path).batches())
    assert [row.reason for batch in batches for row in batch.quarantined] == ["unreadable_file"]
    assert sum(len(batch) for batch in batches) == 1
