"""`costops dashboard`: what it writes, says and refuses."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.shared import console
from tests.unit.orchestration.dashboards.marts import DEFINITION, home_with, own


@pytest.fixture
def home(tmp_path: Path) -> Path:
    own(home_with(tmp_path / "home"), "own.yml")
    return tmp_path / "home"


Said = Callable[..., str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """Runs the command on a home; what it printed."""

    def run(home: Path, *arguments: str, code: int = 0) -> str:
        written = io.StringIO()
        monkeypatch.setattr(console, "file", written)
        result = CliRunner().invoke(app, ["dashboard", *arguments, "--home", str(home)])
        printed = result.output + written.getvalue()
        assert result.exit_code == code, printed
        return printed

    before = os.umask(0o022)  # commands set that of the home for their whole process
    os.umask(before)
    yield run
    os.umask(before)


def test_it_writes_the_pages_and_says_where(said: Said, home: Path) -> None:
    folder = home / "published" / "dashboards"
    assert said(home).split() == [str(folder / "index.html")]
    assert said(home, "own", "--no-open").split() == [str(folder / "own.html")]
    assert (folder / "own.html").exists()
    assert "there is no dashboard 'owm'; there are:" in said(home, "owm", code=1)


def test_it_lists_what_there_is(said: Said, home: Path) -> None:
    assert "own              yours    Spend" in said(home, "list")
    rows = {row["name"]: row for row in json.loads(said(home, "list", "--format", "json"))}
    assert (rows["own"]["is_shipped"], rows["executive"]["is_shipped"]) == (False, True)


def test_check_names_each_fault_and_fails(said: Said, home: Path) -> None:
    path = own(home_with(home.parent / "other"), "bad.yml", DEFINITION.replace("rpt_cost_daily", "rpt_cost_dayly"))
    words = said(home, "check", str(path), code=1)
    assert "bad.yml: dataset spend, field mart: no mart 'rpt_cost_dayly' is published; did you mean" in words
    assert said(home, "check", str(home / "dashboards" / "own.yml")) == "1 dashboard, nothing wrong\n"


def test_a_wrong_one_is_named_when_pages_are_opened(said: Said, home: Path) -> None:
    (home / "dashboards" / "bad.yml").write_text("widgets: 3")
    assert "not shown bad.yml: field widgets" in said(home, "own")
    assert "bad.yml: field widgets" in said(home, "bad", code=1)


def test_export_import_and_new(said: Said, home: Path, tmp_path: Path) -> None:
    given = tmp_path / "dashboard_config.json"
    assert said(home, "export", "own", "--to", str(given)).split() == [str(given)]
    assert json.loads(given.read_text())["name"] == "own"
    assert "--replace" in said(home, "import", str(given), code=1)
    assert said(home, "import", str(given), "--replace").split() == [str(home / "dashboards" / "own.json")]
    assert "costops dashboard mine" in said(home, "new", "mine")
    assert "write --to FILE.html" in said(home, "export", "own", "--to", str(given), "--team", "a", code=2)
    page = str(tmp_path / "a.html")
    assert said(home, "export", "own", "--to", page, "--team", "a").split() == [page]


def test_a_home_without_a_publication_is_told_what_to_do(said: Said, tmp_path: Path) -> None:
    assert "costops run (or costops demo)" in said(tmp_path, code=1)
    assert "costops run (or costops demo)" in said(tmp_path, "check", code=1)
