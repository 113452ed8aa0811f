"""Diagnosis of a home: sources, versions, locks, freshness.

Put here: looking. Keep out: repairing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import metadata
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from rich.console import Console
from rich.table import Table

from ingestion.config import Settings
from ingestion.engine import SPARK
from orchestration.alerting.channels import connected_channels
from orchestration.home.automation import automation_or_nothing
from orchestration.home.instance import problems_of_parts
from orchestration.home.last_good import problem_of
from orchestration.home.lock import is_busy
from orchestration.home.privacy import too_open
from orchestration.home.run_history import broken_history
from orchestration.lake.keeping import address_of, last_writing
from orchestration.publishing.query import NothingPublishedError, open_published
from orchestration.publishing.targets import connected_targets
from orchestration.running.addresses import changed_addresses
from orchestration.running.landing_notes import print_groups, read_groups
from orchestration.running.last_runs import last_runs
from orchestration.running.sources import SOURCES
from orchestration.running.ui import served_by
from orchestration.running.variables import unused_variables
from orchestration.text.tables import Column, drawn, fit
from orchestration.text.terminal import plain
from orchestration.warehouse.engines.spark import missing_for_spark, where_spark_is

FRESHNESS_COLUMNS = ("source", "from", "to", "rows", "refused", "% priced", "landed")
_FRESHNESS = """
select source, earliest_data_date, latest_data_date, row_count, quarantined_row_count, coverage_pct,
    newest_loaded_at_utc
