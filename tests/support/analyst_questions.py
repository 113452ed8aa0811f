"""Twenty questions of an analyst: the tool call that answers each, and SQL on the marts that says the same by itself.

Put here: questions, calls, SQL. `$words` in a call are found in the copy that is asked (`found`). Keep out: asking.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from string import Template
from typing import Any

import duckdb

Rows = list[tuple[Any, ...]]
PLACES = Decimal("0.000000000001")
MAKERS = ("anthropic", "cohere", "deepseek", "google", "groq", "mistral", "openai", "x-ai")


@dataclass(frozen=True)
class Asked:
    """A question. `shown`: the figures of an answer, to be those of `sql` in every digit."""

    question: str
    tool: str
    arguments: Mapping[str, Any]
    sql: str
    shown: Callable[[Mapping[str, Any]], Rows]
    worked_out: Callable[[Rows], Rows] = lambda found: found
    """What is left to do with the rows of `sql`: exact division, which it does not have."""

    def call(self, words: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The call, with what the copy says for its words."""
        return self.tool, dict(json.loads(Template(json.dumps(self.arguments)).substitute(words)))


def exact(value: Any) -> Any:
    """A figure as SQL has it: money from text, other text and numbers as they are."""
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:
        return value


def rows(*names: str) -> Callable[[Mapping[str, Any]], Rows]:
    """Columns of the rows of an answer."""
    return lambda answer: [tuple(exact(row[name]) for name in names) for row in answer["rows"]]


def breaking(answer: Mapping[str, Any]) -> Rows:
    """Budgets that are projected beyond their limit."""
    known = [each for each in answer["budgets"] if each["projected_spend"] is not None]
    over = [each for each in known if Decimal(each["projected_spend"]) > Decimal(each["limit"])]
    return [(each["name"], exact(each["projected_spend"]), exact(each["limit"])) for each in over]


LATEST = """(select * from fct_budget_status_daily qualify row_number() over (partition by budget_id order by usage_date
    desc, period_start_date desc, budget_status_key) = 1)"""
PRICES = """(select * from dim_prices_current where price_variant = 'standard' and context_over_tokens < 10000
    and context_up_to_tokens >= 10000 and valid_from_utc <= now() at time zone 'utc' and valid_to_utc > now() at time
    zone 'utc' and time_of_day_from_second = 0 and time_of_day_to_second = 86400)"""
