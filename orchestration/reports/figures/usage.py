"""Models, usage and GPUs.

Put here: statements on requests, tokens and GPU hours. Keep out: budgets, owners.
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, count, share, text, usd
from orchestration.reports.figures.spend import NOW, SCOPED

FIGURES = (
    Figure(
        "model_performance",
        "What does each model cost per call and per token, and is it rising?",
        f"""
with used as (
    select provider_id, model_id,
        sum(spend_usd) filter ({NOW}) as spend_usd, sum(request_count) filter ({NOW}) as request_count,
        sum(total_tokens) filter ({NOW}) as total_tokens, sum(input_tokens) filter ({NOW}) as input_tokens,
        sum(cache_read_tokens) filter ({NOW}) as cache_read_tokens,
        sum(unpriced_tokens) filter ({NOW}) as unpriced_tokens,
        sum(spend_usd) filter (usage_date > $last - interval 7 day and usage_date <= $last) as newest_usd,
        sum(spend_usd) filter (usage_date > $last - interval 14 day and usage_date <= $last - interval 7 day)
            as week_before_usd
    from rpt_cost_daily
    where cost_kind = 'llm' and model_id is not null and {SCOPED}
        and ({NOW} or usage_date > $last - interval 14 day and usage_date <= $last)
    group by provider_id, model_id
)
select row_number() over (order by spend_usd desc nulls last, model_id) as place, model_id, provider_id,
    request_count::bigint as request_count, total_tokens / nullif(request_count, 0) as tokens_per_request,
    spend_usd / nullif(request_count, 0) as usd_per_request,
    spend_usd * 1000000 / nullif(total_tokens, 0) as usd_per_million_tokens,
    cache_read_tokens / nullif(input_tokens, 0) as cache_read_ratio, spend_usd,
    spend_usd / nullif(sum(spend_usd) over (), 0) as share_ratio,
    (newest_usd - week_before_usd) * 100 / nullif(week_before_usd, 0) as week_change_pct,
    case when coalesce(unpriced_tokens, 0) > 0 and spend_usd is null then 'no price'
        when coalesce(unpriced_tokens, 0) > 0 then 'partly priced'
        when coalesce(newest_usd, 0) = 0 then 'not used this week' else 'in use' end as status
from used
where request_count > 0 or spend_usd <> 0 or total_tokens > 0
order by place""",
        {
            "place": Shown("Rank", Unit.COUNT),
            "model_id": text("Model"),
            "provider_id": text("Provider"),
            "request_count": count("Calls"),
            "tokens_per_request": Shown("Avg tokens", Unit.COUNT),
            "usd_per_request": Shown("CPI", Unit.USD_FINE),
            "usd_per_million_tokens": Shown("Per M tokens", Unit.USD_FINE),
            "cache_read_ratio": Shown("Cached", Unit.RATIO),
            "spend_usd": usd(),
            "share_ratio": share(),
            "week_change_pct": Shown("7-day trend", Unit.PERCENT_CHANGE),
            "status": text("Status"),
        },
        "No model was used in this period.",
    ),
    Figure(
        "hour_by_weekday",
        "When is it expensive: what does an hour cost on average, by weekday?",
        """
with hours as (
    select usage_hour_utc, sum(contracted_cost_usd) as cost_usd from fct_llm_usage_hourly
    where usage_date between $first and $last and ($teams is null or team_id in $teams)
        and ($providers is null or provider_id in $providers)
    group by usage_hour_utc
)
select isodow(usage_hour_utc)::bigint as weekday, hour(usage_hour_utc)::bigint as hour_of_day,
    sum(cost_usd) / count(distinct usage_hour_utc::date) as average_usd
from hours group by all order by all""",
        {
            "weekday": Shown("Weekday", Unit.COUNT),
            "hour_of_day": Shown("Hour, UTC", Unit.COUNT),
            "average_usd": Shown("Average cost", Unit.USD),
        },
        "No usage by hour in this period.",
    ),
    Figure(
        "gpus",
        "Are the GPUs used?",
        """
select host, gpu_name, count(distinct gpu_key) as gpu_count, sum(gpu_cost_usd) as cost_usd,
    sum(used_cost_usd) as used_usd, sum(idle_cost_usd) as idle_usd, sum(no_telemetry_cost_usd) as unattributed_usd,
    sum(used_seconds) / nullif(sum(used_seconds + idle_seconds + no_telemetry_seconds), 0) as used_ratio
from rpt_gpu_utilization_daily where usage_date between $first and $last
group by host, gpu_name order by cost_usd desc nulls last, host""",
        {
            "host": text("Host"),
            "gpu_name": text("GPU"),
            "gpu_count": count("GPUs"),
            "cost_usd": usd("Cost"),
            "used_usd": usd("Used"),
            "idle_usd": usd("Idle"),
            "unattributed_usd": usd("Not known"),
            "used_ratio": Shown("Time used", Unit.RATIO),
        },
        "No GPU telemetry was landed for this period (docs/formats.md says how).",
    ),
    Figure(
        "unpriced",
        "What has usage but no price?",
        f"""
select provider_id, raw_model, meter, unpriced_reason, sum(quantity)::bigint as quantity, sum(request_count)::bigint
    as request_count, count(distinct usage_date) as day_count
from fct_unpriced_usage_daily where {NOW} and ($providers is null or provider_id in $providers)
group by all order by quantity desc nulls last, raw_model, meter""",
        {
            "provider_id": text("Provider"),
            "raw_model": text("Model as reported"),
            "meter": text("Meter"),
            "unpriced_reason": text("Why"),
            "quantity": Shown("Quantity", Unit.COUNT),
            "request_count": Shown("Requests", Unit.COUNT),
            "day_count": Shown("Days", Unit.COUNT),
        },
        "Everything that was used has a price.",
    ),
)
