"""Alerts as an asset, and the sensor that looks between runs.

Put here: reading the states, calling `decide`, recording, delivering. Keep out: rules (`orchestration.alerting`).
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from ingestion.config import Settings
from orchestration.alerting import connected_channels, decide, deliver_pending, record_alerts, resolve_alerts
from orchestration.alerting.actions import mutes_of, read_actions
from orchestration.alerting.looking_again import due_key
from orchestration.alerting.outbox import Manners
from orchestration.alerting.reading import read_situation
from orchestration.alerting.rulebook import read_rulebook
from orchestration.alerting.rules import rule_names
from orchestration.defs.holding import skipped
from orchestration.defs.publishing import PUBLISHED_KEY
from orchestration.defs.transformation import SCORED_STEP
from orchestration.home.automation import Automation
from orchestration.publishing.mart_health import Health, read_health, unfinished_cause
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.resources import WAREHOUSE_POOL, Home
from orchestration.running.due.planning import step_is_done
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.frames import scoring_date
from orchestration.warehouse.kept import ACTIONS, ALERTS, DELIVERIES, OUTBOX, keep, recalled

RUNS_LOOKED_AT = 50
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
    health = read_health(settings.dbt_dir)
    held = health.held(STEPS["alerts"].may_lack)
    given = {"runs": finished_runs(context.instance), "checks": failed_checks(health, now)}
    if held:
        context.log.warning(f"rules that read {', '.join(held)} were not asked: it is held back")
    with home.warehouse() as connection:
        day = scoring_date(connection, now.date())
        decision = decide(read_situation(connection, day, book=book, now=now, held_back=held, given=given))
        recorded = record_alerts(connection, decision.drafts, now=now)
        resolved = resolve_alerts(connection, decision.recoveries, now=now)
        manners = Manners(book, mutes_of(read_actions(connection)), now)
        channels = connected_channels(settings.alert_variables)
        delivery = deliver_pending(connection, channels, now=now, manners=manners)
        keep(connection, settings, ALERTS, DELIVERIES, OUTBOX, ACTIONS)
        if not decision.failures:
            step_is_done(connection, "alerts", now)
    for error in delivery.errors:
        context.log.warning(f"an alert waits for the next run: {error}")
    if delivery.held:
        context.log.info(f"{delivery.held} notices wait for the end of quiet hours or for their digest")
    if decision.failures:
        raise dg.Failure(f"the other rules were asked and told of; {'; '.join(decision.failures)}")
    return dg.MaterializeResult(
        metadata={
            "new": recorded.inserted,
            "seen_again": recorded.seen_again,
            "over": resolved,
            "delivered": delivery.delivered,
            "undelivered": delivery.failed,
            "waiting": delivery.held,
        }
    )


def finished_runs(instance: dg.DagsterInstance) -> list[dict[str, object]]:
    """The newest runs that ended, as the rule on failed runs reads them; telling of alerts itself is none."""
    ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
    found = []
    for record in instance.get_run_records(ended, limit=RUNS_LOOKED_AT):
        run = record.dagster_run
        if run.job_name != "send_alerts" and record.end_time is not None:
            found.append(
                {
                    "job": run.job_name,
                    "run_id": run.run_id,
                    "is_failure": run.status == dg.DagsterRunStatus.FAILURE,
                    "ended_at_utc": datetime.fromtimestamp(record.end_time, UTC).replace(tzinfo=None),
                }
            )
    return found


def failed_checks(health: Health, now: datetime) -> list[dict[str, object]]:
    """What is held back, by its cause; one row without a cause where all is well. Reports that a killed run left
    unfinished are built after the alerts of the run that mends them: they are told of when a day has mended nothing."""
    found: list[dict[str, object]] = []
    for node, cause in health.causes.items():
        is_next = node == unfinished_cause(SCORED_STEP)
        if is_next and now - datetime.fromisoformat(cause.since) < timedelta(days=1):
            continue
        number = sum(each.reason == cause.reason for each in health.held_back.values())
        name = node.split(".")[2] if node.count(".") > 1 else node
        found.append({"cause": name, "reason": cause.reason, "remedy": cause.remedy, "held_back": number})
    return found or [{"cause": None}]


send_alerts = dg.define_asset_job(
    "send_alerts",
    selection=dg.AssetSelection.assets(ALERTS_KEY),
    description="Decide and deliver alerts on the warehouse as it is.",
)


def alert_sensors(automation: Automation) -> list[dg.SensorDefinition]:
    """What asks for alerts besides the main job, on where the home's `automation.yml` says so."""

    @dg.sensor(
        job=send_alerts,
        name="alert_on_cost_change",
        minimum_interval_seconds=60,
        default_status=_status(automation, "alert_on_cost_change"),
        description="Asks for alerts when marts were published that no alert was decided on, and when somebody has to "
        "be told something now: quiet hours are over, a digest is due, a channel that was down may be up.",
    )
    def alert_on_cost_change(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        """Request `send_alerts` once for each such publication, and once for what is due."""
        settings = Settings.from_env()
        try:
            open_published(settings).close()
        except NothingPublishedError as error:
            return dg.SkipReason(str(error))
        published_at = str(settings.published_database.stat().st_mtime_ns)
        if context.cursor != published_at and not _decided_with_it(context.instance):
            return dg.SensorResult(run_requests=[dg.RunRequest(f"published-{published_at}")], cursor=published_at)
        now = Home().now()
        book = read_rulebook(settings.home, rule_names())
        with recalled(settings, ALERTS, DELIVERIES, OUTBOX, ACTIONS) as kept:
            manners = Manners(book, mutes_of(read_actions(kept)), now)
            key = due_key(kept, connected_channels(settings.alert_variables), manners)
        if key is None:
            context.update_cursor(published_at)
            return dg.SkipReason("nothing was published since the last look, and nobody has to be told anything now")
        return dg.SensorResult(run_requests=[dg.RunRequest(f"due-{key}-{now:%Y%m%dT%H}")], cursor=published_at)

    @dg.run_failure_sensor(
        name="alert_on_failed_run",
        request_job=send_alerts,
        default_status=_status(automation, "alert_on_failed_run"),
        description="Asks for alerts when a run has failed.",
    )
    def alert_on_failed_run(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
        """One request per failed run; that of `send_alerts` itself asks for no other."""
        if context.dagster_run.job_name == send_alerts.name:
            return dg.SkipReason("telling of alerts failed itself; the next run tells")
        return dg.RunRequest(run_key=f"failed-{context.dagster_run.run_id}")

    return [alert_on_cost_change, alert_on_failed_run]


def _decided_with_it(instance: dg.DagsterInstance) -> bool:
    """Whether the run that published last decided alerts too, or they were decided after it."""
    published = instance.get_latest_materialization_event(PUBLISHED_KEY)
    decided = instance.get_latest_materialization_event(ALERTS_KEY)
    if published is None or decided is None:
        return False
    return decided.run_id == published.run_id or decided.timestamp >= published.timestamp


def _status(automation: Automation, name: str) -> dg.DefaultSensorStatus:
    return dg.DefaultSensorStatus.RUNNING if name in automation.sensors else dg.DefaultSensorStatus.STOPPED
