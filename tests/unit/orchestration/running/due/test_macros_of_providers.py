"""A model that looks macros up by name is due when one of them changes: dbt's texts do not name them."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.running.due.nodes import project_of

UNION = '{% for name in sources_that_report("usage") %} {{ context[name ~ "_usage"]() }} {% endfor %}'


def manifest(usage: str, *, raw_code: str, path: str = "macros/providers/toy.sql") -> dict[str, Any]:
    """A project of one model, of which a provider's macro is a part."""
    macros = {"toy_usage": (usage, path), "sources_that_report": ("{{ return(found) }}", "macros/providers.sql")}
    model = {
        "unique_id": "model.llm_cost_ops.union",
        **{"resource_type": "model", "name": "union", "alias": "union", "schema": "intermediate", "tags": []},
        **{"raw_code": raw_code, "checksum": {"checksum": "1"}, "columns": {}, "config": {"materialized": "table"}},
        "depends_on": {"nodes": []},
    }
    return {
        "nodes": {"model.llm_cost_ops.union": model},
        "sources": {},
        "macros": {
            name: {"name": name, "macro_sql": text, "package_name": "llm_cost_ops", "original_file_path": where}
            for name, (text, where) in macros.items()
        },
    }


def key(**given: Any) -> str:
    return project_of(manifest(**given)).nodes["model.llm_cost_ops.union"].code_key


def test_a_changed_macro_of_a_provider_changes_what_looks_it_up() -> None:
    assert key(usage="select 1", raw_code=UNION) == key(usage="select 1", raw_code=UNION)
    assert key(usage="select 1", raw_code=UNION) != key(usage="select 2", raw_code=UNION)


@pytest.mark.parametrize(
    ("raw_code", "path"), [("select 1", "macros/providers/toy.sql"), (UNION, "macros/usage/other.sql")]
)
def test_nothing_else_is_due_for_it(raw_code: str, path: str) -> None:
    assert key(usage="select 1", raw_code=raw_code, path=path) == key(usage="select 2", raw_code=raw_code, path=path)
