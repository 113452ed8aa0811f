"""Alerts as an asset, and the sensor that looks between runs.

Put here: reading the states, calling `decide`, recording, delivering. Keep out: rules (`orchestration.alerting`).
"""

import dagster as dg

from ingestion.config import Settings
from orchestration.alerting import connected_channels, decide, deliver_pending, record_alerts, resolve_alerts
from orchestration.alerting.reading import read_situation
from orchestration.alerting.rulebook import read_rulebook
from orchestration.alerting.rules import rule_names
from orchestration.defs.holding import skipped
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.planning import step_is_done
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import scoring_date
from orchestration.warehouse.kept import ALERTS, DELIVERIES, keep

ALERTS_KEY = dg.AssetKey(["alerts", "alerts"])


@dg.asset(
    key=ALERTS_KEY,
    deps=[dg.AssetKey(table.split(".")) for table in STEPS["alerts"].reads],
    group_name="alerting",
    owners=["team:finops"],
    kinds={"python", "duckdb"},
    description="One row per problem, ever: crossed budgets and anomalies, with owner, evidence and delivery.",
    pool=WAREHOUSE_POOL,
)
def alerts(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Decide, record, deliver what nobody has been told of yet."""
    if metadata := skipped(context, home, "alerts"):
        return dg.MaterializeResult(metadata=metadata)
    settings = home.settings()
    now = home.now()
    book = read_rulebook(settings.home, rule_names())
    for problem in book.problems:
        context.log.warning(problem)
    with home.warehouse() as connection:
        day = scoring_date(connection, now.date())
        decision = decide(read_situation(connection, day, book=book, now=now))
        recorded = record_alerts(connection, decision.drafts, now=now)
        resolved = resolve_alerts(connection, decision.recoveries, now=now)
        delivery = deliver_pending(connection, connected_channels(settings.alert_variables), now=now)
        keep(connection, settings, ALERTS, DELIVERIES)
        if not decision.failures:
            step_is_done(connection, "alerts", now)
    for error in delivery.errors:
        context.log.warning(f"an alert waits for the next run: {error}")
    if decision.failures:
        raise dg.Failure(f"the other rules were asked and told of; {'; '.join(decision.failures)}")
    return dg.MaterializeResult(
        metadata={
            "new": recorded.inserted,
            "seen_again": recorded.seen_again,
            "over": resolved,
            "delivered": delivery.delivered,
            "undelivered": delivery.failed,
        }
    )


send_alerts = dg.define_asset_job(
    "send_alerts",
    selection=dg.AssetSelection.assets(ALERTS_KEY),
    description="Decide and deliver alerts on the warehouse as it is.",
)


@dg.sensor(
    job=send_alerts,
    name="alert_on_cost_change",
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Asks for alerts whenever a run has published new marts.",
)
def alert_on_cost_change(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request `send_alerts` once for each publication that holds an undelivered or new problem."""
    settings = Settings.from_env()
    try:
        open_published(settings).close()
    except NothingPublishedError as error:
        return dg.SkipReason(str(error))
    published_at = str(settings.published_database.stat().st_mtime_ns)
    if context.cursor == published_at:
        return dg.SkipReason("nothing was published since the last look")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=f"published-{published_at}")], cursor=published_at)
