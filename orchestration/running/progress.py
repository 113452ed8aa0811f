"""Shows a run as it goes: a live line by asset in a terminal, plain lines elsewhere.

Put here: how progress looks. Keep out: running.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestration.text.terminal import plain

_STEP_NAMES = {
    "build_warehouse": "dbt: staging, facts, dimensions, reports",
    "build_scored_reports": "dbt: reports with forecasts, anomalies, alerts",
    "lake__raw": "lake: what landed",
    "lake__state": "lake: scores, alerts, people",
}
SOURCE_STATE = "source_state"
"""Metadata of what a source landed: `on`, or why it was skipped."""
SKIPPED = "skipped: "


def skipped_words(source: str, reason: str | None) -> str:
    """What is said of a source that is off."""
    return f"{source}: skipped, {reason}"


@dataclass
class RunTally:
    """What a run did, counted from its events."""

    materialized: list[str] = field(default_factory=list)
    checks_passed: int = 0
    """Of those that were made; what still passes as nothing changed is not counted."""
    checks_warned: list[str] = field(default_factory=list)
    checks_failed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class ProgressDisplay(AbstractContextManager["ProgressDisplay"]):
    """Turns Dagster events into a progress bar over the assets of a run."""

    current: ProgressDisplay | None = None

    def __init__(self, console: Console, total_assets: int) -> None:
        self.tally = RunTally()
        self._console = console
        self._started: dict[str, float] = {}
        self._skipped: dict[str, str] = {}
        self._told: set[str] = set()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=total_assets)

    def __enter__(self) -> ProgressDisplay:
        ProgressDisplay.current = self
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        ProgressDisplay.current = None

    def expect(self, more: int) -> None:
        """Lengthen the bar: there is more to do than was known."""
        self._bar.update(self._task, total=(self._bar.tasks[0].total or 0) + more)

    def on_event(self, event: dg.DagsterEvent) -> None:
        """Count one event and move the bar."""
        step = event.step_key or ""
        kind = event.event_type_value
        if kind == "STEP_START":
            self._started[step] = monotonic()
            self._bar.update(self._task, description=plain(_STEP_NAMES.get(step, step.replace("_", " "))))
        elif kind == "ASSET_MATERIALIZATION" and event.asset_key is not None:
            self.tally.materialized.append(".".join(event.asset_key.path))
            self._note_skipped(step, event)
            self._bar.update(self._task, advance=1, description=plain(".".join(event.asset_key.path)))
        elif kind == "ASSET_CHECK_EVALUATION":
            self._count_check(event)
        elif kind == "STEP_SUCCESS":
            self._tell_success(step)
        elif kind == "STEP_FAILURE":
            self.tally.failures.append(step)
            self._console.print(f"  [red]✗ {_STEP_NAMES.get(step, step)}[/]")

    def on_message(self, level: int, message: str) -> None:
        """Show what an asset said: notes dimmed, warnings plain."""
        if message.startswith("Dependencies for step"):
            return
        if level >= logging.WARNING:
            self._told.add(message)
            self._console.print(f"  [yellow]![/] {plain(message)}", highlight=False, soft_wrap=True)
        elif level >= logging.INFO:
            self._bar.update(self._task, description=plain(message[:90]))

    def _tell_success(self, step: str) -> None:
        """A source that is off is no success: its line says why, unless a warning did."""
        if words := self._skipped.get(step):
            if words not in self._told:
                self._console.print(f"  [dim]–[/] {plain(words)}", highlight=False, soft_wrap=True)
            return
        seconds = monotonic() - self._started.get(step, monotonic())
        self._console.print(f"  [green]✓[/] {_STEP_NAMES.get(step, step.replace('_', ' '))} [dim]{seconds:.1f} s[/]")

    def _note_skipped(self, step: str, event: dg.DagsterEvent) -> None:
        state = event.step_materialization_data.materialization.metadata.get(SOURCE_STATE)
        if state is not None and (reason := str(state.value).removeprefix(SKIPPED)) != state.value:
            self._skipped[step] = skipped_words(step.removeprefix("land_"), reason)

    def _count_check(self, event: dg.DagsterEvent) -> None:
        evaluation = event.asset_check_evaluation_data
        if evaluation.passed:
            self.tally.checks_passed += "unchanged" not in evaluation.metadata
        elif evaluation.severity == dg.AssetCheckSeverity.WARN:
            self.tally.checks_warned.append(evaluation.check_name)
            if evaluation.description:
                self.on_message(logging.WARNING, f"{evaluation.check_name}: {evaluation.description}")
        else:
            self.tally.checks_failed.append(evaluation.check_name)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        display = ProgressDisplay.current
        if display is None:
            return
        meta = getattr(record, "dagster_meta", {}) or {}
        event = meta.get("dagster_event")
        if event is not None:
            display.on_event(event)
        elif record.levelno >= logging.INFO:
            display.on_message(record.levelno, str(meta.get("orig_message") or record.getMessage()))


@dg.logger(config_schema={}, description="Feeds the progress display of `costops run`.")
def progress_logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """A logger whose only handler is the progress display of this process."""
    logger = logging.Logger("costops.progress", level=logging.DEBUG)
    logger.addHandler(_Handler())
    return logger
