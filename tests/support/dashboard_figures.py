"""What pages of dashboards compute, and the same figures by SQL on the marts."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from ml.anomalies.decompose import decompose
from orchestration.dashboards.definitions import Dashboard, Dataset, Widget
from orchestration.dashboards.expressions import to_sql
from orchestration.dashboards.spans import period_named
from orchestration.dashboards.statements import source_sql
from orchestration.presenting.standing import published_today

HARNESS = Path(__file__).with_name("page_figures.js")
NONE: Mapping[str, Sequence[str]] = {}
Row = tuple[Any, ...]


def computed(pages: Iterable[Path], address: str = "") -> list[dict[str, Any]]:
    """What the program of each page computes for what `address` (without #) chooses."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node runs the pages' program without a browser, and is not here")
    arguments = [f"{page}#{address}" for page in pages]
    result = subprocess.run([node, str(HARNESS), *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


class Oracle:
    """Figures of one dashboard by SQL, with some values of dimensions chosen."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        dashboard: Dashboard,
        chosen: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.connection, self.dashboard, self.filters = connection, dashboard, dict(chosen or {})
        self.today = published_today(connection)
        self.cuts: Mapping[str, str] = {}
        """From when on the page holds a dataset that was too large for it."""

    def span(self, widget: Widget) -> tuple[date, date]:
        """First and last day of what a widget shows."""
        period = period_named(widget.period or self.dashboard.period, self.today)
        now = period if period.grain == "ahead" else period.through(self.today)
        return now.first, now.last

    def before(self, widget: Widget) -> tuple[date, date]:
        """The days it is compared with."""
        if self.dashboard.datasets[widget.dataset].grain == "month":
            first, last = self.span(widget)
            months = (last.year - first.year) * 12 + last.month - first.month + 1
            begin = first.year * 12 + first.month - 1 - months
            return date(begin // 12, begin % 12 + 1, 1), first.replace(day=1) - timedelta(days=1)
        period = period_named(widget.period or self.dashboard.period, self.today).through(self.today).before()
        return period.first, period.last

    def rows(
        self,
        widget: Widget,
        keys: Sequence[str],
        trees: Sequence[Any],
        span: tuple[date, date] | None = None,
        dataset: str = "",
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> list[Row]:
        """Groups with their figures. `keys`: SQL over the rows of the dataset."""
        held = self.dashboard.datasets[dataset or widget.dataset]
        first, last = span or self.span(widget)
        conditions = ["true"]
        if held.date:
            begins = first.replace(day=1) if held.grain == "month" else first
            conditions.append(f"cast({held.date} as date) between date '{begins}' and date '{last}'")
            if held.name in self.cuts:
                conditions.append(f"cast({held.date} as date) >= date '{self.cuts[held.name]}'")
            if held.days:
                newest = f"(select max(cast({held.date} as date)) from ({source_sql(held)}))"
                conditions.append(f"cast({held.date} as date) > {newest} - {held.days}")
        own = self._without_own(widget, keys)
        for dimension, values in [*(where if where is not None else widget.where).items(), *own.items()]:
            if dimension in held.dimensions:
                listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
                conditions.append(f"cast({dimension} as varchar) in ({listed})")
        columns = [*keys, *(f"cast({to_sql(tree, held.date)} as double)" for tree in trees)]
        groups = ", ".join(str(number + 1) for number in range(len(keys)))
        return self.connection.execute(
            f"with chosen as (select * from ({source_sql(held)}) where {' and '.join(conditions)}) "
            f"select {', '.join(columns)} from chosen" + (f" group by {groups}" if groups else "")
        ).fetchall()

    def _without_own(self, widget: Widget, keys: Sequence[str]) -> dict[str, Sequence[str]]:
        """Filters but that of the dimension by whose values a widget filters: it goes on showing the others."""
        drill = widget.options.get("drill")
        own = (
            drill if isinstance(drill, str) else widget.options.get("x") or widget.options.get("by") if drill else None
        )
        if not keys:
            own = None
        return {dimension: values for dimension, values in self.filters.items() if dimension != own}

    def dataset(self, widget: Widget) -> Dataset:
        """That of a widget."""
        return self.dashboard.datasets[widget.dataset]


def text(dimension: str) -> str:
    """A dimension as pages hold it."""
    return f"cast({dimension} as varchar)"


def bucket(column: str, grain: str) -> str:
    """The first day of the week, month, quarter or year of a date, as pages write it."""
    return f"cast(cast(date_trunc('{grain}', {column}) as date) as varchar)"


def same(found: Iterable[Sequence[Any]], expected: Iterable[Sequence[Any]]) -> None:
    """The same rows in any order; figures to a millionth of a millionth."""
    left, right = sorted(map(_sortable, found)), sorted(map(_sortable, expected))
    assert len(left) == len(right)
    for one, other in zip(left, right, strict=True):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert a[0] == b[0], (one, other)
            assert a[1] == b[1] or _near(a[1], b[1]), (one, other)


def _sortable(row: Sequence[Any]) -> tuple[tuple[int, Any], ...]:
    return tuple(
        (0, "") if cell is None else (1, round_(float(cell))) if isinstance(cell, int | float) else (2, cell)
        for cell in row
    )


def round_(value: float) -> float:
    """To nine digits that say something, so that rows sort alike."""
    return float(f"{value:.9g}")


def _near(a: Any, b: Any) -> bool:
    return isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-8, abs_tol=1e-8)


def check_widget(oracle: Oracle, widget: Widget, shown: dict[str, Any]) -> None:
    """That a page computes for a widget what SQL says."""
    rows, options = shown["rows"], widget.options
    match widget.type:
        case "metric" if options.get("text"):
            same(rows, oracle.rows(widget, [text(options["text"])], [options["value"]]))
        case "metric":
            expected = [oracle.rows(widget, [], [options["value"]])[0][0]]
            if len(shown["headers"]) > 1:
                expected.append(oracle.rows(widget, [], [options["value"]], oracle.before(widget))[0][0])
            same(rows, [expected])
        case "gauge":
            same(rows, oracle.rows(widget, [], [options["value"]]))
        case "progress":
            same(rows, oracle.rows(widget, [], [options["value"], options["goal"]]))
        case "comparison":
            same(rows, oracle.rows(widget, [], [each["value"] for each in options["values"]]))
        case "pie":
            same(rows, oracle.rows(widget, [text(options["by"])], [options["value"]]))
        case "scatter":
            same(rows, oracle.rows(widget, [text(options["by"])], [options["x_value"], options["y_value"]]))
        case "side_by_side":
            same(rows, oracle.rows(widget, [text(options["by"])], [each["value"] for each in options["values"]]))
        case "waterfall":
            same(rows, oracle.rows(widget, [text(options["steps"])], [options["value"]]))
        case "heatmap":
            same(rows, oracle.rows(widget, [text(options["rows"]), text(options["columns"])], [options["value"]]))
        case "explorer":
            rows_by_value = oracle.rows(widget, [text(options["by"][0])], [options["values"][0]["value"]])
            expected = sorted(rows_by_value, key=lambda row: -(row[1] or 0))[: int(options.get("limit") or 12)]
            same([row[1:] for row in rows], [row[1:] for row in expected])
        case "pivot":
            _check_pivot(oracle, widget, rows)
        case "table":
            _check_table(oracle, widget, rows)
        case "drivers":
            _check_drivers(oracle, widget, dict(rows))
        case "line" | "area" | "bar":
            _check_chart(oracle, widget, shown)
        case _:
            assert widget.type == "text"


def _check_pivot(oracle: Oracle, widget: Widget, rows: list[Row]) -> None:
    options, dataset = widget.options, oracle.dataset(widget)
    grain = options.get("grain") or "month"
    across = text(options["columns"]) if options.get("columns") else bucket(dataset.date, grain)
    cells = oracle.rows(widget, [text(options["rows"]), across], [options["value"]])
    found = [(row[0], value) for row in rows for value in row[1:-1] if value is not None]
    same(found, [(row[0], row[2]) for row in cells if row[2] is not None])
    same([(row[0], row[-1]) for row in rows], oracle.rows(widget, [text(options["rows"])], [options["value"]]))


def _check_table(oracle: Oracle, widget: Widget, rows: list[Row]) -> None:
    dataset, columns = oracle.dataset(widget), widget.options["columns"]
    kept = [(number, column) for number, column in enumerate(columns) if column["as"] != "rank"]
    shown_keys = [column["column"] for _, column in kept if "column" in column]
    keys = [*dict.fromkeys([*shown_keys, *widget.options.get("details", [])])]
    sql = [text(key) if key in dataset.dimensions else f"cast({key} as date) - date '1970-01-01'" for key in keys]
    trees = [column["value"] for _, column in kept if "value" in column]
    groups = oracle.rows(widget, sql, trees)
    before = {}
    if any(column["as"] == "change" for _, column in kept):
        before = {row[: len(keys)]: row[len(keys) :] for row in oracle.rows(widget, sql, trees, oracle.before(widget))}
    expected = []
    for group in groups:
        figures, made = iter(range(len(trees))), []
        for _, column in kept:
            if "column" in column:
                made.append(group[keys.index(column["column"])])
                continue
            at = next(figures)
            value = group[len(keys) + at]
            if column["as"] == "change":
                then = before.get(group[: len(keys)], [None] * len(trees))[at]
                value = (value / then - 1) * 100 if then and value is not None else None
            made.append(value)
        expected.append(made)
    same([[row[number] for number, _ in kept] for row in rows], expected)


def _check_drivers(oracle: Oracle, widget: Widget, found: dict[str, float]) -> None:
    """That the parts sum to the change, and each is what the decomposition of `costops why` gives."""
    total, dataset = widget.options["total"], widget.options["total_dataset"]
    now = oracle.rows(widget, [], [total], oracle.span(widget), dataset, {})[0][0]
    then = oracle.rows(widget, [], [total], oracle.before(widget), dataset, {})[0][0]
    if now is None and then is None:
        assert not found
        return
    same([[found["before"], found["now"]]], [[then, now]])
    parts = sum(value for name, value in found.items() if name not in ("before", "now"))
    assert math.isclose(parts, (now or 0) - (then or 0), rel_tol=1e-9, abs_tol=1e-6)
    measures = oracle.dataset(widget).measures
    sides = [
        pd.DataFrame(
            oracle.rows(widget, ["model_id", "service_tier"], [["sum", name] for name in measures], span),
            columns=["model_id", "service_tier", *measures],
        ).astype(dict.fromkeys(measures, float))
        for span in (oracle.before(widget), oracle.span(widget))
    ]
    for name, value in decompose(*sides).items():
        assert math.isclose(found[name], value, rel_tol=1e-7, abs_tol=1e-7), name


def _check_chart(oracle: Oracle, widget: Widget, shown: dict[str, Any]) -> None:
    options, dataset, rows = widget.options, oracle.dataset(widget), shown["rows"]
    x = options.get("x")
    is_time = bool(dataset.date) and x not in dataset.dimensions
    key = bucket(dataset.date, shown["headers"][0]) if is_time else text(x)
    trees = [each["value"] for each in options["values"]]
    if not options.get("series"):
        expected = oracle.rows(widget, [key], trees)
        if not is_time and options.get("limit"):
            expected = sorted(expected, key=lambda row: -(row[1] or 0))[: int(options["limit"])]
            same([row[1:] for row in rows], [row[1:] for row in expected])
        else:
            same(rows, expected)
        return
    cells = oracle.rows(widget, [key, text(options["series"])], trees)
    totals = dict(oracle.rows(widget, [text(options["series"])], trees))
    is_whole = shown["headers"][-1].endswith(" others") or len(shown["headers"]) - 1 == len(totals)
    if is_whole:
        sums = oracle.rows(widget, [key], trees)
        if trees[0][0] == "sum":
            same([(row[0], _sum(row[1:])) for row in rows], sums)
    named = [header for header in shown["headers"][1:] if not header.endswith(" others")]
    leaders = sorted(totals, key=lambda name: -(totals[name] if totals[name] is not None else -math.inf))[: len(named)]
    found = [(row[0], value) for row in rows for value in row[1 : 1 + len(named)] if value is not None]
    same(found, [(cell[0], cell[2]) for cell in cells if cell[1] in leaders and cell[2] is not None])


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
