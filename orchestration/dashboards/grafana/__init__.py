"""Dashboards for Grafana over the marts in PostgreSQL, from the same definitions as pages.

Panels ask PostgreSQL in plain SQL; filters become variables, the grid of 12 columns Grafana's of 24. A type of widget
that Grafana has none of becomes a table.

Put here: definition to Grafana's JSON; `llm_costs.yml` is the one that is shipped for it. Keep out: pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.dashboards.definitions import DIMENSIONS, MOST_SLICES, Dashboard, Dataset, Widget
from orchestration.dashboards.expressions import columns_of, to_sql
from orchestration.presenting.formats import Unit
from orchestration.presenting.theme import CATEGORIES

SHIPPED = Path(__file__).with_name("llm_costs.yml")
SCHEMA_VERSION = 39
DATASOURCE = "${datasource}"
_PANELS = {
    "metric": "stat", "comparison": "stat", "gauge": "gauge", "progress": "bargauge", "line": "timeseries",
    "area": "timeseries", "bar": "timeseries", "pie": "piechart", "text": "text",
}  # fmt: skip
_UNITS = {
    Unit.USD: "currencyUSD", Unit.USD_CHANGE: "currencyUSD", Unit.USD_FINE: "currencyUSD", Unit.PERCENT: "percent",
    Unit.RATIO: "percentunit", Unit.PERCENT_CHANGE: "percent", Unit.COUNT: "short", Unit.DECIMAL: "short",
}  # fmt: skip
_DECIMALS = {Unit.USD: 2, Unit.USD_CHANGE: 2, Unit.USD_FINE: 4, Unit.PERCENT: 1, Unit.COUNT: 0}
LEVELS = ("green", "yellow", "red")
ALL = "'__all'"


def to_grafana(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "uid": f"costops-{dashboard.name}"[:40],
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["costops", *dashboard.tags],
        "timezone": "utc",
        "editable": True,
        "schemaVersion": SCHEMA_VERSION,
        "time": {"from": "now-30d", "to": "now"},
        "refresh": "1h",
        "templating": {"list": [_datasource(), *(_variable(dashboard, name) for name in dashboard.filters)]},
        "panels": [_panel(dashboard, widget, number) for number, widget in enumerate(dashboard.widgets, start=1)],
    }


def own_statements(dashboard: Dashboard) -> list[str]:
    """Datasets that are statements of their own: they are taken as they are, and may be DuckDB's."""
    return [dataset.name for dataset in dashboard.datasets.values() if dataset.query]


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "label": "Marts", "type": "datasource", "query": "grafana-postgresql-datasource"}


def _variable(dashboard: Dashboard, dimension: str) -> dict[str, Any]:
    """The values of a dimension, several or all of them; by the names that people know where marts have them."""
    label, table, column = DIMENSIONS.get(dimension, (dimension.replace("_", " ").capitalize(), None, None))
    held = [each for each in dashboard.datasets.values() if dimension in each.dimensions]
    if table:
        sql = f'select {dimension} as "__value", {column} as "__text" from {table} order by 2'
    else:
        source = next((each.mart for each in held if each.mart), f"({held[0].query}) as source" if held else "")
        sql = f"select distinct {dimension} from {source} where {dimension} is not null order by 1"
    return {
        "name": dimension,
        "label": label,
        "type": "query",
        "datasource": {"type": "grafana-postgresql-datasource", "uid": DATASOURCE},
        "query": sql,
        "multi": True,
        "includeAll": True,
        "allValue": ALL,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "refresh": 2,
        "sort": 0,
    }


