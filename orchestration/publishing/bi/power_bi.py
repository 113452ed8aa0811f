"""A Power BI project (PBIP): the model in TMDL over the published marts.

Put here: tables, columns, relationships, measures, where the rows come from. Keep out: the report page
(`power_bi_report`), what a metric computes (`formulas`).

Money is `double`: Power BI's fixed decimal keeps four digits after the point, and a token costs less than that.
"""

from __future__ import annotations

import json
from enum import StrEnum

from orchestration.publishing.bi.formulas import Change, Ratio, ToDate, Total, columns_of
from orchestration.publishing.bi.languages import Dax
from orchestration.publishing.bi.model import DATES, DAY, SCHEMA, Column, Fact, Mart, Metric, Model
from orchestration.publishing.bi.power_bi_report import report_files

PROJECT = "costops"
COMPATIBILITY = 1567
_FORMATS = {
    "usd": r"\$#,0.00;-\$#,0.00;\$0.00",
    "usd_per": r"\$0.000000",
    "per": "0.00",
    "ratio": "0.0%",
    "count": "#,0",
    "seconds": "#,0",
    "ms": "#,0",
}


class Source(StrEnum):
    """Where Power BI reads the marts."""

    PARQUET = "parquet"
    POSTGRES = "postgres"
    ODBC = "odbc"


def files(model: Model, source: Source, place: str, schema: str = SCHEMA) -> dict[str, str]:
    """Files of the project by their path; `place` is the folder, the `server/database` or the database file."""
    tables = tables_of(model)
    relations = relationships(model)
    definition = f"{PROJECT}.SemanticModel/definition"
    return {
        f"{PROJECT}.pbip": _json(
            {
                "version": "1.0",
                "artifacts": [{"report": {"path": f"{PROJECT}.Report"}}],
                "settings": {"enableAutoRecovery": True},
            }
        ),
        f"{PROJECT}.SemanticModel/definition.pbism": _json({"version": "4.0", "settings": {}}),
        f"{definition}/database.tmdl": f"database {PROJECT}\n\tcompatibilityLevel: {COMPATIBILITY}\n",
        f"{definition}/model.tmdl": _model(tables),
        f"{definition}/expressions.tmdl": _expressions(source, place, schema),
        f"{definition}/relationships.tmdl": "\n".join(
            f"relationship {table}_{column}\n\tfromColumn: {table}.{column}\n\ttoColumn: {other}.{key}\n"
            for table, column, other, key in relations
        ),
        **{f"{definition}/tables/{name}.tmdl": _table(model, model.marts[name], source) for name in tables},
        **report_files(PROJECT, model),
    }


def tables_of(model: Model) -> list[str]:
    """Marts in the model: facts with metrics and the dimensions that they find."""
    joined = {join.mart for fact in model.facts.values() for join in fact.joins}
    return sorted({fact.mart for fact in model.facts.values()} | joined | {DATES})


def relationships(model: Model) -> list[tuple[str, str, str, str]]:
    """Table, column, table, column: many rows to one."""
    found = []
    for fact in model.facts.values():
        found += [(fact.mart, join.column, join.mart, join.key) for join in fact.joins]
        if model.marts[fact.mart].column(fact.time).type == "date":
            found.append((fact.mart, fact.time, DATES, DAY))
    return found


def _model(tables: list[str]) -> str:
    lines = [
        "model Model",
        "\tculture: en-US",
        "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
        "\tdiscourageImplicitMeasures",
        "\tsourceQueryCulture: en-US",
        "",
        *(f"ref table {name}" for name in tables),
    ]
    return "\n".join(lines) + "\n"


def _expressions(source: Source, place: str, schema: str) -> str:
    """Parameters that whoever opens the project can change."""
    values = {"Schema": schema}
    if source is Source.PARQUET:
        values = {"Folder": place}
    elif source is Source.ODBC:
        values = {"Database": place}
    else:
        server, _, database = place.rpartition("/")
        values = {"Server": server, "Database": database, "Schema": schema}
    meta = '[IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]'
    return "\n".join(f"expression {name} = {_m_text(value)} meta {meta}\n" for name, value in values.items())


