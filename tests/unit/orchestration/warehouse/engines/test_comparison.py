"""Two homes are equal where each mart has the same rows, as often, in the same types; a difference is named."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.engines.comparison import compare, main

SAME = "select 1 as a, 'x' as b union all select 1, 'x' union all select 2, null"


def database(path: Path, **marts: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for name, query in marts.items():
            connection.execute(f"create table marts.{name} as {query}")
    return path


def test_equal_marts_are_equal(tmp_path: Path) -> None:
    found = compare(database(tmp_path / "a.duckdb", m=SAME), database(tmp_path / "b.duckdb", m=SAME))
    assert (found.marts, found.rows, found.different, found.missing) == (1, 3, (), ())


@pytest.mark.parametrize(
    ("other", "only", "columns", "types"),
    [
        ("select 1 as a, 'x' as b union all select 2, null", (1, 0), (), ()),
        (f"{SAME} union all select 2, null", (0, 1), (), ()),
        ("select 1 as a, 'y' as b union all select 1, 'y' union all select 2, null", (2, 2), ("b",), ()),
        ("select 1::bigint as a, 'x' as b union all select 1, 'x' union all select 2, null", (0, 0), (), ("a",)),
        ("select 1 as a union all select 1 union all select 2", (0, 0), (), ("b",)),
    ],
)
def test_a_difference_is_named(
    tmp_path: Path, other: str, only: tuple[int, int], columns: tuple[str, ...], types: tuple[str, ...]
) -> None:
    found = compare(database(tmp_path / "a.duckdb", m=SAME), database(tmp_path / "b.duckdb", m=other))
    (difference,) = found.different
    assert (difference.only_here, difference.only_there) == only
    assert difference.columns == columns
    assert tuple(words.partition(":")[0] for words in difference.types) == types


def test_the_command_tells_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = database(tmp_path / "a.duckdb", m=SAME, n="select 1 as a")
    there = database(tmp_path / "b.duckdb", m="select 3 as a, 'x' as b")
    assert main([str(here), str(here)]) == 0
    assert main([str(here), str(there)]) == 1
    said = capsys.readouterr().out
    assert "2 marts, 4 rows: 2 equal in rows and types" in said
    assert "m: 3 rows only here, 1 only there" in said
    assert "n: only one of them has it" in said
