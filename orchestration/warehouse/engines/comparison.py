"""Compares what two homes published, row for row and type for type: the same data built by two engines is the same.

    python -m orchestration.warehouse.engines.comparison HOME OTHER_HOME

Put here: comparing two published databases. Keep out: building them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.vocabulary.settings import PUBLISHED_DATABASE


@dataclass(frozen=True)
class Difference:
    """How one mart differs between two homes."""

    mart: str
    types: tuple[str, ...]
    """Columns that only one has, or with another type."""
    only_here: int
    only_there: int
    """Rows, each as often as it stands there."""
    columns: tuple[str, ...]
    """Columns without which the rows are the same, one at a time; empty where it takes more than one."""


@dataclass(frozen=True)
class Comparison:
    """All marts of two homes."""

    marts: int
    rows: int
    different: tuple[Difference, ...]
    missing: tuple[str, ...]
    """Marts that only one of them has."""


def compare(here: Path, there: Path, schema: str = "marts") -> Comparison:
    """Compare two DuckDB files that hold `schema`, by `except all` both ways."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{here}' as here (read_only)")
        connection.execute(f"attach '{there}' as there (read_only)")
        shapes = {place: _shapes(connection, place, schema) for place in ("here", "there")}
        both = sorted(shapes["here"].keys() & shapes["there"].keys())
        rows, different = 0, []
        for mart in both:
            rows += connection.execute(f'select count(*) from here.{schema}."{mart}"').fetchall()[0][0]
            found = _difference(connection, schema, mart, shapes["here"][mart], shapes["there"][mart])
            if found:
                different.append(found)
        missing = tuple(sorted(shapes["here"].keys() ^ shapes["there"].keys()))
        return Comparison(len(both), rows, tuple(different), missing)


def _shapes(connection: duckdb.DuckDBPyConnection, place: str, schema: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = ? order by column_index",
        [place, schema],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _difference(
    connection: duckdb.DuckDBPyConnection, schema: str, mart: str, here: dict[str, str], there: dict[str, str]
) -> Difference | None:
    types = tuple(
        f"{name}: {here.get(name)}, {there.get(name)}"
        for name in sorted(here.keys() | there.keys())
        if here.get(name) != there.get(name)
    )
    columns = [name for name in here if name in there]
    only = [_only(connection, schema, mart, one, other, columns) for one, other in _WAYS]
    if not types and not any(only):
        return None
    lesser = (name for name in columns if any(only))
    without = tuple(
        name
        for name in lesser
        if not any(_only(connection, schema, mart, *way, [each for each in columns if each != name]) for way in _WAYS)
    )
    return Difference(mart, types, only[0], only[1], without)


_WAYS = (("here", "there"), ("there", "here"))


def _only(
    connection: duckdb.DuckDBPyConnection, schema: str, mart: str, one: str, other: str, columns: list[str]
) -> int:
    shown = ", ".join(f'"{name}"' for name in columns)
    return int(
        connection.execute(
            f'select count(*) from (select {shown} from {one}.{schema}."{mart}" '
            f'except all select {shown} from {other}.{schema}."{mart}") as rows'
        ).fetchall()[0][0]
    )


def _published(home: Path) -> Path:
    """The published database of a home; a file is one itself."""
    return home / "published" / PUBLISHED_DATABASE if home.is_dir() else home


def main(arguments: list[str]) -> int:
    """Say which marts differ and how; 0 where none does."""
    here, there = (Path(each).expanduser() for each in arguments)
    found = compare(_published(here), _published(there))
    print(f"{found.marts} marts, {found.rows:,} rows: {found.marts - len(found.different)} equal in rows and types")
    for each in found.different:
        print(f"{each.mart}: {each.only_here} rows only here, {each.only_there} only there", end="")
        print(f"; equal without {' or without '.join(each.columns)}" if each.columns else "", end="")
        print(f"; types: {'; '.join(each.types)}" if each.types else "")
    for mart in found.missing:
        print(f"{mart}: only one of them has it")
    return 1 if found.different or found.missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
