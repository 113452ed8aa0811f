"""Jobs and schedules.

Put here: what runs together and when. Keep out: assets.
"""

import dagster as dg

REFRESH_DAILY = "refresh_daily"
REPORTS_GROUP = "written_reports"
"""Assets that are made when their own time comes, from what is published then."""
MAIN_SELECTION = dg.AssetSelection.all() - dg.AssetSelection.groups(REPORTS_GROUP)

refresh_daily = dg.define_asset_job(
    REFRESH_DAILY,
    selection=MAIN_SELECTION,
    description="The main job: land every source, build the warehouse, score, alert, publish.",
    tags={"subject": "main"},
)

refresh_daily_schedule = dg.ScheduleDefinition(
    name="refresh_daily_early",
    job=refresh_daily,
    cron_schedule="15 5 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every morning at 05:15 UTC. Start it in the UI, or set its status in code.",
)

rebuild_weekly_schedule = dg.ScheduleDefinition(
    name="rebuild_everything_weekly",
    job=refresh_daily,
    cron_schedule="15 3 * * 0",
    execution_timezone="UTC",
    run_config={"ops": {step: {"config": {"full": True}} for step in ("build_warehouse", "build_scored_reports")}},
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="On Sundays at 03:15 UTC: everything from nothing and every check, as `costops run --full` does.",
)
