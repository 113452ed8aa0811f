"""Names of clouds and teams that are none are said, with those that there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app


def test_a_cloud_that_no_rate_knows_is_an_error_with_those_there_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["commitments", "--cloud", "awz", "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "--cloud: unknown cloud 'awz'; known are aws, azure, gcp" in result.output


def test_a_key_for_a_team_that_is_none_is_made_and_said(tmp_path: Path) -> None:
    org = tmp_path / "drop" / "org"
    org.mkdir(parents=True)
    (org / "teams.csv").write_text("team_id,team_name\nsearch,Search\nads,Ads\n")
    words = ["keys", "create", "ann", "--role", "viewer", "--team", "serach", "--team", "ads", "--home", str(tmp_path)]
    result = CliRunner().invoke(app, words, env={"COSTOPS_ORG_DIR": str(org)})
    assert result.exit_code == 0
    assert "there is no team 'serach' in teams.csv (ads, search)" in result.output
    assert "'ads'" not in result.output


def test_an_empty_home_is_not_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a shell makes of `--home "$HOME_OF_COSTS"` where that is not set."""
    monkeypatch.chdir(tmp_path)
    for text in ("", " "):
        result = CliRunner().invoke(app, ["doctor", "--home", text])
        assert result.exit_code == 2
        assert "it is empty; name a folder" in result.output
    assert list(tmp_path.iterdir()) == []
