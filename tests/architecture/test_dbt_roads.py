"""Roads through the models are short and run one way. The figures are today's: they may get better, never worse."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

LONGEST_ROAD = 25
"""Models on the longest way from staging to a report, both counted, references within macros too."""
READ_BY_SCORING = {"int_model_mix_daily", "int_price_changes", "int_price_steps"}
"""Intermediates that no model reads: `ml` does, through `orchestration`."""


def reads(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """What each model reads of other models."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    return {key: [read for read in node["depends_on"]["nodes"] if read in nodes] for key, node in nodes.items()}


def layer(manifest: dict[str, Any], key: str) -> str:
    return Path(manifest["nodes"][key]["original_file_path"]).parts[1]


def longest_road(parents: dict[str, list[str]]) -> list[str]:
    """The keys of the models on the longest way, the first one first."""

    @cache
    def road(key: str) -> tuple[str, ...]:
        return (*max((road(parent) for parent in parents[key]), key=len, default=()), key)

    return list(max((road(key) for key in parents), key=len))


def test_a_road_is_as_long_as_its_models() -> None:
    parents = {"raw": [], "side": ["raw"], "middle": ["raw", "side"], "mart": ["middle", "raw"]}
    assert longest_road(parents) == ["raw", "side", "middle", "mart"]


def test_no_road_is_longer_than_today(manifest: dict[str, Any]) -> None:
    road = [key.split(".")[-1] for key in longest_road(reads(manifest))]
    assert len(road) <= LONGEST_ROAD, " > ".join(road)


def test_nothing_runs_back_from_marts(manifest: dict[str, Any]) -> None:
    back = [
        (key, read)
        for key, read_models in reads(manifest).items()
        for read in read_models
        if layer(manifest, key) != "marts" and layer(manifest, read) == "marts"
    ]
    assert back == []


def test_staging_reads_no_model_and_every_intermediate_is_read(manifest: dict[str, Any]) -> None:
    parents = reads(manifest)
    read = {parent for read_models in parents.values() for parent in read_models}
    assert [key for key in parents if layer(manifest, key) == "staging" and parents[key]] == []
    unread = {key.split(".")[-1] for key in parents if layer(manifest, key) == "intermediate" and key not in read}
    assert unread == READ_BY_SCORING


def test_what_holds_of_a_tables_own_rows_shares_one_check_or_is_a_constraint(manifest: dict[str, Any]) -> None:
    """A check costs a run as much as a small table does."""
    checks = [
        (node.get("attached_node") or tuple(node["depends_on"]["nodes"]), node)
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") not in (None, "relationships")
        and node["config"]["severity"].lower() == "error"
        and not node["config"].get("where")
    ]
    others = [node["name"] for _, node in checks if node["test_metadata"]["name"] != "well_formed"]
    assert others == [], "use well_formed, or a constraint where a table has a contract (docs/developing.md)"
    twice = [table for table, count in Counter(table for table, _ in checks).items() if count > 1]
    assert twice == []
