"""Work that dbt and Dagster repeat is spared where it may be, and done their way where a library has moved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.running import shortcuts

ROOT = Path(__file__).parents[4]


def in_a_process_of_its_own(code: str) -> str:
    """What a fresh interpreter prints: shortcuts last as long as a process."""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


NAMESPACES = """
from types import SimpleNamespace
import dbt.context.macros as macros
from orchestration.running.shortcuts import spare_dbt

named = {
    "dbt": ["ref", "shared", "only_dbt"],
    "dbt_duckdb": ["shared", "only_duckdb"],
    "project": ["ref", "shared", "mine", "dbt"],
    "other": ["shared", "theirs"],
}
by_package = {
    package: {name: SimpleNamespace(name=name, package_name=package, unique_id=f"{package}.{name}") for name in names}
    for package, names in named.items()
}

def seen(member):
    return {key: seen(each) for key, each in member.items()} if isinstance(member, dict) else member.macro.unique_id

def all_of(search, node):
    builder = macros.MacroNamespaceBuilder("project", search, "stack", ["dbt_duckdb", "dbt"], node)
    namespace = builder.build_namespace(by_package, context)
    taken = {}
    taken.update(namespace)
    asked = [
        seen(namespace.get_from_package(package, name))
        for package in (None, "dbt", "project", "other") for name in ("shared", "ref", "mine", "theirs")
        if namespace.get_from_package(package, name) is not None
    ]
    made = taken["shared"]
    return {name: seen(each) for name, each in taken.items()}, asked, (made.context is context, made.node, made.stack)

context = {}
before = [all_of(search, node) for search in ("project", "other", "dbt", "nowhere") for node in (None, "a node")]
way = macros.MacroNamespaceBuilder.build_namespace
assert spare_dbt()
assert macros.MacroNamespaceBuilder.build_namespace is not way
after = [all_of(search, node) for search in ("project", "other", "dbt", "nowhere") for node in (None, "a node")]
assert after == before
print(len(before[0][0]))
"""


def test_a_node_finds_the_macros_that_dbt_itself_would_give_it() -> None:
    assert int(in_a_process_of_its_own(NAMESPACES)) == 8


TEMPLATES = """
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import get_environment, get_template
from dbt_common.exceptions import CompilationError
from orchestration.running.shortcuts import spare_dbt

MACRO = "{% macro m(x) %}{{ x }}{% endmacro %}{{ dbt_macro__m(n) }}"
TEXTS = ["{{ n }}", "{{ n * 2 }}", MACRO, "{{ n | as_text }}", "{{ n", "plain"]
KINDS = [{}, {"native": True}, {"capture_macros": True}]

def told(text, n, **kind):
    try:
        return repr(get_template(text, {}, **kind).render({"n": n}))
    except (CompilationError, TypeError) as problem:
        return f"refused: {problem}"

def all_of():
    return [told(text, n, **kind) for _ in range(2) for text in TEXTS for n in (1, "two") for kind in KINDS]

before, empty = all_of(), agate_helper.empty_table()
assert spare_dbt()
assert all_of() == before
codes = [get_environment(native=native).compile("{{ n }}{{ n }}") for native in (False, True, False, True)]
assert codes[0] is codes[2] and codes[1] is codes[3] and codes[0] is not codes[1]
assert agate_helper.empty_table() is agate_helper.empty_table()
assert (len(empty.rows), empty.column_names) == (0, agate_helper.empty_table().column_names)
print(sum(each.startswith("refused") for each in before), len(set(before)))
"""


def test_a_template_compiled_before_gives_what_it_gives_compiled_anew() -> None:
    refused, different = map(int, in_a_process_of_its_own(TEMPLATES).split())
    assert refused == 14  # Six of "{{ n" and one native macro given a number, each for two values or one, twice.
    assert different >= 8


EVENTS = """
import json
from dbt.events.types import JinjaLogDebug, LogTestResult, NodeStart
from dbt.adapters.events.types import SQLQuery
from dbt_common.events.event_manager_client import get_event_manager
from orchestration.running.shortcuts import spare_dbt

