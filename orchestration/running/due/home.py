"""What is due in a home, and the words for it: for `costops run`, its `--explain`, and the sensor between runs.

Put here: from a home to what is to be done. Keep out: the plan itself (`plan`), doing it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.config import Settings
from ingestion.landing.counting import counted
from orchestration.dashboards.site import are_dashboards_changed
from orchestration.home.dbt_project import manifest_path
from orchestration.publishing.distribution import are_behind
from orchestration.publishing.mart_health import read_health
from orchestration.publishing.published_copy import published_contents
from orchestration.publishing.targets import connected_targets
from orchestration.running.due.nodes import read_project
from orchestration.running.due.plan import ASKED, CODE, NEVER, NEW_DAY, Plan, changed_tables
from orchestration.running.due.planning import mart_contents, plan_now, prepare_warehouse
from orchestration.running.due.state import Change, built_at, ready, warned
from orchestration.warehouse.connection import opened

PUBLISHED, DASHBOARDS, LAKE_STATE = "published.marts", "published.dashboards", "lake.state"
SHOWN = 3
"""Changed tables that the one line of a run names; `--explain` names all."""


@dataclass(frozen=True)
class Due:
    """What a home has to do and why."""

    names: frozenset[str]
    """`schema.table` of every asset that may be built, scored or published; empty where there is nothing."""
    words: str
    """In one line."""
    plan: Plan
    warnings: tuple[str, ...]
    warned: tuple[str, ...] = ()
    """Names of checks that warned when they were last made, and are not made again."""


def find_due(
    settings: Settings,
    now: datetime,
    *,
    from_date: date | None = None,
    to_date: date | None = None,
    everything: bool = False,
    prepare: bool = True,
) -> Due:
    """What is due on the warehouse as it is. The home must be held.

    Without `prepare`, tables that were changed by hand are left for the run.

    Raises:
        DbtError: the dbt project changed and cannot be parsed.
    """
    project = read_project(manifest_path(settings))
    warnings = prepare_warehouse(settings, now) if prepare else []
    with opened(settings.warehouse_path) as connection:
        ready(connection)
        since = built_at(connection)
        plan = plan_now(
            connection,
            settings,
            project,
            now,
            from_date=str(from_date or ""),
            to_date=str(to_date or ""),
            everything=everything,
        )
        marts = mart_contents(connection, project, now.date())
        still = [key for key in warned(connection) if key in project.nodes and key not in plan.reach]
    health, published = read_health(settings.dbt_dir), published_contents(settings.published_dir)
    held = {name.partition(".")[2] for name in health.held_back}
    stale = {mart for mart, content in marts.items() if mart not in held and published.get(mart) != content}
    names = set(plan.asset_names())
    behind = are_behind(settings.published_dir, published, connected_targets(settings.publish_variables))
    if names or stale or health.causes or behind or not published:
        names |= {PUBLISHED, DASHBOARDS}
    elif are_dashboards_changed(settings):
        names.add(DASHBOARDS)
    if names and settings.lake_url:
        names.add(LAKE_STATE)
    words = _words(plan, since, stale=bool(stale or behind) and not plan, held=bool(health.causes))
    return Due(frozenset(names), words, plan, tuple(warnings), tuple(project.nodes[key].name for key in still))


def _words(plan: Plan, since: datetime | None, *, stale: bool, held: bool) -> str:
    at = f"{since:%Y-%m-%d %H:%M} UTC" if since else "the beginning"
    if plan.everything:
        return "everything is built anew"
    if not plan:
        if stale:
            return f"nothing new since {at}; what was built is published"
        return f"nothing new since {at}" + ("; what is held back is looked at again" if held else "")
    if since is None:
        return "first run"
    reasons = Counter(plan.reasons.values())
    changes = {change.table: change for change in plan.changes}
    tables = sorted(
        {table for reason in reasons for table in changed_tables(reason)} & set(plan.project.sources.values())
    )
    parts = [_rows(changes[table]) if table in changes else f"{table} changed" for table in tables[:SHOWN]]
    if len(tables) > SHOWN:
        parts.append(counted(len(tables) - SHOWN, "more table changed", "more tables changed"))
    if reasons[NEW_DAY]:
        parts.append(NEW_DAY)
    if reasons[CODE]:
        parts.append("the project or a setting changed")
    if reasons[ASKED] and not parts:
        parts.append("asked for, or told to nobody yet")
    if reasons[NEVER] and not parts:
        parts.append(f"{counted(reasons[NEVER], 'table or check is', 'tables or checks are')} {NEVER}")
    if tables:
        parts[0] = f"since the last run: {parts[0]}"
    return "; ".join(parts) or "what changed in the last run is not all built yet"


def _rows(change: Change) -> str:
    if change.rows_before is None:
        return f"{change.table} is new"
    more = change.rows - change.rows_before
    if not more:
        return f"{change.table} changed"
    return f"{change.table} {'+' if more > 0 else '-'}{counted(abs(more), 'row', 'rows')}"
