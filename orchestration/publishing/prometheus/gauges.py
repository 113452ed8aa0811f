"""Gauges: what stands in the marts, read when it is asked for.

They are amounts of a period, no counters: `increase()` over them means nothing. What is not known has no sample.

Put here: names, statements, labels. Keep out: serving (`orchestration.commands.metrics`), rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.text.terminal import stripped

LONGEST_LABEL = 120
_MONTH = "usage_date >= date_trunc('month', $today::date) and usage_date <= $today"


@dataclass(frozen=True)
class Gauge:
    """One metric: its statement gives the labels, in their order, and then the value."""

    name: str
    help: str
    labels: Sequence[str]
    sql: str


GAUGES = (
    Gauge(
        "llm_cost_total",
        "Spend in USD of the month to date (period mtd) and of the newest day that is over (period day).",
        ("period", "category", "model", "tenant_id", "environment"),
        f"""
select 'mtd', cost_kind, model_id, customer_id, environment, sum(allocated_cost_usd) from fct_allocated_costs_daily
where {_MONTH} group by all
union all
select 'day', cost_kind, model_id, customer_id, environment, sum(allocated_cost_usd) from fct_allocated_costs_daily
where usage_date = $today::date - 1 group by all""",
    ),
    Gauge(
        "llm_requests_total",
        "Requests of the month to date.",
        ("provider", "model"),
        f"select provider_id, model_id, sum(request_count) from rpt_cost_daily where {_MONTH} group by all",
    ),
    Gauge(
        "llm_tokens_mtd",
        "Tokens of the month to date.",
        ("provider", "model"),
        f"select provider_id, model_id, sum(total_tokens) from rpt_cost_daily where {_MONTH} group by all",
    ),
    Gauge(
        "llm_cost_per_request_usd",
        "LLM spend of the newest day that is over, per request.",
        (),
        """
select sum(spend_usd) / nullif(sum(request_count), 0) from rpt_cost_daily
where usage_date = $today::date - 1 and cost_kind = 'llm'""",
    ),
    Gauge(
        "llm_cost_hour_usd",
        "Metered LLM cost of the newest hour with usage, at contracted prices.",
        (),
        """
select sum(contracted_cost_usd) from fct_llm_usage_hourly
where usage_hour_utc = (select max(usage_hour_utc) from fct_llm_usage_hourly)""",
    ),
    Gauge(
        "llm_cost_expected_hour_usd",
        "Mean metered LLM cost of the same hour of the week in the four weeks before the newest hour with usage.",
        (),
        """
with newest as (select max(usage_hour_utc) as hour from fct_llm_usage_hourly)
select sum(contracted_cost_usd) / 4 from fct_llm_usage_hourly, newest
where usage_hour_utc in (
    hour - interval 7 day, hour - interval 14 day, hour - interval 21 day, hour - interval 28 day
)""",
    ),
    *(
        Gauge(
            name,
            f"{text}: its usage at contract prices, whether a bill covers it or not, and what rules carry to it.",
            ("tenant_id",),
            f"""
with theirs as (
    select usage_date, customer_id, cost_usd from fct_metered_costs_daily where customer_id is not null
    union all
    select usage_date, customer_id, allocated_cost_usd from fct_allocated_costs_daily
    where cost_kind <> 'llm' and customer_id is not null
)
select customer_id, {value} from theirs where {days} group by all""",
        )
        for name, text, value, days in (
            ("llm_tenant_cost_mtd_usd", "Cost of a customer in the month to date", "sum(cost_usd)", _MONTH),
            (
                "llm_tenant_cost_day_usd",
                "Cost of a customer on the newest day that is over",
                "sum(cost_usd)",
                "usage_date = $today::date - 1",
            ),
            (
                "llm_tenant_cost_mean_day_usd",
                "Mean cost of a customer a day in the seven days before the newest day that is over",
                "sum(cost_usd) / 7",
                "usage_date between $today::date - 8 and $today::date - 2",
            ),
        )
    ),
    *(
        Gauge(
            name,
            text,
            ("budget_id", "period", "scope_type", "scope_id"),
            f"""