def _panel(dashboard: Dashboard, widget: Widget, number: int) -> dict[str, Any]:
    position = widget.position
    kind = _PANELS.get(widget.type, "table")
    dataset = dashboard.datasets.get(widget.dataset)
    if widget.type == "bar" and dataset and not _is_over_time(widget, dataset):
        kind = "bargauge"
    panel: dict[str, Any] = {
        "id": number,
        "type": kind,
        "title": widget.title,
        "description": widget.note,
        "gridPos": {"x": position.x * 2, "y": position.y * 2, "w": position.w * 2, "h": position.h * 2},
    }
    if dataset is None:
        return panel | {"options": {"mode": "markdown", "content": widget.options.get("markdown", "")}}
    over_time = kind == "timeseries"
    return panel | {
        "datasource": {"type": "grafana-postgresql-datasource", "uid": DATASOURCE},
        "targets": [
            {
                "refId": "A",
                "rawQuery": True,
                "editorMode": "code",
                "format": "time_series" if over_time else "table",
                "rawSql": panel_sql(dashboard, widget),
            }
        ],
        "fieldConfig": {"defaults": _defaults(widget, over_time=over_time), "overrides": []},
        "options": _options(kind),
    }


def _defaults(widget: Widget, *, over_time: bool) -> dict[str, Any]:
    unit = Unit((widget.options.get("values") or [{}])[0].get("unit") or widget.unit)
    found: dict[str, Any] = {"unit": _UNITS.get(unit, "none"), "color": {"mode": "palette-classic"}}
    if unit in _DECIMALS:
        found["decimals"] = _DECIMALS[unit]
    marks = widget.options.get("thresholds") or ([80, 100] if widget.type == "gauge" else [])
    if marks:
        steps = zip(LEVELS, [None, *marks], strict=False)
        found |= {
            "color": {"mode": "thresholds"},
            "thresholds": {"mode": "absolute", "steps": [{"color": level, "value": mark} for level, mark in steps]},
        }
    if widget.type == "gauge":
        found |= {"min": 0, "max": widget.options.get("maximum", 100)}
    if over_time:
        style = "bars" if widget.type == "bar" else "line"
        stacking = "normal" if widget.type in ("area", "bar") else "none"
        found["custom"] = {
            "drawStyle": style,
            "lineWidth": 2,
            "fillOpacity": 60 if widget.type != "line" else 0,
            "stacking": {"mode": stacking, "group": "A"},
        }
    elif not marks and widget.type not in ("table", "pie"):
        found["color"] = {"mode": "fixed", "fixedColor": CATEGORIES[0]}
    return found


def _options(kind: str) -> Mapping[str, Any]:
    rows = {"reduceOptions": {"values": kind in ("piechart", "bargauge"), "calcs": ["lastNotNull"], "fields": ""}}
    match kind:
        case "timeseries":
            return {"tooltip": {"mode": "multi"}, "legend": {"displayMode": "list", "placement": "bottom"}}
        case "piechart":
            return rows | {"pieType": "donut", "legend": {"displayMode": "table", "values": ["value", "percent"]}}
        case "bargauge":
            return rows | {"orientation": "horizontal", "displayMode": "basic"}
        case "table":
            return {"showHeader": True}
        case _:
            return rows


def _is_over_time(widget: Widget, dataset: Dataset) -> bool:
    return bool(dataset.date) and widget.options.get("x") not in dataset.dimensions


def panel_sql(dashboard: Dashboard, widget: Widget) -> str:
    """What a panel asks: the rows of its period and of what the variables choose, grouped."""
    dataset, options = dashboard.datasets[widget.dataset], widget.options
    keys, figures = _columns(widget, dataset)
    conditions = [f"({dataset.where})"] if dataset.where else []
    if dataset.date:
        conditions.append(_period(widget, dataset.date))
    for dimension in dashboard.filters:
        if dimension in dataset.dimensions:
            conditions.append(f"({ALL} in (${{{dimension}:sqlstring}}) or {dimension} in (${{{dimension}:sqlstring}}))")
    for dimension, values in widget.where.items():
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        conditions.append(f"{dimension} in ({listed})")
    source = f"({dataset.query}\n) as source" if dataset.query else dataset.mart
    where = f"\n  where {' and '.join(conditions)}" if conditions else ""
    chosen = f"with chosen as (\n  select * from {source}{where}\n)"
    if widget.type == "pie":
        return chosen + _shares(widget, dataset)
    groups = ", ".join(str(number + 1) for number in range(len(keys)))
    ordered = _order(widget, keys)
    is_limited = options.get("limit") and not _is_over_time(widget, dataset)
    return (
        f"{chosen}\nselect {', '.join([*keys, *figures])}\nfrom chosen"
        + (f"\ngroup by {groups}" if keys else "")
        + (f"\norder by {ordered}" if ordered else "")
        + (f"\nlimit {int(options['limit'])}" if is_limited else "")
    )


