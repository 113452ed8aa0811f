"""The Dagster entry point: everything that `orchestration.defs` holds, by subject."""

from __future__ import annotations

import dagster as dg

from orchestration.defs import (
    alerting,
    backfilling,
    checks,
    closing,
    going_on,
    implied_prices,
    ingestion,
    machine_learning,
    publishing,
    schedules,
    transformation,
)
from orchestration.resources import Home
from orchestration.running.progress import progress_logger

STEPS_OTHERS_CAN_DO_WITHOUT = {
    definition.op.name: frozenset(definition.keys)
    for definition in (
        *ingestion.landing_assets,
        machine_learning.forecast_costs,
        machine_learning.detect_anomalies,
        machine_learning.score_optimizations,
        implied_prices.infer_implied_prices,
        alerting.alerts,
    )
}
"""Steps whose failure need not keep the rest from being built and published, with the assets they make."""


@dg.definitions
def definitions() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources."""
    return dg.Definitions(
        assets=[
            *ingestion.landing_assets,
            transformation.build_warehouse,
            machine_learning.forecast_costs,
            machine_learning.detect_anomalies,
            machine_learning.score_optimizations,
            implied_prices.infer_implied_prices,
            alerting.alerts,
            transformation.build_scored_reports,
            publishing.published_marts,
        ],
        asset_checks=[checks.landed_requests_suite, closing.closed_months_verify],
        jobs=[schedules.refresh_daily, alerting.send_alerts, backfilling.backfill_provider_days, closing.close_month],
        schedules=[schedules.refresh_daily_schedule, closing.close_month_schedule],
        sensors=[alerting.alert_on_cost_change, going_on.go_on_without_what_failed],
        resources={"home": Home(), "dbt": transformation.dbt_resource},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )
