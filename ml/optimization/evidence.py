"""Queries that show the figures behind a recommendation, for `costops query`.

Put here: SQL over published marts, as text for people to run. They name no schema, so that they run wherever marts are
published. Keep out: running it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ml.contracts import UNOWNED_SCOPE_ID


def usage_query(*, scope_type: str, scope_id: str, provider_id: str, model_id: str, start: date, end: date) -> str:
    """SQL that returns the quantities and the cost of what a scope used of a model, by meter and price variant."""
    return (
        "select meter, price_variant, sum(quantity) as quantity, sum(contracted_cost_usd) as cost_usd"
        f" from fct_llm_usage_hourly where provider_id = {quoted(provider_id)}"
        f" and model_id = {quoted(model_id)} and {scope_filter(scope_type, scope_id)}"
        f" and is_billable and usage_date between date '{start}' and date '{end}'"
        " group by meter, price_variant order by meter, price_variant"
    )


def requests_query(
    *, scope_type: str, scope_id: str, provider_id: str, model_id: str, start: date, end: date, where: str = "true"
) -> str:
    """SQL that returns requests, tokens and cost of a class of requests, by purpose and price variant."""
    return (
        "select feature, price_variant, count(*) as requests, sum(input_tokens) as input_tokens,"
        " sum(cache_read_tokens) as cache_read_tokens, sum(output_tokens) as output_tokens,"
        " sum(contracted_cost_usd) as cost_usd"
        f" from fct_llm_requests where provider_id = {quoted(provider_id)} and model_id = {quoted(model_id)}"
        f" and {scope_filter(scope_type, scope_id)} and is_billable"
        f" and usage_date between date '{start}' and date '{end}' and {where}"
        " group by all order by cost_usd desc nulls last"
    )


def gpu_query(*, host: str, start: date, end: date, gpu_ids: Iterable[str] = ()) -> str:
    """SQL that returns hours and cost of a host's GPUs, used and idle, by GPU."""
    ids = ", ".join(quoted(each) for each in gpu_ids)
    only = f" and gpu_id in ({ids})" if ids else ""
    return (
        "select gpu_id, gpu_name, count(*) as hours, sum(case when used_seconds = 0 then 1 else 0 end) as idle_hours,"
        " sum(used_cost_usd) as used_cost_usd, sum(idle_cost_usd) as idle_cost_usd,"
        " max(avg_memory_used_mib) as memory_used_mib, avg(avg_gpu_utilization_pct) as utilization_pct"
        f" from fct_gpu_usage_hourly where host = {quoted(host)}{only}"
        f" and usage_date between date '{start}' and date '{end}' group by all order by gpu_id"
    )


def scope_filter(scope_type: str, scope_id: str) -> str:
    """Which rows are of a scope."""
    if scope_type == "project":
        return f"project_id = {quoted(scope_id)}"
    if scope_id == UNOWNED_SCOPE_ID:
        return "project_id is null and team_id is null"
    return f"project_id is null and team_id = {quoted(scope_id)}"


def quoted(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
