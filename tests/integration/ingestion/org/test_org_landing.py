"""The organisation folder is the truth for `raw_org`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.sources.org.pipeline import land

NOW = datetime(2025, 10, 30, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_env({"COSTOPS_HOME": str(tmp_path / "home")})
    found.org_dir.mkdir(parents=True)
    return found


def write(settings: Settings, **files: str) -> LandingReport:
    for name, content in files.items():
        (settings.org_dir / f"{name}.csv").write_text(content)
    return land(settings, now=NOW)


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse_path)) as db:
        return db.execute(sql).fetchall()


def test_references_are_checked_again_when_only_one_file_changes(settings: Settings) -> None:
    report = write(settings, cost_centers="cost_center_id\nrnd\n", teams="team_id,cost_center_id\na,rnd\nb,sales\n")
    assert (report.rows_by_table, report.quarantined_rows) == ({"cost_centers": 1, "teams": 1}, 1)
    [(said,)] = rows(settings, "select message from raw_org.quarantine")
    assert "teams.csv, row 2, column cost_center_id" in str(said)
    again = land(settings, now=NOW)
    assert (again.files_landed, again.files_unchanged) == (0, 2)

    report = write(settings, cost_centers="cost_center_id\nrnd\nsales\n")
    assert report.quarantined_rows == 0
    assert rows(settings, "select team_id from raw_org.teams order by 1") == [("a",), ("b",)]
    assert rows(settings, "select count(*) from raw_org.quarantine") == [(0,)]


def test_removed_rows_and_files_are_gone_with_what_refers_to_them(settings: Settings) -> None:
    write(settings, teams="team_id\na\nb\n", users="user_id,team_id\nu1,a\nu2,\n")
    (settings.org_dir / "teams.csv").unlink()
    report = write(settings, users="user_id,team_id\nu1,a\nu3,\n")
    assert any("teams.csv is gone" in note for note in map(str, report.notes))
    assert rows(settings, "select count(*) from raw_org.teams") == [(0,)]
    assert rows(settings, "select user_id from raw_org.users") == [("u3",)]
    assert rows(settings, "select path, row_count from raw_org.files") == [("users.csv", 1)]


def test_an_empty_folder_is_off_and_foreign_files_are_noted(settings: Settings) -> None:
    report = land(settings, now=NOW)
    assert not report.is_on
    assert "COSTOPS_ORG_DIR" in (report.off_reason or "")
    report = write(settings, employees="a,b\n1,2\n", teams="team_id\na\n")
    assert any("employees.csv" in note and "teams.csv" in note for note in map(str, report.notes))
