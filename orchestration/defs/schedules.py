"""Jobs and schedules.

Put here: what runs together and when. Keep out: assets, what the home declares (`home.automation`).
"""

from typing import Any

import dagster as dg

from orchestration.home.automation import Automation, Timing

REFRESH_DAILY = "refresh_daily"
REPORTS_GROUP = "written_reports"
"""Assets that are made when their own time comes, from what is published then."""
MAIN_SELECTION = dg.AssetSelection.all() - dg.AssetSelection.groups(REPORTS_GROUP)
ONCE_MORE = {"dagster/max_retries": "1"}
"""A run whose process died is started once more; what failed in words is not."""
_FULL: dict[str, object] = {
    "ops": {step: {"config": {"full": True}} for step in ("build_warehouse", "build_scored_reports")}
}

refresh_daily = dg.define_asset_job(
    REFRESH_DAILY,
    selection=MAIN_SELECTION,
    description="The main job: land every source, build the warehouse, score, alert, publish.",
    tags={"subject": "main"},
)


def schedules(automation: Automation, close_month: dg.JobDefinition) -> list[dg.ScheduleDefinition]:
    """The schedules of a home, on where its `automation.yml` says so."""
    return [
        _schedule(automation, "refresh_hourly", refresh_daily, "What is new lands, and what it changes is built."),
        _schedule(automation, "refresh_daily_early", refresh_daily, "The main job."),
        _schedule(
            automation, "rebuild_everything_weekly", refresh_daily,
            "Everything from nothing and every check, as `costops run --full` does.", _FULL,
        ),
        _schedule(automation, "close_month_monthly", close_month, "When most providers have restated what they will."),
    ]  # fmt: skip


def _schedule(
    automation: Automation,
    name: str,
    job: Any,
    what: str,
    run_config: dict[str, object] | None = None,
) -> dg.ScheduleDefinition:
    timing: Timing = automation.timing(name)
    return dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=timing.cron,
        execution_timezone=automation.time_zone,
        run_config=run_config,
        tags=ONCE_MORE,
        default_status=dg.DefaultScheduleStatus.RUNNING if timing.is_on else dg.DefaultScheduleStatus.STOPPED,
        description=f"{what} {timing.words.capitalize()} {automation.time_zone}; automation.yml of the home sets it.",
    )