MONTH = "between '$month_first' and '$month_last'"
DAYS30 = "between '$days30_first' and '$days30_last'"
QUESTIONS = (
    Asked(
        "What did each team spend last month?", "query_metric",
        {"name": "spend_usd", "group_by": ["team"], "time_range": "last_month"},
        f"select team_id, sum(spend_usd) from rpt_cost_daily where usage_date {MONTH} group by 1 order by 1 nulls last",
        rows("team", "spend_usd"),
    ),
    Asked(
        "Which five models cost most last month?", "query_metric",
        {"name": "llm_spend_usd", "group_by": ["model_id"], "filters": {"cost_kind": ["llm"]},
         "time_range": "last_month", "order_by": "-llm_spend_usd", "limit": 5},
        "select model_id, sum(allocated_cost_usd) from fct_allocated_costs_daily where cost_kind = 'llm' and "
        f"usage_date {MONTH} group by 1 order by 2 desc nulls last, 1 nulls last limit 5",
        rows("model_id", "llm_spend_usd"),
    ),
    Asked(
        "How has LLM spend developed month by month?", "query_metric",
        {"name": "llm_spend_usd", "group_by": ["month"], "filters": {"cost_kind": ["llm"]}, "time_range": "12m"},
        "select strftime(usage_date, '%Y-%m-01'), sum(allocated_cost_usd) from fct_allocated_costs_daily where "
        "cost_kind = 'llm' and usage_date >= '$year_first' group by 1 order by 1",
        rows("month", "llm_spend_usd"),
    ),
    Asked(
        "Why did spend jump that day, against the week before?", "explain_change",
        {"first_day": "$day", "against_first_day": "$week_before", "against_last_day": "$week_before"},
        "select sum(case when usage_date = '$day' then cost_usd else -cost_usd end) from fct_metered_costs_daily "
        "where usage_date in ('$day', '$week_before')",
        lambda answer: [(exact(answer["change"]), sum(Decimal(each["change"]) for each in answer["causes"]))],
        lambda found: [(change, change) for (change,) in found],
    ),
    Asked(
        "Which budgets will break?", "budget_status", {},
        f"""select dim_budgets.budget_name, projected_spend_usd, status.amount_usd from dim_budgets join
            {LATEST} as status using (budget_id) where is_current and projected_spend_usd > status.amount_usd
            order by dim_budgets.budget_name, budget_id""",
        breaking,
    ),
    Asked(
        "How much of a budget is left?", "budget_status", {"name": "$budget"},
        f"select remaining_usd, spend_to_date_usd from {LATEST} where budget_id = '$budget'",
        lambda answer: [(exact(answer["remaining"]), exact(answer["current_spend"]))],
    ),
    Asked(
        "What does a request cost that reads 10,000 tokens and writes 1,000?", "price",
        {"model": "gpt-4o-mini", "input_tokens": 10000, "output_tokens": 1000},
        f"""select sum(list_price_usd_per_unit * case meter when 'output' then 1000 else 10000 end) from {PRICES}
            where provider_id = 'openai' and model_id = 'gpt-4o-mini' and meter in ('uncached_input', 'output')""",
        lambda answer: [(exact(answer["total_cost"]),)],
    ),
    Asked(
        "Which models do that cheapest?", "price", {"input_tokens": 10000, "output_tokens": 1000},
        f"""select sum(list_price_usd_per_unit * case meter when 'output' then 1000 else 10000 end) from {PRICES}
            where provider_id in {MAKERS} and meter in ('uncached_input', 'output') and '$retired' not like
            '%|' || provider_id || '/' || model_id || '|%' group by provider_id, model_id
            having count(distinct meter) = 2 order by 1 limit 10""",
        lambda answer: [(exact(each["total_cost"]),) for each in answer["models"]],
    ),
    Asked(
        "What does a million tokens cost on our own GPUs, and by API?", "read_table",
        {"mart": "rpt_cost_per_million_tokens", "columns": ["offer", "model_id", "cost_usd_per_million_tokens"],
         "filters": {"month_start_date": ["$gpu_month"], "offer": ["own_gpu", "own_gpu_full", "api_contracted"]}},
        """select offer, model_id, cost_usd_per_million_tokens from rpt_cost_per_million_tokens where
            month_start_date = '$gpu_month' and offer in ('own_gpu', 'own_gpu_full', 'api_contracted') order by all""",
        rows("offer", "model_id", "cost_usd_per_million_tokens"),
    ),
    Asked(
        "Which ten users' usage costs most?", "query_spend",
        {"group_by": ["user_id"], "of": "usage", "time_range": "last_month", "limit": 10},
        "select user_id, sum(contracted_cost_usd), sum(request_count)::bigint from rpt_usage_daily "
        f"where usage_date {MONTH} group by 1 order by 2 desc nulls last, 1 nulls last limit 10",
        rows("user_id", "sum", "count"),
    ),
    Asked(
        "How much does nobody own?", "query_metric", {"name": "unallocated_spend_usd", "time_range": "30d"},
        "select sum(allocated_cost_usd) from fct_allocated_costs_daily where cost_center_id = 'unallocated' "
        f"and usage_date {DAYS30}",
        rows("unallocated_spend_usd"),
    ),
    Asked(
        "What could be saved, by which means?", "query_metric",
        {"name": "incremental_saving_usd", "group_by": ["strategy"], "filters": {"status": ["proposed"]},
         "time_range": "30d", "order_by": "-incremental_saving_usd"},
        "select strategy, sum(incremental_saving_usd) from rpt_recommendations where status = 'proposed' and "
        f"period_end_date {DAYS30} group by 1 order by 2 desc nulls last, 1",
        rows("strategy", "incremental_saving_usd"),
    ),
    Asked(
        "Where will the month end?", "read_table",
        {"mart": "rpt_month_end_forecast", "columns": ["forecast_spend_usd", "lower_spend_usd", "upper_spend_usd"],
         "filters": {"scope_type": ["total"], "cost_kind": ["llm"]}},
        "select actual_spend_usd + predicted_spend_usd, lower_spend_usd, upper_spend_usd from rpt_month_end_forecast "
        "where scope_type = 'total' and cost_kind = 'llm'",
        rows("forecast_spend_usd", "lower_spend_usd", "upper_spend_usd"),
    ),
    Asked(
        "What share of input came from a cache, by provider?", "query_metric",
        {"name": "cache_read_ratio", "group_by": ["provider"], "filters": {"cost_kind": ["llm"]}, "time_range": "30d"},
        "select provider_id, sum(cache_read_tokens)::double / nullif(sum(input_tokens), 0) from rpt_cost_daily where "
        f"cost_kind = 'llm' and usage_date {DAYS30} group by 1 order by 1 nulls last",
        rows("provider", "cache_read_ratio"),
    ),
    Asked(
        "What was unusual, and how much was it?", "read_table",
        {"mart": "rpt_cost_incidents", "columns": ["first_date", "scope_type", "scope_id", "impact_usd"],
         "order_by": "-impact_usd", "limit": 5},
        "select first_date::varchar, scope_type, scope_id, actual_cost_usd - expected_cost_usd from rpt_cost_incidents "
        "order by 4 desc nulls last, 1, 2, 3 limit 5",
        rows("first_date", "scope_type", "scope_id", "impact_usd"),
    ),
    Asked(
        "What does a request cost, by feature?", "query_spend",
        {"group_by": ["feature"], "of": "requests", "metrics": ["avg", "count"], "time_range": "last_month"},
        "select feature, sum(contracted_cost_usd), count(contracted_cost_usd), count(*) from fct_llm_requests "
        f"where usage_date {MONTH} group by 1 order by 2 desc nulls last, 1 nulls last limit 20",
        rows("feature", "avg", "count"),
        lambda found: [(name, (total / known).quantize(PLACES), count) for name, total, known, count in found],
    ),
    Asked(
        "Which GPUs stood idle that day, and what did it cost?", "read_table",
        {"mart": "rpt_gpu_utilization_daily", "columns": ["idle_cost_usd", "host", "gpu_id"],
         "filters": {"usage_date": ["$gpu_day"]}, "order_by": "-idle_cost_usd"},
        "select sum(idle_cost_usd), gpus.host, gpus.gpu_id from fct_gpu_usage_hourly join dim_gpus as gpus using "
        "(gpu_key) where usage_date = '$gpu_day' group by 2, 3 order by 1 desc nulls last, 2, 3",
        rows("idle_cost_usd", "host", "gpu_id"),
    ),
    Asked(
        "Where does the bill differ from what was metered?", "query_metric",
        {"name": "metered_to_billed_usd", "group_by": ["provider"], "time_range": "last_month"},
        "select provider_id, sum(amount_usd) from fct_reconciliation_monthly where stage = 'metered_to_billed' and "
        "month_date = '$month_first' group by 1 order by 1",
        lambda answer: [row for row in rows("provider", "metered_to_billed_usd")(answer) if row[1] is not None],
    ),
    Asked(
        "What do negotiated prices save us?", "query_metric",
        {"name": "negotiated_saving_usd", "group_by": ["provider"], "filters": {"cost_kind": ["llm"]},
         "time_range": "last_month"},
        "select provider_id, sum(list_cost_usd) - sum(contracted_cost_usd) from rpt_cost_daily where "
        f"cost_kind = 'llm' and usage_date {MONTH} group by 1 order by 1 nulls last",
        rows("provider", "negotiated_saving_usd"),
    ),
    Asked(
        "What does it all cost, people and machines included?", "query_metric",
        {"name": "tco_cost_usd", "group_by": ["cost_group"], "time_range": "last_month"},
        "select cost_group, sum(cost_usd) from fct_tco_monthly where month_start_date = '$month_first' group by 1 "
        "order by 1 nulls last",
        rows("cost_group", "tco_cost_usd"),
    ),
)  # fmt: skip


