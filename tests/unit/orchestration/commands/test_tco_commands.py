"""`costops estimate`, `tco` and `commitments` as people call them: c07, c08, d10, d11 in the names."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.text.terminal import SafeConsole

MARTS = Path(__file__).resolve().parents[4] / "dbt_project" / "models" / "marts"
SCENARIOS = (
    "scenario_id,scenario_name,cost_group,change_pct,monthly_usd,category\n"
    "cheaper,Cheaper,llm_api,-30,,\ncheaper,Cheaper,,,15,overhead\nwrong,Wrong,nonsense,5,,\n"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COSTOPS_ORG_DIR", raising=False)
    monkeypatch.setenv("COSTOPS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[Result, str]:
    """The result, and what was printed to both consoles."""
    text = StringIO()
    for module in ("estimating", "owning", "committing"):
        monkeypatch.setattr(f"orchestration.commands.{module}.console", SafeConsole(file=text, width=80))
    monkeypatch.setattr("orchestration.commands.shared.errors", SafeConsole(file=text, width=80))
    result = CliRunner().invoke(app, list(arguments))
    return result, text.getvalue()


def record(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_c08_the_default_configuration_in_an_empty_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """4.096 × 720 × 4 × 0.4 + 80 + 45 at the rates of 2024 (C03 to C05)."""
    asked = ("--date", "2024-06-01", "--month", "720", "--discount", "0.6", "--format", "json")
    found = record(run(monkeypatch, "estimate", *asked)[0])
    assert [Decimal(line["cost_usd"]) for line in found["lines"]] == [Decimal("4718.592"), 80, 45]
    assert Decimal(found["total_usd"]) == Decimal("4843.592")


def test_c07_api_tokens_are_half_in_half_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million tokens of gpt-4-turbo: 500 thousand at 0.01 and 500 thousand at 0.03 per 1k (C06)."""
    asked = ("--gpus", "0", "--storage-gb", "0", "--egress-gb", "0", "--api-tokens", "1000000", "--format", "json")
    found = record(run(monkeypatch, "estimate", *asked)[0])
    assert [Decimal(line["cost_usd"]) for line in found["lines"]] == [5, 15]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--gpu", "b300"), "h100-80gb"),
        (("--cloud", "oracle"), "aws, azure, gcp"),
        (("--storage", "tape"), "archive"),
        (("--egress", "carrier_pigeon"), "egress_internet"),
        (("--service", "magic"), "kubernetes_cluster"),
        (("--api-model", "no-such-model-at-all", "--api-tokens", "5"), "no price list entry"),
        (("--discount", "60"), "not between 0 and 1"),
        (("--purchase", "stolen"), "on_demand, spot"),
        (("--month", "soon"), "no number"),
    ],
)
def test_c07_what_nobody_knows_is_an_error_that_names_the_known(
    monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], said: str
) -> None:
    result, text = run(monkeypatch, "estimate", *asked)
    assert result.exit_code == 2
    assert said in " ".join(text.split())
    assert "Traceback" not in text


def test_d11_a_row_of_ones_own_stands_before_the_list_and_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    org = home / "drop" / "org"
    org.mkdir(parents=True)
    (org / "infrastructure_rates.csv").write_text(
        "resource_type,sku,provider,purchase_option,rate,upfront,term_months\n"
        "gpu_hour,a100-40gb,aws,reserved_1y,1.00,8766,12\n"
    )
    asked = ("--purchase", "reserved_1y", "--gpus", "1", "--format", "json")
    line = record(run(monkeypatch, "estimate", *asked)[0])["lines"][0]
    # 1.00 + 8,766 ÷ (12 × 730.5) = 2.00 an hour × 730.5
    assert (Decimal(line["usd_per_unit"]), Decimal(line["cost_usd"])) == (2, 1461)
    assert "your infrastructure_rates.csv, row 1" in line["basis"]


