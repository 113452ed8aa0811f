"""Queries that show the figures behind a recommendation, for `costops query`.

Put here: SQL over published marts, as text for people to run. They name no schema: in the published copy the file has
the name of its schema, which DuckDB then cannot tell apart. Keep out: running it.
"""

from __future__ import annotations

from datetime import date

from ml.contracts import UNOWNED_SCOPE_ID


def usage_query(*, scope_type: str, scope_id: str, provider_id: str, model_id: str, start: date, end: date) -> str:
    """SQL that returns the quantities and the cost of what a scope used of a model, by meter and price variant."""
    if scope_type == "project":
        scope = f"project_id = {_quoted(scope_id)}"
    elif scope_id == UNOWNED_SCOPE_ID:
        scope = "project_id is null and team_id is null"
    else:
        scope = f"project_id is null and team_id = {_quoted(scope_id)}"
    return (
        "select meter, price_variant, sum(quantity) as quantity, sum(contracted_cost_usd) as cost_usd"
        f" from fct_llm_usage_hourly where provider_id = {_quoted(provider_id)}"
        f" and model_id = {_quoted(model_id)} and {scope}"
        f" and is_billable and usage_date between date '{start}' and date '{end}'"
        " group by meter, price_variant order by meter, price_variant"
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
