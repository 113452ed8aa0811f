"""What a failed model or test holds back, until when, and what it leaves alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.publishing.mart_health import (
    Health,
    begun,
    ended,
    health_path,
    held_by_others,
    landing_failed,
    landing_succeeded,
    raw_check_failed,
    raw_check_passed,
    read_health,
    roots_of,
    write_health,
)

NOON = datetime(2026, 6, 1, 12)  # noqa: DTZ001
LATER = datetime(2026, 6, 2, 12)  # noqa: DTZ001
SCHEMAS = {"stg": "staging", "int": "intermediate"}
LINEAGE = {
    "stg_bills": [], "stg_gpus": [], "int_charges": ["stg_bills"], "fct_charges": ["int_charges"],
    "fct_gpus": ["stg_gpus"], "rpt_costs": ["fct_charges"], "rpt_all": ["fct_charges", "fct_gpus"],
}  # fmt: skip
TESTS: dict[str, dict[str, Any]] = {
    "not_null_fct_gpus": {"reads": ["fct_gpus"], "attached_node": "fct_gpus"},
    "relationships_rpt_costs": {"reads": ["fct_charges", "rpt_costs"], "attached_node": "rpt_costs"},
    "assert_charges": {"reads": ["int_charges", "fct_charges"], "named": "fct_charges"},
    "assert_sums": {"reads": ["int_charges", "fct_charges", "rpt_costs"]},
    "assert_two": {"reads": ["fct_gpus", "fct_charges"]},
}


def model(name: str) -> str:
    return f"model.p.{name}"


def manifest() -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    children: dict[str, list[str]] = {model(name): [] for name in LINEAGE}
    for name, reads in LINEAGE.items():
        schema = SCHEMAS.get(name.split("_")[0], "marts")
        nodes[model(name)] = {"name": name, "schema": schema, "resource_type": "model"}
        for read in reads:
            children[model(read)].append(model(name))
    for name, test in TESTS.items():
        node = f"test.p.{name}"
        nodes[node] = {
            "name": name, "schema": "x", "resource_type": "test",
            "depends_on": {"nodes": [model(read) for read in test["reads"]]},
            "attached_node": model(test["attached_node"]) if "attached_node" in test else None,
            "config": {"meta": {"dagster": {"ref": {"name": test["named"]}}} if "named" in test else {}},
        }  # fmt: skip
        for read in test["reads"]:
            children[model(read)].append(node)
    sources = {f"source.p.raw_{name}": {"source_name": f"raw_{name}", "name": "rows"} for name in ("bills", "gpus")}
    children |= {f"source.p.raw_{name}": [model(f"stg_{name}")] for name in ("bills", "gpus")}
    return {"nodes": nodes, "sources": sources, "child_map": children}


ALL = [model(name) for name in LINEAGE]
GOOD = dict.fromkeys(ALL, "success") | {f"test.p.{name}": "pass" for name in TESTS}


def build(health: Health, now: datetime = NOON, **failed: str) -> Health:
    """A whole build; what failed is named by its dbt name, what reads it was skipped."""
    statuses = dict(GOOD)
    for name, status in failed.items():
        node = f"test.p.{name}" if name in TESTS else model(name)
        statuses[node] = status
    gone = ended(health, manifest(), "b", ALL, statuses, {}, now).held_back
    skipped = {model(name.partition(".")[2]) for name in gone} - {model(name) for name in failed}
    kept = {node: status for node, status in statuses.items() if node not in skipped or node in health.causes}
    return ended(health, manifest(), "b", ALL, kept, {}, now)


def test_a_build_without_a_failure_holds_nothing_back() -> None:
    assert build(Health()).held_back == {}


def test_a_failed_model_holds_back_itself_and_all_that_reads_it() -> None:
    health = build(Health(), int_charges="error")
    assert sorted(health.held_back) == [
        "intermediate.int_charges", "marts.fct_charges", "marts.rpt_all", "marts.rpt_costs"]  # fmt: skip
    assert health.held(["marts.fct_gpus", "staging.stg_bills"]) == {}
    assert "int_charges could not be built" in health.held_back["marts.rpt_all"].reason


def test_a_failed_test_holds_back_the_model_that_it_is_about() -> None:
    assert sorted(build(Health(), not_null_fct_gpus="fail").held_back) == ["marts.fct_gpus", "marts.rpt_all"]
    assert sorted(build(Health(), relationships_rpt_costs="fail").held_back) == ["marts.rpt_costs"]


def test_a_test_over_several_models_is_about_the_one_it_names_else_about_the_last_ones() -> None:
    roots = {name: {root.removeprefix("model.p.") for root in roots_of(manifest(), f"test.p.{name}")} for name in TESTS}
    assert roots == {
        "not_null_fct_gpus": {"fct_gpus"},
        "relationships_rpt_costs": {"rpt_costs"},
        "assert_charges": {"fct_charges"},
        "assert_sums": {"rpt_costs"},
        "assert_two": {"fct_gpus", "fct_charges"},
    }


def test_a_warning_holds_nothing_back() -> None:
    assert build(Health(), assert_two="warn").held_back == {}


def test_it_is_held_back_since_the_first_failure_and_until_the_test_passes() -> None:
    first = build(Health(), not_null_fct_gpus="fail")
    second = build(first, LATER, not_null_fct_gpus="fail")
    assert second.held_back["marts.rpt_all"].since == "2026-06-01T12:00:00"
    assert build(second, LATER).held_back == {}


def test_a_test_that_did_not_run_again_still_holds_back() -> None:
    first = build(Health(), not_null_fct_gpus="fail")
    partly = ended(first, manifest(), "b", [model("fct_charges")], {model("fct_charges"): "success"}, {}, LATER)
    assert partly.held_back == first.held_back


def test_a_test_that_no_longer_exists_holds_nothing_back() -> None:
    first = build(Health(), not_null_fct_gpus="fail")
    without = manifest()
    del without["nodes"]["test.p.not_null_fct_gpus"]
    statuses = {node: status for node, status in GOOD.items() if node in without["nodes"]}
    assert ended(first, without, "b", ALL, statuses, {}, LATER).held_back == {}


def test_what_a_killed_build_was_building_is_held_back_until_it_is_built() -> None:
    killed = begun(Health(), manifest(), "b", ALL, NOON)
    assert len(killed.held_back) == len(ALL)
    some = [model("stg_bills"), model("fct_gpus"), model("rpt_all")]
    partly = ended(killed, manifest(), "b", some, dict.fromkeys(some, "success"), {}, LATER)
    assert "staging.stg_gpus" in partly.held_back
    assert build(partly, LATER).held_back == {}


def test_a_later_step_does_not_build_what_an_earlier_one_holds_back() -> None:
    health = build(Health(), fct_charges="error")
    assert held_by_others(health, manifest(), [model("rpt_costs"), model("fct_gpus")]) == [model("rpt_costs")]
    assert held_by_others(health, manifest(), [model("fct_charges"), model("rpt_costs")]) == []


def test_it_is_remembered_and_a_damaged_memory_is_none(tmp_path: Path) -> None:
    health = build(Health(), int_charges="error", not_null_fct_gpus="fail")
    write_health(tmp_path, health)
    assert read_health(tmp_path) == health
    health_path(tmp_path).write_text('{"causes": ')
    assert read_health(tmp_path) == Health()
    assert read_health(tmp_path / "nowhere") == Health()


def test_a_source_that_could_not_be_landed_holds_back_what_reads_it_until_it_is_landed(tmp_path: Path) -> None:
    landing_failed(tmp_path, "bills", "raw_bills", "ValueError: x", NOON)
    landing_failed(tmp_path, "bills", "raw_bills", "ValueError: y", LATER)
    health = build(read_health(tmp_path), LATER)
    assert set(health.held_back) == {
        f"{SCHEMAS.get(name.split('_')[0], 'marts')}.{name}"
        for name in ("stg_bills", "int_charges", "fct_charges", "rpt_all", "rpt_costs")
    }
    held = health.held_back["marts.rpt_costs"]
    assert (held.reason, held.since) == ("landing bills failed: ValueError: y", "2026-06-01T12:00:00")
    write_health(tmp_path, health)
    landing_succeeded(tmp_path, "bills")
    assert build(read_health(tmp_path), LATER).held_back == {}


def test_a_check_of_landed_rows_holds_back_what_reads_that_table_until_it_passes(tmp_path: Path) -> None:
    raw_check_failed(tmp_path, "suite", "raw_gpus.files", "-1 of 1 rows", "mend it", NOON)
    assert build(read_health(tmp_path)).held_back == {}
    raw_check_failed(tmp_path, "suite", "raw_gpus.rows", "-1 of 1 rows", "mend it", LATER)
    health = build(read_health(tmp_path), LATER)
    assert sorted(health.held_back) == ["marts.fct_gpus", "marts.rpt_all", "staging.stg_gpus"]
    held = health.held_back["marts.rpt_all"]
    assert (held.reason, held.remedy) == ("the check suite failed: -1 of 1 rows", "mend it")
    write_health(tmp_path, health)
    raw_check_passed(tmp_path, "other")
    assert read_health(tmp_path).held_back
    raw_check_passed(tmp_path, "suite")
    assert read_health(tmp_path) == Health()
