"""A home with a small published copy: a few days of costs of three teams, with figures that are not known.

Put here: rows that tests of exports, workbooks and pages can work out by hand. Keep out: checks.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

FORMULA = '=HYPERLINK("http://x.invalid","see")'
"""The name of a team and a recommendation: what a spreadsheet would evaluate."""
TABLES = (
    """create table marts.rpt_cost_daily as select md5(row_number() over ()::text) as cost_daily_key, *,
      spend_usd as billed_spend_usd from (values
      (date '2026-03-01', 'openai', 'gpt-5', 'search', 'llm', 10.5::decimal(38, 12), 100::bigint, 1000::bigint,
        0::bigint),
      (date '2026-03-01', 'anthropic', 'claude', 'ads', 'llm', 4.25, 50, 500, 0),
      (date '2026-03-02', 'openai', 'gpt-5', 'search', 'llm', 20.000000000001, 200, 2000, 0),
      (date '2026-03-02', 'openai', 'new-model', 'search', 'llm', null, 7, 70, 70),
      (date '2026-03-02', null, null, 'ads', 'infrastructure', 65.25, null, null, null),
      (date '2026-03-03', null, null, null, 'own', 5, null, null, null),
      (date '2026-04-01', 'openai', 'gpt-5', 'search', 'llm', 1000, 1, 1, 0))
      as t (usage_date, provider_id, model_id, team_id, cost_kind, spend_usd, request_count, total_tokens,
        unpriced_tokens)""",
    f"""create table marts.dim_teams as select * from (values ('search', 'Search'), ('ads', '{FORMULA}'))
      as t (team_id, team_name)""",
    """create table marts.rpt_budget_variance as select 'llm' as counts, 'month' as period, 'team' as scope_type,
      date '2026-03-01' as period_start_date, date '2026-03-31' as period_end_date, false as is_period_over, *
      from (values
      ('Ads', 'ads-lead', 'ads', 5::decimal(38, 12), 4.25::decimal(38, 12), 6::decimal(38, 12), 'warning'),
      ('Search', 'search-lead', 'search', 30, 30.500000000001, 61, 'over_budget'),
      ('Unknown', null, 'x', 10, null, null, 'unknown'))
      as t (budget_name, owner, scope_id, amount_usd, spend_usd, projected_spend_usd, status)""",
    """create table marts.rpt_cost_forecast as select true as is_latest_run, 'total' as scope_type, 'llm' as cost_kind,
      date '2026-04-02' + range::int as forecast_date, (10 + range)::decimal(38, 12) as predicted_cost_usd,
      5::decimal(38, 12) as lower_cost_usd, 20::decimal(38, 12) as upper_cost_usd,
      date '2026-04-01' as trained_through_date, 'median_of_four' as model_name from range(5)""",
    f"""create table marts.rpt_recommendations as select '{FORMULA}' as title, 'search' as owner_team_id,
      'openai' as provider_id, 'gpt-5' as current_model_id, null::varchar as suggested_model_id,
      30::decimal(38, 12) as current_cost_usd, 9::decimal(38, 12) as saving_usd, 8::decimal(38, 12) as saving_lower_usd,
      10::decimal(38, 12) as saving_upper_usd, 7.5::decimal(38, 12) as incremental_saving_usd, 'low' as effort,
      'low' as risk, 'proposed' as status, true as is_open, 1 as portfolio_order, '@why' as description""",
    """create table marts.rpt_mart_status as select mart, 'current' as status, timestamp '2026-04-01 06:00' as
      published_at_utc, null::timestamp as held_back_since_utc, null::varchar as reason, null::varchar as remedy
      from unnest(['rpt_cost_daily', 'dim_teams']) as t (mart)""",
    """create table marts.focus_cost_and_usage as select timestamp '2026-03-01' + to_months(range::int) as
      "BillingPeriodStart", timestamp '2026-03-01' + to_months(range::int) as "ChargePeriodStart",
      (range / 8)::decimal(38, 12) as "BilledCost" from range(2)""",
)


def published_home(home: Path) -> Path:
    """Lay the published copy into a home."""
    folder = home / "published"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "costops.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema marts")
        for statement in TABLES:
            connection.execute(statement)
    return home
