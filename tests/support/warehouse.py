"""A scratch warehouse with every table dbt reads, rows from dictionaries, and dbt run in process.

Put here: what tests of several packages need to stand up a warehouse. Keep out: sample data with a meaning.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from ingestion.config import Settings
from ingestion.raw_schemas import arrow_schema, create_table_statements
from orchestration.home.dbt_project import project_dir, project_stamp
from orchestration.home.parsed_once import reading_once, shared_notes
from orchestration.running.shortcuts import spare_dbt
from orchestration.warehouse.connection import threads_for
from tests.support.opened import close_kept, cursor_of

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
WHERE = ("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT))
SILENT = ("--log-level", "none", "--quiet", "--no-write-json")
"""What failed is in the result; to word every event for a logger is a tenth of what dbt does."""
THREADS = ("--threads", "1")
"""As a run on a small warehouse."""
LOADED_AT = datetime.fromisoformat("2026-01-01")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "requests": {"event_source": "canonical", "status": "ok", "is_billable": True, "is_batch": False},
    "model_prices": {
        "price_source": "genai-prices",
        "price_source_version": "test",
        "price_variant": "standard",
        "valid_from_utc": datetime.fromisoformat("1900-01-01"),
        "valid_to_utc": datetime.fromisoformat("2200-01-01"),
        "time_of_day_from_second": 0,
        "time_of_day_to_second": 86_400,
        "context_over_tokens": -1,
        "context_up_to_tokens": 9_223_372_036_854_775_807,
        "known_from_utc": LOADED_AT,
    },
    "model_aliases": {
        "is_batch": False,
        "service_tier": "",
        "speed": "",
        "match_method": "exact",
        "price_variant": "standard",
        "resolved_at_utc": LOADED_AT,
        "known_from_utc": LOADED_AT,
        "closest_candidates": "[]",
    },
}
_OTHERS = ("ml", "alerts", "adjustments", "identity")
_VALID = {"valid_from_utc": datetime.fromisoformat("1900-01-01"), "valid_to_utc": datetime.fromisoformat("2200-01-01")}


@dataclass(frozen=True)
class ScratchWarehouse:
    """A DuckDB file in a folder of its own, with dbt's target and logs beside it."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> ScratchWarehouse:
        """A new warehouse with every raw table and every other source table of dbt, all empty."""
        warehouse = cls(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with warehouse.connection() as connection:
            for statement in (*create_table_statements(), *declared_table_statements(*_OTHERS)):
                connection.execute(statement)
        return warehouse

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for a few questions; dbt, processes and others can open the file next."""
        with cursor_of(self.path) as connection:
            yield connection

    def execute(self, sql: str) -> None:
        """Run a statement."""
        with self.connection() as connection:
            connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.connection() as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        """The one value of a query."""
        (row,) = self.rows(sql)
        return row[0]

    def insert(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows to `schema.table`; columns that are left out take the test defaults or NULL."""
        dataset, _, name = table.partition(".")
        schema = arrow_schema(dataset, name)
        defaults = dict.fromkeys(schema.names) | _DEFAULTS.get(name, {})
        if "valid_from_utc" in schema.names and dataset == "raw_org":
            defaults |= _VALID
        if "_loaded_at_utc" in schema.names:
            defaults |= {"_source_file_id": 1, "_loaded_at_utc": LOADED_AT}
        incoming = pa.Table.from_pylist([{**defaults, **row} for row in rows], schema=schema)
        with self.connection() as connection:
            connection.register("incoming", incoming)
            names = ", ".join(f'"{name}"' for name in schema.names)
            connection.execute(f"insert into {table} ({names}) select {names} from incoming")

    def dbt(self, *arguments: str, expect_success: bool = True) -> Any:
        """Run dbt in process (`build`, `--select`, ...) on this warehouse and return its result.

        Raises AssertionError with the messages of the failed nodes unless `expect_success` is False.
        """
        from dbt.cli.main import dbtRunner

        environment = {
            "COSTOPS_WAREHOUSE": str(self.path),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_LOG_LEVEL_FILE": "none",
            "COSTOPS_DUCKDB_THREADS": threads_for(self.path),
        }
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        close_kept()
        spare_dbt()
        try:
            manifest = _copied(_parsed(_variables(arguments)))
            result = dbtRunner(manifest=manifest).invoke([*arguments, *WHERE, *SILENT, *THREADS])
        finally:
            _close_dbt_connections()
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if expect_success:
            assert result.success, failures_of(result)
        return result


@cache
def _parsed(variables: tuple[str, ...]) -> Any:
    """The project's manifest, read once in this process: every scratch warehouse has the same names in it.

    Processes share what dbt noted of it, as homes do: two seconds instead of twelve.
    """
    from dbt.cli.main import dbtRunner

    target = Path(os.environ["DBT_TARGET_PATH"])
    stamp = project_stamp(Settings.from_env({}, target))
    notes = shared_notes(str(project_dir()), stamp, *variables, version("dbt-core"), variables={})
    own, os.environ["COSTOPS_WAREHOUSE"] = os.environ["COSTOPS_WAREHOUSE"], "warehouse.duckdb"
    try:
        with reading_once(notes, target):
            parsed = dbtRunner().invoke(["parse", *variables, *WHERE, *SILENT])
    finally:
        os.environ["COSTOPS_WAREHOUSE"] = own
    assert parsed.success, failures_of(parsed)
    _look_for_circles_once()
    return parsed.result


@cache
def _look_for_circles_once() -> None:
    """dbt looks for circles in the whole project whatever is selected: once for each shape of it is enough."""
    from dbt.compilation import Linker

    kind: Any = Linker
    look, seen = kind.find_cycles, set[tuple[int, int]]()

    def looks(self: Any) -> str | None:
        shape = (len(self.graph.nodes), len(self.graph.edges))
        found: str | None = None if shape in seen else look(self)
        seen.add(shape)
        return found

    kind.find_cycles = looks


def _copied(manifest: Any) -> Any:
    """A manifest that a run may write into: what it compiles it notes on the nodes themselves.

    Copying all of it, as `Manifest.deepcopy` does, takes half of the time of a small run.
    """
    nodes = {key: copy.copy(node) for key, node in manifest.nodes.items()}
    for node in nodes.values():
        if "extra_ctes" in vars(node):
            node.extra_ctes = []
    return replace(manifest, nodes=nodes)


_PARSED_FOR = {
    "reporting_time_zone": ("UTC", "Europe/Berlin"),
    "identities": ("delivered", "pseudonyms"),
    "allocation_basis": ("billed", "effective"),
}
"""Variables by which a model is of another kind or reads other tables: the default, and what stands for all others.

Manifests for other values of all other variables are equal, node by node; they are read when a model is compiled. A
model that reads another table by one that is not here is refused by dbt.
"""


def _variables(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """`--vars` as far as parsing depends on it."""
    given = yaml.safe_load(arguments[arguments.index("--vars") + 1]) if "--vars" in arguments else {}
    asked = {name: other for name, (usual, other) in _PARSED_FOR.items() if given.get(name, usual) != usual}
    return ("--vars", json.dumps(asked)) if asked else ()


def failures_of(result: Any) -> str:
    """What went wrong in a dbt run, one line per node."""
    if result.exception is not None:
        return str(result.exception)
    return "\n".join(
        f"{node.node.name}: {node.status}: {node.message}"
        for node in getattr(result.result, "results", [])
        if str(node.status) not in ("success", "pass", "skipped", "warn")
    )


def declared_table_statements(*sources: str) -> list[str]:
    """DDL of the source tables that dbt declares, for those that no ingestion schema describes."""
    statements = []
    for source in sources:
        declared = yaml.safe_load((DBT_PROJECT / f"models/staging/{source}/src_{source}.yml").read_text())
        statements.append(f"create schema if not exists {source}")
        for table in declared["sources"][0]["tables"]:
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in table["columns"])
            statements.append(f"create table if not exists {source}.{table['name']} ({columns})")
    return statements


def _close_dbt_connections() -> None:
    """dbt-duckdb keeps its connection open in the process; another file or a plain connection needs it closed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()