select budget_id, period, scope_type, scope_id, {column} from rpt_budget_variance
where not is_period_over and period_start_date <= $today""",
        )
        for name, text, column in (
            (
                "llm_budget_monthly",
                "Amount of each budget that goes on, in USD; period says per what.",
                "amount_usd",
            ),
            ("llm_budget_spend", "Spend that counts against the budget, in USD.", "spend_usd"),
            ("llm_budget_projected", "Spend of the whole period at the rate so far, in USD.", "projected_spend_usd"),
        )
    ),
    Gauge(
        "gpu_utilization_percent",
        "Time used of the newest day that is over, in percent.",
        ("host", "gpu"),
        """
select host, gpu_id, sum(used_seconds) * 100 / nullif(sum(used_seconds + idle_seconds + no_telemetry_seconds), 0)
from rpt_gpu_utilization_daily where usage_date = $today::date - 1 group by all""",
    ),
    Gauge(
        "gpu_instance_count",
        "GPUs with telemetry on the newest day that is over.",
        ("host",),
        """
select host, count(distinct gpu_key) from rpt_gpu_utilization_daily where usage_date = $today::date - 1 group by all""",
    ),
    Gauge(
        "gpu_cost_mtd_usd",
        "Cost of GPUs in the month to date, in USD.",
        ("host",),
        f"select host, sum(gpu_cost_usd) from rpt_gpu_utilization_daily where {_MONTH} group by all",
    ),
    Gauge(
        "llm_requests_per_gpu_hour",
        "Requests that own GPUs served in an hour of one GPU, idle hours included, in the month to date.",
        ("model",),
        """
select model_id, requests_per_gpu_hour from rpt_cost_per_million_tokens
where offer = 'own_gpu' and month_start_date = date_trunc('month', $today::date)""",
    ),
    Gauge(
        "llm_optimization_opportunity",
        "What open recommendations of a strategy save a month together, in USD, each after those before it.",
        ("strategy", "effort"),
        "select strategy, effort, sum(incremental_saving_usd) from rpt_recommendations where is_open group by all",
    ),
    Gauge(
        "costops_tokens_priced_ratio",
        "Part of the tokens of the month to date that have a price.",
        (),
        f"""
select (sum(total_tokens) - sum(unpriced_tokens)) / nullif(sum(total_tokens), 0) from rpt_cost_daily where {_MONTH}""",
    ),
    Gauge(
        "costops_source_newest_timestamp_seconds",
        "End of the newest day with data, by source.",
        ("source",),
        "select source, epoch(latest_data_date + 1) from rpt_source_freshness",
    ),
    Gauge(
        "costops_published_timestamp_seconds",
        "When the marts were published.",
        (),
        "select epoch(max(published_at_utc)) from rpt_mart_status",
    ),
    Gauge(
        "costops_marts_held_back",
        "Marts that are stale because something they read is wrong.",
        (),
        "select count(*) filter (where status <> 'current') from rpt_mart_status",
    ),
)


def samples(connection: duckdb.DuckDBPyConnection, today: Any) -> Iterator[tuple[Gauge, dict[str, str], float]]:
    """Every sample of a published copy whose marts are the default schema; none of a mart that is not published."""
    for gauge in GAUGES:
        try:
            rows = connection.execute(gauge.sql, {"today": today} if "$today" in gauge.sql else None).fetchall()
        except duckdb.CatalogException:
            continue
        for *labels, value in rows:
            if value is not None:
                named = zip(gauge.labels, labels, strict=True)
                yield gauge, {name: _label(label) for name, label in named}, float(value)


def _label(value: Any) -> str:
    """A label's value; nothing where there is none."""
    return "" if value is None else stripped(str(value))[:LONGEST_LABEL]
