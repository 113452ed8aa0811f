"""The forecast on the warehouse: what is read for it, which tables it fills.

Put here: queries and writing of forecasts. Keep out: forecasting (`ml.forecasting`), Dagster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from ingestion.config import Settings
from orchestration.warehouse.frames import read_frame, replace_rows

COSTS = """
    select
        usage_date, cost_kind, provider_id, model_id, team_id, cost_center_id,
        coalesce(owner_project_id, project_id) as project_id,
        coalesce(charge_category, 'Usage') <> 'Usage' or spend_item_type = 'tco' as is_scheduled,
        cast(sum(allocated_cost_usd) as double) as cost_usd,
        cast(sum(input_tokens) + sum(output_tokens) as double) as tokens,
        cast(sum(request_count) as double) as request_count
    from marts.fct_allocated_costs_daily
    where usage_date < $as_of
    group by all
    order by all
"""
PRICE_STEPS = """
    select provider_id, model_id, valid_from_date, cast(mix_cost_usd as double) as price_index
    from intermediate.int_price_steps order by all
"""
BUDGETS = """
    select
        status.budget_id, status.scope_type, status.scope_id, status.counts, status.period, status.period_start_date,
        status.period_end_date, status.usage_date, status.amount_usd, status.spend_usd,
        coalesce(budgets.is_current, false) as is_current
    from marts.fct_budget_status_daily as status
    left join (select budget_id, bool_or(is_current) as is_current from marts.dim_budgets group by 1) as budgets
        on budgets.budget_id = status.budget_id
    order by status.budget_id, status.usage_date
"""
INCOMPLETE_DAYS = """
    select usage_date from marts.rpt_incomplete_days where usage_date < $as_of
    group by usage_date having sum(usual_share_pct) >= 5 order by usage_date
"""
"""Days that lack sources which usually bring 5 % of what is spent, or more."""
ANOMALIES = "select series_id, usage_date as ds from ml.cost_anomalies where is_anomaly order by all"


@dataclass(frozen=True)
class Forecasted:
    """What became of a run: rows by table, what a person should know of its input, what was summed by design."""

    rows: dict[str, int]
    models: str
    notes: tuple[str, ...]
    folded: tuple[str, ...]


def forecast_into(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, now: datetime) -> Forecasted:
    """Forecast from `as_of` on and write every table of it. Earlier runs' forecasts stay, outlooks are replaced."""
    from ml.forecasting import ForecastParams, forecast_spend
    from ml.forecasting.budgets import budget_rows
    from ml.forecasting.capacity import capacity_rows
    from ml.forecasting.params import MODEL_VERSIONS
    from ml.forecasting.tables import accuracy_rows, component_rows, forecast_rows, outlook_rows, period_rows

    params = ForecastParams(model=settings.forecast_model, holiday_countries=settings.holiday_countries)
    buffer_ratio = float(settings.budget_buffer_pct) / 100
    costs = read_frame(connection, COSTS, {"as_of": as_of})
    forecast = forecast_spend(
        costs,
        as_of=as_of,
        price_steps=read_frame(connection, PRICE_STEPS),
        anomalous_days=read_frame(connection, ANOMALIES),
        incomplete_days=incomplete_days(connection, as_of),
        params=params,
    )
    llm = costs[costs["cost_kind"] == "llm"]
    kept = {
        "cost_forecasts": forecast_rows(forecast, now),
        "forecast_accuracy": accuracy_rows(forecast, now),
        "period_forecasts": period_rows(forecast, now, buffer_ratio),
    }
    outlook = outlook_rows(forecast, now)
    replaced = {
        "cost_outlooks": outlook,
        "budget_outlooks": budget_rows(forecast, read_frame(connection, BUDGETS), now, buffer_ratio),
        "capacity_outlooks": capacity_rows(llm, as_of, now, params),
        "cost_components": component_rows(forecast, now),
    }
    rows = {name: replace_rows(connection, name, frame, key=("forecast_run_id",)) for name, frame in kept.items()}
    rows |= {name: replace_rows(connection, name, frame) for name, frame in replaced.items()}
    return Forecasted(rows, f"{params.model} {MODEL_VERSIONS[params.model]}", forecast.notes, forecast.folded)


def incomplete_days(connection: duckdb.DuckDBPyConnection, as_of: date) -> frozenset[date]:
    """Days before `as_of` whose data is not whole."""
    return frozenset(day for (day,) in connection.execute(INCOMPLETE_DAYS, {"as_of": as_of}).fetchall())


HISTORY = """
    select usage_date, cast(sum(allocated_cost_usd) as double) as spend_usd from marts.fct_allocated_costs_daily
    where cost_kind = 'llm' and usage_date < $as_of group by 1
"""


def pictures(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, str]:
    """By table, a Markdown picture of the total in it; none where the total is not forecast."""
    from orchestration.charts.forecast import components_spec, forecast_spec
    from orchestration.charts.rendering import markdown

    outlook = read_frame(connection, "from ml.cost_outlooks where series_id = 'total:all'")
    components = read_frame(connection, "from ml.cost_components where series_id = 'total:all'")
    if outlook.empty or components.empty:
        return {}
    history = read_frame(connection, HISTORY, {"as_of": as_of})
    return {
        "cost_forecasts": markdown(forecast_spec(history, outlook, "LLM spend"), "Spend and its forecast by day"),
        "cost_components": markdown(components_spec(components, "LLM spend"), "Trend, season and rest of daily spend"),
    }
