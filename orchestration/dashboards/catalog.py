"""Which dashboards there are: the shipped ones, and those of a home, each a file.

Put here: finding definitions. Keep out: what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.dashboards.definitions import Dashboard
from orchestration.dashboards.faults import Fault
from orchestration.dashboards.reading import ENDINGS, read_file

SHIPPED = Path(__file__).parent / "shipped"
FIRST = ("executive", "team", "models", "providers")
"""The order of the shipped ones that most people want; others follow by title."""


@dataclass(frozen=True)
class Found:
    """One file with what it holds; `dashboard` is None where that is wrong."""

    path: Path
    dashboard: Dashboard | None
    faults: tuple[Fault, ...]
    is_shipped: bool


def find(folder: Path) -> list[Found]:
    """Every definition; one in `folder` takes the place of a shipped one of its name."""
    own = [_read(path, is_shipped=False) for path in _files(folder)]
    names: dict[str, Path] = {}
    for position, found in enumerate(own):
        if not found.dashboard:
            continue
        name = found.dashboard.name
        if name in names:
            fault = Fault(found.path.name, "", "name", f"{name!r} is the name of {names[name].name} too; change one")
            own[position] = Found(found.path, None, (fault,), is_shipped=False)
        names.setdefault(name, found.path)
    shipped = [
        found for path in _files(SHIPPED) if (found := _read(path, is_shipped=True)) and not _taken(found, names)
    ]
    return sorted([*shipped, *own], key=_order)


def _taken(found: Found, names: dict[str, Path]) -> bool:
    return found.dashboard is not None and found.dashboard.name in names


def _order(found: Found) -> tuple[int, str]:
    dashboard = found.dashboard
    if dashboard is None:
        return len(FIRST) + 1, found.path.name
    return (FIRST.index(dashboard.name) if dashboard.name in FIRST else len(FIRST)), dashboard.title


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.suffix in ENDINGS and not path.name.startswith("."))


def _read(path: Path, *, is_shipped: bool) -> Found:
    dashboard, faults = read_file(path)
    return Found(path, dashboard, tuple(faults), is_shipped)
