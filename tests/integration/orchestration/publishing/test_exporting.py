"""`costops export`: each format holds the rows that were asked for, in whole files; wrong use is told in words."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import duckdb
import fsspec
import openpyxl
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands import exporting
from orchestration.publishing.targets import connected_targets
from orchestration.text.terminal import SafeConsole
from tests.support.cost_marts import FORMULA, published_home

Run = Callable[..., Result]
CSV = ("--format", "csv", "--to", "a.csv")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    published_home(tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        exporting, "console", SafeConsole(emoji=False, width=200)
    )  # the runner's screen, not the test's

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["export", "--home", str(tmp_path / "home"), *words])

    return run


def test_cost_records_as_csv_with_days_and_a_limit(run: Run, tmp_path: Path) -> None:
    result = run("--format", "csv", "--to", "costs.csv", "--from", "2026-03-02", "--to-date", "2026-03-31")
    assert result.exit_code == 0, result.output
    assert result.output == "4 rows in costs.csv: costs.csv\n"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "costs.csv").read_text())))
    assert sorted(row["spend_usd"] for row in rows) == ["", "20.000000000001", "5.000000000000", "65.250000000000"]
    assert run("--format", "csv", "--to", "few.csv", "--limit", "2").output.startswith("2 rows")
    assert stat.S_IMODE((tmp_path / "few.csv").stat().st_mode) == 0o600


def test_json_is_indented_with_days_as_text_and_all_digits(run: Run, tmp_path: Path) -> None:
    assert run("--format", "json", "--to", "a.json").exit_code == 0
    text = (tmp_path / "a.json").read_text()
    records = json.loads(text, parse_float=Decimal)
    assert len(records) == 7
    assert {"2026-03-01", "2026-04-01"} <= {record["usage_date"] for record in records}
    assert sum(record["spend_usd"] or 0 for record in records) == Decimal("1105.000000000001")
    assert '\n    "usage_date": "2026-03-01"' in text


def test_parquet_is_compressed_with_snappy_and_carries_no_index(run: Run, tmp_path: Path) -> None:
    assert run("--format", "parquet", "--to", "folder/").exit_code == 0
    file = pq.ParquetFile(tmp_path / "folder" / "rpt_cost_daily.parquet")
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert "__index_level_0__" not in file.schema_arrow.names
    written = {path.stem for path in (tmp_path / "folder").iterdir()}
    assert {"rpt_cost_daily", "dim_teams", "focus_cost_and_usage", "rpt_mart_status"} <= written


def test_the_screen_takes_rows_too(run: Run) -> None:
    result = run("--format", "jsonl", "--to", "-", "--mart", "dim_teams")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert lines == [{"team_id": "search", "team_name": "Search"}, {"team_id": "ads", "team_name": FORMULA}]
    assert f"'{FORMULA}".replace('"', '""') in run("--format", "csv", "--to", "-", "--mart", "dim_teams").stdout


def test_excel_is_the_workbook_or_the_marts_named(run: Run, tmp_path: Path) -> None:
    assert run("--format", "excel", "--to", "c.xlsx", "--from", "2026-03-01", "--to-date", "2026-03-31").exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "c.xlsx").sheetnames[0] == "Summary"
    assert run("--format", "excel", "--to", "m.xlsx", "--mart", "dim_teams", "--mart", "rpt_cost_daily").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames == ["dim_teams", "rpt_cost_daily"]
    assert [cell.value for cell in book["dim_teams"][3]] == ["ads", FORMULA]
    head, *rows = book["rpt_cost_daily"].iter_rows(values_only=True)
    spend = [row[head.index("spend_usd")] for row in rows]
    assert sum(1 for value in spend if value is None) == 1
    assert sum(value for value in spend if value is not None) == 1105.000000000001


def test_focus_is_a_file_or_a_folder_of_billing_months(run: Run, tmp_path: Path) -> None:
    assert run("--format", "focus", "--to", "out/").output.startswith("2 rows in out/: billing_month=2026-03/")
    months = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.parquet"))
    assert months == [f"billing_month=2026-0{n}/focus_cost_and_usage.parquet" for n in (3, 4)]
    assert run("--format", "focus", "--to", "f.csv.gz", "--from", "2026-04-01").exit_code == 0
    assert duckdb.sql("select * from read_csv('f.csv.gz', all_varchar = true)").fetchall() == [
        ("2026-04-01 00:00:00", "2026-04-01 00:00:00", "0.125000000000")
    ]


def test_tableau_gets_the_marts_named(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tableauhyperapi", reason="Tableau's engine (290 MB) is an extra: llm-cost-ops[hyper]")
    assert run("--format", "hyper", "--to", "c.hyper", "--mart", "rpt_cost_daily").exit_code == 0
    assert (tmp_path / "c.hyper").stat().st_size > 0


def test_a_store_that_fsspec_knows(run: Run) -> None:
    name = uuid4().hex
    assert run("--format", "csv", "--to", f"memory://{name}/teams.csv", "--mart", "dim_teams").exit_code == 0
    assert fsspec.filesystem("memory").cat(f"/{name}/teams.csv").startswith(b"team_id,team_name\nsearch,Search\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*CSV, "--mart", "rpt_nothing_daily"), "there is no mart rpt_nothing_daily; there are rpt_cost_daily"),
        ((*CSV, "--mart", "dim_teams", "--mart", "rpt_cost_daily"), "name a folder, a.csv/"),
        ((*CSV, "--from", "March"), "--from 'March' is not a date"),
        ((*CSV, "--from", "2026-03-02", "--to-date", "2026-03-01"), "lies after --to-date"),
        (("--format", "excel", "--to", "-"), "cannot be written to the screen"),
        (("--format", "focus", "--to", "a/", "--mart", "dim_teams"), "leave --mart out"),
        (("--format", "csv", "--to", "/proc/no/a.csv"), "--to: the folder cannot be made"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_words(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code in (1, 2)
    assert said in result.stderr


def test_a_mart_without_days_is_exported_whole_and_says_so(run: Run) -> None:
    result = run("--format", "csv", "--to", "teams.csv", "--mart", "dim_teams", "--from", "2026-03-01")
    assert "dim_teams has no days: it is exported whole" in result.stderr
    assert result.stdout.startswith("2 rows")


def test_nothing_published_is_told_in_words(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["export", "--home", str(tmp_path), "--format", "csv", "--to", str(tmp_path / "a.csv")]
    )
    assert result.exit_code == 1
    assert "nothing is published" in result.stderr


def test_the_workbook_is_published_where_a_figure_of_it_changed(tmp_path: Path) -> None:
    from orchestration.publishing.distribution import PublishedVersion

    database = published_home(tmp_path) / "published" / "costops.duckdb"
    (target,) = connected_targets({"COSTOPS_PUBLISH_EXCEL_DIR": str(tmp_path / "share")})
    version = PublishedVersion(database, database.parent, {"rpt_cost_daily": "1", "focus_cost_and_usage": "1"})
    target.publish(["focus_cost_and_usage"], [], version)
    assert not (tmp_path / "share").exists()
    target.publish(["rpt_cost_daily"], [], version)
    assert openpyxl.load_workbook(tmp_path / "share" / "costs.xlsx").sheetnames[-1] == "Notes"
