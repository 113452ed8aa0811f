"""A home with a small published copy of two teams, principals of every role, and keys for them.

What is of team beta says so in each of its texts and has amounts that begin with 7777: whoever may not see it must not
find either. Put here: rows that tests of the server can work out by hand. Keep out: checks.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.config import Settings
from orchestration.publishing.bi.formulas import Change, Formula, Ratio, ToDate, Total
from orchestration.publishing.bi.model import Fact, Metric, Model
from orchestration.serving.keys import KeyStore

PUBLISHED_AT = "2026-03-15 06:00"
BETA_AMOUNT = re.compile(r"(?<![\w.,])7,?777(?!\d)")


def tells_of_beta(text: str) -> bool:
    """Whether a text holds a name of team beta, or an amount of it (not digits within another number: ages, keys)."""
    return "beta" in text.lower() or BETA_AMOUNT.search(text) is not None


COSTS = """(values
    (date '2026-03-01', 'openai', 'gpt-5', 'alpha', 'alpha-project', 'u1', 'chat', 10.5::decimal(38, 12), 100, 1000,
        400, 200),
    (date '2026-03-02', 'openai', 'gpt-5', 'alpha', 'alpha-project', 'u1', 'chat', 20.000000000001, 200, 2000,
        600, 300),
    (date '2026-03-02', 'anthropic', 'claude', 'alpha', null, 'u2', 'search', 0.1, 3, 30, 0, 10),
    (date '2026-03-03', 'openai', 'new-model', 'alpha', 'alpha-project', null, null, null, 7, 70, 0, 7),
    (date '2026-03-02', 'anthropic', 'beta-model', 'beta', 'beta-project', 'beta-user', 'beta-feature',
        7777.123456789012, 50, 500, 0, 50),
    (date '2026-02-20', 'anthropic', 'beta-model', 'beta', 'beta-project', 'beta-user', 'beta-feature', 7777.5, 5, 50,
        0, 5),
    (date '2026-03-03', 'openai', 'gpt-5', null, null, null, null, 3.25, 1, 10, 0, 1))
    as t (usage_date, provider_id, model_id, team_id, project_id, user_id, feature, cost, requests, input_tokens,
        cache_read_tokens, output_tokens)"""
TABLES = (
    f"""create table marts.rpt_cost_daily as select usage_date, provider_id, model_id, team_id, project_id,
        'c' as cost_center_id, 'llm' as cost_kind, cost as spend_usd, cost as billed_spend_usd, 'billed' as cost_basis,
        requests::bigint as request_count, input_tokens::bigint as input_tokens,
        cache_read_tokens::bigint as cache_read_tokens, output_tokens::bigint as output_tokens,
        (input_tokens + output_tokens)::bigint as total_tokens, 0::bigint as unpriced_tokens from {COSTS}
      union all by name select date '2026-03-02' as usage_date, 'alpha' as team_id, 'own' as cost_kind,
        1000::decimal(38, 12) as spend_usd""",
    f"""create table marts.fct_allocated_costs_daily as select usage_date, provider_id, 'acct' as account_id, model_id,
        team_id, project_id as owner_project_id, user_id, feature, null::varchar as customer_id, 'prod' as environment,
        'key-' || coalesce(team_id, 'none') as api_key_id, 'c' as cost_center_id, 'llm' as cost_kind, 'Usage' as
        charge_category, 'billed' as cost_basis, '{{"team": "' || team_id || '", "a/b": "1"}}' as tags,
        cost as allocated_cost_usd, (cost is null)::bigint as unknown_cost_item_count,
        requests::bigint as request_count, input_tokens::bigint as input_tokens,
        output_tokens::bigint as output_tokens from {COSTS}""",
    f"""create table marts.rpt_usage_daily as select usage_date, provider_id, 'acct' as account_id, team_id, project_id,
        user_id, null::varchar as customer_id, feature, 'prod' as environment, 'key-' || coalesce(team_id, 'none') as
        api_key_id, model_id, 'canonical' as event_source, requests::bigint as request_count, input_tokens::bigint as
        input_tokens, cache_read_tokens::bigint as cache_read_tokens, output_tokens::bigint as output_tokens,
        (input_tokens + output_tokens)::bigint as total_tokens, cost as contracted_cost_usd,
        (case when cost is null then input_tokens else 0 end)::bigint as unpriced_tokens from {COSTS}""",
    f"""create table marts.fct_llm_requests as select 'req-' || coalesce(team_id, 'none') || '-' || row_number() over
        (order by usage_date, model_id, team_id) as request_key, request_key as event_id,
        usage_date + interval 10 hour as requested_at_utc, usage_date, provider_id, 'acct' as account_id, model_id,
        team_id, project_id, user_id, null::varchar as customer_id, feature, 'prod' as environment,
        's-' || coalesce(team_id, 'none') as session_id, 'k' as api_key_id, '{{"t": "' || team_id || '"}}' as tags, 'ok'
        as status, 'standard' as service_tier, 'canonical' as event_source, cost as contracted_cost_usd, cost as
        list_cost_usd, (input_tokens + output_tokens)::bigint as total_tokens, input_tokens::bigint as input_tokens,
        cache_read_tokens::bigint as cache_read_tokens, output_tokens::bigint as output_tokens, 12::bigint as
        duration_ms, null::varchar as unpriced_reason from {COSTS}""",
    f"""create table marts.fct_llm_usage_hourly as select usage_date + interval 10 hour as usage_hour_utc, usage_date,
        team_id, cost as contracted_cost_usd, requests::bigint as request_count from {COSTS}""",
    """create table marts.dim_budgets as select *, 'llm' as counts, 'USD' as currency, amount_usd as amount,
        '75;90;100' as alert_thresholds_pct, true as is_current from (values
      ('b-all', 'Everything', 'global', null, 'month', 100000::decimal(38, 12), 'cfo'),
      ('b-alpha', 'Alpha', 'team', 'alpha', 'month', 40, 'alpha-lead'),
      ('b-u1', 'User one', 'user', 'u1', 'month', 50, 'alpha-lead'),
      ('b-beta', 'Beta', 'team', 'beta', 'month', 7777.75, 'beta-lead'))
      as t (budget_id, budget_name, scope_type, scope_id, period, amount_usd, owner)""",
    """create table marts.fct_budget_status_daily as select 'k' || budget_id || usage_date as budget_status_key, *,
        date '2026-03-01' as period_start_date, date '2026-03-31' as period_end_date, 28::bigint as days_remaining,
        0::bigint as unknown_cost_item_count, amount_usd - spend_to_date_usd as remaining_usd,
        spend_to_date_usd * 2 as projected_spend_usd, 'within_budget' as status,
        (spend_to_date_usd * 100)::decimal(38, 12) as utilization_pct from (values
      ('b-all', 'global', null, date '2026-03-02', 1::decimal(38, 12), 100000::decimal(38, 12)),
      ('b-all', 'global', null, date '2026-03-03', 7810.973456789013, 100000),
      ('b-alpha', 'team', 'alpha', date '2026-03-03', 30.600000000001, 40),
      ('b-u1', 'user', 'u1', date '2026-03-03', 30.500000000001, 50),
      ('b-beta', 'team', 'beta', date '2026-03-03', 7777.123456789012, 7777.75))
      as t (budget_id, scope_type, scope_id, usage_date, spend_to_date_usd, amount_usd)""",
    """create table marts.rpt_alerts as select *, timestamp '2026-03-03 07:00' as first_seen_at_utc,
        timestamp '2026-03-03 08:00' as last_seen_at_utc, null::timestamp as resolved_at_utc, null::varchar as
        resolution, true as is_open from (values
      ('a1', 'spike', 'critical', 'team', 'alpha', 'alpha-lead', 'Alpha spends', 'more', '{"x": 1}', null::timestamp),
      ('a2', 'budget', 'warning', 'budget', 'b-alpha', 'alpha-lead', 'Budget', 'm', '{}', timestamp '2026-03-03 09:00'),
      ('a3', 'spike', 'info', 'total', 'all', null, 'All', 'm', '{}', null),
      ('a4', 'spike', 'critical', 'budget', 'b-beta', 'beta-lead', 'Beta spends', 'beta 7777', '{}', null))
      as t (alert_id, rule, severity, subject_type, subject_id, owner, title, message, evidence,
        acknowledged_at_utc)""",
    """create table marts.rpt_cost_trends as select *, 30::bigint as period_count, 0.01::decimal(38, 12) as
        trend_ratio_per_period, 'rising' as direction from (values
      ('total', 'all', 'day', 0.5::decimal(38, 12), 9::decimal(38, 12), 8::decimal(38, 12), 10::decimal(38, 12)),
      ('team', 'alpha', 'day', 0.25, 5, 4, 6), ('team', 'beta', 'day', 0.75, 7777, 7777, 7777))
      as t (scope_type, scope_id, period_type, change_ratio, next_cost_usd, next_lower_cost_usd,
        next_upper_cost_usd)""",
    """create table marts.rpt_month_end_forecast as select date '2026-03-01' as month_start_date, *, 'llm' as cost_kind
      from (values ('total', 'all', 8::decimal(38, 12), 9::decimal(38, 12), 7::decimal(38, 12), 11::decimal(38, 12)),
      ('team', 'alpha', 3, 4, 3.5, 4.5), ('team', 'beta', 7777, 7777, 7777, 7777))
      as t (scope_type, scope_id, actual_spend_usd, forecast_spend_usd, lower_spend_usd, upper_spend_usd)""",
    """create table marts.rpt_recommendations as select *, 'd' as description, '["do it"]' as actions, 1::bigint as
        priority, 'low' as risk, 'project' as scope_type, 'gpt-5' as current_model_id, 'mini' as suggested_model_id,
        date '2026-02-12' as period_start_date, date '2026-03-13' as period_end_date, 'proposed' as status,
        true as is_open, saving_usd as incremental_saving_usd, (saving_usd * 0.5)::decimal(38, 12) as saving_lower_usd,
        (saving_usd * 2)::decimal(38, 12) as saving_upper_usd from (values
      ('rec-alpha', 'caching', 'Cache prompts', 1::bigint, 'alpha-project', 'alpha', 30::decimal(38, 12), 'low'),
      ('rec-beta', 'batch', 'beta batches', 2, 'beta-project', 'beta', 7777, 'low'),
      ('rec-none', 'gpu', 'Idle GPUs', 3, 'x', null, 100, 'high'))
      as t (recommendation_id, strategy, title, portfolio_order, scope_id, owner_team_id, saving_usd, effort)""",
    """create table marts.dim_teams as select * from (values ('alpha', 'Alpha', 'c', 'alpha-lead'),
      ('beta', 'Beta', 'c', 'beta-lead')) as t (team_id, team_name, cost_center_id, owner)""",
    """create table marts.dim_projects as select * from (values
      ('alpha-project', 'Alpha project', 'alpha', 'prod', 5::decimal(38, 12)),
      ('beta-project', 'Beta project', 'beta', 'prod', 7777))
      as t (project_id, project_name, team_id, environment, monthly_revenue_usd)""",
    """create table marts.dim_users as select * from (values ('u1', 'alpha'), ('u2', 'alpha'), ('beta-user', 'beta'))
      as t (user_id, team_id)""",
    """create table marts.dim_api_keys as select * from (values ('key-alpha', 'alpha'), ('key-beta', 'beta'))
      as t (api_key_id, team_id)""",
    f"""create table marts.rpt_mart_status as select mart, 'current' as status, timestamp '{PUBLISHED_AT}' as
      published_at_utc, null::timestamp as held_back_since_utc, null::varchar as reason, null::varchar as remedy
      from unnest(['rpt_cost_daily', 'dim_teams']) as t (mart)""",
)
PRINCIPALS = """principal_id,role,teams,email,valid_from,valid_to
ann,admin,,ann@sample-company.example,,
fin,finance,,,,
lea,team_lead,alpha,,,
vic,viewer,alpha,vic@sample-company.example,,
bea,team_lead,beta,,,
old,admin,,,2020-01-01,2021-01-01
"""


@dataclass(frozen=True)
class Served:
    """A home and the keys of its principals by their names."""

    settings: Settings
    keys: dict[str, str]

    def headers(self, name: str) -> dict[str, str]:
        """What a principal sends."""
        return {"Authorization": f"Bearer {self.keys[name]}"}

    @property
    def marts(self) -> duckdb.DuckDBPyConnection:
        """The published copy, for plain SQL."""
        connection = duckdb.connect(str(self.settings.published_database), read_only=True)
        connection.execute("use marts")
        return connection


def served_home(home: Path, senders: tuple[str, ...] = ("fin", "lea")) -> Served:
    """Lay out a home and make a key for everyone."""
    publish(home)
    settings = Settings.from_env({}, home=home)
    settings.org_dir.mkdir(parents=True, exist_ok=True)
    (settings.org_dir / "principals.csv").write_text(PRINCIPALS)
    (settings.org_dir / "teams.csv").write_text("team_id,team_name\nalpha,Alpha\nbeta,Beta\n")
    (settings.org_dir / "users.csv").write_text("user_id,user_name,team_id,email\nu1,One,alpha,one@x.example\n")
    (settings.org_dir / "projects.csv").write_text("project_id,team_id\nalpha-project,alpha\nbeta-project,beta\n")
    store = KeyStore(home)
    names = [line.split(",")[0] for line in PRINCIPALS.splitlines()[1:]]
    return Served(settings, {name: store.create(name, sends=name in senders)[1] for name in names})


def publish(home: Path, *more: str) -> None:
    """Swap a copy in, as a run does; `more` are statements on its marts."""
    folder = home / "published"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".costops.duckdb.next"
    with duckdb.connect(str(fresh)) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema marts")
        for statement in (*TABLES, *more):
            connection.execute(statement)
    os.replace(fresh, folder / "costops.duckdb")


def small_model() -> Model:
    """Metrics over the small copy, as dbt's definitions would give them."""
    fact = Fact(
        "cost_daily", "rpt_cost_daily", "Spend by day", "cost_daily_key", "cost_daily", "usage_date", "day",
        {"model_id": "model_id", "cost_kind": "cost_kind"}, {"team": "team_id"}, (),
    )  # fmt: skip
    formulas: dict[str, Formula] = {
        "spend_usd": Total("sum", ("spend_usd",)),
        "request_count": Total("sum", ("request_count",)),
        "spend_usd_per_request": Ratio("spend_usd", "request_count"),
        "spend_to_date_usd": ToDate(Total("sum", ("spend_usd",)), "month"),
        "spend_change_usd": Change("spend_usd", 1, "day"),
    }
    metrics = {name: Metric(name, name, name, "cost_daily", formula) for name, formula in formulas.items()}
    return Model({}, {"cost_daily": fact}, metrics)
