"""The Dagster entry point: everything that `orchestration.defs` holds, by subject.

Importing it does nothing: `definitions` is called by whoever wants them, and only then a home is prepared and dbt's
project read.

Put here: putting them together. Keep out: what they are.
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from ingestion.config import Settings


@dg.definitions
def definitions() -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources, for the home that the environment names."""
    return build_definitions(Settings.from_env())


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs, schedules, sensors and resources of a home.

    Raises:
        DbtError: the dbt project cannot be parsed.
    """
    from orchestration.defs import (
        alerting,
        backfilling,
        checks,
        closing,
        dashboards,
        going_on,
        implied_prices,
        ingestion,
        lake,
        machine_learning,
        publishing,
        reporting,
        schedules,
        transformation,
    )
    from orchestration.home.automation import automation_or_nothing
    from orchestration.home.paths import prepare_home
    from orchestration.reports.template import load_templates
    from orchestration.resources import Home
    from orchestration.running.progress import progress_logger
    from orchestration.running.shortcuts import spare_dagster

    spare_dagster()
    prepare_home(settings)
    built = transformation.transformation(settings)
    published = publishing.published_marts_asset(built.marts)
    templates, _ = load_templates(settings.home / "reports")
    automation, _ = automation_or_nothing(settings.home)
    scored = (
        machine_learning.forecast_costs,
        machine_learning.detect_anomalies,
        machine_learning.score_optimizations,
        implied_prices.infer_implied_prices,
        alerting.alerts,
    )
    return dg.Definitions(
        assets=[
            *ingestion.landing_assets,
            *lake.raw_in_lake(settings, keys_of(ingestion.landing_assets)),
            built.build_warehouse,
            *scored,
            *lake.state_in_lake(settings, keys_of(scored)),
            built.build_scored_reports,
            published,
            dashboards.published_dashboards,
            *reporting.report_assets(templates, published.key),
        ],
        asset_checks=[*checks.landed_checks(), *checks.published_checks(), closing.closed_months_verify],
        jobs=[
            schedules.refresh_daily,
            alerting.send_alerts,
            backfilling.backfill_job(settings),
            closing.close_month,
            reporting.send_report,
        ],
        schedules=[
            *schedules.schedules(automation, closing.close_month),
            *reporting.report_schedules(settings, templates),
        ],
        sensors=[*alerting.alert_sensors(automation), going_on.go_on_sensor(automation)],
        resources={"home": Home()},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )


def keys_of(definitions: Iterable[dg.AssetsDefinition]) -> list[dg.AssetKey]:
    """The assets that these make."""
    return [key for definition in definitions for key in sorted(definition.keys)]


def landing_definitions(settings: Settings) -> dg.Definitions:
    """Only what lands sources and keeps it in the lake, in a job of the same name: the first half of `costops run`,
    without dbt's project."""
    from orchestration.defs import checks, closing, ingestion, lake, schedules
    from orchestration.resources import Home
    from orchestration.running.progress import progress_logger

    return dg.Definitions(
        assets=[*ingestion.landing_assets, *lake.raw_in_lake(settings, keys_of(ingestion.landing_assets))],
        asset_checks=[*checks.landed_checks(), closing.closed_months_verify],
        jobs=[schedules.refresh_daily],
        resources={"home": Home()},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )


def steps_others_can_do_without() -> dict[str, frozenset[dg.AssetKey]]:
    """Steps whose failure need not keep the rest from being built and published, with the assets they make."""
    from orchestration.defs import alerting, dashboards, implied_prices, ingestion, lake, machine_learning

    return lake.STEPS | {
        definition.op.name: frozenset(definition.keys)
        for definition in (
            *ingestion.landing_assets,
            machine_learning.forecast_costs,
            machine_learning.detect_anomalies,
            machine_learning.score_optimizations,
            implied_prices.infer_implied_prices,
            alerting.alerts,
            dashboards.published_dashboards,
        )
    }
