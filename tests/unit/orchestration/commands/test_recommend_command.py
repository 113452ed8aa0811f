"""`costops recommend` as people call it, on a published copy with two recommendations."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.text.terminal import SafeConsole

SCORES = Path(__file__).resolve().parents[4] / "dbt_project" / "models" / "marts" / "reports" / "scores"
FIRST, SECOND = "aaaaaa11" + "0" * 24, "bbbbbb22" + "0" * 24


def table(connection: duckdb.DuckDBPyConnection, name: str, *rows: dict) -> None:
    model = yaml.safe_load((SCORES / f"{name}.yml").read_text())["models"][0]
    columns = {column["name"]: column["data_type"] for column in model["columns"]}
    connection.execute(f"create table {name} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values()))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COSTOPS_ORG_DIR", raising=False)
    monkeypatch.setenv("COSTOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What is printed."""
    printed = StringIO()
    monkeypatch.setattr("orchestration.commands.recommending.console", SafeConsole(file=printed, width=160))
    return printed


@pytest.fixture
def published(home: Path) -> Path:
    (home / "published").mkdir(parents=True)
    with duckdb.connect(home / "published" / "costops.duckdb") as connection:
        connection.execute("create schema marts; use marts")
        common = {
            "strategy": "idle_gpus", "description": "All are paid for.", "actions": '["Stop it"]', "effort": "low",
            "risk": "low", "priority": 1, "status": "proposed", "is_open": True, "current_cost_usd": Decimal(400),
            "saving_lower_usd": Decimal(250), "saving_upper_usd": Decimal(350), "evidence": '{"hours": 700}',
            "evidence_query": "select 1 as one",
        }  # fmt: skip
        table(
            connection,
            "rpt_recommendations",
            common | {"recommendation_id": SECOND, "title": "Second", "portfolio_order": 2, "saving_usd": Decimal(100),
                      "incremental_saving_usd": Decimal(50)},
            common | {"recommendation_id": FIRST, "title": "First", "portfolio_order": 1, "saving_usd": Decimal(300),
                      "incremental_saving_usd": Decimal(300)},
        )  # fmt: skip
        table(
            connection,
            "rpt_optimization_strategies",
            {"strategy": "semantic_caching", "version": "1", "result": "skipped", "reason": "no prompts"},
        )
        table(
            connection,
            "rpt_verified_savings",
            {"recommendation_id": "c" * 32, "title": "Third", "status": "below_noise", "reason": "between -1 and 2",
             "realised_saving_usd": Decimal("0.5"), "realised_lower_usd": Decimal(-1),
             "realised_upper_usd": Decimal(2)},
        )  # fmt: skip
    return home


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["recommend", *arguments])


def actions(home: Path) -> list[dict[str, str]]:
    with (home / "drop" / "org" / "recommendation_actions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_is_in_the_order_in_which_it_pays(published: Path, told: StringIO):
    assert run("list").exit_code == 0
    output = told.getvalue()
    assert output.index("First") < output.index("Second")
    assert "350.00 in all" in output
    assert "semantic_caching: no prompts" in output
    record = json.loads(run("list", "--format", "json").output)
    assert [row["title"] for row in record["recommendations"]] == ["First", "Second"]


def test_one_is_shown_with_its_return(published: Path, told: StringIO):
    """300 USD in 30 days, 500 USD and 5 days of work: see the unit test of the return."""
    assert run("show", "aaaaaa", "--cost", "500", "--days", "5").exit_code == 0
    assert "pays after 1.81 months, 620.5 % in the first year" in told.getvalue()
    assert 'costops query "select 1 as one"' in told.getvalue()


def test_what_is_done_is_a_row_of_the_organisation(published: Path):
    assert run("accept", "aaaaaa", "--on", "2026-03-01", "--note", "a, b").exit_code == 0
    assert run("implement", FIRST, "--on", "2026-03-05", "--cost", "200", "--days", "2").exit_code == 0
    first, second = actions(published)
    assert (first["recommendation_id"], first["action"], first["valid_from"], first["note"]) == (
        FIRST, "accept", "2026-03-01", "a, b",
    )  # fmt: skip
    assert (second["action"], second["implementation_cost_usd"], second["implementation_days"]) == (
        "implement",
        "200",
        "2",
    )
    assert run("reject", "cccccc").exit_code == 0, "what is no longer recommended can still be spoken of"


def test_columns_in_another_order_and_other_columns_stay(published: Path):
    path = published / "drop" / "org" / "recommendation_actions.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes("Action;Recommendation ID;valid_from;note\r\naccept;x;2026-01-01;ä".encode())
    header = path.read_bytes().splitlines()[0].replace(b"Recommendation ID", b"recommendation_id")
    path.write_bytes(header + b"\r\naccept;x;2026-01-01;\xc3\xa4")
    assert run("dismiss", "bbbbbb", "--on", "2026-02-02").exit_code == 0
    assert path.read_bytes().decode().splitlines() == [
        "Action;recommendation_id;valid_from;note",
        "accept;x;2026-01-01;ä",
        f"dismiss;{SECOND};2026-02-02;",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "aaa"), "at least 6 characters"),
        (("show", "dddddd"), "no recommendation begins with 'dddddd'"),
        (("accept", "aaaaaa", "--on", "soon"), "is not a date"),
        (("implement", "aaaaaa", "--cost", "much"), "is no number"),
    ],
)
def test_wrong_use_is_said(published: Path, arguments: tuple[str, ...], words: str):
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_what_was_done_and_what_it_brought(published: Path, told: StringIO):
    assert run("verified").exit_code == 0
    assert "below noise" in told.getvalue()
    assert "-1.00 to 2.00" in told.getvalue()


def test_without_a_run_it_says_so():
    result = run("list")
    assert result.exit_code == 1
    assert "nothing is published" in result.output


def test_a_header_that_lacks_a_column_is_said(published: Path):
    path = published / "drop" / "org" / "recommendation_actions.csv"
    path.parent.mkdir(parents=True)
    path.write_text("recommendation_id,action\n")
    result = run("accept", "aaaaaa")
    assert result.exit_code == 1
    assert "has no column valid_from; add it to the header" in result.output
    assert path.read_text() == "recommendation_id,action\n"
