"""A published copy or a run history that is broken is named by `doctor` and mended by the next run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.config import Settings
from orchestration.home.mending import mend
from orchestration.home.paths import prepare_home
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.running.doctor import broken_files

GARBAGE = b"not what it was" * 1000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings.from_env({}, tmp_path / "home")
    settings.published_dir.mkdir(parents=True)
    with duckdb.connect(str(settings.published_database)) as db:
        db.execute("create schema marts")
        db.execute("create table marts.t as select 1 as n")
    return settings


def test_a_broken_published_copy_is_named_with_its_remedy_and_published_again(settings: Settings) -> None:
    assert broken_files(settings) == []
    published = settings.published_database
    published.write_bytes(GARBAGE)
    with pytest.raises(NothingPublishedError, match=r"is broken .* costops repair"):
        open_published(settings)
    assert [words.partition(":")[0] for words in broken_files(settings)] == ["published/costops.duckdb"]
    assert published.exists(), "looking changes nothing"
    said: list[str] = []
    mend(settings, said.append, was_killed=False)
    assert not published.exists()
    assert "publishes it again" in said[0]


def test_a_broken_run_history_is_set_aside_and_made_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {})
    prepare_home(settings)
    folder = str(settings.dagster_dir)
    with dg.DagsterInstance.from_config(folder) as instance:
        instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.SUCCESS)
        assert len(instance.get_runs()) == 1
        assert instance.schedule_storage is not None
    good = sorted(settings.dagster_dir.rglob("*.db"))
    assert {path.name for path in good} >= {"runs.db", "index.db", "schedules.db"}
    for path in good:
        path.write_bytes(GARBAGE)
        for log in path.parent.glob(f"{path.name}-*"):
            log.unlink()
    assert len(broken_files(settings)) == len(good)
    said: list[str] = []
    mend(settings, said.append, was_killed=False)
    assert len(said) == len(good)
    assert any("must be switched on again" in words for words in said)
    assert broken_files(settings) == []
    with dg.DagsterInstance.from_config(folder) as instance:
        assert instance.get_runs() == []
        instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.SUCCESS)
        assert len(instance.get_runs()) == 1


@dg.job
def nothing() -> None:
    pass
