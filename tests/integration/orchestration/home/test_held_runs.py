"""A run that Dagster started holds the home, heals it and keeps it; one whose process is gone is settled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.launcher import WorkerStatus
from filelock import FileLock, Timeout

from ingestion.config import Settings
from orchestration.home import held_runs
from orchestration.home.dead_runs import LAUNCHED_HERE, PROCESS_TAG, own_tags, settle_dead_runs
from orchestration.home.last_good import last_good_path
from orchestration.home.lock import hold_home, holder_path, lock_path
from orchestration.home.processes import process_mark
from orchestration.resources import Home
from orchestration.running.run_launcher import WatchedRunLauncher


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("COSTOPS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COSTOPS_WAREHOUSE", raising=False)
    (tmp_path / "home").mkdir()
    return Settings.from_env()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        yield instance


def a_mark_of_the_dead() -> str:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = process_mark(process.pid)
    process.kill()
    process.communicate()
    return mark


def run_of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRun:
    run = instance.get_run_by_id(run_id)
    assert run
    return run


@dg.op
def look(home: Home) -> dict[str, str]:
    settings = home.settings()
    with pytest.raises(Timeout), FileLock(lock_path(settings), timeout=0):
        pass
    with hold_home(settings):
        pass
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute("select * from t").fetchall()
    return {"command": json.loads(holder_path(settings).read_text())["command"]}


@dg.job
def looking() -> None:
    look()


def start(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return looking.execute_in_process(resources={"home": Home()}, instance=instance, raise_on_error=False)


def test_a_run_of_dagster_holds_the_home_heals_it_and_keeps_what_is_good(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        db.execute("create table t as select 1 as n")
    result = start(instance)
    assert result.success
    assert result.output_for_node("look")["command"] == f"Dagster's run {result.run_id.split('-')[0]} of looking"
    assert last_good_path(settings).exists()
    assert not holder_path(settings).exists()
    settings.warehouse_path.write_bytes(b"torn" * 5000)
    assert start(instance).success, "the last good copy has the table that the run reads"
    assert list((settings.home / "broken").glob("*.duckdb"))


def test_a_run_of_dagster_waits_for_the_one_that_holds_the_home_and_gives_up(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_runs, "WAIT_SECONDS", 0.3)
    with hold_home(settings):
        result = looking.execute_in_process(resources={"home": Home()}, instance=instance, raise_on_error=False)
    assert not result.success
    words = str(
        [event.event_specific_data for event in result.all_events if event.is_failure or event.is_resource_init_failure]
    )
    assert "is using" in words
    assert "since 2" in words


def test_only_runs_whose_process_is_gone_are_settled_and_give_their_place_back(instance: dg.DagsterInstance) -> None:
    instance.event_log_storage.set_concurrency_slots("warehouse", 1)
    tags = {
        "dead": {PROCESS_TAG: a_mark_of_the_dead()},
        "living": own_tags(),
        "of the command line": LAUNCHED_HERE,
        "unmarked": {},
    }
    runs = {
        name: instance.create_run_for_job(looking, tags=each, status=dg.DagsterRunStatus.STARTED).run_id
        for name, each in tags.items()
    }
    assert instance.event_log_storage.claim_concurrency_slot("warehouse", runs["dead"], "look").is_claimed
    launcher = WatchedRunLauncher()
    health = {name: launcher.check_run_worker_health(run_of(instance, run)).status for name, run in runs.items()}
    assert health == dict.fromkeys(runs, WorkerStatus.RUNNING) | {"dead": WorkerStatus.FAILED}

    assert set(settle_dead_runs(instance)) == {runs["dead"], runs["of the command line"]}
    assert run_of(instance, runs["dead"]).status == dg.DagsterRunStatus.FAILURE
    assert run_of(instance, runs["living"]).status == dg.DagsterRunStatus.STARTED
    assert instance.event_log_storage.claim_concurrency_slot("warehouse", runs["living"], "look").is_claimed
