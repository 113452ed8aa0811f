"""dbt models as assets, in two steps: everything that needs no model score, then what reads `ml` and `alerts`.

Put here: the dbt assets, their translator, what of a build Dagster is told. Keep out: SQL, what is due (`running.due`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from ingestion.config import Settings
from ingestion.engine import SPARK
from orchestration.documentation.checks import describe_check
from orchestration.home.dbt_project import PROFILE, manifest_path, project_dir, reporting_variables, target_dir
from orchestration.publishing.mart_health import begun, ended, held_by_others, in_order, read_health, write_health
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.dbt_invocation import DbtOutcome, NodeResult, build
from orchestration.running.due.nodes import Node, Project, read_project
from orchestration.running.due.plan import Plan
from orchestration.running.due.planning import is_planned, plan_now, prepare_warehouse
from orchestration.running.due.state import note_checks, outcomes
from orchestration.running.spark_build import build_on_spark

AFTER_ML = "tag:after_ml"
BUILD_STEP = "build_warehouse"
SCORED_STEP = "build_scored_reports"
MART_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))
UNCHANGED = "unchanged"
"""Metadata of what was not made in a run, with why."""
UNCHANGED_WORDS = "nothing it is made from has changed"
CHANGED_WORDS = "a table that it is made from came out changed"


class CostOpsTranslator(DagsterDbtTranslator):
    """Groups and owners come from dbt groups; marts carry a freshness policy."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The asset of a dbt node."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id) or {}
        if node.get("resource_type") == "source":
            return spec
        group = (node.get("config") or {}).get("group") or node.get("group") or node.get("schema")
        owner = ((manifest["groups"].get(f"group.{node['package_name']}.{group}") or {}).get("owner") or {}).get("name")
        spec = spec.replace_attributes(description=node.get("description") or spec.description)
        spec = spec.replace_attributes(group_name=group, owners=[f"team:{owner}"] if owner else ["team:data-platform"])
        if node.get("schema") == "marts":
            return spec.replace_attributes(freshness_policy=MART_FRESHNESS)
        return spec

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """The check of a dbt test. It does not block: what a failed one holds back is decided by lineage."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return spec._replace(blocking=False, description=describe_check(manifest["nodes"][unique_id]))


class RebuildWindow(dg.Config):
    """What to build besides what is due."""

    from_date: str = ""
    to_date: str = ""
    """First and last day to rebuild, as ISO dates; empty for none."""
    full: bool = False
    """Build everything from nothing and make every check, as a first run does."""


@dataclass(frozen=True)
class Transformation:
    """The dbt project of a home as Dagster's assets."""

    build_warehouse: dg.AssetsDefinition
    build_scored_reports: dg.AssetsDefinition

    @property
    def marts(self) -> list[dg.AssetKey]:
        """Keys of everything that is published."""
        keys = {*self.build_warehouse.keys, *self.build_scored_reports.keys}
        return sorted(key for key in keys if key.path[0] == "marts")


@dataclass(frozen=True)
class _DbtFiles:
    """One parsed project."""

    manifest: Mapping[str, Any]
    project: DbtProject
    due: Project


def transformation(settings: Settings) -> Transformation:
    """Assets of the dbt project, parsed for `settings` where it changed."""
    path = manifest_path(settings)
    files = _DbtFiles(
        json.loads(path.read_text()),
        DbtProject(
            project_dir=project_dir(), profiles_dir=project_dir(), target_path=target_dir(settings), profile=PROFILE
        ),
        read_project(path),
    )
    translator = CostOpsTranslator()

    @dbt_assets(
        manifest=files.manifest,
        project=files.project,
        name=BUILD_STEP,
        exclude=AFTER_ML,
        dagster_dbt_translator=translator,
        pool=WAREHOUSE_POOL,
    )
    def build_warehouse(context: dg.AssetExecutionContext, home: Home, config: RebuildWindow) -> Iterator[Any]:
        """Seeds, staging, facts, dimensions and the reports that read them."""
        for words in prepare_warehouse(home.settings(), home.now()):
            context.log.warning(words)
        yield from _build(context, home, config, files)

    @dbt_assets(
        manifest=files.manifest,
        project=files.project,
        name=SCORED_STEP,
        select=AFTER_ML,
        dagster_dbt_translator=translator,
        pool=WAREHOUSE_POOL,
    )
    def build_scored_reports(context: dg.AssetExecutionContext, home: Home, config: RebuildWindow) -> Iterator[Any]:
        """Reports that join forecasts, anomalies, recommendations and alerts to the facts."""
        yield from _build(context, home, config, files)

    return Transformation(build_warehouse, build_scored_reports)


def steps_of(settings: Settings, names: set[str]) -> list[str]:
    """The steps that build some of these (`schema.table`)."""
    nodes = [node for node in read_project(manifest_path(settings)).nodes.values() if node.name in names]
    return sorted({SCORED_STEP if node.is_scored else BUILD_STEP for node in nodes if node.kind != "test"})