assert spare_dbt()
told, manager = [], get_event_manager()
manager.loggers.clear()
manager.callbacks.append(lambda message: told.append((message.info.name, message.info.msg)))
def fire():
    for event in (SQLQuery(conn_name="c", sql="select 1"), JinjaLogDebug(msg="UNCHANGED a")):
        manager.fire_event(event)
fire()
manager.loggers.append(type("Log", (), {"filter": lambda self, message: False})())
fire()
print(json.dumps(told))
"""


def test_only_a_log_is_told_what_every_statement_was() -> None:
    told = json.loads(in_a_process_of_its_own(EVENTS))
    assert [name for name, _ in told] == ["JinjaLogDebug", "SQLQuery", "JinjaLogDebug"]
    assert "select 1" in told[1][1]
    assert told[0] == told[2] == ["JinjaLogDebug", "UNCHANGED a"]


NAMES = """
from types import SimpleNamespace
from dbt.graph.selector_methods import QualifiedNameSelectorMethod
from orchestration.running.shortcuts import spare_dbt

def project(*fqns, versioned=()):
    nodes = {"model." + ".".join(fqn): SimpleNamespace(fqn=fqn, is_versioned=fqn in versioned) for fqn in fqns}
    empty = dict.fromkeys(
        ("sources", "exposures", "metrics", "unit_tests", "semantic_models", "saved_queries", "functions"), {}
    )
    return SimpleNamespace(nodes=nodes, **empty)

plain = project(
    ["ours", "marts", "cost", "fct_cost"], ["ours", "staging", "stg.files"], ["ours", "marts"], ["other", "fct_cost"],
    ["ours", "staging", "fct_cost"], ["marts", "x", "y"], ["ours", "cost"],
)
first, second = ["ours", "m", "v1"], ["ours", "m", "v2"]
versions = project(first, second, ["ours", "n"], versioned=(first, second))
NAMES = "fct_cost ours marts cost staging stg.files stg files marts.cost fct_* y x m m.v1 n nothing".split()

def all_of():
    found = {}
    for project in (plain, versions, plain):
        for some in (set(project.nodes), set(list(project.nodes)[::2]), set()):
            for name in NAMES:
                method = QualifiedNameSelectorMethod(project, None, [])
                found[id(project), len(some), name] = sorted(method.search(some, name))
    return found

before, way = all_of(), QualifiedNameSelectorMethod.search
assert spare_dbt()
assert QualifiedNameSelectorMethod.search is not way
assert all_of() == before
print(sum(map(len, before.values())))
"""


def test_a_name_selects_the_nodes_that_dbt_itself_would_select() -> None:
    assert int(in_a_process_of_its_own(NAMES)) > 30


def test_a_library_that_has_moved_does_it_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(name: str) -> Any:
        if name == "dagster":
            return SimpleNamespace(AssetsDefinition=type("AssetsDefinition", (), {}))
        raise ImportError(name)

    monkeypatch.setattr(shortcuts, "import_module", moved)
    assert shortcuts.spare_dbt.__wrapped__() is False
    assert shortcuts.spare_dagster.__wrapped__() is False


def test_keys_of_assets_are_put_together_once() -> None:
    code = """
from dagster import AssetCheckSpec, AssetSpec, multi_asset
from orchestration.running.shortcuts import spare_dagster

@multi_asset(specs=[AssetSpec("a"), AssetSpec("b")], check_specs=[AssetCheckSpec("sound", asset="a")], can_subset=True)
def both(): ...

before, part = both.asset_and_check_keys, both.subset_for({AssetSpec("b").key}, set())
assert spare_dagster()
assert both.asset_and_check_keys == before and both.asset_and_check_keys is both.asset_and_check_keys
print(len(both.asset_and_check_keys), len(part.asset_and_check_keys))
"""
    assert in_a_process_of_its_own(code).split() == ["3", "1"]
