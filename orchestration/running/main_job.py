"""Runs the main job in this process, on one home, with a progress display.

Put here: how `costops run` drives Dagster. Keep out: what the job consists of.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from ingestion.config import Settings
from orchestration.home.clock import utc_now
from orchestration.home.clock_check import check_clock
from orchestration.home.faults import remedy_of
from orchestration.home.last_good import heal, is_torn, keep_last_good, problem_of
from orchestration.home.lock import LOCK_PATIENCE_SECONDS, hold_home, wait_until_free
from orchestration.home.mending import mend
from orchestration.home.paths import prepare_home
from orchestration.running.progress import RunTally


@dataclass(frozen=True)
class RunResult:
    """The outcome of one run of the main job."""

    succeeded: bool
    run_id: str
    tally: RunTally
    errors: tuple[str, ...]
    failed_sources: tuple[str, ...] = ()
    """Sources and scores that failed while everything else was built and published."""


class UnknownSelectionError(ValueError):
    """`--select` names no asset."""


def run_main_job(
    settings: Settings,
    console: Console,
    *,
    from_date: date | None = None,
    to_date: date | None = None,
    select: str | None = None,
    clock: datetime | None = None,
    wait_seconds: float = 0.0,
    accept_clock: bool = False,
) -> RunResult:
    """Run `refresh_daily` on `settings.home`, by `clock` (UTC) where the real one is not meant.

    Where only landing, scoring or alerting fails, the rest goes on in a second run without them. `from_date` and
    `to_date` name days to rebuild besides those whose input changed; `select` is a Dagster asset selection such as
    `key:"raw_events/*"` or `kind:dlt`. A warehouse file that turns out to be torn is replaced by the last good one,
    and the run begins again, once.

    Raises:
        HomeIsBusyError: another run still holds the home after `wait_seconds`.
        WarehouseIsLockedError: another process keeps the warehouse open.
        ClockIsBehindError: the real clock is earlier than the newest landing, and `accept_clock` is not given.
        UnknownSelectionError: the selection is empty.
    """
    prepare_home(settings)
    logging.getLogger("dagster").setLevel(logging.ERROR)
    with hold_home(settings, wait_seconds=wait_seconds, tell=_teller(console)) as was_killed:
        wait_until_free(settings.warehouse_path, patience_seconds=LOCK_PATIENCE_SECONDS, tell=console.print)
        mend(settings, _teller(console), was_killed=was_killed)
        if clock is None:
            accepted = check_clock(settings, utc_now(), accept=accept_clock)
            if accepted:
                _teller(console)(accepted)
        result = _run(settings, console, from_date, to_date, select, clock)
        torn = next((words for words in result.errors if is_torn(words)), None)
        if torn:
            problem = problem_of(settings.warehouse_path, thorough=True)
            if problem and heal(settings, _teller(console), known=problem):
                result = _run(settings, console, from_date, to_date, select, clock)
        if result.succeeded:
            keep_last_good(settings)
        return result


def _teller(console: Console) -> Callable[[str], None]:
    """Says a line on the console as it is."""
    return lambda words: console.print(f"  [yellow]![/] {escape(words)}", highlight=False, soft_wrap=True)


def _run(
    settings: Settings,
    console: Console,
    from_date: date | None,
    to_date: date | None,
    select: str | None,
    clock: datetime | None,
) -> RunResult:
    """One pass of the main job on a home that is held and whole."""
    with console.status("starting"):
        import dagster as dg

        from orchestration.definitions import definitions
        from orchestration.defs.schedules import REFRESH_DAILY
        from orchestration.home.dead_runs import LAUNCHED_HERE, own_tags, settle_dead_runs
        from orchestration.resources import given
        from orchestration.running.progress import ProgressDisplay

        code = definitions()
        job = code.resolve_job_def(REFRESH_DAILY)
        graph = code.resolve_asset_graph()
        keys = _selected(dg, graph, select)
    with (
        open(run_log_path(settings), "w", encoding="utf-8") as log,
        redirect_stdout(log),
        given(settings, clock),
        dg.DagsterInstance.get() as instance,
        ProgressDisplay(console, total_assets=len(keys)) as display,
    ):
        settle_dead_runs(instance)

        def execute(selected: set[Any], everything: bool) -> Any:
            return job.execute_in_process(
                instance=instance,
                tags=LAUNCHED_HERE | own_tags(),
                raise_on_error=False,
                asset_selection=None if everything else sorted(selected),
                run_config=_run_config(from_date, to_date, selected),
            )

        result = execute(keys, everything=not select)
        errors, failed = _errors(result), _failed_steps(result)
        rest = _rest_without(result, keys, failed)
        if rest:
            result = execute(rest, everything=False)
            errors += _errors(result)
        return RunResult(
            succeeded=not errors and result.success,
            run_id=result.run_id,
            tally=display.tally,
            errors=tuple(errors),
            failed_sources=tuple(sorted(step.removeprefix("land_") for step in failed))
            if rest and result.success
            else (),
        )


def _failed_steps(result: Any) -> set[str]:
    return {event.step_key for event in result.all_events if event.is_step_failure}


def _rest_without(result: Any, keys: set[Any], failed: set[str]) -> set[Any]:
    """What a run still has to do when nothing but landing, scoring or alerting failed; nothing otherwise."""
    from orchestration.definitions import STEPS_OTHERS_CAN_DO_WITHOUT
    from orchestration.defs.going_on import rest_without

    done = {event.asset_key for event in result.all_events if event.is_step_materialization}
    return rest_without(failed, keys, done, STEPS_OTHERS_CAN_DO_WITHOUT)


def run_log_path(settings: Settings) -> Path:
    """Where what dbt says in the current run is written; each run starts it anew."""
    return settings.dbt_dir / "logs" / "run.log"


def _selected(dg: Any, graph: Any, select: str | None) -> set[Any]:
    everything = graph.materializable_asset_keys
    if not select:
        return set(everything)
    try:
        keys = dg.AssetSelection.from_string(select).resolve(graph) & everything
    except Exception as error:
        raise UnknownSelectionError(f"--select {select!r} cannot be read: {error}") from error
    if not keys:
        raise UnknownSelectionError(
            f'--select {select!r} names no asset. Try kind:dlt, kind:dbt or key:"marts/fct_charges"+.'
        )
    return set(keys)


def _run_config(from_date: date | None, to_date: date | None, keys: set[Any]) -> dict[str, Any]:
    config: dict[str, Any] = {"loggers": {"progress": {"config": {}}}}
    if from_date or to_date:
        window = {
            "from_date": from_date.isoformat() if from_date else "",
            "to_date": to_date.isoformat() if to_date else "",
        }
        from orchestration.defs.transformation import build_scored_reports, build_warehouse

        steps = [step for step in (build_warehouse, build_scored_reports) if keys & set(step.keys)]
        config["ops"] = {step.op.name: {"config": window} for step in steps}
    return config


def _errors(result: Any) -> list[str]:
    found = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                words = error.message.strip()
                remedy = remedy_of(words)
                found.append(f"{event.step_key}: {words}" + (f" {remedy}" if remedy and remedy not in words else ""))
    return found


def configured_sources(settings: Settings) -> dict[str, str | None]:
    """Each source that can be switched, with the reason why it is off (None: it is on)."""
    from orchestration.running.sources import SOURCES

    return {source.name: source.off_reason(settings) for source in SOURCES if source.switch}


def has_anything_to_read(settings: Settings) -> bool:
    """Whether usage, bills or GPU data can be landed, or a warehouse exists already."""
    reasons = configured_sources(settings)
    return os.path.exists(settings.warehouse_path) or any(
        reason is None for name, reason in reasons.items() if name != "org"
    )
