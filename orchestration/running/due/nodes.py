"""What is made from what: dbt's nodes, each with the key of its code and what it reads.

Views have no content of their own: who reads one depends on its code and on the tables behind it.

Put here: reading the manifest. Keep out: what was built (`state`), deciding (`plan`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.whole_files import replace_file

STORED = frozenset({"table", "incremental", "seed"})
ALWAYS = ("adapter.get_relation",)
"""A node whose SQL looks at another table as the last build left it is made again whenever anything is built."""
DATED = "run_started_at"
WINDOWED = ("var('from_date')", 'var("from_date")')
PACKAGE = "llm_cost_ops"
KNOWS_PROJECT = "graph.nodes"
PROVIDERS = "macros/providers/"
LOOKED_UP = ("context[", " in context")
"""How a template calls a macro whose name it puts together, or asks whether there is one."""
_LAYOUT = "6"
"""Of the file that is kept beside the manifest."""


@dataclass(frozen=True)
class Node:
    """One thing that dbt makes: a seed, model or check."""

    id: str
    name: str
    """`schema.name` of a table or view; the name of a check."""
    kind: str
    """`table`, `incremental`, `seed`, `view` or `test`."""
    code_key: str
    reads: tuple[str, ...]
    """Ids of the stored tables it is made from, through views; raw tables by their source id."""
    parents: tuple[str, ...]
    """Ids of the nodes it names, views among them."""
    is_scored: bool = False
    """Whether it is built after the scores."""
    always: bool = False
    windowed: bool = False

    @property
    def stored(self) -> bool:
        """Whether it is a table of the warehouse."""
        return self.kind in STORED


@dataclass(frozen=True)
class Project:
    """All nodes of the dbt project, and its raw and scored tables by source id."""

    nodes: dict[str, Node]
    sources: dict[str, str]
    """`schema.table` by source id."""
    marts: tuple[str, ...] = field(default=())
    """Node ids of everything that is published."""

    def behind(self, node_id: str) -> tuple[str, ...]:
        """Ids of the stored tables that hold the content of a table or view."""
        node = self.nodes.get(node_id)
        if node is None or node.stored:
            return (node_id,)
        return node.reads

    def by_name(self) -> dict[str, str]:
        """Ids of models, seeds and sources by `schema.name`."""
        named = {node.name: node.id for node in self.nodes.values() if node.kind != "test"}
        return {name: key for key, name in self.sources.items()} | named


def is_view(node: Node) -> bool:
    """Whether the warehouse holds a node as a view of dbt's whatever engine builds; others than DuckDB store what is
    published."""
    return node.kind == "view" and not node.name.startswith("marts.")


def source_id(table: str) -> str:
    """dbt's id of a raw or scored table (`schema.table`)."""
    return f"source.{PACKAGE}.{table}"


