"""Data flow: files of the events folder -> `raw_events.requests`, `raw_events.files`, `raw_events.quarantine`.

Put here: the description of the source. Keep out: formats. Run alone: `python -m ingestion.sources.events`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingestion.agent_folders import AGENTS, LOCAL, is_local
from ingestion.capture.files import adopt
from ingestion.config import DROP_FOLDERS, Settings
from ingestion.landing import DropFolderSource, LandingReport, connect, land_drop_folder
from ingestion.landing.notes import Note
from ingestion.landing.noting import standing
from ingestion.landing.source import Route
from ingestion.sources.events import routing
from ingestion.sources.events.answers import LEFT_OUT, answers, left_out, misspelled, rules_route
from ingestion.sources.events.bulk import is_bulk
from ingestion.sources.events.exports.openrouter_days import sums_beside_calls
from ingestion.sources.events.families import HAS_RELATIVES, REPEATED
from ingestion.sources.events.oversight import folder_like, overseen
from ingestion.sources.events.plans import covering, is_declared
from ingestion.sources.events.told_twice import CALLS_ALIKE, told_twice


def source(settings: Settings) -> DropFolderSource:
    """The events folder as landing sees it, with the sessions of this person's agents where they are asked for."""

    rules = answers(settings)

    def route(relative_path: str) -> Route:
        if (of_rules := rules_route(relative_path)) is not None:
            return of_rules
        found = routing.route(relative_path)
        if isinstance(found, tuple) and rules.ignores([relative_path]):
            return found[0], left_out
        if not isinstance(found, tuple):
            is_stray = found and not routing.in_folder(relative_path)
            folder = folder_like(settings.events_dir / relative_path) if is_stray else None
            return Note("outside_folder", f"it looks like one of {folder}/: move it there") if folder else found
        parser = overseen(found[1], may_be_silent=found[0] in AGENTS)
        return found[0], covering(parser) if is_declared(relative_path, settings.plan_covered) else parser

    return DropFolderSource(
        name="events",
        dataset="raw_events",
        folder=settings.events_dir,
        folder_variable=DROP_FOLDERS["events"],
        route=route,
        companions=routing.companions,
        unique_columns={"requests": "event_id"},
        repeated={"requests": (HAS_RELATIVES, REPEATED)},
        is_bulk=is_bulk,
        mounts=settings.agent_folders if settings.reads_local else (),
        keeps_removed=is_local,
        meaning=lambda path: (
            LEFT_OUT if rules.ignores([path]) else "plan" if is_declared(path, settings.plan_covered) else ""
        ),
        readers=("ingestion.sources.events",),
    )


def land(settings: Settings, *, now: datetime, progress: Callable[[str], None] | None = None) -> LandingReport:
    """Land what is new or changed in the events folder, and what capture left there when its process died."""
    adopt(settings.events_dir)
    with connect(settings.warehouse_path):  # opening it takes 70 ms of CPU: while it is open, nothing
        report = land_drop_folder(source(settings), settings, now=now, progress=progress)
        report.notes += sums_beside_calls(settings)
        rules = answers(settings)
        is_asked_anew = report.is_changed or bool(rules.rules)
        report.notes += told_twice(settings, rules) if is_asked_anew else standing(settings, "events", CALLS_ALIKE)
        report.notes += [*rules.notes, *misspelled(settings, rules)]
    if settings.reads_local:
        report.notes += _plans_unknown(settings)
    return report


def _plans_unknown(settings: Settings) -> list[Note]:
    """Sessions of Claude Code do not tell whether a subscription covers them: how they count, and the setting."""
    found = [
        prefix for prefix, folder in settings.agent_folders if prefix.startswith("claude_code/") and folder.is_dir()
    ]
    if not found or any(is_declared(f"claude_code/{LOCAL}/", (path,)) for path in settings.plan_covered):
        return []
    message = (
        f"{AGENTS['claude_code']} does not write down whether a subscription covers its calls; they count as spend at "
        "list prices"
    )
    return [Note("plan_unknown", message)]
