"""The statement that reads the rows of a dataset, and whether marts have what it names.

Put here: SQL of datasets, checking it against a published copy. Keep out: packing what it gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from orchestration.dashboards.definitions import TEAM, Dashboard, Dataset
from orchestration.dashboards.expressions import AGGREGATES, OPERATORS, columns_of
from orchestration.dashboards.faults import Fault, Faults, nearest
from orchestration.dashboards.spans import period_named
from orchestration.presenting.standing import published_today

UNKNOWN_SUFFIX = "__unknown"
WHOLE_ROWS = ("avg", "min", "max", "count")
"""Aggregates that are not the same of sums: where one is used the page holds each row."""
_SELECT = duckdb.StatementType.SELECT


def aggregates_of(dashboard: Dashboard, dataset: Dataset) -> set[str]:
    """Which aggregates its widgets take of a dataset."""
    found: set[str] = set()
    for widget in dashboard.widgets:
        for name, option in widget.options.items():
            held = widget.options.get("total_dataset") if name == "total" else widget.dataset
            if held == dataset.name:
                found |= set(_aggregates_in(option))
    return found


def _aggregates_in(option: object) -> Iterable[str]:
    if isinstance(option, dict):
        for each in option.values():
            yield from _aggregates_in(each)
    elif isinstance(option, list):
        if option and (option[0] in AGGREGATES or option[0] in OPERATORS):
            yield from (name for name, _ in columns_of(option))
        else:
            for each in option:
                yield from _aggregates_in(each)


def source_sql(dataset: Dataset, team: str | None = None) -> str:
    """The rows of a dataset as they are, of one team where `team` is given."""
    inner = f"from ({dataset.query}\n)" if dataset.query else f"from {_name(dataset.mart)}"
    conditions = [f"({dataset.where})"] if dataset.where else []
    if team is not None:
        conditions.append(f"{TEAM} = '{team.replace(chr(39), chr(39) * 2)}'")
    if dataset.date:
        conditions.append(f"{_name(dataset.date)} is not null")
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select * {inner}{where}"


def dataset_sql(dataset: Dataset, aggregates: Collection[str], team: str | None = None, first_day: str = "") -> str:
    """What the page holds of it: dates, dimensions as text, measures as numbers, how many of each are unknown."""
    is_summed = not set(aggregates) & set(WHOLE_ROWS)
    date = [f'cast({_name(dataset.date)} as date) as "date"'] if dataset.date else []
    dimensions = [f"cast({_name(each)} as varchar) as {_name(each)}" for each in dataset.dimensions]
    measures = []
    for each in dataset.measures:
        column = _name(each)
        measures.append(f"cast({f'sum({column})' if is_summed else column} as double) as {column}")
        if each in dataset.unknown:
            unknown = f"count(*) - count({column})" if is_summed else f"cast({column} is null as integer)"
            measures.append(f"{unknown} as {_name(each + UNKNOWN_SUFFIX)}")
    order = [str(number + 1) for number in range(len(date) + len(dimensions))]
    conditions = [f"cast({_name(dataset.date)} as date) >= date '{first_day}'"] if first_day else []
    if dataset.days:
        conditions.append(
            f"cast({_name(dataset.date)} as date) > (select max(cast({_name(dataset.date)} as date)) from chosen)"
            f" - {dataset.days}"
        )
    columns = ", ".join([*date, *dimensions, *measures])
    return (
        f"with chosen as ({source_sql(dataset, team)})\nselect {columns}\nfrom chosen"
        + (f"\nwhere {' and '.join(conditions)}" if conditions else "")
        + (f"\ngroup by {', '.join(order)}" if is_summed and order else "")
        + (f"\norder by {', '.join(order)}" if order else "")
    )


def marts_of(connection: duckdb.DuckDBPyConnection, dashboard: Dashboard) -> set[str]:
    """Names of all marts that it reads; of a statement that cannot be read none."""
    found = set()
    for dataset in dashboard.datasets.values():
        try:
            found |= {name.rpartition(".")[2] for name in connection.get_table_names(source_sql(dataset))}
        except duckdb.Error:
            continue
    return found - {"chosen"}


def check(dashboard: Dashboard, path: Path, connection: duckdb.DuckDBPyConnection) -> list[Fault]:
    """What of it the marts of a published copy do not have."""
    faults = Faults(path.name)
    tables = _tables(connection)
    today = published_today(connection)
    for name in [
        (dashboard.period, "", "period"),
        *((w.period, f'widget "{w.title}"', "period") for w in dashboard.widgets),
    ]:
        try:
            if name[0]:
                period_named(name[0], today)
        except ValueError as error:
            faults.add(name[1], name[2], str(error))
    for dataset in dashboard.datasets.values():
        place = f"dataset {dataset.name}"
        if dataset.mart and dataset.mart not in tables:
            faults.add(place, "mart", f"no mart {dataset.mart!r} is published; {nearest(dataset.mart, tables)}")
        elif dataset.mart:
            _check_columns(dataset, tables[dataset.mart], place, faults)
        elif message := not_a_select(dataset.query):
            faults.add(place, "query", message)
        if not any(fault.place == place for fault in faults.found):
            try:
                connection.execute(f"{dataset_sql(dataset, aggregates_of(dashboard, dataset))}\nlimit 0")
            except duckdb.Error as error:
                faults.add(place, "query" if dataset.query else "where", plain_error(error))
    return faults.found


def not_a_select(query: str) -> str:
    """Why a statement may not be run for a page; empty where it may."""
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        return plain_error(error)
    if len(statements) != 1 or statements[0].type != _SELECT:
        return "is one select over published marts, and nothing else"
    return ""


def plain_error(error: duckdb.Error) -> str:
    """DuckDB's words without its drawing."""
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith(("LINE ", " "))]
    return " ".join(lines)[:400] + ' (costops query "show tables" lists the marts)'


def _check_columns(dataset: Dataset, columns: Collection[str], place: str, faults: Faults) -> None:
    given = [("date", dataset.date), *(("dimensions", d) for d in dataset.dimensions)]
    for field, column in [*given, *(("measures", m) for m in dataset.measures)]:
        if column and column not in columns:
            faults.add(place, field, f"{dataset.mart} has no column {column!r}; {nearest(column, columns)}")
    for column in dataset.unknown:
        if column not in dataset.measures:
            faults.add(place, "unknown", f"{column!r} is no measure of it; {nearest(column, dataset.measures)}")


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where schema_name = current_schema() and not internal group by table_name"
    ).fetchall()
    return {table: list(columns) for table, columns in rows}


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
