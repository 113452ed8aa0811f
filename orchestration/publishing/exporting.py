"""Marts of the published copy as files of one's own, once: what `costops export` does.

Put here: which rows, from when to when, into which files. Keep out: formats (`writing`, `workbook`, `hyper_file`),
standing publications (`targets`), words of the command line.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from orchestration.presenting.periods import Period
from orchestration.presenting.standing import published_today, standing_of
from orchestration.publishing.distribution import TargetError
from orchestration.publishing.hyper_file import engine, write_tables
from orchestration.publishing.parts import quoted
from orchestration.publishing.places import Place, place_at
from orchestration.publishing.workbook.book import write_workbook
from orchestration.publishing.workbook.marts import write_marts
from orchestration.publishing.workbook.sheets import STANDARD
from orchestration.publishing.writing import (
    CSV,
    CSV_GZ,
    JSON,
    JSON_LINES,
    PARQUET,
    SNAPPY,
    Columns,
    FileFormat,
    columns_of,
    write_file,
)

COST_RECORDS = "rpt_cost_daily"
"""What is exported where no mart is named."""
FOCUS_MART, FOCUS_MONTH = "focus_cost_and_usage", "BillingPeriodStart"
DAY_COLUMNS = (
    "usage_date", "charge_date", "ChargePeriodStart", "reporting_date", "forecast_date", "date_day", "week_start_date",
    "month_start_date", "month_date", "period_start_date", "statement_period_date",
)  # fmt: skip
"""By which of its columns a mart has days, the first that there is."""
ROW_FORMATS: dict[str, FileFormat] = {"csv": CSV, "json": JSON, "jsonl": JSON_LINES, "parquet": SNAPPY}


@dataclass(frozen=True)
class Export:
    """What is asked for."""

    format: str
    to: str
    """A file or a folder (it ends with `/`, or has no suffix), local or of any store that fsspec knows."""
    marts: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    limit: int | None = None
    variable: str = "--to"
    """What errors about the place call it."""
    is_shared: bool = False
    """Whether who may read the folder may read what is written into it."""


@dataclass
class Exported:
    """What was written."""

    files: list[str] = field(default_factory=list)
    row_count: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Rows:
    mart: str
    query: str
    columns: Columns


def export(connection: duckdb.DuckDBPyConnection, asked: Export) -> Exported:
    """Write what is asked for; each file appears whole or not at all.

    `connection` has the marts as its default schema and may write files.

    Raises:
        TargetError: no such mart, or the place cannot be written.
    """
    done = Exported()
    with tempfile.TemporaryDirectory(prefix="costops-export-") as folder:
        match asked.format:
            case "excel":
                _excel(connection, asked, done, Path(folder))
            case "hyper":
                _hyper(connection, asked, done, Path(folder))
            case "focus":
                _focus(connection, asked, done, Path(folder))
            case _:
                _rows(connection, asked, done, Path(folder))
    return done


def is_folder(address: str) -> bool:
    """Whether an address means a folder of files."""
    return address.endswith("/") or "." not in address.rpartition("/")[2] or Path(address).is_dir()


def _rows(connection: duckdb.DuckDBPyConnection, asked: Export, done: Exported, folder: Path) -> None:
    file_format = ROW_FORMATS[asked.format]
    if asked.format == "csv" and asked.to.endswith(".gz"):
        file_format = CSV_GZ
    into_folder = is_folder(asked.to)
    chosen = _chosen(connection, asked, done, _published(connection) if into_folder else [COST_RECORDS])
    if len(chosen) > 1 and not into_folder:
        raise TargetError(f"{len(chosen)} marts do not fit into one file: name a folder, {asked.to}/")
    place, name = (_folder(asked), "") if into_folder else _split(asked)
    for rows in chosen:
        file = folder / f"rows{file_format.suffix}"
        done.row_count += write_file(connection, f"({rows.query})", rows.columns, file_format, file)
        _put(place, file, name or f"{rows.mart}{file_format.suffix}", done)


def _excel(connection: duckdb.DuckDBPyConnection, asked: Export, done: Exported, folder: Path) -> None:
    place, name = (_folder(asked), "costs.xlsx") if is_folder(asked.to) else _split(asked)
    file = folder / "book.xlsx"
    if asked.marts:
        chosen = _chosen(connection, asked, done, [])
        done.row_count = write_marts(connection, [(each.mart, each.query, each.columns) for each in chosen], file)
    else:
        standing = standing_of(connection, _span(connection, asked), published_today(connection))
        written = write_workbook(connection, STANDARD, standing, file)
        done.row_count = sum(each.row_count for each in written)
        left_out = [sheet.name for sheet in STANDARD if sheet not in [each.sheet for each in written]]
        done.notes += [f"the sheet {sheet} is left out: its marts are not published" for sheet in left_out]
    _put(place, file, name, done)


def _hyper(connection: duckdb.DuckDBPyConnection, asked: Export, done: Exported, folder: Path) -> None:
    place, name = (_folder(asked), "costops.hyper") if is_folder(asked.to) else _split(asked)
    tables = {}
    for rows in _chosen(connection, asked, done, _published(connection)):
        tables[rows.mart] = folder / f"{rows.mart}.parquet"
        count = write_file(connection, f"({rows.query})", rows.columns, PARQUET, tables[rows.mart])
        done.row_count += count
    with engine() as running:
        done.notes += write_tables(running, folder / "new.hyper", tables)
    _put(place, folder / "new.hyper", name, done)


def _focus(connection: duckdb.DuckDBPyConnection, asked: Export, done: Exported, folder: Path) -> None:
    """One file as its suffix says, or a folder with a Parquet file per billing month."""
    if asked.marts and asked.marts != (FOCUS_MART,):
        raise TargetError(f"FOCUS is {FOCUS_MART} and no other mart: leave --mart out")
    (rows,) = _chosen(connection, replace(asked, marts=(FOCUS_MART,)), done, [])
    if not is_folder(asked.to):
        place, name = _split(asked)
        formats = {".parquet": PARQUET, ".csv": CSV, ".gz": CSV_GZ, ".jsonl": JSON_LINES, ".json": JSON}
        file_format = formats.get(Path(name).suffix, CSV)
        done.row_count = write_file(connection, f"({rows.query})", rows.columns, file_format, folder / "rows")
        _put(place, folder / "rows", name, done)
        return
    place, month = _folder(asked), quoted(FOCUS_MONTH)
    found = connection.execute(f"select distinct strftime({month}, '%Y-%m') from ({rows.query}) order by 1").fetchall()
    for (label,) in found:
        within = f"(from ({rows.query}) where strftime({month}, '%Y-%m') is not distinct from "
        within += "null)" if label is None else f"'{label}')"
        done.row_count += write_file(connection, within, rows.columns, PARQUET, folder / "rows.parquet")
        name = f"billing_month={label or '__HIVE_DEFAULT_PARTITION__'}/{FOCUS_MART}.parquet"
        _put(place, folder / "rows.parquet", name, done)


def _chosen(
    connection: duckdb.DuckDBPyConnection, asked: Export, done: Exported, default: Sequence[str]
) -> list[_Rows]:
    """The rows of each mart that is asked for."""
    published = _published(connection)
    if wrong := [mart for mart in asked.marts if mart not in published]:
        near = ", ".join(mart for mart in published if wrong[0].split("_")[-1] in mart)[:200]
        raise TargetError(
            f"there is no mart {wrong[0]}; " + (f"there are {near}" if near else 'see: costops query "show tables"')
        )
    return [_rows_of(connection, mart, asked, done) for mart in asked.marts or default]


def _rows_of(connection: duckdb.DuckDBPyConnection, mart: str, asked: Export, done: Exported) -> _Rows:
    columns = columns_of(connection, quoted(mart))
    names = {name for name, _ in columns}
    day = next((name for name in DAY_COLUMNS if name in names), None)
    conditions = [
        f"{quoted(day)}::date {sign} date '{bound}'" if day else ""
        for sign, bound in ((">=", asked.first), ("<=", asked.last))
        if bound
    ]
    if conditions and not day:
        done.notes.append(f"{mart} has no days: it is exported whole")
        conditions = []
    query = f"select * from {quoted(mart)}" + (f" where {' and '.join(conditions)}" if conditions else "")
    return _Rows(mart, f"{query} limit {asked.limit}" if asked.limit is not None else query, columns)


def _span(connection: duckdb.DuckDBPyConnection, asked: Export) -> Period:
    """The days that are asked for, else all that have costs."""
    ends = connection.execute(f"select min(usage_date), max(usage_date) from {COST_RECORDS}").fetchall()[0]
    today = published_today(connection)
    first, last = asked.first or ends[0] or today, asked.last or ends[1] or today
    return Period(f"{first}..{last}", "days", first, last)


def _published(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select table_name from duckdb_tables() where schema_name = current_schema() and not temporary order by 1"
    return [name for (name,) in connection.execute(query).fetchall()]


def _folder(asked: Export) -> Place:
    return place_at(asked.to.rstrip("/") or "/", asked.variable, is_shared=asked.is_shared)


def _split(asked: Export) -> tuple[Place, str]:
    """The folder of a file and its name."""
    folder, slash, name = asked.to.rpartition("/")
    return place_at(folder + slash or ".", asked.variable, is_shared=asked.is_shared), name


def _put(place: Place, file: Path, name: str, done: Exported) -> None:
    place.put(file, name)
    done.files.append(name)
