"""What the demo scores of its figures: recommendations, alerts, forecasts, prices that its bills imply."""

from __future__ import annotations

import duckdb
import pytest

from ingestion.demo.company import GroundTruth
from tests.e2e.against_truth import one

pytestmark = pytest.mark.slow


def test_recommendations_come_with_evidence_that_runs_and_idle_gpus_first(marts: duckdb.DuckDBPyConnection) -> None:
    """The training host stands idle at night and on weekends, and costs more than all models together."""
    rows = marts.execute(
        "select strategy, incremental_saving_usd, evidence_query from rpt_recommendations order by portfolio_order"
    ).fetchall()
    assert rows[0][0] == "idle_gpus"
    assert {"idle_gpus", "spot_instances", "auto_scaling", "quantization", "multi_cloud"} <= {row[0] for row in rows}
    for _, _, query in rows:
        assert marts.execute(query).fetchall(), query
    spent = one(marts, "select sum(allocated_cost_usd) from fct_allocated_costs_daily where usage_date > "
                "(select max(usage_date) - 30 from fct_allocated_costs_daily)")[0]  # fmt: skip
    assert 0 < sum(row[1] for row in rows) < spent
    results = dict(marts.execute("select strategy, result from rpt_optimization_strategies").fetchall())
    assert "failed" not in results.values()
    assert results["semantic_caching"] != "skipped"


def test_the_planted_problems_make_one_alert_each(marts: duckdb.DuckDBPyConnection, truth: GroundTruth) -> None:
    alerts = marts.execute(
        "select rule, subject_type, subject_id from rpt_alerts where rule != 'low_gpu_efficiency'"
    ).fetchall()
    runaway = truth.facts("runaway_agent")
    crossing = truth.facts("budget_crossing")
    assert len(alerts) == 2, alerts
    subjects = {subject for _, _, subject in alerts}
    assert len(runaway) == len(crossing) == 1
    assert subjects == {runaway[0].subject_id, crossing[0].subject_id}


def test_scores_carry_model_version_and_time(marts: duckdb.DuckDBPyConnection) -> None:
    forecasts = (
        "rpt_cost_forecast",
        "rpt_cost_outlook_daily",
        "rpt_period_forecasts",
        "rpt_budget_outlook",
        "rpt_capacity_outlook",
    )
    for mart in (*forecasts, "rpt_cost_components", "rpt_forecast_models", "rpt_cost_anomalies"):
        rows, named, versioned, timed = one(
            marts, f"select count(*), count(model_name), count(model_version), count(scored_at_utc) from {mart}"
        )
        assert rows > 0
        assert rows == named == versioned == timed


def test_forecast_levels_add_up_and_no_bound_is_missing_or_crossed(marts: duckdb.DuckDBPyConnection) -> None:
    worst, missing, crossed = one(
        marts,
        """
        select
            (select max(abs(parts - total)) from (
                select forecast_date, each.scope_type, sum(each.predicted_cost_usd) as parts,
                    any_value(total.predicted_cost_usd) as total
                from rpt_cost_outlook_daily as each
                inner join (from rpt_cost_outlook_daily where scope_type = 'total') as total using (forecast_date)
                where each.scope_type in ('provider', 'model', 'team', 'project', 'cost_center')
                group by all)),
            count(*) - count(q025_cost_usd + q10_cost_usd + q90_cost_usd + q975_cost_usd),
            count(*) filter (where not q025_cost_usd <= q10_cost_usd or not q10_cost_usd <= q90_cost_usd)
        from rpt_cost_outlook_daily
        """,
    )
    assert worst < 0.000001
    assert missing == crossed == 0


def test_bills_of_the_demo_imply_the_prices_that_were_agreed(marts: duckdb.DuckDBPyConnection) -> None:
    """The sample company is billed what its lists and contracts say: nothing drifts, and every SKU was looked at."""
    drifting = marts.execute("select sku_name, reason from rpt_price_drift where is_drift").fetchall()
    assert drifting == []
    classes = dict(marts.execute("select classification, count(*) from rpt_price_drift group by all").fetchall())
    assert set(classes) <= {"matches_list", "matches_contract", "not_listed"}
    assert classes["matches_list"] > 10
    assert classes["matches_contract"] > 10
    unlisted = marts.execute("select count(*) from rpt_price_drift where model_id is null and is_current").fetchone()
    assert unlisted == (classes["not_listed"],)
    billed, shown = one(
        marts,
        "select (select count(distinct sku_id) from fct_charges where is_llm_charge and charge_category = 'Usage'), "
        "(select count(distinct sku_id) from rpt_price_drift)",
    )
    assert billed - shown == 1, "only code execution has neither a stated quantity nor a model to look usage up by"
