"""A published copy with a few hand-made marts, for pages of dashboards."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.config import Settings

STATEMENTS = (
    "create table dim_users (user_key varchar, user_label varchar)",
    "create table rpt_cost_by_user_monthly (month_start_date date, user_key varchar, "
    "contracted_cost_usd decimal(38, 12), request_count bigint)",
    "create table dim_teams (team_id varchar, team_name varchar)",
    "insert into dim_teams values ('a', 'Alpha'), ('b', '</script><script>alert(1)</script>')",
    "create table rpt_mart_status (mart varchar, status varchar, reason varchar, published_at_utc timestamp)",
    "insert into rpt_mart_status values ('rpt_cost_daily', 'current', null, '2026-10-20 06:00:00')",
    "create table rpt_cost_daily (usage_date date, team_id varchar, model_id varchar, cost_kind varchar, "
    "provider_id varchar, spend_usd decimal(38, 12), request_count bigint)",
    "alter table rpt_cost_daily add column total_tokens bigint",
    "alter table rpt_cost_daily add column unpriced_tokens bigint",
    # 19 October: 1.25 + 2.5 of a, an unknown amount of b; 18 October: 10 of b; a line of nobody on the 1st.
    """insert into rpt_cost_daily values
        ('2026-10-19', 'a', 'm1', 'llm', 'p', 1.250000000001, 10, 100, 0),
        ('2026-10-19', 'a', 'm2', 'llm', 'p', 2.5, 5, 50, 0),
        ('2026-10-19', 'b', '=1+1', 'llm', 'p', null, 4, 40, 40), ('2026-10-18', 'b', 'm1', 'llm', 'q', 10, 40, 400, 0),
        ('2026-10-01', null, null, 'own', null, 7, null, null, null)""",
)


def home_with(folder: Path, *more: str) -> Settings:
    """A home whose published copy has these marts."""
    settings = Settings.from_env({}, home=folder)
    settings.published_dir.mkdir(parents=True)
    with duckdb.connect(str(settings.published_database)) as connection:
        connection.execute("create schema marts")
        connection.execute("use marts")
        for statement in (*STATEMENTS, *more):
            connection.execute(statement)
    return settings


DEFINITION = """
title: Spend
filters: [team_id]
period: 2026-10
datasets:
  spend:
    mart: rpt_cost_daily
    date: usage_date
    dimensions: [team_id, model_id, cost_kind]
    measures: [spend_usd, request_count]
widgets:
  - {type: metric, title: Spend, position: {x: 0, y: 0, w: 3, h: 2}, value: sum(spend_usd)}
  - {type: bar_chart, title: By team, position: {x: 3, y: 0, w: 9, h: 4}, x: team_id, values: [{value: sum(spend_usd)}]}
"""


def own(settings: Settings, name: str, text: str = DEFINITION) -> Path:
    """A definition of the home."""
    settings.dashboards_dir.mkdir(parents=True, exist_ok=True)
    path = settings.dashboards_dir / name
    path.write_text(text)
    return path
