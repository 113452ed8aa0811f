"""The event log that stays open stores what Dagster's own stores, and whoever reads or watches it sees it at once."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core import launcher
from dagster._core.storage import event_log
from dagster._core.storage.event_log import SqliteEventLogStorage

from ingestion.config import Settings
from orchestration.home.event_storage import OpenEventLogStorage
from orchestration.home.instance import instance_config, problems_of_parts
from orchestration.home.paths import prepare_home


@dg.asset(check_specs=[dg.AssetCheckSpec("full", asset="table")])
def table() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)])


def instance_of(home: Path, *, storage: str) -> dg.DagsterInstance:
    """An instance on the databases of `home`: with the storage of this project or with Dagster's."""
    home.mkdir(exist_ok=True)
    config = instance_config(home)
    if storage == "dagster":
        kept = {key: value for key, value in yaml.safe_load(config).items() if not key.endswith("_storage")}
        config = yaml.safe_dump(kept | {"storage": {"sqlite": {"base_dir": home.as_posix()}}})
    (home / "dagster.yaml").write_text(config)
    return dg.DagsterInstance.from_config(str(home))


def run(instance: dg.DagsterInstance) -> str:
    result = dg.materialize([table], instance=instance)
    assert result.success
    return result.run_id


def events_of(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in instance.all_logs(run_id) if entry.dagster_event]


@pytest.mark.parametrize(("writer", "reader"), [("open", "dagster"), ("dagster", "open")])
def test_either_storage_reads_what_the_other_stored(tmp_path: Path, writer: str, reader: str) -> None:
    with instance_of(tmp_path, storage=writer) as writing:
        assert isinstance(writing.event_log_storage, OpenEventLogStorage) is (writer == "open")
        first = run(writing)
        with instance_of(tmp_path, storage=reader) as reading:
            second = run(writing)
            for run_id in (first, second):
                assert events_of(reading, run_id) == events_of(writing, run_id)
                assert {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"} <= set(
                    events_of(reading, run_id)
                )
            materialized = reading.get_latest_materialization_event(dg.AssetKey("table"))
            assert materialized is not None
            assert materialized.run_id == second
            third = run(reading)
        assert events_of(writing, third)


def test_what_a_run_plans_is_stored_at_once_as_dagster_stores_it(tmp_path: Path) -> None:
    stored: dict[str, list[str]] = {}
    with pytest.MonkeyPatch.context() as patch:
        batches: list[int] = []
        original = OpenEventLogStorage.store_event_batch

        def counted(self: OpenEventLogStorage, events: Any) -> None:
            batches.append(sum(each.is_dagster_event for each in events))
            original(self, events)

        patch.setattr(OpenEventLogStorage, "store_event_batch", counted)
        for storage in ("open", "dagster"):
            with instance_of(tmp_path / storage, storage=storage) as instance:
                stored[storage] = events_of(instance, run(instance))
                planned = instance.event_log_storage.get_event_records(
                    dg.EventRecordsFilter(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
                )
                assert len(planned) == 1
    assert [number for number in batches if number] == [2]  # the others are tried out on lines of no event
    assert stored["open"] == stored["dagster"]


def test_events_that_cannot_be_stored_at_once_are_stored_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    original, calls = SqliteEventLogStorage.store_event, []

    def second_fails(self: SqliteEventLogStorage, event: Any) -> None:
        calls.append(event)
        if len(calls) == 2:
            raise OSError("disk full")
        original(self, event)

    with instance_of(tmp_path, storage="open") as instance:
        monkeypatch.setattr(SqliteEventLogStorage, "store_event", second_fails)
        told = events_of(instance, run(instance))
    assert told.count("ASSET_MATERIALIZATION_PLANNED") == told.count("ASSET_CHECK_EVALUATION_PLANNED") == 1
    assert "disk full" in capfd.readouterr().err


def test_a_watcher_is_told_of_events_while_the_run_goes_on(tmp_path: Path) -> None:
    """The web interface of another process watches the file of a run; here its database stays open meanwhile."""
    with instance_of(tmp_path, storage="open") as writing, instance_of(tmp_path, storage="dagster") as watching:
        run_id, told, seen = run(writing), [], threading.Event()

        def callback(entry: dg.EventLogEntry, _cursor: str) -> None:
            told.append(entry)
            seen.set()

        watching.watch_event_logs(run_id, None, callback)
        writing.report_engine_event("still here", run_id=run_id, job_name="job")
        assert seen.wait(10)
        watching.end_watch_event_logs(run_id, callback)


def test_a_home_of_before_keeps_its_runs(tmp_path: Path) -> None:
    settings = Settings.from_env({}, home=tmp_path)
    settings.dagster_dir.mkdir(parents=True)
    with instance_of(settings.dagster_dir, storage="dagster") as before:
        run_id = run(before)
    prepare_home(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as now:
        assert isinstance(now.event_log_storage, OpenEventLogStorage)
        assert [found.run_id for found in now.get_runs()] == [run_id]
        assert events_of(now, run_id)


LOG, LAUNCHER = "event log that stays open", "launcher that knows dead runs"


@pytest.mark.parametrize(
    ("part", "owner", "name", "words"),
    [
        (LOG, SqliteEventLogStorage, "_initdb", "AttributeError: SqliteEventLogStorage has no _initdb"),
        (LOG, SqliteEventLogStorage, "path_for_shard", "AttributeError: SqliteEventLogStorage has no path_for_shard"),
        (LOG, event_log, "SqliteEventLogStorage", "ImportError: cannot import name 'SqliteEventLogStorage'"),
        (LAUNCHER, launcher, "CheckRunHealthResult", "ImportError: cannot import name 'CheckRunHealthResult'"),
    ],
)
def test_where_a_private_part_of_dagster_has_moved_its_own_is_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: str,
    owner: Any,
    name: str,
    words: str,
) -> None:
    """As in a release that no longer has it: said once, and the runs of before are still there."""
    settings = Settings.from_env({}, home=tmp_path)
    prepare_home(settings)
    assert problems_of_parts(settings.dagster_dir) == {}
    with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as before:
        run_id = run(before)
    (settings.dagster_dir / "tried.json").write_text('{"dagster": "1.0.0", "problems": {}}')
    with monkeypatch.context() as moved:
        for module in ("orchestration.home.event_storage", "orchestration.running.run_launcher"):
            moved.delitem(sys.modules, module, raising=False)
        moved.delattr(owner, name)
        for _ in range(2):
            prepare_home(settings)
    ((moved_part, problem),) = problems_of_parts(settings.dagster_dir).items()
    assert moved_part == part
    assert problem.startswith(words)
    (said,) = [record.getMessage() for record in caplog.records if "has no place any more" in record.getMessage()]
    assert words in said
    with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as now:
        assert (type(now.event_log_storage) is SqliteEventLogStorage) is (part == LOG)
        assert (type(now.run_launcher) is launcher.DefaultRunLauncher) is (part == LAUNCHER)
        assert events_of(now, run_id)
        assert events_of(now, run(now))
