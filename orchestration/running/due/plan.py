"""From what changed to what is due: tables, checks, scores, and everything that may change with them.

What is due for its own sake is known before a run (`Plan.reasons`); whether what reads it changes too is known when its
turn comes, so a run is given all that it may reach (`Plan.reach`) and asks again node by node.

Put here: the plan and its words. Keep out: reading and writing the state (`state`), doing (`orchestration.defs`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from orchestration.running.due.days_over import DATED_BY, days_over, note_days_over, table_of
from orchestration.running.due.nodes import Project, is_view
from orchestration.running.due.state import Change, due_nodes, write_plan
from orchestration.running.due.steps import STEPS, scoring_code_key

NEW_DAY = "a new day"
NEVER = "not built yet, or its last build did not end well"
CODE = "its code or a setting changed"
ASKED = "asked for"
CHANGED = "changed: "


@dataclass(frozen=True)
class Plan:
    """What a run has to do."""

    project: Project
    reasons: Mapping[str, str]
    """Why each node or step is due for its own sake, by id."""
    reach: frozenset[str]
    """Ids of everything that is due or reads, however indirectly, what is."""
    everything: bool = False
    changes: tuple[Change, ...] = ()
    """Raw and scored tables whose content is not what it was at the last look."""

    def __bool__(self) -> bool:
        return bool(self.reach)

    def select(self, within: Collection[str], *, scored: bool) -> list[str]:
        """What dbt is told to build of the tables `within`, before or after the scores; may be empty."""
        nodes, tables = self.project.nodes, set(within)
        reached = [nodes[key] for key in sorted(self.reach) if key in nodes]
        chosen = [node for node in reached if node.id in tables and node.is_scored == scored]
        names = {node.id for node in chosen}
        checks = [
            node
            for node in reached
            if node.kind == "test"
            and not names.intersection(node.parents)
            and tables.intersection(node.parents)
            and scored == any(nodes[parent].is_scored for parent in node.parents if parent in nodes)
        ]
        return [node.name.rpartition(".")[2] for node in chosen] + [node.name for node in checks]

    def is_whole(self, within: Collection[str], *, scored: bool) -> bool:
        """Whether `select` would name every table there is.

        dbt is then told so in one word, as it looks at every node of the project for each name that it is given.
        """
        tables = {key for key, node in self.project.nodes.items() if node.kind != "test" and node.is_scored == scored}
        return tables <= self.reach and tables <= set(within)

    def only(self, ids: Collection[str]) -> Plan:
        """This plan for these tables and their checks alone."""
        nodes = self.project.nodes
        checks = {key for key, node in nodes.items() if node.kind == "test" and set(node.parents) & set(ids)}
        return Plan(self.project, self.reasons, frozenset({*ids, *checks}), self.everything, self.changes)

    def asset_names(self) -> set[str]:
        """`schema.table` of every table and view that may be built or checked, and of what steps may write."""
        nodes = self.project.nodes
        reached = [nodes[key] for key in self.reach if key in nodes]
        found = {node.name for node in reached if node.kind != "test"}
        checked = {parent for node in reached if node.kind == "test" for parent in node.parents if parent in nodes}
        found |= {nodes[key].name for key in checked}
        for step in STEPS.values():
            if step.id in self.reach:
                found |= set(step.writes)
        return found


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    *,
    settings_key: str,
    today: date,
    step_settings: Mapping[str, str] | None = None,
    forced: Collection[str] = (),
    windowed: bool = False,
    pending_alerts: bool = False,
    also: Iterable[str] = (),
    everything: bool = False,
    stores_marts: bool = False,
    changes: Iterable[Change] = (),
) -> Plan:
    """Write the plan of a run and say what is due.

    `forced` are ids to make whatever they are made from; with `windowed` also what rebuilds days that are asked for.
    `step_settings`: by step, what this home declares for it alone. `also` are ids whose build did not end, as the home
    remembers. `stores_marts`: the engine stores all that is published. Contents of raw tables must have been noted.
    """
    named = project.by_name()
    rows = []
    for node in project.nodes.values():
        force = everything or node.id in forced or (windowed and node.windowed)
        day = f" {today}" if node.code_key.endswith(" dated") else ""
        is_bound = is_view(node) if stores_marts else node.kind == "view"
        reads = () if is_bound else node.reads
        rows.append((node.id, f"{node.code_key} {settings_key}{day}", reads, force))
    for table in sorted({table for step in STEPS.values() for table in step.scores_days}):
        behind = {*project.behind(named[table]), *project.behind(named[DATED_BY])}
        rows.append((days_over(table), str(today), tuple(sorted(behind)), False))
    for step in STEPS.values():
        whole = {each for table in step.reads for each in project.behind(named[table]) if table not in step.scores_days}
        reads = tuple(sorted(whole | {days_over(table) for table in step.scores_days}))
        force = everything or step.id in forced or (step.name == "alerts" and pending_alerts)
        declared = (step_settings or {}).get(step.name, "")
        rows.append((step.id, f"{scoring_code_key()} dated {settings_key} {declared} {today}", reads, force))
    write_plan(connection, rows)
    note_days_over(connection, today)
    due = {node: keys for node, keys in due_nodes(connection).items() if table_of(node) is None}
    demanded = {key for key, _, _, force in rows if force}
    reasons = {
        key: ASKED if key in demanded else _reason(wanted, built, project) for key, (wanted, built) in due.items()
    }
    children = _children(project)
    reached = _reach(children, {*due, *(each for each in also if each in project.nodes)})
    if any(key in project.nodes and project.nodes[key].kind != "test" for key in reached):
        reached |= _reach(children, {node.id for node in project.nodes.values() if node.always})
    return Plan(project, reasons, frozenset(reached), everything, tuple(changes))


def settings_key(variables: Mapping[str, str]) -> str:
    """One word for what this home declares."""
    text = "\x1f".join(f"{name}={value}" for name, value in sorted(variables.items()))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]


def _children(project: Project) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for node in project.nodes.values():
        for parent in node.parents:
            found[parent].add(node.id)
    named = project.by_name()
    for step in STEPS.values():
        for table in step.reads:
            found[named[table]].add(step.id)
        for table in step.writes:
            if table in named:
                found[step.id].add(named[table])
    return found


def _reach(children: Mapping[str, set[str]], ids: Collection[str]) -> set[str]:
    found: set[str] = set()
    left = list(ids)
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left += children.get(key, ())
    return found


def _reason(wanted: str, built: str | None, project: Project) -> str:
    """Why something is due, from what it would be made from and what it was made from."""
    if built is None:
        return NEVER
    code, reads = _parts(wanted)
    code_before, reads_before = _parts(built)
    if code != code_before:
        same_but_day = code.rpartition(" ")[0] == code_before.rpartition(" ")[0] and " dated" in code
        return NEW_DAY if same_but_day else CODE
    changed = [key for key, content in reads.items() if reads_before.get(key) != content]
    named = (
        table_of(key) or project.sources.get(key) or (project.nodes[key].name if key in project.nodes else None)
        for key in changed
    )
    tables = sorted({table for table in named if table})
    return f"{CHANGED}{', '.join(tables)}" if tables else CODE


def changed_tables(reason: str) -> list[str]:
    """The tables that a reason names."""
    return reason.removeprefix(CHANGED).split(", ") if reason.startswith(CHANGED) else []


def _parts(key: str) -> tuple[str, dict[str, str]]:
    code, *reads = key.split(",")
    return code, dict(each.split("=", 1) for each in reads)
