"""Tableau data sources: one `.tds` per fact, with its dimensions joined and every metric as a calculated field.

Put here: the XML. Keep out: the rows (`targets/hyper`), what a metric computes (`formulas`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from xml.etree import ElementTree as xml

from orchestration.publishing.bi.languages import Tableau
from orchestration.publishing.bi.model import SCHEMA, Column, Fact, Model

VERSION = "18.1"
_FORMATS = {
    "usd": 'c"$"#,##0.00;-"$"#,##0.00',
    "usd_per": 'c"$"#,##0.000000;-"$"#,##0.000000',
    "per": "n0.00;-0.00",
    "ratio": "p0.0%",
    "count": "n#,##0;-#,##0",
    "seconds": "n#,##0;-#,##0",
    "ms": "n#,##0;-#,##0",
}
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Source(StrEnum):
    """Where Tableau reads the marts."""

    HYPER = "hyper"
    POSTGRES = "postgres"


def files(model: Model, source: Source, place: str, schema: str = SCHEMA) -> dict[str, str]:
    """Data sources by their path; `place` is the `.hyper` file or `server/database`."""
    return {f"{fact.mart}.tds": data_source(model, fact, source, place, schema) for fact in model.facts.values()}


def data_source(model: Model, fact: Fact, source: Source, place: str, schema: str) -> str:
    """The data source of one fact."""
    mart = model.marts[fact.mart]
    root = xml.Element("datasource", {"formatted-name": fact.mart, "inline": "true", "version": VERSION})
    root.append(xml.Comment(" Written by `costops bi tableau`; the next time it is written anew. "))
    connection = xml.SubElement(root, "connection", {"class": "federated"})
    named = xml.SubElement(
        xml.SubElement(connection, "named-connections"), "named-connection", {"caption": "costops", "name": "costops"}
    )
    xml.SubElement(named, "connection", _connection(source, clean(place), schema))
    connection.append(_relation(fact, schema))
    mapped = xml.SubElement(connection, "cols")
    fields = [(mart.name, column, column.name) for column in mart.columns]
    for join in fact.joins:
        other = model.marts[join.mart]
        taken = {name for _, _, name in fields}
        fields += [(other.name, column, column.name) for column in other.columns if column.name not in taken]
    for table, column, name in fields:
        xml.SubElement(mapped, "map", {"key": f"[{name}]", "value": f"[{table}].[{column.name}]"})
    for _, column, name in fields:
        root.append(_column(column, name))
    for metric in model.metrics_of(fact.mart):
        formula = Tableau(lambda name: f"[{calculated(name)}]").formula(metric.formula)
        if formula is None:
            continue
        field = xml.SubElement(
            root,
            "column",
            {
                "caption": metric.label,
                "datatype": "real" if metric.unit != "count" else "integer",
                "default-format": _FORMATS[metric.unit],
                "name": f"[{calculated(metric.name)}]",
                "role": "measure",
                "type": "quantitative",
            },
        )
        xml.SubElement(field, "calculation", {"class": "tableau", "formula": formula})
        _describe(field, metric.description)
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def calculated(metric: str) -> str:
    """The field of a metric, which may not have the name of a column."""
    return f"metric_{metric}"


def clean(text: str) -> str:
    """A text without the characters that no XML file may hold."""
    return NOT_XML.sub("", text)


def _connection(source: Source, place: str, schema: str) -> dict[str, str]:
    if source is Source.HYPER:
        return {
            "class": "hyper",
            "dbname": place,
            "default-settings": "yes",
            "schema": schema,
            "sslmode": "",
            "username": "tableau_internal_user",
        }
    server, _, database = place.rpartition("/")
    host, _, port = server.partition(":")
    return {
        "class": "postgres",
        "dbname": database,
        "server": host,
        "port": port or "5432",
        "schema": schema,
        "username": "",
    }


def _relation(fact: Fact, schema: str) -> xml.Element:
    """The fact, joined from the left with each of its dimensions."""
    found = _table(fact.mart, schema)
    for join in fact.joins:
        joined = xml.Element("relation", {"join": "left", "type": "join"})
        expression = xml.SubElement(xml.SubElement(joined, "clause", {"type": "join"}), "expression", {"op": "="})
        xml.SubElement(expression, "expression", {"op": f"[{fact.mart}].[{join.column}]"})
        xml.SubElement(expression, "expression", {"op": f"[{join.mart}].[{join.key}]"})
        joined.extend([found, _table(join.mart, schema)])
        found = joined
    return found


def _table(name: str, schema: str) -> xml.Element:
    return xml.Element(
        "relation", {"connection": "costops", "name": name, "table": f"[{schema}].[{name}]", "type": "table"}
    )


def _column(column: Column, name: str) -> xml.Element:
    kind = {"varchar": "string", "boolean": "boolean", "bigint": "integer", "integer": "integer", "date": "date"}.get(
        column.type, ""
    )
    kind = kind or ("datetime" if column.type.startswith("timestamp") else "real" if column.is_number else "string")
    is_measure = column.is_number
    field = xml.Element(
        "column",
        {
            "datatype": kind,
            "name": f"[{name}]",
            "role": "measure" if is_measure else "dimension",
            "type": "quantitative" if is_measure else "ordinal" if kind in ("date", "datetime") else "nominal",
        },
    )
    if column.is_hidden:
        field.set("hidden", "true")
    _describe(field, column.description)
    return field


def _describe(field: xml.Element, text: str) -> None:
    if text:
        run = xml.SubElement(xml.SubElement(xml.SubElement(field, "desc"), "formatted-text"), "run")
        run.text = clean(text)
