"""Gauges of the published copy and rules on them, checked by Prometheus' own tool where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from orchestration.publishing.prometheus.exposition import exposition, write
from orchestration.publishing.prometheus.gauges import GAUGES
from orchestration.publishing.prometheus.rules import RULES, rules_file

TODAY = date(2026, 3, 10)
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian package prometheus)")
BUDGET = 'budget_id="b", period="month", scope_type="team", scope_id="t"'
FIRING: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "BudgetExceeded": (
        {f"llm_budget_spend{{{BUDGET}}}": "101", f"llm_budget_monthly{{{BUDGET}}}": "100"},
        {f"llm_budget_spend{{{BUDGET}}}": "100", f"llm_budget_monthly{{{BUDGET}}}": "100"},
    ),
    "BudgetWarning": (
        {f"llm_budget_spend{{{BUDGET}}}": "81", f"llm_budget_monthly{{{BUDGET}}}": "100"},
        {f"llm_budget_spend{{{BUDGET}}}": "80", f"llm_budget_monthly{{{BUDGET}}}": "100"},
    ),
    "CostSpike": (
        {"llm_cost_hour_usd": "21", "llm_cost_expected_hour_usd": "10"},
        {"llm_cost_hour_usd": "4.9", "llm_cost_expected_hour_usd": "0.1"},
    ),
    "HighCostPerRequest": ({"llm_cost_per_request_usd": "0.11"}, {"llm_cost_per_request_usd": "0.10"}),
    "LowGPUEfficiency": (
        {'gpu_utilization_percent{host="h", gpu="0"}': "20", 'gpu_utilization_percent{host="h", gpu="1"}': "30",
         'gpu_cost_mtd_usd{host="h"}': "1001"},
        {'gpu_utilization_percent{host="h", gpu="0"}': "20", 'gpu_cost_mtd_usd{host="h"}': "999"},
    ),
    "UnexpectedTenantCost": (
        {'llm_tenant_cost_day_usd{tenant_id="c"}': "31", 'llm_tenant_cost_mean_day_usd{tenant_id="c"}': "10"},
        {'llm_tenant_cost_day_usd{tenant_id="c"}': "4", 'llm_tenant_cost_mean_day_usd{tenant_id="c"}': "1"},
    ),
    "ForecastOverBudget": (
        {f"llm_budget_projected{{{BUDGET}}}": "111", f"llm_budget_monthly{{{BUDGET}}}": "100"},
        {f"llm_budget_projected{{{BUDGET}}}": "110", f"llm_budget_monthly{{{BUDGET}}}": "100"},
    ),
    "MartsStale": ({"costops_published_timestamp_seconds": "-140000"}, {"costops_published_timestamp_seconds": "0"}),
    "MartsHeldBack": ({"costops_marts_held_back": "1"}, {"costops_marts_held_back": "0"}),
}  # fmt: skip
"""By alert: what fires it, and what lies just beside it and does not."""


@pytest.fixture
def copy() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table fct_allocated_costs_daily as select * from (values
                (date '2026-03-09', 'llm', 'm"1\\n', 'c1', 'prod', 1.5::decimal(38, 12)),
                (date '2026-03-02', 'llm', null, 'c1', 'test', 7), (date '2026-03-01', 'own', null, null, null, 2),
                (date '2026-02-28', 'llm', 'm', null, null, 100), (date '2026-03-05', 'llm', 'x', null, null, null),
                (date '2026-03-09', 'own', null, 'c2', null, 0.25)
            ) as t (usage_date, cost_kind, model_id, customer_id, environment, allocated_cost_usd);
            create table fct_metered_costs_daily as select * from (values
                (date '2026-03-09', 'c1', 1.5::decimal(38, 12)), (date '2026-03-02', 'c1', 7),
                (date '2026-02-28', 'c1', 4),
                (date '2026-03-08', 'c2', 14), (date '2026-03-09', null, 3), (date '2026-03-09', 'c3', null)
            ) as t (usage_date, customer_id, cost_usd);
            create table rpt_mart_status as select 'a' as mart, 'current' as status,
                timestamp '2026-03-10 06:00' as published_at_utc;
            """
        )
        yield connection


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = exposition(connection, TODAY).decode()
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in text_string_to_metric_families(text)
    }


