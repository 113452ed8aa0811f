"""Every published table with its columns, what it is made from and what reads it, from dbt's manifest.

Put here: reading the manifest into pages' content. Keep out: layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.documentation.checks import describe_check

PUBLIC = "marts"


@dataclass
class Column:
    """A column of a table."""

    name: str
    type: str
    description: str


@dataclass
class Entry:
    """A published table."""

    name: str
    subject: str
    description: str
    columns: list[Column] = field(default_factory=list)
    rows: int | None = None
    checks: list[tuple[str, str]] = field(default_factory=list)
    """What is checked in words, before it the name of a check that is more than its parameters."""
    made_from: list[str] = field(default_factory=list)
    """Models and sources it reads, by name."""
    read_by: list[str] = field(default_factory=list)
    metrics: list[tuple[str, str, str]] = field(default_factory=list)
    """What is computed from it, by name for people: label, name, what it is."""


def catalogue(manifest: Mapping[str, Any], connection: duckdb.DuckDBPyConnection | None) -> dict[str, Entry]:
    """Every model of schema `marts` by name; types and rows from the published copy, where there is one."""
    nodes: Mapping[str, Any] = manifest["nodes"]
    types, rows = _published(connection) if connection else ({}, {})
    found: dict[str, Entry] = {}
    ids: dict[str, str] = {}
    for unique_id, node in nodes.items():
        if node["resource_type"] != "model" or node["schema"].rpartition("_")[2] != PUBLIC:
            continue
        name = str(node["name"])
        ids[unique_id] = name
        found[name] = Entry(name, _subject(node), str(node["description"]), rows=rows.get(name))
        described = {str(each["name"]).strip('"'): each for each in node["columns"].values()}
        names = [column for table, column in types if table == name] or list(described)
        for column in names:
            known = described.get(column, {})
            kind = types.get((name, column)) or str(known.get("data_type") or "")
            found[name].columns.append(Column(column, kind, str(known.get("description") or "")))
    for unique_id, node in nodes.items():
        above = list(node.get("depends_on", {}).get("nodes", []))
        if node["resource_type"] == "test":
            _note_check(node, above, ids, found)
            continue
        for parent in above:
            if parent in ids and node["resource_type"] == "model":
                found[ids[parent]].read_by.append(str(node["name"]))
        if unique_id in ids:
            found[ids[unique_id]].made_from = sorted(parent.rpartition(".")[2] for parent in above)
    for mart, metric in _metrics(manifest):
        if mart in found:
            found[mart].metrics.append((metric["label"], metric["name"], " ".join(metric["description"].split())))
    for entry in found.values():
        entry.metrics.sort()
    return dict(sorted(found.items()))


def _metrics(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each metric with the table that it comes from in the end."""
    tables = {key: str(node["node_relation"]["alias"]) for key, node in manifest.get("semantic_models", {}).items()}
    metrics = manifest.get("metrics", {})

    def table_of(key: str) -> str | None:
        parents = metrics[key]["depends_on"]["nodes"]
        found = (tables.get(parent) or (table_of(parent) if parent in metrics else None) for parent in parents)
        return next((each for each in found if each), None)

    for key, metric in metrics.items():
        if table := table_of(key):
            yield table, metric


def _note_check(node: Mapping[str, Any], above: list[str], ids: Mapping[str, str], found: Mapping[str, Entry]) -> None:
    attached = node.get("attached_node")
    target = ids.get(attached or "") or next((ids[parent] for parent in above if parent in ids), None)
    if target is None:
        return
    name = str(node["name"]) if not node.get("test_metadata") else ""
    found[target].checks.append((name, describe_check(node)))


def _subject(node: Mapping[str, Any]) -> str:
    """The folder that it lies in."""
    return str(node["path"]).replace("\\", "/").rpartition("/")[0].rpartition("/")[2]


def _published(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    columns = connection.execute(
        "select table_name, column_name, lower(data_type) from duckdb_columns() where schema_name = ? "
        "order by table_name, column_index",
        [PUBLIC],
    ).fetchall()
    tables = connection.execute(
        "select table_name, estimated_size from duckdb_tables() where schema_name = ?", [PUBLIC]
    ).fetchall()
    return {(str(table), str(column)): str(kind) for table, column, kind in columns}, {
        str(name): int(size) for name, size in tables
    }