from rpt_source_freshness order by source"""
PACKAGES = (
    "llm-cost-ops",
    "dagster",
    "dagster-dbt",
    "dbt-core",
    "dbt-duckdb",
    "dlt",
    "duckdb",
    "genai-prices",
    "great-expectations",
    "pandas",
    "prophet",
    "scikit-learn",
)


@dataclass(frozen=True)
class Version:
    """One package: what is installed, None where it is missing."""

    package: str
    installed: str | None


def versions() -> list[Version]:
    """The packages that the project stands on."""
    found = []
    for package in PACKAGES:
        try:
            found.append(Version(package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            found.append(Version(package, None))
    return found


def print_diagnosis(settings: Settings, console: Console) -> bool:
    """Print the diagnosis; return False when something keeps `costops run` from working."""
    healthy = _print_versions(console)
    _print_sources(settings, console)
    _print_addresses(settings, console)
    _print_home(settings, console)
    _print_automation(settings, console)
    _print_runs(settings, console)
    _print_freshness(settings, console)
    print_groups(read_groups(settings), console)
    return healthy


def _print_versions(console: Console) -> bool:
    missing = [version.package for version in versions() if version.installed is None]
    line = ", ".join(f"{version.package} {version.installed}" for version in versions() if version.installed)
    console.print(f"[bold]Versions[/]  Python {sys.version.split()[0]}, {line}", highlight=False)
    if missing:
        console.print(f"[red]Missing:[/] {', '.join(missing)}. Install the project again: make demo")
    return not missing


def _print_sources(settings: Settings, console: Console) -> None:
    table = Table(title="Sources", title_justify="left", title_style="bold", show_edge=False)
    for column in ("source", "state", "what", "why / where"):
        table.add_column(column, overflow="fold")
    for source in SOURCES:
        reason = source.off_reason(settings)
        folder = source.folder(settings)
        where = reason or source.address(settings) or (str(folder) if folder else "built in")
        table.add_row(source.name, "[yellow]off[/]" if reason else "[green]on[/]", source.purpose, plain(where))
    console.print(table)


def _print_addresses(settings: Settings, console: Console) -> None:
    for words in unused_variables(settings):
        console.print(f"[yellow]Variable[/]  {plain(words)}", highlight=False, soft_wrap=True)
    for words in changed_addresses(settings):
        console.print(f"[yellow]Address[/]   {plain(words)}", highlight=False, soft_wrap=True)
    for words in too_open(settings):
        console.print(f"[yellow]Rights[/]    {plain(words)}", highlight=False, soft_wrap=True)


def _print_automation(settings: Settings, console: Console) -> None:
    """What runs by itself, whether anything does it now, and when it is due next."""
    automation, problem = automation_or_nothing(settings.home)
    if problem:
        console.print(f"[red]Automation[/] {plain(problem)}: nothing runs by itself", highlight=False, soft_wrap=True)
        return
    if not any(timing.is_on for timing in automation.timings):
        console.print("Automation nothing runs by itself; costops up begins that", highlight=False)
        return
    server = served_by(settings)
    console.print(
        f"[bold]Automation[/] {plain(server) if server else '[yellow]no costops up is running[/]'}", highlight=False
    )
    now = datetime.now(ZoneInfo(automation.time_zone))
    for timing in automation.timings:
        if timing.is_on:
            due = f"{timing.next_after(now):%Y-%m-%d %H:%M} {automation.time_zone}"
            console.print(f"  {timing.name}: {timing.words}, next {plain(due)}", highlight=False, soft_wrap=True)


def _print_runs(settings: Settings, console: Console) -> None:
    """How the newest run of each job ended."""
    for run in last_runs(settings):
        words = f"{run.job}: {run.status} {run.at_utc:%Y-%m-%d %H:%M} UTC"
        if run.status == "failure":
            often = f", {run.failed_in_a_row} times in a row" if run.failed_in_a_row > 1 else ""
            steps = ", ".join(run.steps) or "its process ended before it did"
            words += f"{often}: {steps}; costops ui, Runs, {run.run_id.partition('-')[0]} shows why"
        style = "red" if run.status == "failure" else "bold"
        console.print(f"[{style}]Last run[/]  {plain(words)}", highlight=False, soft_wrap=True)


def _print_home(settings: Settings, console: Console) -> None:
    warehouse = settings.warehouse_path
    size = f"{warehouse.stat().st_size / 2**20:,.1f} MiB" if warehouse.exists() else "not built yet"
    state = "[yellow]a run is going on[/]" if is_busy(settings) else "free"
    for words in broken_files(settings):
        console.print(f"[red]Broken[/]    {plain(words)}", highlight=False, soft_wrap=True)
    channels = ", ".join(channel.name for channel in connected_channels(settings.alert_variables))
    console.print(f"[bold]Home[/]      {plain(settings.home)}", highlight=False)
    console.print(f"Warehouse {warehouse.name}: {size}; {state}", highlight=False)
    for name, problem in problems_of_parts(settings.dagster_dir).items():
        console.print(f"[yellow]Dagster[/]   {plain(f'its own {name}: {problem}')}", highlight=False, soft_wrap=True)
    console.print(f"Alerts    go to: {plain(channels)}", highlight=False)
    if targets := ", ".join(target.name for target in connected_targets(settings.publish_variables)):
        console.print(f"Marts     go to: {plain(targets)}, besides the published copy", highlight=False)
    _print_lake(settings, console)
    if settings.engine.name == SPARK:
        words = missing_for_spark(settings) or f"builds the tables: {where_spark_is(settings)}"
        console.print(f"[bold]Engine[/]    Spark {plain(words)}", highlight=False, soft_wrap=True)
    zone = settings.reporting_time_zone
    days = "days are UTC days" if zone == "UTC" else f"metered usage by days of {zone} (bills: UTC)"
    console.print(f"Reports   in {settings.reporting_currency}; {days}", highlight=False)


def _print_lake(settings: Settings, console: Console) -> None:
    """Where the lake is and how its last writing ended; the store is not asked (`costops lake status` does)."""
    if not settings.lake_url:
        return
    last = last_writing(settings)
    words = f"version {last.version}, {last.at_utc} UTC" if last else "not written yet"
    if last and last.failure:
        words = f"not written at {last.at_utc} UTC: {last.failure}"
    style = "yellow" if last and last.failure else "bold"
    where = plain(address_of(settings))
    console.print(f"[{style}]Lake[/]      {where}: {plain(words)}", highlight=False, soft_wrap=True)


def broken_files(settings: Settings) -> list[str]:
    """What is broken in a home, each with its remedy; nothing is changed. A run that goes on sees to its own files."""
    found = []
    if not is_busy(settings) and (problem := problem_of(settings.warehouse_path, thorough=False)):
        found.append(f"{settings.warehouse_path.name}: {problem}. The next costops run mends it; or: costops repair")
    if problem := problem_of(settings.published_database, thorough=False):
        found.append(
            f"published/costops.duckdb: {problem}. The next costops run publishes it again; or: costops repair"
        )
    for path, problem in broken_history(settings).items():
        words = f"{path.relative_to(settings.home)}: {problem}. The next costops run sets it aside"
        found.append(f"{words}; no figure depends on it")
    return found


def _print_freshness(settings: Settings, console: Console) -> None:
    try:
        connection = open_published(settings)
    except (NothingPublishedError, duckdb.Error) as error:
        console.print(f"[bold]Freshness[/] {plain(error)}", highlight=False)
        return
    try:
        rows = connection.execute(_FRESHNESS).fetchall()
        cells = [[_cell(value) for value in row] for row in rows]
        columns = [
            Column(name, [row[place] for row in cells], is_whole=True, is_number=place in (3, 4, 5))
            for place, name in enumerate(FRESHNESS_COLUMNS)
        ]
        fitted = fit(columns, console.width)
        console.print("[bold]Freshness[/]")
        console.print(drawn(columns, fitted, cells))
        if fitted.left_out:
            console.print(f"[dim]not shown: {', '.join(fitted.left_out)} (rpt_source_freshness has all)[/]")
    except duckdb.Error as error:
        console.print(f"[bold]Freshness[/] cannot be read: {plain(error)}", highlight=False)
    finally:
        connection.close()


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:.1f}" if isinstance(value, float | Decimal) else plain(value)
