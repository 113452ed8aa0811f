"""Builds what is due on Spark, and lets the warehouse show it.

Everything that is stored is built and checked on Spark; a view is nothing but its definition, so the warehouse gets it
from dbt as ever, over what came back. Scores, alerts, closing and publication read the warehouse and know of no engine.

Put here: the order of these steps. Keep out: sessions, files and the list of tables (`warehouse.engines`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import duckdb

from ingestion.config import Settings
from orchestration.running.dbt_invocation import DbtOutcome, NodeResult, build
from orchestration.running.due.nodes import Project, is_view
from orchestration.running.due.state import forget, is_due
from orchestration.warehouse.connection import opened
from orchestration.warehouse.engines.asking import answering
from orchestration.warehouse.engines.given import give
from orchestration.warehouse.engines.spark import Spark, started
from orchestration.warehouse.engines.tables import (
    bring_back,
    built_table,
    declare_tables,
    drop_unknown,
    known_tables,
    sweep,
)

NO_CHECKS = ("test",)


def build_on_spark(
    settings: Settings,
    outcome: DbtOutcome,
    project: Project,
    manifest: Mapping[str, Any],
    *,
    nodes: Collection[str],
    select: Sequence[str],
    exclude: Sequence[str],
    variables: Mapping[str, Any],
    now: datetime,
    full_refresh: bool = False,
    without: Sequence[str] = (),
) -> Iterator[NodeResult]:
    """Build and check what is selected; `nodes` are the ids of the tables and views among it, `without` are types of
    resources to leave out.

    What is stored is built if it is due when its turn comes, as on DuckDB.

    Raises:
        EngineError: Spark cannot be had.
        DbtError: dbt could not begin, or stopped for a reason that is no node's.
    """
    spark = started(settings)
    checks = [] if "test" in without else _checks(project, nodes, select)
    needed = _needed(project, [*nodes, *checks])
    views = [project.nodes[key] for key in sorted(nodes) if is_view(project.nodes[key])]
    behind = [node for key in sorted(needed - set(nodes)) if (node := project.nodes.get(key)) and is_view(node)]
    done: set[str] = set()
    with opened(settings.warehouse_path) as connection:
        _prepare(connection, spark, settings, project, needed, nodes, full_refresh)
        home = _BuiltHome(connection, spark, project, manifest, now, full_refresh)
        with answering(home):
            for result in build(
                settings,
                outcome,
                select=[*select, *(node.name.rpartition(".")[2] for node in behind)],
                exclude=[*exclude, *checks_not_asked_for(project, [node.id for node in behind], checks)],
                variables=variables,
                today=now.date(),
                full_refresh=full_refresh,
                target=spark.target,
                without=without,
            ):
                node = project.nodes.get(result.node)
                if node is not None and node.id not in nodes and node.kind != "test":
                    continue
                if node is not None and node.kind != "test" and result.status == "success":
                    done.add(node.id)
                yield result
        for key in nodes:
            if key not in done:
                spark.declared.pop(project.nodes[key].name, None)
        sweep(connection, settings)
    good = [node.name.rpartition(".")[2] for node in views if node.id in done]
    if good:
        # What Spark made of them was told in its turn; one that DuckDB cannot make is among the statuses.
        for _ in build(
            settings, outcome, select=good, exclude=(), variables=variables, today=now.date(), without=NO_CHECKS
        ):
            pass


@dataclass
class _BuiltHome:
    """What is due and what was made, in the warehouse that is open."""

    connection: duckdb.DuckDBPyConnection
    spark: Spark
    project: Project
    manifest: Mapping[str, Any]
    now: datetime
    everything: bool
    lock: Lock = field(default_factory=Lock)

    def is_due(self, node: str) -> bool:
        """What is due is forgotten before it is made: a build that is killed is due again."""
        with self.lock:
            if not (self.everything or is_due(self.connection, node)):
                return False
            if (known := self.project.nodes[node]).kind != "test" and not is_view(known):
                forget(self.connection, [node])
            return True

    def made(self, node: str) -> None:
        """Show a table in the warehouse and note what it was made from."""
        name = self.project.nodes[node].name
        order = list(self.manifest["nodes"][node]["columns"]) if name.startswith("marts.") else ()
        with self.lock:
            bring_back(self.connection, node, built_table(self.spark, name), self.now, order)


def _checks(project: Project, nodes: Collection[str], select: Collection[str]) -> list[str]:
    """Ids of the checks that are made: those that are named, and those of what is built."""
    named, built = set(select), set(nodes)
    checks = (node for node in project.nodes.values() if node.kind == "test")
    return [node.id for node in checks if node.name in named or built.intersection(node.parents)]


def checks_not_asked_for(project: Project, views: Collection[str], checks: Collection[str]) -> list[str]:
    """Names of the checks that dbt would make of views that are made again only to be read: they are not due, and what
    else they read may not be known to the engine."""
    named, asked = set(views), set(checks)
    return [
        node.name
        for node in project.nodes.values()
        if node.kind == "test" and named.intersection(node.parents) and node.id not in asked
    ]


def _needed(project: Project, ids: Collection[str]) -> set[str]:
    """Ids of all that the engine has to know before it builds or checks these: what they read, through views."""
    found: set[str] = set()
    left = list(ids)
    while left:
        node = project.nodes.get(left.pop())
        for parent in node.parents if node else ():
            if parent not in found:
                found.add(parent)
                if parent in project.nodes and is_view(project.nodes[parent]):
                    left.append(parent)
    return found


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    spark: Spark,
    settings: Settings,
    project: Project,
    needed: Collection[str],
    nodes: Collection[str],
    full_refresh: bool,
) -> None:
    """Make known what is read, what is built by parts, and what stays if it is not due."""
    give(connection, spark, settings, [project.sources[key] for key in needed if key in project.sources])
    known = known_tables(connection)
    names = {project.nodes[key].name for key in needed if key in project.nodes}
    if not full_refresh:
        names |= {project.nodes[key].name for key in nodes}
    declare_tables(spark, [known[name] for name in sorted(names) if name in known])
    stored = {project.nodes[key].name for key in nodes if not is_view(project.nodes[key])}
    drop_unknown(spark, stored, known.keys())
