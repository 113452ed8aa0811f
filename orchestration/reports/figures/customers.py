"""Customers: what they used and what it costs, by model, feature and day.

A customer's cost is its usage of models at contract prices, whether a bill covers it or not, and what rules carry to it
of infrastructure and own costs. Bills of models are left out: they are for the same usage.

Put here: statements on customers. Keep out: revenue, margins (`ownership`).
"""

from __future__ import annotations

from orchestration.presenting.formats import Unit
from orchestration.reports.figures.model import Figure, Shown, count, share, text, usd
from orchestration.reports.figures.spend import BEFORE, NOW, SCOPED

NOBODY = "No usage names a customer; customer_id in events, or a tag, does."
ASKED_FOR = "customer_id is not null and ($customers is null or customer_id in $customers)"
SCOPE = f"{ASKED_FOR} and ({NOW} or {BEFORE}) and {SCOPED}"
THEIRS = f"""
theirs as (
    select usage_date, customer_id, model_id, feature, request_count, input_tokens, output_tokens, cost_usd,
        false as is_shared
    from fct_metered_costs_daily where {SCOPE}
    union all
    select usage_date, customer_id, null, feature, null, null, null, allocated_cost_usd, true
    from fct_allocated_costs_daily where cost_kind <> 'llm' and {SCOPE}
)"""
USED = f"""
    coalesce(sum(request_count) filter ({NOW}), 0)::bigint as request_count,
    coalesce(sum(input_tokens) filter ({NOW}), 0)::bigint as input_tokens,
    coalesce(sum(output_tokens) filter ({NOW}), 0)::bigint as output_tokens,
    case when count(*) filter ({NOW} and not is_shared) = 0 then 0
        else sum(cost_usd) filter ({NOW} and not is_shared) end as usage_usd,
    coalesce(sum(cost_usd) filter ({NOW} and is_shared), 0) as shared_usd,
    sum(cost_usd) filter ({NOW}) as spend_usd"""
_USED = {
    "request_count": count("Requests"),
    "input_tokens": count("Input tokens"),
    "output_tokens": count("Output tokens"),
}
_COSTS = {
    "usage_usd": usd("Usage", is_known_by_row=True),
    "shared_usd": usd("Shared by rules"),
    "spend_usd": usd("Together", is_known_by_row=True),
}


def _by(name: str, question: str, column: str, shown: Shown, order: str) -> Figure:
    return Figure(
        name,
        question,
        f"""
with {THEIRS.strip()}
select {column} as subject, {USED},
    spend_usd / nullif(sum(spend_usd) over (), 0) as share_ratio
from theirs where {NOW} group by 1 order by {order}""",
        {"subject": shown, **_USED, **_COSTS, "share_ratio": share()},
        NOBODY,
    )


FIGURES = (
    Figure(
        "customer_usage",
        "What did each customer use, and which part of all cost is theirs?",
        f"""
with {THEIRS.strip()},
everything as (select sum(allocated_cost_usd) as usd from fct_allocated_costs_daily where {NOW} and {SCOPED}),
gpus as (
    select workload as customer_id, sum(used_seconds) as gpu_seconds
    from fct_gpu_usage_hourly where {NOW} and workload is not null group by 1
),
used as (select customer_id, {USED} from theirs where {NOW} group by 1)
select used.customer_id as subject, request_count, input_tokens, output_tokens, gpus.gpu_seconds, usage_usd, shared_usd,
    spend_usd, spend_usd / nullif((select usd from everything), 0) as share_ratio
from used left join gpus using (customer_id)
order by spend_usd desc nulls last, subject""",
        {
            "subject": text("Customer"),
            **_USED,
            "gpu_seconds": Shown("GPU seconds", Unit.COUNT, is_additive=True, is_optional=True),
            **_COSTS,
            "share_ratio": share("Of all cost"),
        },
        NOBODY,
    ),
    _by(
        "customer_models", "Which models do customers use?", "coalesce(model_id, 'not by model')", text("Model"),
        "spend_usd desc nulls last, subject",
    ),
    _by(
        "customer_features", "Which features do customers use?", "coalesce(feature, 'no feature')", text("Feature"),
        "spend_usd desc nulls last, subject",
    ),
    _by("customer_days", "What did customers use on each day?", "usage_date", Shown("Day", Unit.DATE), "subject"),
    Figure(
        "customer_totals",
        "What does a customer cost, now and before?",
        f"""
with {THEIRS.strip()}
select sum(cost_usd) filter ({NOW}) as spend_usd,
    sum(cost_usd) filter ({BEFORE}) as before_spend_usd,
    sum(request_count) filter ({NOW})::bigint as request_count,
    sum(request_count) filter ({BEFORE})::bigint as before_request_count,
    sum(cost_usd) filter ({NOW}) / nullif(sum(request_count) filter ({NOW}), 0) as usd_per_request,
    sum(cost_usd) filter ({BEFORE}) / nullif(sum(request_count) filter ({BEFORE}), 0) as before_usd_per_request,
    count(distinct customer_id) filter ({NOW}) as customer_count,
    count(distinct customer_id) filter ({BEFORE}) as before_customer_count
from theirs""",
        {
            "spend_usd": Shown("Cost of customers", Unit.USD),
            "before_spend_usd": Shown("Before", Unit.USD),
            "request_count": Shown("Requests", Unit.COUNT),
            "before_request_count": Shown("Requests before", Unit.COUNT),
            "usd_per_request": Shown("Cost per request", Unit.USD_FINE),
            "before_usd_per_request": Shown("Cost per request before", Unit.USD_FINE),
            "customer_count": Shown("Customers", Unit.COUNT),
            "before_customer_count": Shown("Customers before", Unit.COUNT),
        },
        NOBODY,
    ),
)  # fmt: skip
