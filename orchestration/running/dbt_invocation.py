"""Runs dbt in this process, once imported and once parsed, and hands on what it says of each node.

A subprocess would import and parse everything again for each of the two halves of a run (before and after the scores).

Put here: invoking dbt and reading its events. Keep out: what to build (`due`), Dagster's view of it (`defs`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from ingestion.config import Settings
from orchestration.home.dbt_project import (
    PROFILE,
    DbtError,
    project_dir,
    project_stamp,
    reporting_variables,
    target_dir,
)
from orchestration.home.parsed_once import reading_once, shared_notes
from orchestration.publishing.mart_health import FAILED
from orchestration.running.shortcuts import spare_dbt
from orchestration.warehouse.connection import let_go, threads_for

RESULTS = frozenset({"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"})
UNCHANGED = "UNCHANGED"
TOLD = frozenset({"info", "warn", "error"})
"""Levels of dbt's events that are written to standard output, which is the log of the run."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node."""

    node: str
    status: str
    """`success`, `pass`, `warn`, `fail`, `error`, `skipped`."""
    unchanged: bool
    """Nothing was done: its inputs and code are what it was made from."""
    seconds: float
    failures: int | None = None
    """Rows that a check found."""


@dataclass
class DbtOutcome:
    """Statuses and words by node once dbt has ended."""

    statuses: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)

    @property
    def failed(self) -> bool:
        """Whether a node failed, which explains dbt's exit code."""
        return any(status in FAILED for status in self.statuses.values())


@dataclass(frozen=True)
class _Parsed:
    """One parsed project, what it was parsed from, and the file that holds it, if any."""

    stamp: str
    manifest: Any
    path: Path | None

    def written_to(self, target: Path) -> bool:
        """Put the file where another home of this process looks for it; whether that could be done."""
        if self.path is None or not self.path.exists():
            return False
        if self.path != target:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.path, target)
        return True


_parsed: dict[str | None, _Parsed] = {}
"""The parsed project of this process for each target."""


def build(
    settings: Settings,
    outcome: DbtOutcome,
    *,
    select: Sequence[str],
    exclude: Sequence[str],
    variables: Mapping[str, Any],
    today: date,
    full_refresh: bool = False,
    target: str | None = None,
    without: Sequence[str] = (),
) -> Iterator[NodeResult]:
    """Build and check what is selected, node by node; `outcome` holds everything at the end.

    Only what is due is built (`dbt_project/macros/engine/due.sql`), on DuckDB; another `target` builds all that is
    selected. `without` are types of resources to leave out. On DuckDB, the warehouse must not be open in this process
    but for `kept_open`.

    Raises:
        DbtError: dbt could not begin, or stopped for a reason that is no node's.
    """
    arguments = ["build", "--no-write-json", *_places(settings, target)]
    for kind in ("unit_test", "exposure", *without):
        arguments += ["--exclude-resource-type", kind]
    arguments += ["--select", *select] if select else []
    arguments += ["--exclude", *exclude] if exclude else []
    arguments += ["--vars", json.dumps(variables)] if variables else []
    arguments += ["--full-refresh"] if full_refresh else []
    threads = threads_for(settings.warehouse_path)
    arguments += ["--threads", threads] if threads and target is None else []
    # dbt words every event for a logger, shown or not; what is worth reading is told here.
    arguments += ["--log-level", "none"]
    events: SimpleQueue[Any] = SimpleQueue()
    environment = {
        "COSTOPS_BUILD_FROM_STATE": "everything" if full_refresh else "due",
        "COSTOPS_TODAY": today.isoformat(),
        "COSTOPS_DUCKDB_THREADS": threads,
    }
    with let_go(settings.warehouse_path), _environment(environment):
        thread = Thread(target=_invoke, args=(settings, arguments, variables, events, target), daemon=True)
        thread.start()
        ended = None
        while not isinstance(ended, _End):
            ended = events.get()
            if isinstance(ended, _End):
                continue
            if ended.info.level in TOLD:
                print(f"{datetime.now(UTC):%H:%M:%S}  {ended.info.msg}")
            if result := _take(outcome, ended):
                yield result
        thread.join()
    if not ended.success and not outcome.failed:
        raise DbtError(ended.words or "dbt stopped without a word; see run.log")


