"""Scores as assets of schema `ml`: read the facts, call a pure function, write the frame.

Put here: reading and writing. Keep out: models (`ml`), slicing of facts (`dbt_project`, `ml.series`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from ml.optimization import strategies
from orchestration.defs.holding import skipped
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.planning import step_is_done
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import ensure_ml_tables, read_frame, replace_rows, scoring_date
from orchestration.warehouse.kept import FORECASTS, keep
from orchestration.warehouse.recommending import drop_retired, recommend

if TYPE_CHECKING:
    import pandas as pd

OWNERS = ["team:finops"]
GROUP = "scoring"


def _result(rows: int, frame: "pd.DataFrame", **extra: Any) -> dict[str, Any]:
    versions = sorted({f"{n} {v}" for n, v in frame[["model_name", "model_version"]].itertuples(index=False)})
    return {"rows": rows, "models": ", ".join(versions) or "none", **extra}


def _spec(step: str, table: str, description: str, kinds: set[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey(["ml", table]),
        description=description,
        group_name=GROUP,
        owners=OWNERS,
        kinds=kinds,
        deps=[dg.AssetKey(read.split(".")) for read in STEPS[step].reads],
    )


def _series_by_kind(costs: "pd.DataFrame") -> "list[pd.DataFrame]":
    """LLM spend in total, by provider and team; infrastructure and own costs by kind, apart.

    What is steady by contract must not narrow the intervals of what is not.
    """
    from ml.series import slice_daily_costs

    is_llm = costs["cost_kind"] == "llm"
    return [
        frame
        for frame in (slice_daily_costs(costs[is_llm]), slice_daily_costs(costs[~is_llm], scope_types=("cost_kind",)))
        if not frame.empty
    ] or [slice_daily_costs(costs)]


@dg.multi_asset(
    name="forecast_costs",
    specs=[
        _spec(
            "forecast_costs",
            "cost_forecasts",
            "Thirty days of LLM spend per provider and team, and of each other kind of money, the best marked.",
            {"prophet", "pandas", "duckdb"},
        ),
        _spec(
            "forecast_costs",
            "forecast_accuracy",
            "Backtest errors of every forecast model per series, and why one was selected.",
            {"prophet", "pandas", "duckdb"},
        ),
    ],
    pool=WAREHOUSE_POOL,
)
def forecast_costs(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Forecast daily spend."""
    import pandas as pd

    from ml.forecasting import forecast_costs as forecast

    if metadata := skipped(context, home, "forecast_costs"):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        return
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        costs = read_frame(
            connection,
            "select usage_date, provider_id, team_id, cost_kind, sum(allocated_cost_usd) as cost_usd "
            "from marts.fct_allocated_costs_daily group by all order by all",
        )
        context.log.info(f"forecasting from {as_of}")
        flagged = read_frame(connection, "select series_id, usage_date as ds from ml.cost_anomalies where is_anomaly")
        results = [
            forecast(series, as_of=as_of, scored_at_utc=now, anomalous_days=flagged)
            for series in _series_by_kind(costs)
        ]
        predicted = pd.concat([each.forecasts for each in results], ignore_index=True)
        errors = pd.concat([each.accuracy for each in results], ignore_index=True)
        forecasts = replace_rows(connection, "cost_forecasts", predicted, key=("forecast_run_id",))
        accuracy = replace_rows(connection, "forecast_accuracy", errors, key=("forecast_run_id",))
        keep(connection, home.settings(), *FORECASTS)
        step_is_done(connection, "forecast_costs", now)
    yield dg.MaterializeResult(
        asset_key=dg.AssetKey(["ml", "cost_forecasts"]),
        metadata=_result(forecasts, predicted, as_of=str(as_of)),
    )
    yield dg.MaterializeResult(
        asset_key=dg.AssetKey(["ml", "forecast_accuracy"]),
        metadata=_result(accuracy, errors, as_of=str(as_of)),
    )


@dg.multi_asset(
    name="detect_anomalies",
    specs=[
        _spec(
            "detect_anomalies",
            "cost_anomalies",
            "Every scored day of every slice of metered and billed spend, judged by what was known before it.",
            {"scikitlearn", "pandas", "duckdb"},
        ),
        _spec(
            "detect_anomalies",
            "cost_incidents",
            "Flagged days joined by cause: kind, slice, drivers that sum to the change, the query behind it.",
            {"scikitlearn", "pandas", "duckdb"},
        ),
    ],
    pool=WAREHOUSE_POOL,
)
def detect_anomalies(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Judge daily metered and billed cost by every slice that matters."""
    import pandas as pd

    from ml.anomalies.detect import detect_anomalies as detect
    from orchestration.warehouse.watching import watched_rows

    if metadata := skipped(context, home, "detect_anomalies"):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        return
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        context.log.info("looking for anomalous days")
        found = [
            detect(rows, source, as_of=as_of, scored_at_utc=now, memberships=memberships)
            for source, rows, memberships in watched_rows(connection, as_of)
        ]
        scores = pd.concat([each.scores for each in found], ignore_index=True)
        incidents = pd.concat([each.incidents for each in found], ignore_index=True)
        rows = replace_rows(connection, "cost_anomalies", scores)
        incident_rows = replace_rows(connection, "cost_incidents", incidents)
        step_is_done(connection, "detect_anomalies", now)
    flagged = int(scores["is_anomaly"].sum()) if len(scores) else 0
    yield dg.MaterializeResult(
        asset_key=dg.AssetKey(["ml", "cost_anomalies"]),
        metadata=_result(rows, scores, flagged=flagged, as_of=str(as_of)),
    )
    yield dg.MaterializeResult(
        asset_key=dg.AssetKey(["ml", "cost_incidents"]),
        metadata=_result(incident_rows, incidents, as_of=str(as_of)),
    )


@dg.multi_asset(
    name="score_optimizations",
    specs=[
        _spec(
            "score_optimizations",
            "recommendations",
            "What could cost less, by strategy: saving, evidence, effort and risk.",
            {"pandas", "duckdb"},
        )
    ],
    pool=WAREHOUSE_POOL,
)
def score_optimizations(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Ask every strategy what could cost less in the newest days; the failure of one costs the others nothing."""
    if metadata := skipped(context, home, "score_optimizations"):
        return dg.MaterializeResult(metadata=metadata)
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        done = [recommend(connection, strategy, as_of, now, context.log) for strategy in strategies()]
        drop_retired(connection)
        failures = [each.failure for each in done if each.failure]
        if not failures:
            step_is_done(connection, "score_optimizations", now)
    if failures:
        raise dg.Failure(f"what these strategies recommended before stays: {'; '.join(failures)}")
    return dg.MaterializeResult(
        metadata={
            "rows": sum(each.rows for each in done),
            "strategies": ", ".join(f"{each.name} {each.version}" for each in done),
            "saving_usd": float(sum(each.saving_usd for each in done)),
            "as_of": str(as_of),
        }
    )