def publish(home: Path) -> None:
    """A whole October of three lines in the published copy, and a scenario file."""
    (home / "published").mkdir(parents=True)
    org = home / "drop" / "org"
    org.mkdir(parents=True)
    (org / "tco_scenarios.csv").write_text(SCENARIOS)
    month = date(2026, 10, 1)
    lines = [
        ("people", "personnel", "personnel", "own", "tco", "fixed", "1000"),
        ("api", "llm_api", "llm_api", "llm", "charge", "variable", "500"),
        ("setup", "infrastructure", "gpu_compute", "infrastructure", "tco", "one_time", "100"),
    ]
    with duckdb.connect(str(home / "published" / "costops.duckdb")) as connection:
        connection.execute("create schema marts; set schema 'marts'")
        for path in (
            "tco/fct_tco_monthly", "reports/tco/rpt_tco_summary_monthly", "reports/tco/rpt_unit_economics_monthly",
            "reports/spend/rpt_project_margin_monthly", "reports/capacity/rpt_commitments_monthly",
            "reports/tco/rpt_kpis_daily", "capacity/fct_commitment_usage_hourly", "capacity/fct_gpu_usage_hourly",
        ):  # fmt: skip
            model = yaml.safe_load((MARTS / f"{path}.yml").read_text())["models"][0]
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
            connection.execute(f"create table {model['name']} ({columns})")
        for item, group, category, kind, source, component, usd in lines:
            connection.execute(
                "insert into fct_tco_monthly (month_start_date, item_id, cost_group, category, cost_kind, "
                "spend_item_type, cost_component, cost_usd, day_count, unknown_cost_item_count, ends_before_date) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, 31, 0, ?)",
                [month, item, group, category, kind, source, component, Decimal(usd),
                 date(2027, 1, 1) if component == "one_time" else None],
            )  # fmt: skip
        connection.execute("insert into rpt_tco_summary_monthly (month_start_date) values (?)", [month])
        connection.execute(
            "insert into rpt_unit_economics_monthly (month_start_date, unit, quantity, cost_per_unit_usd, revenue_usd) "
            "values (?, 'query', 40000, 0.04, 2000)",
            [month],
        )


def test_d08_d09_the_month_its_return_and_the_months_ahead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home)
    asked = ("tco", "--months", "12", "--investment", "1200", "--format", "json")
    found = record(run(monkeypatch, *asked)[0])
    assert (found["month"], found["is_whole_month"], Decimal(found["total_usd"])) == ("2026-10", True, 1600)
    paid = found["return"]
    # 400 a month earned: 3 months; 400 ÷ 1,600 a year; 1,600 ÷ (2,000 ÷ 40,000).
    assert (Decimal(paid["payback_months"]), Decimal(paid["annual_return_pct"])) == (3, 25)
    assert Decimal(paid["break_even_queries"]) == 32_000
    months = found["scenarios"][0]["months"]
    assert [Decimal(month["one_time_usd"]) for month in months[:4]] == [100, 100, 0, 0]
    assert Decimal(months[-1]["total_usd"]) == 1539


def test_d10_a_what_if_beside_the_baseline_and_a_wrong_row_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home)
    result, text = run(monkeypatch, "tco", "--scenario", "cheaper")
    words = " ".join(text.split())
    assert result.exit_code == 0
    # −150 of the API, +15 of overhead.
    assert "-135.00" in words
    assert "tco_scenarios.csv, row 3, column cost_group" in words
    unknown, said = run(monkeypatch, "tco", "--scenario", "wrong")
    assert unknown.exit_code == 2
    assert "known are cheaper" in " ".join(said.split())


def test_a_picture_is_written_and_another_ending_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home)
    assert run(monkeypatch, "tco", "--chart", "tco.svg")[0].exit_code == 0
    assert Path("tco.svg").read_text().startswith("<svg")
    assert run(monkeypatch, "tco", "--chart", "tco.bmp")[0].exit_code == 2


def test_commands_without_data_say_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("tco", "commitments"):
        result, text = run(monkeypatch, command)
        assert result.exit_code == 1
        assert "costops run" in " ".join(text.split())
    publish(home)
    result, text = run(monkeypatch, "commitments")
    assert result.exit_code == 0
    assert "No commitment is declared" in text
    wrong, text = run(monkeypatch, "tco", "--month", "2020-01")
    assert wrong.exit_code == 1
    assert "2026-10" in text