def run_beside(
    settings: Settings,
    target: str,
    select: Sequence[str],
    *,
    lens: Mapping[str, Any],
    environment: Mapping[str, str],
    state: Path,
    words: Path,
) -> None:
    """Build models into the database of another output of profiles.yml; whatever is not selected is read from where the
    manifest in `state` has it.

    `lens` are variables that models read while they are rendered, and nothing that parses them: the project is parsed
    without them, once for all of their values. dbt writes the SQL into `words`. On DuckDB, no database that takes part
    may be open in this process.

    Raises:
        DbtError: with dbt's own words on every node that failed.
    """
    given, outcome, events = reporting_variables(settings), DbtOutcome(), SimpleQueue[Any]()
    arguments = ["run", "--no-write-json", *_places(settings, target), "--log-level", "none"]
    arguments += ["--target-path", str(words), "--defer", "--favor-state", "--state", str(state)]
    arguments += ["--vars", json.dumps({**given, **lens}), "--select", *select]
    with let_go(settings.warehouse_path), _environment(environment):
        _invoke(settings, arguments, given, events, target)
    while not isinstance(ended := events.get(), _End):
        _take(outcome, ended)
    if not ended.success:
        raise DbtError("\n".join(outcome.messages.values()) or ended.words or "dbt stopped without a word")


@dataclass(frozen=True)
class _End:
    success: bool
    words: str | None


def _invoke(
    settings: Settings,
    arguments: list[str],
    variables: Mapping[str, Any],
    events: SimpleQueue[Any],
    target: str | None,
) -> None:
    """Run dbt, which tells the queue what it does and at last how it ended, and is told nothing."""
    try:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        spare_dbt()
        runner = dbtRunner(manifest=parsed_project(settings, variables, target=target), callbacks=[events.put])
        try:
            result = runner.invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
        events.put(_End(result.success, str(result.exception) if result.exception else None))
    except BaseException as error:
        events.put(_End(False, f"{type(error).__name__}: {error}"))


def parsed_project(
    settings: Settings, variables: Mapping[str, Any], *, write: bool = False, target: str | None = None
) -> Any:
    """dbt's own manifest of the project, parsed once per process; on demand written to the target folder of a home.

    `target` is the output of profiles.yml it is parsed for, which nodes differ by in nothing but how they are built.

    Raises:
        DbtError: with dbt's own words.
    """
    from dbt.cli.main import dbtRunner

    stamp, written = project_stamp(settings), target_dir(settings) / "manifest.json"
    known = _parsed.get(target)
    if known and known.stamp == stamp and (not write or known.written_to(written)):
        return known.manifest
    spare_dbt()
    arguments = ["--quiet", "parse", *_places(settings, target)]
    arguments += ["--vars", json.dumps(variables)] if variables else []
    arguments += [] if write else ["--no-write-json"]
    notes = shared_notes(str(project_dir()), stamp, target or "", version("dbt-core"), variables=variables)
    with (
        reading_once(notes, _target_dir(settings, target)),
        _environment({"COSTOPS_WAREHOUSE": settings.warehouse_path.name}),
    ):
        result = dbtRunner().invoke(arguments)
    if not result.success:
        raise DbtError(f"dbt parse failed: {result.exception or 'see run.log'}")
    _parsed[target] = _Parsed(stamp, result.result, written if write else None)
    return result.result


def _target_dir(settings: Settings, target: str | None) -> Path:
    """dbt's notes on the project are of one target."""
    return target_dir(settings).with_name(f"target_{target}") if target else target_dir(settings)


def _places(settings: Settings, target: str | None) -> list[str]:
    return [
        *(["--target", target] if target else []),
        "--profile",
        PROFILE,
        "--project-dir",
        str(project_dir()),
        "--profiles-dir",
        str(project_dir()),
        "--target-path",
        str(_target_dir(settings, target)),
        "--log-path",
        str(settings.dbt_dir / "logs"),
        "--log-level-file",
        os.environ.get("DBT_LOG_LEVEL_FILE", "none"),
        "--no-use-colors",
    ]


def _take(outcome: DbtOutcome, message: Any) -> NodeResult | None:
    """Note what an event says; the result of a node where it is one."""
    name = message.info.name
    if name == "JinjaLogDebug" and message.info.msg.startswith(f"{UNCHANGED} "):
        outcome.unchanged.add(message.info.msg.split(" ", 1)[1])
    elif name in RESULTS:
        info = message.data.node_info
        node, status = info.unique_id, str(info.node_status).lower()
        outcome.statuses[node] = status
        return NodeResult(
            node,
            status,
            node in outcome.unchanged,
            message.data.execution_time,
            message.data.num_failures if name == "LogTestResult" else None,
        )
    elif name in ("RunResultError", "RunResultFailure") and message.data.node_info.unique_id:
        outcome.messages[message.data.node_info.unique_id] = str(message.info.msg or "")
    return None


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
