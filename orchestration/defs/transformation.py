"""dbt models as assets, in two steps: everything that needs no model score, then what reads `ml` and `alerts`.

Put here: the dbt assets and their translator. Keep out: SQL.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from ingestion.config import Settings
from orchestration.home.dbt_project import (
    PROFILE,
    dbt_executable,
    manifest_path,
    project_dir,
    reporting_variables,
    target_dir,
)
from orchestration.home.paths import prepare_home
from orchestration.home.processes import ending_with_this_one
from orchestration.publishing.mart_health import (
    FAILED,
    Health,
    begun,
    ended,
    held_by_others,
    in_order,
    node_name,
    read_health,
    write_health,
)
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.warehouse.built_tables import drop_changed, remember, stored_tables
from orchestration.warehouse.kept import KEPT, keep, ready_tables

AFTER_ML = "tag:after_ml"
SCORED_STEP = "build_scored_reports"
MART_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))


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
        return spec._replace(blocking=False) if spec else None


class RebuildWindow(dg.Config):
    """Days to rebuild besides those whose input changed, as ISO dates; empty for none."""

    from_date: str = ""
    to_date: str = ""


_SETTINGS = Settings.from_env()
prepare_home(_SETTINGS)
MANIFEST = manifest_path(_SETTINGS)
PROJECT = DbtProject(
    project_dir=project_dir(), profiles_dir=project_dir(), target_path=target_dir(_SETTINGS), profile=PROFILE
)


def _build(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, window: RebuildWindow) -> Iterator[Any]:
    """Build what is selected. What fails holds back what reads it (`mart_health`); the rest is built."""
    variables = {name: value for name, value in window.model_dump().items() if value}
    variables |= reporting_variables(_SETTINGS)
    arguments = ["build", "--no-write-json", "--exclude-resource-type", "unit_test"]
    if variables:
        arguments += ["--vars", json.dumps(variables)]
    manifest = json.loads(MANIFEST.read_text())
    dbt_dir, step = home.settings().dbt_dir, context.op_execution_context.op.name
    keys = {".".join(key.path): key for key in context.selected_asset_keys}
    nodes = {node for node in manifest["nodes"] if not node.startswith("test.") and node_name(manifest, node) in keys}
    before = read_health(dbt_dir)
    excluded = held_by_others(before, manifest, nodes) if step == SCORED_STEP else []
    if excluded:
        arguments += ["--exclude", " ".join(manifest["nodes"][node]["name"] for node in excluded)]
    nodes -= set(excluded)
    health = begun(before, manifest, step, nodes, home.now())
    write_health(dbt_dir, health)
    filled = stored_tables(manifest, nodes)
    with home.warehouse() as connection:
        for words in drop_changed(connection, filled):
            context.log.warning(words)
    invocation = dbt.cli(arguments, context=context, raise_on_error=False)
    outcome = Outcome()
    yielded = set()
    with ending_with_this_one(invocation.process.pid):
        for event in invocation.stream_raw_events():
            outcome.take(event.raw_event)
            for output in event.to_default_asset_events(
                MANIFEST, CostOpsTranslator(), context, invocation.target_path, PROJECT
            ):
                if isinstance(output, dg.Output):
                    yielded.add(output.output_name)
                yield output
        invocation.process.wait()
    if invocation.process.returncode and not outcome.failed:
        raise invocation.get_error() or RuntimeError("dbt failed without a word; see run.log")
    health = ended(health, manifest, step, nodes, outcome.statuses, outcome.messages, home.now())
    write_health(dbt_dir, health)
    with home.warehouse() as connection:
        built = [node for node in nodes if outcome.statuses.get(node) == "success"]
        remember(connection, stored_tables(manifest, built))
    yield from _held_back(context, manifest, health, keys, yielded)


def _held_back(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    health: Health,
    keys: Mapping[str, dg.AssetKey],
    yielded: set[str],
) -> Iterator[dg.MaterializeResult]:
    """Say of each asset that was not built why; without a result, Dagster would skip all that comes after."""
    for reason in sorted({held.reason for held in health.held(keys).values()}):
        context.log.warning(f"held back: {reason}")
    missing = {name: key for name, key in keys.items() if key.to_python_identifier() not in yielded}
    for name in in_order(manifest, missing):
        held = health.held_back.get(name)
        yield dg.MaterializeResult(
            asset_key=missing[name], metadata={"held_back": held.reason if held else "not built"}
        )


@dataclass
class Outcome:
    """What dbt says of each node while it builds."""

    statuses: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        """Note a result, or the words that dbt has for a failure."""
        name, data = event["info"]["name"], event["data"]
        info = data.get("node_info") or {}
        if name in ("LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"):
            self.statuses[info["unique_id"]] = str(info["node_status"]).lower()
        elif name in ("RunResultError", "RunResultFailure") and info.get("unique_id"):
            self.messages[info["unique_id"]] = str(data.get("msg") or "")

    @property
    def failed(self) -> bool:
        """Whether a node failed, which explains dbt's exit code."""
        return any(status in FAILED for status in self.statuses.values())


@dbt_assets(
    manifest=MANIFEST,
    project=PROJECT,
    name="build_warehouse",
    exclude=AFTER_ML,
    dagster_dbt_translator=CostOpsTranslator(),
    pool=WAREHOUSE_POOL,
)
def build_warehouse(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, config: RebuildWindow
) -> Iterator[Any]:
    """Seeds, staging, facts, dimensions and the reports that read them."""
    for words in prepare_warehouse(home):
        context.log.warning(words)
    yield from _build(context, dbt, home, config)


@dbt_assets(
    manifest=MANIFEST,
    project=PROJECT,
    name=SCORED_STEP,
    select=AFTER_ML,
    dagster_dbt_translator=CostOpsTranslator(),
    pool=WAREHOUSE_POOL,
)
def build_scored_reports(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home, config: RebuildWindow
) -> Iterator[Any]:
    """Reports that join forecasts, anomalies, recommendations and alerts to the facts."""
    yield from _build(context, dbt, home, config)


def prepare_warehouse(home: Home) -> list[str]:
    """Make every table that dbt reads and does not build; returns what was changed by hand and made anew."""
    from ingestion.landing.runner import ensure_tables

    ensure_tables(home.settings().warehouse_path)
    with home.warehouse() as connection:
        changed = ready_tables(connection, home.settings())
        keep(connection, home.settings(), *KEPT)
    return changed


class InstalledDbt(DbtCliResource):
    """The dbt of this environment: its version is known without asking it, which costs a second."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


dbt_resource = InstalledDbt(
    project_dir=str(project_dir()),
    profiles_dir=str(project_dir()),
    profile=PROFILE,
    dbt_executable=dbt_executable(),
)
