"""The plan of a run on a home: what the warehouse holds now against what the last build was made from.

Put here: gathering what `make_plan` needs from a home. Keep out: deciding (`plan`), Dagster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import duckdb

from ingestion.config import Settings
from ingestion.engine import DUCKDB
from orchestration.alerting.actions import mutes_of, read_actions
from orchestration.alerting.channels import connected_channels
from orchestration.alerting.delivery import waiting_by_channel
from orchestration.alerting.outbox import Manners
from orchestration.alerting.rulebook import read_rulebook
from orchestration.alerting.rules import rule_names
from orchestration.home.clock import utc_now
from orchestration.home.dbt_project import project_dir, reporting_variables
from orchestration.identities.people import bring_up_to_date
from orchestration.publishing.mart_health import read_health
from orchestration.running.due.days_over import note_days_over
from orchestration.running.due.nodes import Project, source_id
from orchestration.running.due.plan import Plan, make_plan, settings_key
from orchestration.running.due.state import (
    Change,
    contents,
    drop_changed,
    forget,
    is_due,
    note_contents,
    note_step,
    ready,
)
from orchestration.running.due.steps import STEPS
from orchestration.warehouse.connection import opened
from orchestration.warehouse.engines.tables import drop_missing, leave
from orchestration.warehouse.kept import KEPT, keep, ready_tables

PLANNED_TAG = "costops/due"
"""Tag of a run whose assets were chosen because they are due."""


def is_planned(run: Any) -> bool:
    """Whether a Dagster run does what is due; one that a person started on chosen assets does just these."""
    return PLANNED_TAG in run.tags or not run.asset_selection


def prepare_warehouse(settings: Settings, now: datetime | None = None) -> list[str]:
    """Make every table that dbt reads and does not build, and give everybody who is new a pseudonym; returns what was
    changed by hand and made anew."""
    from ingestion.landing.runner import ensure_tables

    ensure_tables(settings.warehouse_path)
    with opened(settings.warehouse_path) as connection:
        changed = ready_tables(connection, settings)
        keep(connection, settings, *KEPT)
        bring_up_to_date(connection, settings, now or utc_now())
        ready(connection)
        changed += leave(connection) if settings.engine.name == DUCKDB else drop_missing(connection)
        changed += drop_changed(connection)
    return changed


def look(connection: duckdb.DuckDBPyConnection, project: Project, now: datetime, *, raw: bool = True) -> list[Change]:
    """Note what every raw (unless `raw` is false) and scored table holds now; returns what changed since."""
    ready(connection)
    tables = {key: table for key, table in project.sources.items() if raw or not table.startswith("raw_")}
    return note_contents(connection, tables, now)


def plan_now(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    project: Project,
    now: datetime,
    *,
    from_date: str = "",
    to_date: str = "",
    everything: bool = False,
    asked_for: Collection[str] = (),
    scored: bool = False,
) -> Plan:
    """What is due on the warehouse as it is; `asked_for` are ids that a person chose to build, and only those.

    With `scored`, raw tables were looked at before and only scores can have changed since.
    """
    changes = look(connection, project, now, raw=not scored)
    health = read_health(settings.dbt_dir)
    plan = make_plan(
        connection,
        project,
        settings_key=settings_key(reporting_variables(settings) | engine_key(settings)),
        today=now.date(),
        step_settings=step_settings(settings),
        forced=asked_for,
        windowed=bool(from_date or to_date),
        pending_alerts=has_pending_alerts(connection, settings),
        also={root for cause in health.causes.values() for root in cause.roots},
        everything=everything,
        stores_marts=settings.engine.name != DUCKDB,
        changes=changes,
    )
    if everything and not scored:
        forget(connection, project.nodes)
    return plan.only(asked_for) if asked_for else plan


def step_settings(settings: Settings) -> dict[str, str]:
    """By step, the settings that its result depends on besides those of every model."""
    forecast = (settings.forecast_model, *settings.holiday_countries, str(settings.budget_buffer_pct))
    book = read_rulebook(settings.home, rule_names())
    anomalies = (str(settings.alarm_days_per_week), *settings.holiday_countries)
    return {
        "detect_anomalies": " ".join(anomalies),
        "forecast_costs": " ".join(forecast),
        "alerts": book.content_key if book.lines else "",
    }


def engine_key(settings: Settings) -> dict[str, str]:
    """What a table depends on besides its code and data where DuckDB does not build it: the engine, and how it does."""
    if settings.engine.name == DUCKDB:
        return {}
    how = (project_dir() / "macros" / settings.engine.name / "materializations.sql").read_bytes()
    return {"engine": f"{settings.engine.name} {hashlib.md5(how, usedforsecurity=False).hexdigest()}"}


def has_pending_alerts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether a channel still has to be told of an alert, or of its end."""
    channels = connected_channels(settings.alert_variables)
    manners = Manners(read_rulebook(settings.home, rule_names()), mutes_of(read_actions(connection)), utc_now())
    return any(waiting_by_channel(connection, channels, manners).values())


def step_is_due(settings: Settings, step: str, today: date) -> bool:
    """Whether a step has to be done with what it reads now; one that no plan knows of is."""
    with opened(settings.warehouse_path) as connection:
        ready(connection)
        note_days_over(connection, today)
        pending = step == "alerts" and has_pending_alerts(connection, settings)
        return pending or is_due(connection, STEPS[step].id)


def step_is_done(connection: duckdb.DuckDBPyConnection, step: str, now: datetime) -> None:
    """Note what a step wrote, and that it was done with what it read."""
    ready(connection)
    note_contents(connection, {source_id(table): table for table in STEPS[step].writes}, now)
    note_step(connection, STEPS[step].id, now)


def mart_contents(connection: duckdb.DuckDBPyConnection, project: Project, today: date) -> dict[str, str]:
    """What each mart is made from, by name: its content, or the code, the contents and the day behind a view."""
    known = contents(connection)
    found = {}
    for key in project.marts:
        node = project.nodes[key]
        behind = [known.get(each) for each in project.behind(key)]
        if all(behind):
            day = str(today) if node.code_key.endswith(" dated") else ""
            code = [node.code_key, day] if node.kind == "view" else []
            parts = [*code, *(each.content for each in behind if each)]
            found[node.name.partition(".")[2]] = hashlib.md5(
                ",".join(parts).encode(), usedforsecurity=False
            ).hexdigest()
    return found
