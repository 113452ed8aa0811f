"""Scores as assets of schema `ml`: read the facts, call a pure function, write the frame.

Put here: reading and writing. Keep out: models (`ml`), slicing of facts (`dbt_project`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from ml.optimization import strategies
from orchestration.defs.holding import skipped
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.planning import step_is_done
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import ensure_ml_tables, replace_rows, scoring_date
from orchestration.warehouse.kept import FORECASTS, SNAPSHOTS, keep
from orchestration.warehouse.recommending import drop_retired, note_results, put_in_order, recommend
from orchestration.warehouse.verifying import take_snapshots, verify

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


FORECAST_TABLES = {
    "cost_forecasts": "Thirty days of spend per series with its intervals, kept of every run, other models beside.",
    "forecast_accuracy": "Backtest errors of every forecast model per series.",
    "period_forecasts": "Where months, quarters and years end, with quantiles, kept of every run.",
    "cost_outlooks": "A year of daily spend and tokens per series with all quantiles, of the newest run.",
    "budget_outlooks": "What each running budget will have met by its end, and when it is passed.",
    "capacity_outlooks": "Requests a day per model, now and in thirty days.",
    "cost_components": "Daily spend split into trend, weekly season and what is left.",
}


@dg.multi_asset(
    name="forecast_costs",
    specs=[
        _spec("forecast_costs", table, description, {"pandas", "duckdb"})
        for table, description in FORECAST_TABLES.items()
    ],
    pool=WAREHOUSE_POOL,
)
def forecast_costs(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Forecast daily spend, periods, budgets and capacity."""
    from orchestration.warehouse.forecasting import forecast_into, pictures

    if metadata := skipped(context, home, "forecast_costs"):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        return
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        context.log.info(f"forecasting from {as_of}")
        try:
            done = forecast_into(connection, home.settings(), as_of, now)
        except ValueError as error:  # a setting that is none
            raise dg.Failure(f"nothing was forecast, earlier forecasts stay: {error}") from error
        for note in done.notes:
            context.log.warning(f"forecast: {note}")
        drawn = pictures(connection, as_of)
        keep(connection, home.settings(), *FORECASTS)
        step_is_done(connection, "forecast_costs", now)
    about = {"models": done.models, "as_of": str(as_of), "notes": "; ".join((*done.notes, *done.folded)) or "none"}
    for table in FORECAST_TABLES:
        picture = {"picture": dg.MetadataValue.md(drawn[table])} if table in drawn else {}
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(["ml", table]), metadata={"rows": done.rows[table], **about, **picture}
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
        _spec(
            "detect_anomalies",
            "price_changes",
            "Every change of a price in use: what it is worth a day, the incident that tells of it or why none does.",
            {"pandas", "duckdb"},
        ),
    ],
    pool=WAREHOUSE_POOL,
)
def detect_anomalies(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Judge daily metered and billed cost by every slice that matters."""
    import pandas as pd

    from ml.anomalies.detect import detect_anomalies as detect
    from ml.anomalies.params import AnomalyParams
    from ml.anomalies.price_list import with_price_list
    from ml.anomalies.views import told_once
    from orchestration.warehouse.forecasting import incomplete_days
    from orchestration.warehouse.watching import price_changes, watched_rows

    if metadata := skipped(context, home, "detect_anomalies"):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        return
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        context.log.info("looking for anomalous days")
        settings = home.settings()
        params = AnomalyParams(
            alarm_days_per_week=settings.alarm_days_per_week, holiday_countries=settings.holiday_countries
        )
        not_whole = incomplete_days(connection, as_of)
        watched = list(watched_rows(connection, as_of))
        found = [
            detect(
                rows,
                source,
                as_of=as_of,
                scored_at_utc=now,
                params=params,
                memberships=memberships,
                incomplete_days=not_whole if source.basis == "metered" else frozenset(),
            )
            for source, rows, memberships in watched
        ]
        (metered, usage), (billed, charges) = zip(found, (rows for _, rows, _ in watched), strict=True)
        metered, priced = with_price_list(
            metered, usage, price_changes(connection), as_of=as_of, scored_at_utc=now, params=params
        )
        found = told_once(metered, usage, billed, charges)
        scores = pd.concat([each.scores for each in found], ignore_index=True)
        incidents = pd.concat([each.incidents for each in found], ignore_index=True)
        rows = replace_rows(connection, "cost_anomalies", scores)
        incident_rows = replace_rows(connection, "cost_incidents", incidents)
        price_rows = replace_rows(connection, "price_changes", priced)
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
    yield dg.MaterializeResult(
        asset_key=dg.AssetKey(["ml", "price_changes"]), metadata=_result(price_rows, priced, as_of=str(as_of))
    )


@dg.multi_asset(
    name="score_optimizations",
    specs=[
        _spec(
            "score_optimizations",
            "recommendations",
            "What could cost less, by strategy: saving, evidence, effort and risk.",
            {"pandas", "duckdb"},
        ),
        _spec(
            "score_optimizations",
            "strategy_results",
            "What became of each strategy: what it recommends, or what it lacks.",
            {"duckdb"},
        ),
        _spec(
            "score_optimizations",
            "recommendation_snapshots",
            "Recommendations as they were when somebody acted on them.",
            {"duckdb"},
        ),
        _spec(
            "score_optimizations",
            "verified_savings",
            "What each recommendation that was acted on has saved so far.",
            {"pandas", "duckdb"},
        ),
    ],
    pool=WAREHOUSE_POOL,
)
def score_optimizations(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Ask every strategy what could cost less in the newest days; the failure of one costs the others nothing."""
    if metadata := skipped(context, home, "score_optimizations"):
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        return
    now = home.now()
    with home.warehouse() as connection:
        ensure_ml_tables(connection)
        as_of = scoring_date(connection, now.date())
        take_snapshots(connection, now)
        keep(connection, home.settings(), SNAPSHOTS)
        read: dict[str, pd.DataFrame] = {}
        done = [recommend(connection, strategy, as_of, now, context.log, read) for strategy in strategies()]
        drop_retired(connection)
        verified = verify(connection, as_of, now)
        put_in_order(connection)
        note_results(connection, done, now)
        failures = [each.failure for each in done if each.failure]
        if not failures:
            step_is_done(connection, "score_optimizations", now)
    if failures:
        raise dg.Failure(f"what these strategies recommended before stays: {'; '.join(failures)}")
    figures: dict[str, dict[str, Any]] = {
        "recommendations": {
            "rows": sum(each.rows for each in done),
            "strategies": ", ".join(f"{each.name} {each.version}" for each in done),
            "saving_usd": float(sum(each.saving_usd for each in done)),
            "as_of": str(as_of),
        },
        "strategy_results": {"rows": len(done)},
        "recommendation_snapshots": {},
        "verified_savings": {"rows": verified},
    }
    for table, figure in figures.items():
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["ml", table]), metadata=figure)
