"""`costops query` reads published marts and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.text.terminal import SafeConsole

SECRET = "nobody-reads-this-file"
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "published").mkdir()
    with duckdb.connect(str(folder / "published" / "costops.duckdb")) as db:
        db.execute("create schema marts")
        db.execute("create table marts.rpt_costs as select '=1+1' as \"na\x1b[31mme\", -5 as amount, '[/red]' as team")
    with duckdb.connect(str(folder / "other.duckdb")) as db:
        db.execute(f"create table t as select '{SECRET}' as secret")
    (folder / "secret.csv").write_text(f"secret\n{SECRET}\n")
    return folder


ATTACKS = {
    "csv": "from read_csv('{home}/secret.csv')",
    "text": "select content from read_text('{home}/secret.csv')",
    "blob": "select content from read_blob('{home}/secret.csv')",
    "a file as a table": "from '{home}/secret.csv'",
    "listing": "from glob('{home}/*')",
    "sniffing": "from sniff_csv('{home}/secret.csv')",
    "by query": "from query('from read_csv(''{home}/secret.csv'')')",
    "by macro": "create temp macro m() as table from read_csv('{home}/secret.csv'); from m()",
    "another database": "attach '{home}/other.duckdb' as o; from o.t",
    "writing": "copy (select 1) to '{home}/written.csv'",
    "export": "export database '{home}/written'",
    "network": "from read_csv('http://127.0.0.1:1/x.csv')",
    "extension": "install httpfs; load httpfs",
    "an extension of a file": "load '{home}/secret.csv'",
    "access again": "set enable_external_access = true",
    "unlock": "set lock_configuration = false",
    "reset": "reset enable_external_access",
    "log": "set log_query_path = '{home}/written.log'",
    "profile": "pragma profiling_output = '{home}/written.json'",
    "spill": "set temp_directory = '{home}/written'",
    "secrets": "create secret (type s3, key_id 'a', secret 'b')",
    "python": "from settings",
    "change": "drop table rpt_costs",
    "a table of its own": "create table x as select 1",
}


@pytest.mark.parametrize("sql", ATTACKS.values(), ids=ATTACKS)
def test_a_statement_that_reaches_further_is_refused_in_words(home: Path, sql: str) -> None:
    before = sorted(path.name for path in home.iterdir())
    result = RUNNER.invoke(app, ["query", sql.format(home=home), "--home", str(home), "--format", "csv"])
    assert result.exit_code == 1
    assert SECRET not in result.output
    assert "Traceback" not in result.output
    assert "error:" in result.output
    assert sorted(path.name for path in home.iterdir()) == before


def test_what_is_refused_says_the_way_out(home: Path) -> None:
    result = RUNNER.invoke(app, ["query", ATTACKS["csv"].format(home=home), "--home", str(home)])
    assert "reads published marts and nothing else" in result.output
    assert "--unsafe" in result.output


def test_unsafe_lets_a_statement_read_a_file_and_still_change_no_mart(home: Path) -> None:
    reading = ["query", ATTACKS["csv"].format(home=home), "--home", str(home), "--format", "csv"]
    assert SECRET in RUNNER.invoke(app, [*reading, "--unsafe"]).output
    change = RUNNER.invoke(app, ["query", "drop table rpt_costs", "--home", str(home), "--unsafe"])
    assert change.exit_code == 1


def test_cells_are_text_in_a_table_and_in_csv(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = io.StringIO()
    monkeypatch.setattr("orchestration.commands.looking.console", SafeConsole(file=paper, width=100))
    assert RUNNER.invoke(app, ["query", "from rpt_costs", "--home", str(home)]).exit_code == 0
    assert [line.split() for line in paper.getvalue().splitlines()][::2] == [
        ["name", "┃", "amount", "┃", "team"],
        ["=1+1", "│", "-5", "│", "[/red]"],
    ]
    assert "\x1b" not in paper.getvalue()
    as_csv = RUNNER.invoke(app, ["query", "from rpt_costs", "--home", str(home), "--format", "csv"])
    assert as_csv.output.splitlines() == ["name,amount,team", "'=1+1,-5,[/red]"]


@pytest.mark.parametrize("sql", ["", "  ", ";"])
def test_a_query_without_a_statement_is_said(home: Path, sql: str) -> None:
    result = CliRunner().invoke(app, ["query", sql, "--home", str(home)])
    assert result.exit_code == 1
    assert "the query has no statement" in result.output