def test_the_month_to_date_is_what_was_spent_in_it_and_unknown_has_no_sample(copy: duckdb.DuckDBPyConnection) -> None:
    found = read(copy)
    month = [(labels, value) for labels, value in found["llm_cost_total"] if labels["period"] == "mtd"]
    assert sum(value for _, value in month) == 10.75
    assert {labels["category"] for labels, _ in month} == {"llm", "own"}
    assert not [labels for labels, _ in month if labels["model"] == "x"]
    assert found["costops_marts_held_back"] == [({}, 0.0)]
    assert "llm_budget_monthly" not in found, "a mart that is not there has no samples"


def test_a_customer_costs_its_metered_usage_whatever_a_bill_covers(copy: duckdb.DuckDBPyConnection) -> None:
    """Of the month 1.5 + 7 of usage, 14 and 0.25 of own costs that a rule carries; unknown has no sample."""
    found = {
        name: {labels["tenant_id"]: value for labels, value in samples}
        for name, samples in read(copy).items()
        if name.startswith("llm_tenant_cost")
    }
    assert found == {
        "llm_tenant_cost_mtd_usd": {"c1": 8.5, "c2": 14.25},
        "llm_tenant_cost_day_usd": {"c1": 1.5, "c2": 0.25},
        "llm_tenant_cost_mean_day_usd": {"c1": 1.0, "c2": 2.0},
    }


def test_names_of_the_field_are_there() -> None:
    asked = {
        "llm_cost_total", "llm_budget_monthly", "llm_requests_total", "gpu_utilization_percent", "gpu_instance_count",
        "llm_optimization_opportunity",
    }  # fmt: skip
    assert asked <= {gauge.name for gauge in GAUGES}


def test_rules_ask_for_gauges_that_are_there_and_each_has_a_case() -> None:
    names = {gauge.name for gauge in GAUGES}
    for rule in RULES:
        asked = set(re.findall(r"\b(?:llm|gpu|costops)_\w+", rule.expr))
        assert asked, rule.alert
        assert asked <= names, rule.alert
    assert set(FIRING) == {rule.alert for rule in RULES}


def test_a_file_takes_its_place_in_one_step(tmp_path: Path) -> None:
    write(b"a 1\n", tmp_path / "x" / "costs.prom")
    write(b"a 2\n", tmp_path / "x" / "costs.prom")
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["costs.prom"]


@needs_promtool
def test_prometheus_accepts_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rules_file())
    checked = promtool("check", "rules", str(tmp_path / "rules.yml"))
    assert f"SUCCESS: {len(RULES)} rules found" in checked.stdout


@needs_promtool
@pytest.mark.parametrize("alert", sorted(FIRING))
def test_a_rule_fires_on_what_it_is_for_and_is_silent_beside_it(tmp_path: Path, alert: str) -> None:
    (tmp_path / "rules.yml").write_text(rules_file())
    fires, is_silent = FIRING[alert]
    cases = [unit_test(fires, alert, fires=True), unit_test(is_silent, alert, fires=False)]
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "tests": cases}))
    done = promtool("test", "rules", str(tmp_path / "test.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def unit_test(series: dict[str, str], alert: str, *, fires: bool) -> dict[str, Any]:
    listed = [{"series": name, "values": f"{value}x300"} for name, value in series.items()]
    return {
        "interval": "1m",
        "input_series": listed,
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) or vector(0)',
                "eval_time": "4h",
                "exp_samples": [{"labels": "{}", "value": 1 if fires else 0}],
            }
        ],
    }


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL is not None
    return subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
