"""Panels for Grafana: where they stand, and that PostgreSQL answers them as DuckDB does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dashboards.catalog import find
from orchestration.dashboards.grafana import SHIPPED, own_statements, to_grafana
from orchestration.dashboards.reading import read_file
from tests.support.postgres import Server, running_server

TABLES = """
create table dim_teams (team_id varchar, team_name varchar);
create table rpt_cost_daily (
    usage_date date, team_id varchar, model_id varchar, cost_kind varchar,
    spend_usd decimal(38, 12), request_count bigint
);
create table fct_metered_costs_daily (
    usage_date date, team_id varchar, model_id varchar, environment varchar,
    cost_usd decimal(38, 12), request_count bigint
);
create table fct_budget_status_daily (
    usage_date date, scope_type varchar, period varchar, utilization_pct decimal(9, 6)
);
create table rpt_gpu_utilization_daily (
    usage_date date, host varchar, used_seconds decimal(38, 12), idle_seconds decimal(38, 12)
);
create table rpt_cost_by_category_daily (
    usage_date date, category varchar, provider_id varchar, cost_usd decimal(38, 12)
);
create table rpt_month_end_forecast (scope_type varchar, forecast_spend_usd decimal(38, 12));
create table rpt_recommendations (
    is_open boolean, strategy varchar, effort varchar, incremental_saving_usd decimal(38, 12)
);
insert into rpt_cost_daily
    select date '2026-10-01' + cast(n as integer),
        case when n % 3 > 0 then 'team' || n % 3 end, 'model' || n % 11, 'llm', n * 1.5, n
    from generate_series(0, 18) as numbers (n);
insert into rpt_cost_daily values (date '2026-10-19', 'team1', 'model1', 'own', null, null);
insert into fct_metered_costs_daily
    select date '2026-10-01' + cast(n as integer), 'team1', 'model1',
        case when n % 2 = 0 then 'production' end, n * 0.25, n
    from generate_series(0, 18) as numbers (n);
insert into fct_budget_status_daily values
    ('2026-10-19', 'global', 'month', 83.5), ('2026-10-18', 'global', 'month', 80);
insert into rpt_gpu_utilization_daily values ('2026-10-18', 'a', 30, 70), ('2026-10-18', 'b', 0, 0);
insert into rpt_cost_by_category_daily values
    ('2026-10-18', 'gpu_compute', 'aws', 7), ('2026-10-18', 'gpu_compute', null, 1),
    ('2026-10-18', 'llm_api', 'openai', 2);
insert into rpt_month_end_forecast values ('total', 99.5);
insert into rpt_recommendations values
    (true, 'cache', 'low', 10), (true, 'cache', 'low', null), (false, 'cache', 'low', 5);
"""
TODAY = "date '2026-10-20'"


def panels() -> list[dict[str, Any]]:
    dashboard, faults = read_file(SHIPPED)
    assert (dashboard is not None, faults) == (True, [])
    return to_grafana(dashboard)["panels"] if dashboard else []


def asked(panel: dict[str, Any], chosen: str = "'__all'") -> str:
    """What Grafana sends: its macros and variables replaced."""
    sql = panel["targets"][0]["rawSql"]
    sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 between '2026-09-20' and '2026-10-20'", sql)
    return re.sub(r"\$\{\w+:sqlstring\}", chosen, sql).replace("current_date", TODAY)


@pytest.fixture(scope="module")
def server():
    with running_server() as running:
        yield running


def rounded(cells: list[str]) -> list[str]:
    return [f"{float(cell):.6f}" if re.fullmatch(r"-?\d+(\.\d+)?(E-?\d+)?", cell) else cell for cell in cells]


def test_postgresql_answers_every_panel_as_duckdb_does(server: Server) -> None:
    with duckdb.connect() as connection, server.client() as client:
        connection.execute(TABLES)
        said = client.ask(f"create schema grafana; set search_path = grafana; {TABLES}")
        assert [line for line in said if "ERROR" in line] == []
        for panel in panels():
            for chosen in ("'__all'", "'team1','model1','production'"):
                found = [rounded(line.split("|")) for line in client.ask(asked(panel, chosen))]
                rows = connection.execute(asked(panel, chosen)).fetchall()
                expected = [rounded(["" if cell is None else str(cell) for cell in row]) for row in rows]
                assert sorted(found) == sorted(expected), panel["title"]
                assert found or chosen != "'__all'", panel["title"]


def test_panels_stand_where_they_are_wanted() -> None:
    places = {panel["title"]: tuple(panel["gridPos"][side] for side in "xywh") for panel in panels()}
    assert places["Current Month Cost"] == (0, 0, 6, 4)
    assert places["Cost vs Budget"] == (6, 0, 6, 4)
    assert places["Daily Cost Trend"] == (12, 0, 12, 8)
    assert places["Cost by Model"] == (0, 4, 6, 6)
    assert places["Cost by Team (Top 10)"] == (6, 4, 6, 6)
    assert places["Cost per Request"] == (0, 10, 12, 6)
    assert places["GPU Cost Efficiency"] == (12, 10, 12, 6)
    assert places["Monthly Cost Forecast"] == (0, 16, 8, 4)
    assert places["Optimization Opportunities"] == (8, 16, 16, 6)
    steps = {panel["title"]: panel["fieldConfig"]["defaults"].get("thresholds") for panel in panels()}
    assert [step["value"] for step in steps["Current Month Cost"]["steps"]] == [None, 10000, 50000]
    assert [step["color"] for step in steps["Cost vs Budget"]["steps"]] == ["green", "yellow", "red"]


def test_shares_that_are_left_over_are_one() -> None:
    pie = next(panel for panel in panels() if panel["type"] == "piechart")
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        rows = dict(connection.execute(asked(pie)).fetchall())
    # Days 1 to 19 October cost 0, 1.5, … 27; models 0 to 10 take turns.
    assert len(rows) == 7
    assert sum(rows.values()) == sum(n * 1.5 for n in range(19))
    assert "others" in rows


def test_every_dashboard_can_be_written_for_grafana() -> None:
    for found in find(Path("/nowhere")):
        assert found.dashboard
        made = to_grafana(found.dashboard)
        assert len(made["panels"]) == len(found.dashboard.widgets)
        own = [name for name, dataset in found.dashboard.datasets.items() if dataset.query]
        assert own_statements(found.dashboard) == own
