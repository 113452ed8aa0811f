"""Keys of marts: what tells one row from another, and where a column leads.

Put here: reading them from dbt's checks and semantic models, writing them where BI tools look. Keep out: descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.publishing.mart_status import MART_SCHEMA

_REF = re.compile(r"ref\(\s*['\"](\w+)['\"]\s*\)")
_NAME = re.compile(r"\w+\Z")
DIMENSION = "dim_"
"""Marts whose key is a constraint too: an index of a dimension is small, one of a fact is not."""


@dataclass
class Keys:
    """Of one mart: the column that is its key, and columns that lead to a key of another."""

    primary: str | None = None
    foreign: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """For a comment; empty where there are none."""
        said = f"Primary key: {self.primary}." if self.primary else ""
        leads = ", ".join(f"{column} → {mart}.{key}" for column, (mart, key) in sorted(self.foreign.items()))
        return " ".join(part for part in (said, f"Foreign keys: {leads}." if leads else "") if part)


def keys_of(manifest: Mapping[str, Any]) -> dict[str, Keys]:
    """Keys by mart: a column that is checked to be unique, columns that are checked to lead to a mart or by which the
    semantic models join."""
    marts = {
        unique_id: node["alias"]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] == MART_SCHEMA
    }
    found = {name: Keys() for name in marts.values()}
    for node in manifest["nodes"].values():
        mart = marts.get(node.get("attached_node") or "")
        meta = node.get("test_metadata") or {}
        if mart is None or not meta:
            continue
        column = str(node.get("column_name") or "").strip('"')
        unique = meta["kwargs"].get("unique") if meta["name"] == "well_formed" else [column]
        if meta["name"] in ("unique", "well_formed") and unique and found[mart].primary is None:
            found[mart].primary = unique[0]
        elif meta["name"] == "relationships":
            target = _REF.search(str(meta["kwargs"].get("to")))
            if target and target[1] in found:
                found[mart].foreign[column] = (target[1], str(meta["kwargs"].get("field")))
    _joins(manifest, found)
    return found


def _joins(manifest: Mapping[str, Any], found: dict[str, Keys]) -> None:
    """What the semantic models join by; an entity that is computed is no column."""
    models = [(_mart(node), node["entities"]) for node in manifest.get("semantic_models", {}).values()]
    homes: dict[str, tuple[str, str]] = {}
    for mart, entities in models:
        for entity in entities:
            column = _column(entity)
            if entity["type"] == "primary" and column and mart.startswith(DIMENSION):
                homes[entity["name"]] = (mart, column)
    for mart, entities in models:
        for entity in entities:
            column, home = _column(entity), homes.get(entity["name"])
            if entity["type"] == "foreign" and column and home and mart in found and home[0] != mart:
                found[mart].foreign.setdefault(column, home)


def _mart(node: Mapping[str, Any]) -> str:
    relation = node.get("node_relation") or {}
    return str(relation.get("alias") or "")


def _column(entity: Mapping[str, Any]) -> str | None:
    name = str(entity.get("expr") or entity["name"])
    return name if _NAME.match(name) else None


def constrain(connection: duckdb.DuckDBPyConnection, marts: Iterable[str], keys: Mapping[str, Keys]) -> None:
    """Make the keys of dimensions constraints of the published database, which is the one in use. One whose rows do
    not hold it (a check says so) is left without."""
    there = connection.execute(
        "select table_name from duckdb_constraints() "
        "where database_name = current_database() and schema_name = ? and constraint_type = 'PRIMARY KEY'",
        [MART_SCHEMA],
    ).fetchall()
    done = {name for (name,) in there}
    for mart in sorted(set(marts) - done):
        known = keys.get(mart)
        if known and known.primary and mart.startswith(DIMENSION):
            try:
                connection.execute(f'alter table {MART_SCHEMA}."{mart}" add primary key ("{known.primary}")')
            except (duckdb.ConstraintException, duckdb.BinderException, duckdb.CatalogException):
                continue
