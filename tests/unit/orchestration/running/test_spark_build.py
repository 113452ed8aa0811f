"""What Spark has to know, and which checks are made, where only a part of the project is built."""

from __future__ import annotations

from orchestration.running.due.nodes import Node, Project, is_view
from orchestration.running.spark_build import _checks, _needed, checks_not_asked_for


def node(name: str, kind: str, *parents: str) -> Node:
    return Node(name, name, kind, "code", (), parents)


PROJECT = Project(
    {
        each.id: each
        for each in (
            node("staging.view", "view", "source.raw"),
            node("marts.shown", "view", "staging.view"),
            node("intermediate.built", "table", "staging.view", "marts.shown"),
            node("intermediate.other", "table", "staging.view"),
            node("check_of_built", "test", "intermediate.built"),
            node("check_of_view", "test", "staging.view"),
            node("check_across", "test", "staging.view", "intermediate.other"),
        )
    },
    {"source.raw": "raw.table"},
)


def test_a_view_that_is_only_read_brings_none_of_its_checks() -> None:
    checks = _checks(PROJECT, ["intermediate.built"], ["built"])
    assert checks == ["check_of_built"]
    needed = _needed(PROJECT, ["intermediate.built", *checks])
    assert needed == {"staging.view", "marts.shown", "source.raw", "intermediate.built"}
    views = [key for key in needed if key in PROJECT.nodes and is_view(PROJECT.nodes[key])]
    assert views == ["staging.view"]
    assert checks_not_asked_for(PROJECT, views, checks) == ["check_of_view", "check_across"]


def test_a_check_that_is_named_is_made_and_what_it_reads_is_known() -> None:
    checks = _checks(PROJECT, ["intermediate.built"], ["built", "check_across"])
    assert checks == ["check_of_built", "check_across"]
    assert "intermediate.other" in _needed(PROJECT, ["intermediate.built", *checks])
    assert checks_not_asked_for(PROJECT, ["staging.view"], checks) == ["check_of_view"]
