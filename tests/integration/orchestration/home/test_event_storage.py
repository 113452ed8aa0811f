"""The event log that stays open stores what Dagster's own stores, and whoever reads or watches it sees it at once."""

from __future__ import annotations

import threading
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingestion.config import Settings
from orchestration.home.event_storage import OpenEventLogStorage
from orchestration.home.paths import DAGSTER_INSTANCE, prepare_home


@dg.asset(check_specs=[dg.AssetCheckSpec("full", asset="table")])
def table() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)])


def instance_of(home: Path, *, storage: str) -> dg.DagsterInstance:
    """An instance on the databases of `home`: with the storage of this project or with Dagster's."""
    home.mkdir(exist_ok=True)
    config = DAGSTER_INSTANCE.format(base_dir=home.as_posix())
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
