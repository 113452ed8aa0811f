"""The rooms of `orchestration/`: what may import what, where Dagster is, how large a file may be.

Put here: walls between parts of the code, read from its imports. Keep out: what the folders at the top may hold
(`test_layout`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingestion", "ml", "orchestration")
LONGEST_FILE = 300
LOOSE = {"__init__.py", "cli.py", "definitions.py", "resources.py"}
ROOMS = (
    "text",
    "charts",
    "alerting",
    "warehouse",
    "home",
    "identities",
    "presenting",
    "publishing",
    "lake",
    "expectations",
    "forgetting",
    "dashboards",
    "reports",
    "documentation",
    "closing",
    "pricing",
    "serving",
    "client",
    "running",
    "resources",
    "defs",
    "definitions",
    "commands",
    "cli",
)
"""Each may import those before it when it is imported; what drives Dagster imports the definitions when called."""
DAGSTER = {
    "orchestration/definitions.py",
    "orchestration/resources.py",
    "orchestration/home/dead_runs.py",
    "orchestration/home/event_storage.py",
    "orchestration/home/held_runs.py",
    "orchestration/home/run_origin.py",
}
"""Files that may import Dagster besides `defs/` and `running/`: its entry point and its instance."""
PRIVATE_PARTS = {
    "orchestration/home/event_storage.py": "falls back to Dagster's own storage (decision 20)",
    "orchestration/home/run_origin.py": "falls back to runs without an origin",
    "orchestration/running/run_launcher.py": "falls back to Dagster's own launcher (decisions 16 and 20)",
    "orchestration/running/web_server.py": "the web interface alone needs it",
}
"""Files that use what Dagster does not promise to keep, and what becomes of it without."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Modules that these statements import; a module that is taken out of its package is named itself."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            taken = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from {name if is_module(name) else node.module for name in taken}


def importers(pattern: str) -> set[str]:
    """Files that import, anywhere in them, a module that begins so."""
    found = re.compile(pattern)
    return {path for path, tree in modules() if any(found.match(name) for name in imported(ast.walk(tree)))}


def room_of(name: str) -> str | None:
    """The room of a module, or of a file as a module."""
    parts = name.split(".")
    return parts[1] if parts[0] == "orchestration" and len(parts) > 1 and parts[1] in ROOMS else None


def test_every_file_has_its_room() -> None:
    loose = {path.name for path in (ROOT / "orchestration").glob("*.py")}
    assert loose <= LOOSE
    folders = {path.parent.name for path in (ROOT / "orchestration").glob("*/__init__.py")}
    assert folders <= set(ROOMS)


def test_rooms_import_only_rooms_before_them() -> None:
    broken = []
    for path, tree in modules():
        here = room_of(path.removesuffix(".py").replace("/", "."))
        for name in imported(tree.body):
            there = room_of(name)
            if here and there and ROOMS.index(there) > ROOMS.index(here):
                broken.append((path, name))
    assert broken == []


def test_dagster_is_imported_in_the_definitions_and_beside_them_only() -> None:
    assert importers(r"dagster\w*\._|dagster_webserver\.") == set(PRIVATE_PARTS)


def test_no_two_files_import_each_other_however_indirectly() -> None:
    """When they are imported. A package's own `__init__` counts as one of its modules."""
    files = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree for path, tree in modules()}
    reads = {
        name: {each for each in imported(tree.body) if each in files and each != name} for name, tree in files.items()
    }
    done: set[str] = set()

    def circle_from(name: str, road: tuple[str, ...]) -> tuple[str, ...]:
        if name in road:
            return (*road[road.index(name) :], name)
        if name in done:
            return ()
        found = next((circle for each in sorted(reads[name]) if (circle := circle_from(each, (*road, name)))), ())
        done.add(name)
        return found

    assert [circle for name in sorted(files) if (circle := circle_from(name, ()))] == []


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    lengths = {path: (ROOT / path).read_text().count("\n") for path, _ in modules()}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_page_on_architecture_lists_the_rooms_in_their_order() -> None:
    rows = re.findall(r"^\| `(\w+)/` \|", (ROOT / "docs" / "architecture.md").read_text(), re.MULTILINE)
    assert rows == [room for room in ROOMS if (ROOT / "orchestration" / room).is_dir()]
