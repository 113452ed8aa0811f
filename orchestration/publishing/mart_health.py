"""Which marts are held back because something they read is wrong, and why: so that the others can go on.

A build of dbt leaves causes: a model that failed, a test that failed, a build that never ended; so do a landing that
failed and a check of landed rows. A cause holds back the model it is about and everything that reads it, until that
very model, test, landing or check succeeds again. Held-back marts keep their last published version.

Put here: from results of a build to what is held back; remembering it in the home. Keep out: dbt, Dagster, copying.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from ingestion.whole_files import replace_file
from orchestration.home.faults import remedy_of

FAILED = frozenset(("error", "fail", "runtime error"))
PASSED = frozenset(("success", "pass", "warn"))
TEST_REMEDY = "mend or take away the newest files (costops doctor names what is odd), then costops run"
MODEL_REMEDY = "take away or mend the newest files, then costops run; if no file is at fault, report it with run.log"
UNFINISHED_REMEDY = "costops run"
LANDING_REMEDY = "take away or mend the newest files of that source, then costops run; else report it"
LANDING, RAW_CHECK, SOURCES = "landing.", "raw_check.", "source:"
LONGEST_REASON = 240


@dataclass(frozen=True)
class Cause:
    """Why something is held back. `roots` are the dbt nodes that are wrong."""

    reason: str
    remedy: str
    roots: tuple[str, ...]
    since: str
    """UTC, ISO."""


@dataclass(frozen=True)
class HeldBack:
    """One model that is held back."""

    reason: str
    remedy: str
    since: str


@dataclass
class Health:
    """What a home remembers: causes by dbt node, and what they hold back by `schema.name`."""

    causes: dict[str, Cause] = field(default_factory=dict)
    held_back: dict[str, HeldBack] = field(default_factory=dict)

    def held(self, names: Iterable[str]) -> dict[str, HeldBack]:
        """Those of `names` (`schema.name`) that are held back."""
        return {name: self.held_back[name] for name in names if name in self.held_back}


def health_path(dbt_dir: Path) -> Path:
    """Where a home remembers what is held back."""
    return dbt_dir / "held_back.json"


def read_health(dbt_dir: Path) -> Health:
    """What the home remembers; nothing where there is no file or it cannot be read (the next build writes it)."""
    try:
        content = json.loads(health_path(dbt_dir).read_text())
        causes = {key: Cause(**value | {"roots": tuple(value["roots"])}) for key, value in content["causes"].items()}
        return Health(causes, {key: HeldBack(**value) for key, value in content["held_back"].items()})
    except (OSError, ValueError, TypeError, KeyError):
        return Health()


def write_health(dbt_dir: Path, health: Health) -> None:
    """Remember it, in one step."""
    replace_file(health_path(dbt_dir), json.dumps(asdict(health), indent=1, sort_keys=True))


def landing_failed(dbt_dir: Path, source: str, dataset: str, reason: str, now: datetime) -> None:
    """Remember that a raw dataset may be half landed: the next build holds back what reads it."""
    _remember(dbt_dir, f"{LANDING}{source}", f"landing {source} failed: {reason}", LANDING_REMEDY, dataset, now)


def landing_succeeded(dbt_dir: Path, source: str) -> None:
    """Forget that a source failed; the next build lets go of what reads it."""
    _forget(dbt_dir, f"{LANDING}{source}")


def raw_check_failed(dbt_dir: Path, check: str, table: str, reason: str, remedy: str, now: datetime) -> None:
    """Remember that a raw table (`schema.name`) holds rows that cannot be: the next build holds back what reads it."""
    _remember(dbt_dir, f"{RAW_CHECK}{check}", f"the check {check} failed: {reason}", remedy, table, now)


def raw_check_passed(dbt_dir: Path, check: str) -> None:
    """Forget that a check of landed rows failed; what reads them is let go of now, or with the next build."""
    _forget(dbt_dir, f"{RAW_CHECK}{check}")
    health = read_health(dbt_dir)
    if health.held_back and not health.causes:
        write_health(dbt_dir, Health())


def _remember(dbt_dir: Path, key: str, reason: str, remedy: str, dataset: str, now: datetime) -> None:
    health = read_health(dbt_dir)
    before = health.causes.get(key)
    since = before.since if before else now.isoformat(timespec="seconds")
    cause = Cause(reason, remedy, (f"{SOURCES}{dataset}",), since)
    write_health(dbt_dir, Health(health.causes | {key: cause}, health.held_back))


def _forget(dbt_dir: Path, key: str) -> None:
    health = read_health(dbt_dir)
    if health.causes.pop(key, None):
        write_health(dbt_dir, health)


def begun(health: Health, manifest: Mapping[str, Any], step: str, nodes: Iterable[str], now: datetime) -> Health:
    """The state while a build is going on: killed in the middle of it, what it builds may be half new."""
    before = health.causes.get(unfinished_cause(step))
    roots = {*nodes, *(before.roots if before else ())}
    since = before.since if before else now.isoformat(timespec="seconds")
    cause = Cause("its build did not end", UNFINISHED_REMEDY, tuple(sorted(roots)), since)
    return _with(manifest, health.causes | {unfinished_cause(step): cause})


def ended(
    health: Health,
    manifest: Mapping[str, Any],
    step: str,
    built: Iterable[str],
    statuses: Mapping[str, str],
    messages: Mapping[str, str],
    now: datetime,
) -> Health:
    """The state after a build of the nodes `built`: causes that succeeded go, those that failed come or stay with the
    time they came."""
    nodes, built = manifest["nodes"], set(built)
    causes = {
        key: cause
        for key, cause in health.causes.items()
        if statuses.get(key) not in PASSED
        and (key in nodes or key.startswith((unfinished_cause(""), LANDING, RAW_CHECK)))
    }
    if unfinished := causes.pop(unfinished_cause(step), None):
        others = tuple(root for root in unfinished.roots if root not in built and root in nodes)
        causes |= {unfinished_cause(step): replace(unfinished, roots=others)} if others else {}
    for node, status in statuses.items():
        if status in FAILED and node in nodes:
            before = health.causes.get(node)
            since = before.since if before else now.isoformat(timespec="seconds")
            causes[node] = _cause(manifest, node, messages.get(node, ""), since)
    return _with(manifest, causes)


def held_by_others(health: Health, manifest: Mapping[str, Any], nodes: Iterable[str]) -> list[str]:
    """Of `nodes` those that are held back by something outside of them, so that building them would spread it."""
    own = set(nodes)
    roots = {root for cause in health.causes.values() for root in cause.roots if root not in own}
    return sorted(own & _downstream(manifest, roots))


def node_name(manifest: Mapping[str, Any], node: str) -> str:
    """`schema.name` of a dbt node."""
    found = manifest["nodes"][node]
    return f"{found['schema']}.{found['name']}"


def in_order(manifest: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """`names` (`schema.name`) so that each comes after what it reads."""
    nodes = {node_name(manifest, node): node for node in manifest["nodes"] if not node.startswith("test.")}
    parents = {node: manifest["nodes"][node].get("depends_on", {}).get("nodes", ()) for node in nodes.values()}
    order = {node: number for number, node in enumerate(TopologicalSorter(parents).static_order())}
    return sorted(names, key=lambda name: order.get(nodes.get(name, ""), -1))


def unfinished_cause(step: str) -> str:
    """The cause that a build of the step holds while it goes on, and keeps where it is killed."""
    return f"unfinished.{step}"


def _cause(manifest: Mapping[str, Any], node: str, message: str, since: str) -> Cause:
    found = manifest["nodes"][node]
    words = " ".join(message.split())[:LONGEST_REASON]
    if found["resource_type"] != "test":
        remedy = remedy_of(words) or MODEL_REMEDY
        return Cause(f"{found['name']} could not be built: {words or 'see run.log'}", remedy, (node,), since)
    return Cause(
        f"the check {found['name']} failed: {words or 'see run.log'}", TEST_REMEDY, roots_of(manifest, node), since
    )


def roots_of(manifest: Mapping[str, Any], test: str) -> tuple[str, ...]:
    """What a failing test says is wrong: the model it names or is attached to, else the last ones that it reads."""
    found = manifest["nodes"][test]
    reads = [each for each in found["depends_on"]["nodes"] if each in manifest["nodes"]]
    named = (((found.get("config") or {}).get("meta") or {}).get("dagster") or {}).get("ref", {}).get("name")
    chosen = [each for each in reads if manifest["nodes"][each]["name"] == named]
    if chosen:
        return tuple(chosen)
    if found.get("attached_node") in reads:
        return (found["attached_node"],)
    return tuple(each for each in reads if not _downstream(manifest, {each}) & set(reads) - {each}) or tuple(reads)


def _with(manifest: Mapping[str, Any], causes: Mapping[str, Cause]) -> Health:
    held: dict[str, HeldBack] = {}
    for cause in sorted(causes.values(), key=lambda each: (each.since, each.reason)):
        for node in _downstream(manifest, set(cause.roots)):
            held.setdefault(node_name(manifest, node), HeldBack(cause.reason, cause.remedy, cause.since))
    return Health(dict(causes), held)


def _downstream(manifest: Mapping[str, Any], roots: set[str]) -> set[str]:
    """Roots that exist, and the models that read them, however indirectly."""
    nodes, children = manifest["nodes"], manifest["child_map"]
    found: set[str] = set()
    open_ends = [root for root in roots if root in nodes]
    datasets = {root.removeprefix(SOURCES) for root in roots if root.startswith(SOURCES)}
    for key, source in manifest["sources"].items() if datasets else ():
        if datasets & {source["source_name"], f"{source['source_name']}.{source.get('name')}"}:
            open_ends += [child for child in children.get(key, ()) if child.startswith(("model.", "snapshot."))]
    while open_ends:
        node = open_ends.pop()
        if node in found:
            continue
        found.add(node)
        open_ends += [child for child in children.get(node, ()) if child.startswith(("model.", "snapshot."))]
    return found