def _m_text(value: str) -> str:
    """A text as M writes it: what could end it, or begin an escape, is only a character."""
    plain = "".join(character for character in value if character.isprintable())
    return '"' + plain.replace("#(", "#(#)(").replace('"', '""') + '"'


def _table(model: Model, mart: Mart, source: Source) -> str:
    fact = model.fact_of(mart.name)
    metrics = model.metrics_of(mart.name) if fact else []
    summed = {
        name
        for metric in metrics
        for total in ([metric.formula] if isinstance(metric.formula, Total) else [])
        for name in total.columns
        if total.aggregation == "sum"
    }
    key = DAY if mart.name == DATES else ""
    lines = [*_described(mart.description, ""), f"table {mart.name}"]
    if mart.name == DATES:
        lines.append("\tdataCategory: Time")
    for metric in metrics:
        lines += ["", *_measure(model, metric, fact)] if fact else []
    for column in mart.columns:
        lines += ["", *_column(column, column.name == key, column.is_hidden or column.name in summed)]
    lines += ["", f"\tpartition {mart.name} = m", "\t\tmode: import", "\t\tsource =", *_partition(mart.name, source)]
    return "\n".join(lines) + "\n"


def _measure(model: Model, metric: Metric, fact: Fact) -> list[str]:
    dax = Dax(fact.mart, f"{DATES}[{DAY}]", lambda name: model.metrics[name].label)
    return [
        *_described(metric.description, "\t"),
        f"\tmeasure {_name(metric.label)} = {dax.formula(metric.formula)}",
        f"\t\tformatString: {_FORMATS[metric.unit]}",
        f"\t\tdisplayFolder: {_folder(metric)}",
    ]


def _folder(metric: Metric) -> str:
    if isinstance(metric.formula, ToDate | Change):
        return "Over time"
    return "Ratios" if isinstance(metric.formula, Ratio) else "Totals"


def _column(column: Column, is_key: bool, hidden: bool) -> list[str]:
    kind = {"varchar": "string", "boolean": "boolean", "bigint": "int64", "integer": "int64"}.get(column.type, "")
    kind = kind or (
        "dateTime" if column.type.startswith(("date", "timestamp")) else "double" if column.is_number else "string"
    )
    lines = [*_described(column.description, "\t"), f"\tcolumn {_name(column.name)}", f"\t\tdataType: {kind}"]
    lines += ["\t\tisHidden"] if hidden else []
    lines += ["\t\tisKey"] if is_key else []
    if kind == "dateTime":
        lines.append("\t\tformatString: " + ("yyyy-mm-dd" if column.type == "date" else "yyyy-mm-dd hh:nn:ss"))
    return [*lines, "\t\tsummarizeBy: none", f"\t\tsourceColumn: {column.name}"]


def _partition(mart: str, source: Source) -> list[str]:
    """The rows of a mart, in M."""
    step = {
        Source.PARQUET: f'Parquet.Document(File.Contents(Folder & "/{mart}.parquet"))',
        Source.POSTGRES: f'PostgreSQL.Database(Server, Database){{[Schema = Schema, Item = "{mart}"]}}[Data]',
        Source.ODBC: 'Odbc.Query("driver={DuckDB Driver};access_mode=READ_ONLY;database=" & Database, '
        f'"select * from marts.{mart}")',
    }[source]
    return ["\t\t\tlet", f"\t\t\t\tRows = {step}", "\t\t\tin", "\t\t\t\tRows"]


def _described(text: str, indent: str) -> list[str]:
    words = " ".join(text.split())
    return [f"{indent}/// {words}"] if words else []


def _name(text: str) -> str:
    """A name as TMDL writes it."""
    return text if text.isidentifier() and text.isascii() else "'" + text.replace("'", "''") + "'"


def _json(record: object) -> str:
    return json.dumps(record, indent=2) + "\n"


def read_columns(model: Model, metric: Metric) -> set[str]:
    """Columns that a metric's own totals read."""
    formula = metric.formula.total if isinstance(metric.formula, ToDate) else metric.formula
    return columns_of(formula) if isinstance(formula, Total) else set()
