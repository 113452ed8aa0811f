"""Runs the main job in this process, on one home, with a progress display.

Put here: how `costops run` drives Dagster. Keep out: what the job consists of.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
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
from orchestration.warehouse.connection import kept_open

PUBLISHED = "published.marts"
FOUND_TAG = "costops/found"
"""Tag of a run that landed sources: what is due because of it, or that nothing is."""


@dataclass(frozen=True)
class RunResult:
    """The outcome of one run of the main job."""

    succeeded: bool
    run_id: str
    tally: RunTally
    errors: tuple[str, ...]
    failed_sources: tuple[str, ...] = ()
    """Sources and scores that failed while everything else was built and published."""
    done: str = ""
    """What was due and why, in one line."""


@dataclass(frozen=True)
class Wish:
    """What a run is asked for besides what is due."""

    from_date: date | None = None
    to_date: date | None = None
    """Days to rebuild besides those whose input changed."""
    select: str | None = None
    """A Dagster asset selection such as `key:"raw_events/*"` or `kind:dlt`: these, and nothing else."""
    full: bool = False
    """Build everything from nothing and make every check."""
    due_only: bool = False
    """Of the selection only what is due."""


class UnknownSelectionError(ValueError):
    """`--select` names no asset."""


def run_main_job(
    settings: Settings,
    console: Console,
    wish: Wish | None = None,
    *,
    clock: datetime | None = None,
    wait_seconds: float = 0.0,
    accept_clock: bool = False,
) -> RunResult:
    """Run `refresh_daily` on `settings.home`, by `clock` (UTC) where the real one is not meant.

    Where only landing, scoring or alerting fails, the rest goes on without them. A warehouse file that turns out to be
    torn is replaced by the last good one, and the run begins again, once.

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
        result = _run(settings, console, wish or Wish(), clock)
        torn = next((words for words in result.errors if is_torn(words)), None)
        if torn:
            problem = problem_of(settings.warehouse_path, thorough=True)
            if problem and heal(settings, _teller(console), known=problem):
                result = _run(settings, console, wish or Wish(), clock)
        if result.succeeded:
            keep_last_good(settings)
        return result


def _teller(console: Console) -> Callable[[str], None]:
    return lambda words: console.print(f"  [yellow]![/] {escape(words)}", highlight=False, soft_wrap=True)


def _run(settings: Settings, console: Console, wish: Wish, clock: datetime | None) -> RunResult:
    """One pass of the main job on a home that is held and whole: landing, then what is due because of it.

    A run of chosen assets is one run of Dagster; otherwise what lands sources runs first, and whatever else there is to
    do in a second one, of just the assets that it may reach.
    """
    with console.status("starting"):
        import dagster as dg

        from orchestration.definitions import build_definitions, landing_definitions
        from orchestration.home.dead_runs import settle_dead_runs
        from orchestration.resources import given
        from orchestration.running.due.home import find_due
        from orchestration.running.progress import ProgressDisplay

        # Great Expectations imports Spark's package where it is installed, which warns of what is not used here.
        warnings.filterwarnings("ignore", "PySpark does not yet", FutureWarning)
        code = build_definitions(settings) if wish.select else landing_definitions(settings)
        keys = _selected(dg, code.resolve_asset_graph(), wish.select)
    with (
        open(run_log_path(settings), "w", encoding="utf-8") as log,
        redirect_stdout(log),
        _garbage_sought_seldom(),
        given(settings, clock),
        dg.DagsterInstance.get() as instance,
        ProgressDisplay(console, total_assets=len(keys)) as display,
    ):
        settle_dead_runs(instance)
        if wish.select:
            return _result(_execute(settings, instance, code, keys, wish), display.tally, "")
        with kept_open(settings.warehouse_path):
            results = _execute(settings, instance, code, keys, wish)
            due = find_due(
                settings, clock or utc_now(), from_date=wish.from_date, to_date=wish.to_date, everything=wish.full
            )
        instance.add_run_tags(results[-1].run_id, {FOUND_TAG: due.words[:200]})
        for words in due.warnings:
            _teller(console)(words)
        display.tally.checks_warned += due.warned
        if PUBLISHED not in due.names:
            _say_again(settings, console, display.tally)
        if due.names:
            code = build_definitions(settings)
            everything = code.resolve_asset_graph().materializable_asset_keys
            display.expect(len(keys := {key for key in everything if ".".join(key.path) in due.names}))
            with kept_open(settings.warehouse_path):
                results += _execute(settings, instance, code, keys, wish, due.words)
        return _result(results, display.tally, due.words)