def _build(context: dg.AssetExecutionContext, home: Home, window: RebuildWindow, files: _DbtFiles) -> Iterator[Any]:
    """Build what is due of what is selected. What fails holds back what reads it (`mart_health`); the rest is built."""
    settings, manifest, due = home.settings(), files.manifest, files.due
    step = context.op_execution_context.op.name
    tests = {node.name: node.id for node in due.nodes.values() if node.kind == "test"}
    keys = {".".join(key.path): key for key in context.selected_asset_keys}
    selected = {node.id for node in due.nodes.values() if node.kind != "test" and node.name in keys}
    with home.warehouse() as connection:
        plan = plan_now(
            connection,
            settings,
            due,
            home.now(),
            from_date=window.from_date,
            to_date=window.to_date,
            everything=window.full,
            asked_for=() if is_planned(context.run) else selected,
            scored=step == SCORED_STEP and is_planned(context.run),
        )
    before = read_health(settings.dbt_dir)
    reached = selected & plan.reach
    excluded = held_by_others(before, manifest, reached) if step == SCORED_STEP else []
    nodes, outcome = reached - set(excluded), DbtOutcome()
    names = plan.select(selected, scored=step == SCORED_STEP)
    asked_checks = {key.name: key for key in context.selected_asset_check_keys}
    yielded: set[Any] = set()
    # What cannot change comes first, as nothing that it reads can: Dagster wants tables after what they read.
    for name in in_order(manifest, {due.nodes[node].name for node in selected - plan.reach}):
        if name not in before.held_back:
            yielded.add(keys[name])
            yield dg.MaterializeResult(asset_key=keys[name], metadata={UNCHANGED: UNCHANGED_WORDS})
    if names:
        write_health(settings.dbt_dir, begun(before, manifest, step, nodes, home.now()))
        variables = {
            name: value for name, value in (("from_date", window.from_date), ("to_date", window.to_date)) if value
        }
        is_whole = plan.everything or plan.is_whole(selected, scored=step == SCORED_STEP)
        asked: dict[str, Any] = {
            "select": [AFTER_ML if step == SCORED_STEP else "fqn:*"] if is_whole else names,
            "exclude": [manifest["nodes"][node]["name"] for node in excluded]
            + ([] if step == SCORED_STEP else [AFTER_ML]),
            "variables": reporting_variables(settings) | variables,
            "full_refresh": plan.everything,
        }
        for result in (
            build_on_spark(settings, outcome, due, manifest, nodes=nodes, now=home.now(), **asked)
            if settings.engine.name == SPARK
            else build(settings, outcome, today=home.now().date(), **asked)
        ):
            for event in _events(asked_checks, files, result, plan):
                yielded.add(event.asset_key if isinstance(event, dg.MaterializeResult) else event.asset_check_key)
                yield event
    checks = {node: status for node, status in outcome.statuses.items() if node not in outcome.unchanged}
    with home.warehouse() as connection:
        note_checks(connection, checks, home.now())
        kept = outcomes(connection)
    health = ended(read_health(settings.dbt_dir), manifest, step, nodes, outcome.statuses, outcome.messages, home.now())
    write_health(settings.dbt_dir, health)
    for reason in sorted({held.reason for held in health.held(keys).values()}):
        context.log.warning(f"held back: {reason}")
    missing = {name: key for name, key in keys.items() if key not in yielded}
    for name in in_order(manifest, missing):
        held = health.held_back.get(name)
        metadata = {"held_back": held.reason} if held else {UNCHANGED: UNCHANGED_WORDS}
        yield dg.MaterializeResult(asset_key=missing[name], metadata=metadata)
    for key in set(asked_checks.values()) - yielded:
        if status := kept.get(tests.get(key.name, "")):
            yield _check_kept(key, status)


def _events(
    asked_checks: Mapping[str, dg.AssetCheckKey], files: _DbtFiles, result: NodeResult, plan: Plan
) -> Iterator[Any]:
    """What Dagster is told of one node: tables that were built or found unchanged, checks that were made."""
    node = files.due.nodes.get(result.node)
    if node is None:
        return
    if node.kind == "test":
        key = asked_checks.get(node.name)
        if key is not None and not result.unchanged and result.status != "skipped":
            yield _check_result(files, result, key)
    elif result.status == "success":
        metadata: dict[str, Any] = {"Execution Duration": result.seconds, "unique_id": node.id}
        if result.unchanged:
            metadata[UNCHANGED] = UNCHANGED_WORDS
        else:
            metadata["built_because"] = plan.reasons.get(node.id, CHANGED_WORDS)
        yield dg.MaterializeResult(asset_key=_key(node), metadata=metadata)


def _check_result(files: _DbtFiles, result: NodeResult, key: dg.AssetCheckKey) -> dg.AssetCheckEvaluation:
    """The check of a test; a failing one whose severity is to warn warns."""
    severity = files.manifest["nodes"][result.node]["config"].get("severity", "error").upper()
    return _evaluation(
        key,
        result.status,
        dg.AssetCheckSeverity(severity if result.status != "warn" else "WARN"),
        {
            "unique_id": result.node,
            "Execution Duration": result.seconds,
            "dagster_dbt/failed_row_count": result.failures or 0,
        },
    )


def _check_kept(key: dg.AssetCheckKey, status: str) -> dg.AssetCheckEvaluation:
    """The check of a test that was not made, as it was on what is still the same: else it would look skipped."""
    return _evaluation(key, status, dg.AssetCheckSeverity.WARN, {UNCHANGED: UNCHANGED_WORDS})


def _evaluation(
    key: dg.AssetCheckKey, status: str, severity: dg.AssetCheckSeverity, facts: Mapping[str, Any]
) -> dg.AssetCheckEvaluation:
    """One event for one check. An `AssetCheckResult` would be three, and a query of the event log besides."""
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=status == "pass",
        severity=severity,
        metadata={"status": status, **facts},
    )


def _key(node: Node) -> dg.AssetKey:
    return dg.AssetKey(node.name.split("."))
