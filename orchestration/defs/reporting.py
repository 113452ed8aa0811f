"""Reports as Dagster sees them: an asset per template, by period, and a schedule per entry of `reports/schedules.yml`.

Put here: both. Keep out: making and sending reports (`orchestration.reports`). They are no part of the main job: a
report is made when its time comes, from what is published then.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date

import dagster as dg
import duckdb

from ingestion.config import Settings
from orchestration.defs.schedules import REPORTS_GROUP
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.reports.building import Asked, ReportError, build_report
from orchestration.reports.deliveries import Deliveries
from orchestration.reports.files import file_name, write
from orchestration.reports.rendering import ENDINGS
from orchestration.reports.rendering.markdown import markdown
from orchestration.reports.schedules import Schedule, load_schedules
from orchestration.reports.sending import send_due
from orchestration.reports.template import Template, load_templates
from orchestration.resources import Home

FIRST_DAY = "2023-01-01"
PREVIEW_LIMIT = 20_000


def report_assets(templates: Mapping[str, Template], published: dg.AssetKey) -> list[dg.AssetsDefinition]:
    """An asset per template that is about all or about each team; those about one customer are made on demand."""
    return [
        _asset(template, published)
        for template in templates.values()
        if set(template.formats) & ENDINGS.keys() and set(template.needs) <= {"team"}
    ]


def _asset(template: Template, published: dg.AssetKey) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey(["reports", template.name]),
        deps=[published],
        group_name=REPORTS_GROUP,
        owners=["team:data-platform"],
        kinds=set(template.formats) & {"html", "pdf"},
        partitions_def=_partitions(template),
        description=template.description or template.title,
        op_tags={"subject": "reports"},
    )
    def made(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
        """Write the report of a period in every form of its template."""
        settings = home.settings()
        period = _period(template, context.partition_key) if context.has_partition_key else None
        paths, preview = [], ""
        with _published(settings) as connection:
            teams: list[str | None] = [None]
            if "team" in template.needs:
                teams = [row[0] for row in connection.execute("select team_id from dim_teams order by 1").fetchall()]
            for team in teams:
                try:
                    report = build_report(connection, template, Asked(period, team), home.now())
                except ReportError as error:
                    raise dg.Failure(str(error)) from None
                for form in template.formats:
                    if form in ENDINGS:
                        paths.append(write(report, form, settings.home / "reports" / file_name(report, form)))
                preview = preview or markdown(report)
        return dg.MaterializeResult(
            metadata={
                "files": dg.MetadataValue.md("\n".join(f"* `{path}`" for path in paths) or "none"),
                "file": dg.MetadataValue.path(str(paths[0])) if paths else "none",
                "report": dg.MetadataValue.md(preview[:PREVIEW_LIMIT]),
            }
        )

    return made


@contextmanager
def _published(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published copy; that there is none is a failure in words."""
    try:
        connection = open_published(settings)
    except NothingPublishedError as error:
        raise dg.Failure(str(error)) from None
    with connection:
        yield connection


def _partitions(template: Template) -> dg.PartitionsDefinition | None:
    """By the grain of the template's own period; a sliding one has none."""
    grain = template.period.removeprefix("last_")
    match grain:
        case "yesterday" | "today":
            return dg.DailyPartitionsDefinition(start_date=FIRST_DAY, end_offset=1)
        case "week":
            return dg.WeeklyPartitionsDefinition(start_date=FIRST_DAY, day_offset=1, end_offset=1)
        case "month":
            return dg.MonthlyPartitionsDefinition(start_date=FIRST_DAY, end_offset=1)
        case _:
            return None


def _period(template: Template, key: str) -> str:
    """The name of the period that begins on the day of a partition's key."""
    grain = template.period.removeprefix("last_")
    if grain == "month":
        return key[:7]
    if grain == "week":
        year, week, _ = date.fromisoformat(key).isocalendar()
        return f"{year}-W{week:02d}"
    return key


class SendConfig(dg.Config):
    """Which entry of schedules.yml."""

    schedule: str


@dg.op(description="Make the report of an entry of reports/schedules.yml and send it where it has not arrived.")
def send_reports(context: dg.OpExecutionContext, config: SendConfig, home: Home) -> None:
    """Fail where a delivery failed: the next attempt sends what is missing."""
    settings = home.settings()
    folder = settings.home / "reports"
    templates, _ = load_templates(folder)
    found, problems = load_schedules(folder, templates)
    for problem in problems:
        context.log.warning(problem)
    with _published(settings) as connection:
        done = send_due(
            connection,
            [each for each in found if each.name == config.schedule],
            templates,
            settings.report_variables,
            folder,
            Deliveries(settings.state_dir),
            home.now(),
        )
    for each in done:
        context.log.info(f"{each.schedule} by {each.channel}: {each.problem or 'sent'}")
    failed = [f"{each.channel}: {each.problem}" for each in done if each.problem]
    if failed:
        raise dg.Failure("; ".join(failed))


@dg.job(description="Make a report that is due and hand it to its channels, each once.")
def send_report() -> None:
    """One entry of reports/schedules.yml."""
    send_reports()


def report_schedules(settings: Settings, templates: Mapping[str, Template]) -> list[dg.ScheduleDefinition]:
    """One schedule per entry, on from the start; whether it is paused is read when it ticks."""
    found, _ = load_schedules(settings.home / "reports", templates)
    return [_schedule(each) for each in found]


def _schedule(entry: Schedule) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"report_{entry.name}",
        job=send_report,
        cron_schedule=entry.cron,
        execution_timezone=entry.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{entry.template} as {entry.form}, {entry.words}.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Ask for the report unless the entry is paused, gone or not due on this day."""
        settings = Settings.from_env()
        folder = settings.home / "reports"
        found, _ = load_schedules(folder, load_templates(folder)[0])
        now = next((each for each in found if each.name == entry.name), None)
        if now is None or now.is_paused:
            return dg.SkipReason(f"{entry.name} is {'gone' if now is None else 'paused'}")
        at = context.scheduled_execution_time.astimezone(UTC).replace(tzinfo=None)
        if now.newest_due(at) != at:
            return dg.SkipReason(f"{entry.name} is due {now.words}")
        config = {"ops": {send_reports.name: {"config": {"schedule": entry.name}}}}
        return dg.RunRequest(run_key=f"{entry.name} {at:%Y-%m-%dT%H:%M}", run_config=config)

    return tick