@contextmanager
def _garbage_sought_seldom() -> Iterator[None]:
    """dbt's and Dagster's objects live as long as the run, and need not be searched for garbage as often as usual.

    The first run of a small home went from 104 to 99 CPU seconds in one comparison with fewer searches still.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _say_again(settings: Settings, console: Console, tally: RunTally) -> None:
    """What suites on the published copy found last, where this run publishes nothing and does not try them."""
    from orchestration.expectations.published import SUITES
    from orchestration.expectations.results import standing

    for kept in standing(settings, SUITES):
        _teller(console)(kept.words)
        (tally.checks_warned if kept.state == "warning" else tally.checks_failed).append(kept.suite)


def _execute(
    settings: Settings, instance: Any, code: Any, keys: set[Any], wish: Wish, due: str | None = None
) -> list[Any]:
    """Run the job on `keys`; where only dispensable steps failed, what they did not reach in a second run."""
    from orchestration.definitions import steps_others_can_do_without
    from orchestration.defs.going_on import rest_without
    from orchestration.defs.schedules import REFRESH_DAILY
    from orchestration.home.dead_runs import LAUNCHED_HERE, own_tags
    from orchestration.home.run_origin import shown_in_ui
    from orchestration.running.due.planning import PLANNED_TAG

    tags = {PLANNED_TAG: (due or wish.select or "landing")[:200]} if due or wish.due_only else {}
    job = code.resolve_job_def(REFRESH_DAILY)
    results: list[Any] = []
    left = set(keys)
    while left:
        with shown_in_ui(instance, REFRESH_DAILY):
            result = job.execute_in_process(
                instance=instance,
                tags=LAUNCHED_HERE | own_tags() | tags,
                raise_on_error=False,
                asset_selection=sorted(left),
                run_config=_run_config(settings, wish, left),
            )
        results.append(result)
        done = {event.asset_key for event in result.all_events if event.is_step_materialization}
        left = rest_without(_failed_steps(result), left, done, steps_others_can_do_without())
    return results


def _result(results: list[Any], tally: RunTally, done: str) -> RunResult:
    """What Dagster runs that followed one another gave together."""
    from orchestration.definitions import steps_others_can_do_without

    errors = tuple(words for result in results for words in _errors(result))
    failed = {step for result in results for step in _failed_steps(result)}
    went_on = bool(failed) and failed <= steps_others_can_do_without().keys()
    return RunResult(
        succeeded=not errors and all(result.success for result in results),
        run_id=results[-1].run_id,
        tally=tally,
        errors=errors,
        failed_sources=tuple(sorted(step.removeprefix("land_") for step in failed)) if went_on else (),
        done=done,
    )


def _failed_steps(result: Any) -> set[str]:
    return {event.step_key for event in result.all_events if event.is_step_failure}


def run_log_path(settings: Settings) -> Path:
    """Where what dbt says in the current run is written; each run starts it anew."""
    return settings.dbt_dir / "logs" / "run.log"


def _selected(dg: Any, graph: Any, select: str | None) -> set[Any]:
    from orchestration.defs.schedules import MAIN_SELECTION

    everything = MAIN_SELECTION.resolve(graph) & graph.materializable_asset_keys
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


def _run_config(settings: Settings, wish: Wish, keys: set[Any]) -> dict[str, Any]:
    """Config of the loggers, and of the two steps of dbt where a window or everything is asked for."""
    config: dict[str, Any] = {"loggers": {"progress": {"config": {}}}}
    asked = {"from_date": str(wish.from_date or ""), "to_date": str(wish.to_date or ""), "full": wish.full}
    if any(asked.values()):
        from orchestration.defs.transformation import steps_of

        config["ops"] = {step: {"config": asked} for step in steps_of(settings, {".".join(key.path) for key in keys})}
    return config


def _errors(result: Any) -> list[str]:
    found = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                words = re.sub(r"^dagster\.[\w.]+\.Failure: ", "", error.message.strip())
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