def read_project(manifest_path: Path) -> Project:
    """The project of a manifest; what was worked out before is kept beside it."""
    kept = manifest_path.with_name("due_nodes.json")
    stamp = f"{_LAYOUT} {manifest_path.stat().st_mtime_ns}"
    try:
        content = json.loads(kept.read_text())
        if content["stamp"] == stamp:
            nodes = {
                key: Node(**value | {"reads": tuple(value["reads"]), "parents": tuple(value["parents"])})
                for key, value in content["nodes"].items()
            }
            return Project(nodes, content["sources"], tuple(content["marts"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    project = project_of(json.loads(manifest_path.read_text()))
    replace_file(kept, json.dumps({"stamp": stamp, **asdict(project)}))
    return project


def project_of(manifest: Mapping[str, Any]) -> Project:
    """The nodes of a manifest."""
    described = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed", "snapshot", "test")
    }
    closure = _macro_closure(manifest)
    everything = _digest(sorted(f"{key} {node['checksum']['checksum']}" for key, node in described.items()))
    texts = {key: _code(node, closure(_text(node))) for key, node in described.items()}

    @cache
    def behind(key: str) -> tuple[frozenset[str], str, str]:
        """Stored tables and views that the content of `key` comes from: ids, a key of the views' code, their text."""
        node = described.get(key)
        if node is None or _kind(node) in STORED:
            return frozenset({key}), "", ""
        found = [behind(parent) for parent in _parents(node, manifest)]
        return (
            frozenset().union(*(tables for tables, _, _ in found)),
            _digest([texts[key], *sorted(code for _, code, _ in found)]),
            "\n".join([texts[key], *(text for _, _, text in found)]),
        )

    nodes = {}
    for key, node in described.items():
        kind, parents = _kind(node), _parents(node, manifest)
        found = [behind(parent) for parent in parents]
        text = "\n".join([texts[key], *(shown for _, _, shown in found)])
        # A view is bound to the columns of what it reads, so it is made again with any change of the project.
        parts = [texts[key], everything] if kind == "view" or KNOWS_PROJECT in text else [texts[key]]
        nodes[key] = Node(
            id=key,
            name=node["name"] if kind == "test" else f"{node['schema']}.{node['alias']}",
            kind=kind,
            code_key=_digest([*parts, *sorted(code for _, code, _ in found)]) + (" dated" if DATED in text else ""),
            reads=tuple(sorted(frozenset().union(*(tables for tables, _, _ in found)))),
            parents=parents,
            is_scored="after_ml" in (node.get("tags") or ()),
            always=kind != "test" and any(words in texts[key] for words in ALWAYS),
            windowed=any(words in text for words in WINDOWED),
        )
    sources = {key: f"{source['schema']}.{source['identifier']}" for key, source in manifest["sources"].items()}
    marts = tuple(sorted(key for key, node in described.items() if node["schema"] == "marts" and _kind(node) != "test"))
    return Project(nodes, sources, marts)


def _parents(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[str, ...]:
    known = manifest["nodes"], manifest["sources"]
    named = node["depends_on"].get("nodes", ())
    return tuple(sorted({each for each in named if each in known[0] or each in known[1]} - {node["unique_id"]}))


def _kind(node: Mapping[str, Any]) -> str:
    if node["resource_type"] in ("test", "seed"):
        return str(node["resource_type"])
    return str(node["config"].get("materialized") or "view")


def _text(node: Mapping[str, Any]) -> str:
    """What may call a macro: the SQL, hooks, and the name of a generic check."""
    hooks = [hook["sql"] for name in ("pre-hook", "post-hook") for hook in node["config"].get(name) or ()]
    generic = (node.get("test_metadata") or {}).get("name") or ""
    return "\n".join([node.get("raw_code") or "", *hooks, f"test_{generic}"])


def _code(node: Mapping[str, Any], macros: str) -> str:
    """Everything but data that a node's result depends on."""
    config = {key: value for key, value in node["config"].items() if key not in ("meta", "docs", "tags", "group")}
    columns = {
        name: [column.get("data_type"), column.get("constraints")] for name, column in node.get("columns", {}).items()
    }
    return "\n".join(
        [
            node["checksum"]["checksum"],
            node.get("raw_code") or "",
            json.dumps([config, columns, node.get("test_metadata")], sort_keys=True, default=str),
            macros,
        ]
    )


def _macro_closure(manifest: Mapping[str, Any]) -> Any:
    """The text of the project's macros that a text calls, and of all that they call.

    Found by name: dbt's own list lacks what is called only where something is built already (`is_incremental`). A text
    that looks macros up by a name that it puts together may call any of a provider; one that dispatches, the form of
    any engine (`spark__split_text` of `split_text`).
    """
    macros = {
        macro["name"]: macro["macro_sql"] for macro in manifest["macros"].values() if macro["package_name"] == PACKAGE
    }
    called = re.compile(r"\b(" + "|".join(sorted(macros, key=len, reverse=True)) + r")\b") if macros else None
    of_providers = {
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == PACKAGE and macro["original_file_path"].startswith(PROVIDERS)
    }

    def named(text: str) -> set[str]:
        found = set(called.findall(text)) if called else set()
        return found | of_providers if any(words in text for words in LOOKED_UP) else found

    forms = defaultdict(set)
    for name in macros:
        forms[name.partition("__")[2]].add(name)
    calls = {name: (named(text) | forms[name]) - {name} for name, text in macros.items()}

    @cache
    def closure(text: str) -> str:
        found: set[str] = set()
        left = named(text)
        while left:
            name = left.pop()
            found.add(name)
            left |= calls[name] - found
        return "\n".join(macros[name] for name in sorted(found))

    return closure


def _digest(parts: Iterable[str]) -> str:
    return hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()
