"""A model is due when a macro changes that no text names: one looked up by its name, one that a dispatch finds."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.running.due.nodes import project_of

UNION = '{% for name in sources_that_report("usage") %} {{ context[name ~ "_usage"]() }} {% endfor %}'


def manifest(
    usage: str, *, raw_code: str, path: str = "macros/providers/toy.sql", name: str = "toy_usage"
) -> dict[str, Any]:
    """A project of one model, of which a provider's macro is a part."""
    macros = {
        name: (usage, path),
        "sources_that_report": ("{{ return(found) }}", "macros/providers.sql"),
        "split_text": ('{{ return(adapter.dispatch("split_text", "llm_cost_ops")()) }}', "macros/staging.sql"),
    }
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


@pytest.mark.parametrize("form", ["default__split_text", "duckdb__split_text", "spark__split_text"])
def test_a_changed_form_of_a_dispatched_macro_changes_what_calls_it(form: str) -> None:
    given = {"raw_code": "select {{ split_text() }}", "path": "macros/engine/functions.sql", "name": form}
    assert key(usage="select 1", **given) != key(usage="select 2", **given)
    assert key(usage="select 1", **(given | {"raw_code": "select 1"})) == key(
        usage="select 2", **(given | {"raw_code": "select 1"})
    )
