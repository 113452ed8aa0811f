"""A scheduled run of which only landing, scoring or alerting failed is followed by one without that.

Put here: when and with what a second run goes on. Keep out: what others can do without (`orchestration.definitions`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg

from orchestration.defs.schedules import MAIN_SELECTION, refresh_daily
from orchestration.home.automation import Automation
from orchestration.home.dead_runs import LAUNCHED_HERE
from orchestration.running.due.planning import PLANNED_TAG

GOES_ON_TAG = "costops/goes_on_after"


def rest_without(
    failed: Collection[str], keys: Collection[Any], done: Collection[Any], dispensable: Mapping[str, Collection[Any]]
) -> set[Any]:
    """What a run still has to do when nothing but dispensable steps failed; nothing otherwise."""
    if not failed or not set(failed) <= dispensable.keys():
        return set()
    broken = {key for step in failed for key in dispensable[step]}
    return set(keys) - set(done) - broken


def go_on_sensor(automation: Automation) -> dg.SensorDefinition:
    """The sensor, on unless the home's `automation.yml` says otherwise."""
    is_on = "go_on_without_what_failed" in automation.sensors

    @dg.run_failure_sensor(
        name="go_on_without_what_failed",
        monitored_jobs=[refresh_daily],
        request_job=refresh_daily,
        default_status=dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=15,
        description="Builds and publishes without the source that failed, in a second run. The first one stays failed.",
    )
    def go_on_without_what_failed(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
        """Ask for the rest of a failed run; runs of the command line go on by themselves, and nothing goes on twice."""
        from orchestration.definitions import definitions, steps_others_can_do_without

        run = context.dagster_run
        if GOES_ON_TAG in run.tags or LAUNCHED_HERE.items() <= run.tags.items():
            return dg.SkipReason("it goes on by itself, or went on already")
        failed = [event.step_key for event in context.for_run_failure().get_step_failure_events() if event.step_key]
        graph = definitions().resolve_asset_graph()
        keys = run.asset_selection or MAIN_SELECTION.resolve(graph) & graph.materializable_asset_keys
        entries = context.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        done = {entry.dagster_event.asset_key for entry in entries if entry.dagster_event}
        rest = rest_without(failed, keys, done, steps_others_can_do_without())
        if not rest:
            return dg.SkipReason("nothing can be done without what failed")
        return dg.RunRequest(
            run_key=f"after-{run.run_id}",
            asset_selection=sorted(rest),
            tags={GOES_ON_TAG: run.run_id, PLANNED_TAG: "the rest", "costops/failed": ", ".join(sorted(failed))},
        )

    return go_on_without_what_failed
