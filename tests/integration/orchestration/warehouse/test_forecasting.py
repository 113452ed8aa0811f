"""The forecast on a scratch warehouse: every table filled, sums as in the facts, the same twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from ingestion.config import Settings
from orchestration.warehouse.forecasting import Forecasted, forecast_into, pictures
from orchestration.warehouse.frames import ensure_ml_tables

AS_OF, NOW = date(2026, 4, 11), datetime(2026, 4, 11, 6)  # noqa: DTZ001
FACTS = """
create schema marts; create schema intermediate;
create table marts.fct_allocated_costs_daily as
select
    date '2026-01-01' + cast(day as integer) as usage_date, cost_kind, provider, 'p' || leaf % 2 as provider_id,
    'm' || leaf as model_id, case when leaf < 3 then 't' || leaf end as team_id, 'cc' as cost_center_id,
    null::varchar as owner_project_id, 'proj' as project_id, 'Usage' as charge_category, 'usage' as spend_item_type,
    cast((10 + leaf) * (1 + day % 7) as decimal(38, 12)) as allocated_cost_usd,
    1000 * (1 + day % 7) as input_tokens, 10 as output_tokens, 5 as request_count
from range(100) as days(day), range(5) as leaves(leaf), (select 'llm' as cost_kind, 'p' as provider);
insert into marts.fct_allocated_costs_daily by name
select date '2026-01-01' + cast(day as integer) as usage_date, 'own' as cost_kind, 'tco' as spend_item_type,
    'Purchase' as charge_category, 'cc' as cost_center_id, 2.5 as allocated_cost_usd from range(100) as days(day);
create table intermediate.int_price_steps as
select 'p1' as provider_id, 'm1' as model_id, unnest([date '1900-01-01', date '2026-04-13']) as valid_from_date,
    unnest([10.0, 5.0]) as mix_cost_usd;
create table marts.fct_budget_status_daily as
select 'b' as budget_id, 'global' as scope_type, null::varchar as scope_id, 'llm' as counts, usage_date,
    'month' as period, date_trunc('month', usage_date)::date as period_start_date,
    last_day(usage_date) as period_end_date,
    20000.0 as amount_usd, sum(allocated_cost_usd) as spend_usd
from marts.fct_allocated_costs_daily where cost_kind = 'llm' group by all;
create table marts.rpt_incomplete_days (usage_date date, usual_share_pct decimal(38, 12));
create table marts.dim_budgets as select 'b' as budget_id, true as is_current;
"""


Forecast = tuple[duckdb.DuckDBPyConnection, Settings, Forecasted]


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forecast]:
    with duckdb.connect() as connection:
        connection.execute(FACTS)
        ensure_ml_tables(connection)
        assert pictures(connection, AS_OF) == {}
        settings = Settings.from_env({"COSTOPS_BUDGET_BUFFER_PCT": "10"}, tmp_path_factory.mktemp("home"))
        yield connection, settings, forecast_into(connection, settings, AS_OF, NOW)


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None


def test_every_table_is_filled_adds_up_and_is_the_same_twice(forecast: Forecast) -> None:
    facts, settings, done = forecast
    assert all(done.rows.values()), done.rows
    assert done.notes == ()
    first = {table: facts.execute(f"from ml.{table} order by all").fetchall() for table in done.rows}
    assert forecast_into(facts, settings, AS_OF, NOW).rows == done.rows
    assert {table: facts.execute(f"from ml.{table} order by all").fetchall() for table in done.rows} == first

    worst = one(
        facts,
        "select max(abs(total - parts)) from (select forecast_date, scope_type, sum(predicted_cost_usd) as parts "
        "from ml.cost_outlooks where scope_type in ('provider', 'model', 'team') group by all) "
        "join (select forecast_date, predicted_cost_usd as total from ml.cost_outlooks where series_id = 'total:all') "
        "using (forecast_date)",
    )
    assert isinstance(worst, Decimal)
    assert worst < Decimal("0.000001")
    assert one(facts, "select count(*) from ml.cost_outlooks where columns(* exclude predicted_tokens) is null") == 0
    tokens = "select count(predicted_tokens), count(*) from ml.cost_outlooks where scope_type"
    assert facts.execute(f"{tokens} <> 'cost_kind'").fetchone() == (14 * 365, 14 * 365)
    assert facts.execute(f"{tokens} = 'cost_kind'").fetchone() == (0, 365)
    assert one(facts, "select min(predicted_cost_usd) from ml.cost_outlooks where series_id = 'cost_kind:own'") == (
        Decimal("2.5")
    )
    april = facts.execute(
        "select actual_cost_usd, recommended_budget_usd / forecast_cost_usd from ml.period_forecasts "
        "where series_id = 'total:all' and period_type = 'month'"
    ).fetchone()
    assert april is not None
    assert april[0] == sum((10 + leaf) * (1 + day % 7) for leaf in range(5) for day in range(90, 100))
    assert float(april[1]) == pytest.approx(1.1)


def test_an_announced_price_cut_halves_the_forecast_from_its_day(forecast: Forecast) -> None:
    said = (
        forecast[0]
        .execute(
            "select predicted_cost_usd / (11 * (1 + (100 + horizon_days - 1) % 7)) from ml.cost_outlooks "
            "where series_id = 'model:m1' and horizon_days <= 14 order by horizon_days"
        )
        .fetchall()
    )
    assert [round(float(ratio), 2) for (ratio,) in said] == [1.0, 1.0] + [0.5] * 12


def test_the_total_is_drawn(forecast: Forecast) -> None:
    drawn = pictures(forecast[0], AS_OF)
    assert set(drawn) == {"cost_forecasts", "cost_components"}
    assert all(each.startswith("![") and "data:image/png;base64,iVBOR" in each for each in drawn.values())
    assert max(map(len, drawn.values())) < 60_000