def words_of(marts: duckdb.DuckDBPyConnection, retired: set[str]) -> dict[str, str]:
    """What the calls need of a copy. `retired`: provider/model of those that are sold no more, or read too little."""

    def one(sql: str) -> Any:
        row = marts.execute(sql).fetchone()
        return row[0] if row else None

    today: date = one("select max(published_at_utc)::date from rpt_mart_status")
    month_last = today.replace(day=1) - timedelta(days=1)
    year = today.year * 12 + today.month - 12
    day: date = one(
        "select usage_date from fct_metered_costs_daily group by 1 having sum(cost_usd) is not null and usage_date > "
        "(select min(usage_date) + 7 from fct_metered_costs_daily) order by sum(cost_usd) desc limit 1"
    )
    found = {
        "month_first": month_last.replace(day=1).isoformat(), "month_last": month_last.isoformat(),
        "year_first": date(year // 12, year % 12 + 1, 1).isoformat(),
        "days30_first": (today - timedelta(days=30)).isoformat(),
        "days30_last": (today - timedelta(days=1)).isoformat(),
        "day": day.isoformat(), "week_before": (day - timedelta(days=7)).isoformat(),
        "budget": one("select budget_id from dim_budgets where is_current and scope_type = 'team' order by 1 limit 1"),
        "gpu_month": one("select max(month_start_date) from rpt_cost_per_million_tokens where offer = 'own_gpu'"),
        "gpu_day": one("select max(usage_date) - 1 from fct_gpu_usage_hourly"),
        "retired": "|" + "|".join(sorted(retired)) + "|",
    }  # fmt: skip
    return {name: str(each) for name, each in found.items()}
