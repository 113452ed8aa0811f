"""`costops bi`: what it writes, and what it says of a wrong tool, way or place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands import bi
from orchestration.home import dbt_project
from orchestration.text.terminal import SafeConsole

MANIFEST = {
    "nodes": {
        "model.p.rpt_cost": {
            "resource_type": "model",
            "schema": "marts",
            "alias": "rpt_cost",
            "description": 'Costs, "all" of them.',
            "config": {},
            "columns": {
                "cost_key": {"data_type": "varchar", "description": "Key."},
                "usage_date": {"data_type": "date", "description": "Day."},
                "spend_usd": {"data_type": "decimal(38, 12)", "description": "Spend;; of the row."},
            },
        },
        "model.p.dim_dates": {
            "resource_type": "model",
            "schema": "marts",
            "alias": "dim_dates",
            "description": "Days.",
            "config": {},
            "columns": {"date_day": {"data_type": "date", "description": "Day."}},
        },
    },
    "semantic_models": {
        "semantic_model.p.cost": {
            "name": "cost",
            "description": "Costs.",
            "node_relation": {"alias": "rpt_cost"},
            "entities": [{"name": "cost", "type": "primary", "expr": "cost_key"}],
            "dimensions": [
                {"name": "usage_date", "type": "time", "expr": None, "type_params": {"time_granularity": "day"}}
            ],
            "measures": [{"name": "spend", "agg": "sum", "expr": "spend_usd"}],
        }
    },
    "metrics": {
        "metric.p.spend_usd": {
            "name": "spend_usd",
            "label": "Spend",
            "description": "Spend; NULL where unknown.",
            "type": "simple",
            "filter": None,
            "type_params": {"measure": {"name": "spend"}},
        }
    },
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST))
    monkeypatch.setattr(dbt_project, "manifest_path", lambda settings: manifest)
    # As it is when nothing is captured: the console finds out where it prints at the time.
    monkeypatch.setattr(bi, "console", SafeConsole(emoji=False))
    return tmp_path / "home"


def asked(home: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["bi", *arguments, "--home", str(home)])
    return result.exit_code, " ".join(result.output.split())


def test_files_are_written_and_the_next_step_is_said(home: Path, tmp_path: Path) -> None:
    code, said = asked(home, "lookml", "--to", str(tmp_path / "out"), "--schema", "finance")
    assert code == 0, said
    assert said.startswith("4 files in ")
    assert "next: commit them to a LookML project" in said
    view = (tmp_path / "out" / "views" / "rpt_cost.view.lkml").read_text()
    assert "sql_table_name: finance.rpt_cost ;;" in view
    assert "sql: sum(${TABLE}.spend_usd) ;;" in view
    assert 'description: "Spend; ; of the row."' in view


def test_without_a_place_it_is_what_the_home_published(home: Path, tmp_path: Path) -> None:
    code, said = asked(home, "superset", "--to", str(tmp_path / "out"))
    assert code == 0, said
    database = (tmp_path / "out" / "costops" / "databases" / "costops.yaml").read_text()
    assert f"duckdb:///{home / 'published' / 'costops.duckdb'}" in database


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tableau", "--from", "postgres"], "say with --place where the database is"),
        (["tableau", "--from", "postgres", "--place", "ann:secret@db.example/costs"], "without user and password"),
        (["power-bi", "--from", "csv"], "it reads parquet or postgres or odbc"),
        (["osi", "--schema", "a; drop"], "is no plain name"),
    ],
)
def test_what_cannot_be_is_said_in_words(home: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    code, said = asked(home, arguments[0], "--to", str(tmp_path / "out"), *arguments[1:])
    assert code == 2
    assert words in said
    assert "secret" not in said
    assert not (tmp_path / "out").exists()


def test_a_metric_of_an_unknown_form_writes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = json.loads(json.dumps(MANIFEST))
    broken["semantic_models"]["semantic_model.p.cost"]["measures"][0]["expr"] = "spend_usd / 2"
    manifest = tmp_path / "broken.json"
    manifest.write_text(json.dumps(broken))
    monkeypatch.setattr(dbt_project, "manifest_path", lambda settings: manifest)
    code, said = asked(home, "osi", "--to", str(tmp_path / "out"))
    assert code == 1
    assert "'spend_usd / 2' has no translation" in said
    assert not (tmp_path / "out").exists()
