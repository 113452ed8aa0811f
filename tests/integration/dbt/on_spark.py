"""A scratch warehouse whose models Spark builds in a session of this process, step by step as a run does.

Put here: building there, and which files a table has. Keep out: expectations.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from ingestion.config import Settings
from orchestration.home.dbt_project import manifest_path
from orchestration.running.dbt_invocation import DbtOutcome
from orchestration.running.due.nodes import Project, read_project
from orchestration.running.due.state import note_contents, ready, write_plan
from orchestration.running.spark_build import build_on_spark
from orchestration.warehouse.engines.spark import SessionSpark, started
from orchestration.warehouse.engines.tables import PARTITION, known_tables
from tests.support.warehouse import ScratchWarehouse

NOW = datetime.fromisoformat("2026-06-02")


@dataclass
class OnSpark:
    """A scratch warehouse whose tables Spark builds, and the home around it."""

    warehouse: ScratchWarehouse
    settings: Settings
    statuses: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return read_project(manifest_path(self.settings))

    def end_session(self) -> None:
        """As the end of a process does: the next build is told of the tables that are there."""
        session = started(self.settings)
        assert isinstance(session, SessionSpark)
        session.stop()

    def build(self, *names: str, full: bool = False) -> set[str]:
        """Build what is due of these models and of all that they are made from, as a run does; names of what was."""
        project, manifest = self.project, json.loads(manifest_path(self.settings).read_text())
        nodes = behind(project, names)
        with self.warehouse.connection() as connection:
            ready(connection)
            note_contents(connection, project.sources, NOW)
            rows = [(node.id, node.code_key, node.reads, False) for node in project.nodes.values()]
            write_plan(connection, rows)
        outcome = DbtOutcome()
        named: dict[str, Any] = {"select": [project.nodes[node].name.rpartition(".")[2] for node in sorted(nodes)]}
        results = build_on_spark(
            self.settings, outcome, project, manifest, nodes=nodes, exclude=(), variables={}, now=NOW,
            full_refresh=full, without=("test",), **named,
        )  # fmt: skip
        built = {project.nodes[each.node].name for each in results if not each.unchanged}
        assert set(outcome.statuses.values()) == {"success"}, outcome.messages
        assert set(outcome.statuses) == nodes
        return built

    def there(self) -> set[str]:
        """Names of all tables that Spark built."""
        with self.warehouse.connection() as connection:
            return set(known_tables(connection))

    def files(self, table: str) -> dict[str, set[str]]:
        """Names of a table's files by day."""
        with self.warehouse.connection() as connection:
            return files_by_day(connection, table)


def behind(project: Project, names: tuple[str, ...]) -> set[str]:
    """Ids of models and seeds by these names and of all that they read, however indirectly."""
    left = [node.id for node in project.nodes.values() if node.name.rpartition(".")[2] in names]
    found: set[str] = set()
    while left:
        node = project.nodes.get(left.pop())
        if node and node.id not in found:
            found.add(node.id)
            left += node.parents
    return found


def files_by_day(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, set[str]]:
    """Names of the files by day of a table that Spark built."""
    found: dict[str, set[str]] = {}
    for path in known_tables(connection)[table].files:
        found.setdefault(path.parent.name.removeprefix(f"{PARTITION}="), set()).add(path.name)
    return found