def _shares(widget: Widget, dataset: Dataset) -> str:
    """The largest parts, and the rest as one, so that all are the whole."""
    key, figure = widget.options["by"], to_sql(widget.options["value"], dataset.date)
    most = int(widget.options.get("limit") or MOST_SLICES)
    return (
        f", parts as (\n  select coalesce({key}, 'none') as part, {figure} as amount,\n"
        f"    row_number() over (order by {figure} desc nulls last) as place\n  from chosen group by 1\n)\n"
        f"select case when place < {most} then part else 'others' end as {_label(key)}, "
        f"sum(amount) as {_label(widget.title)}\nfrom parts\ngroup by 1\norder by 2 desc nulls last"
    )


def _order(widget: Widget, keys: list[str]) -> str:
    if widget.type in ("line", "area") or (widget.type == "bar" and " as time" in " ".join(keys)):
        return "1"
    return f"{len(keys) + 1} desc nulls last" if keys else ""


def _columns(widget: Widget, dataset: Dataset) -> tuple[list[str], list[str]]:
    """Keys and figures, each with its label."""
    options, date = widget.options, dataset.date
    match widget.type:
        case "line" | "area" | "bar":
            over_time = _is_over_time(widget, dataset)
            grain = options.get("grain") or "day"
            place = f"date_trunc('{'day' if grain == 'auto' else grain}', {date})::timestamp as time"
            keys = [place if over_time else f"coalesce({options['x']}, 'none') as {_label(options['x'])}"]
            if options.get("series"):
                keys.append(f"coalesce({options['series']}, 'none') as metric")
            return keys, [_figure(each["value"], each["label"] or widget.title, date) for each in options["values"]]
        case "table":
            columns = options["columns"]
            keys = [
                f"{each['column']} as {_label(each['label'] or each['column'])}" for each in columns if "column" in each
            ]
            return keys, [
                _figure(each["value"], each["label"], date)
                for each in columns
                if "value" in each and each["as"] not in ("rank", "change", "trend")
            ]
        case "comparison":
            return [], [_figure(each["value"], each["label"], date) for each in options["values"]]
        case "progress":
            return [], [_figure(options["value"], "now", date), _figure(options["goal"], "goal", date)]
        case _:
            keys = [
                options[name]
                for name in ("by", "rows", "columns", "steps", "text")
                if isinstance(options.get(name), str)
            ]
            found = [options[name] for name in ("value", "x_value", "y_value") if options.get(name) is not None]
            found += [each["value"] for each in options.get("values", [])]
            return [f"{key} as {_label(key)}" for key in keys], [
                _figure(tree, widget.title if len(found) == 1 else f"{widget.title} {number}", date)
                for number, tree in enumerate(found, start=1)
            ]


def _figure(tree: Any, label: str, date: str) -> str:
    aggregates = list(columns_of(tree))
    sql = to_sql(tree, date) if aggregates else str(tree)
    return f"{sql} as {_label(label)}"


def _label(text: str) -> str:
    return '"' + (text.replace('"', "").strip() or "value")[:60] + '"'


def _period(widget: Widget, date: str) -> str:
    """The page's time range, or the widget's own period seen from today."""
    name = widget.period
    if name in ("month", "quarter", "year"):
        return f"{date} >= date_trunc('{name}', current_date)"
    if name.removesuffix("d").isdigit():
        return f"{date} >= current_date - {int(name.removesuffix('d'))}"
    return "true" if name == "all" else f"$__timeFilter({date})"
