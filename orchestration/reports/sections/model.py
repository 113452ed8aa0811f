"""What a type of section is.

Put here: its parts, what several types do alike. Keep out: types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.presenting.formats import Unit
from orchestration.reports.content import Block
from orchestration.reports.figures import figures
from orchestration.reports.figures.model import Figure, Shown
from orchestration.reports.reading import Scope

Build = Callable[[Mapping[str, Any], Scope], Sequence[Block]]


@dataclass(frozen=True)
class SectionKind:
    """A type of section: which fields a template may give and how it becomes blocks.

    `check(options)` says in words what is wrong with them, or nothing.
    """

    name: str
    title: str
    build: Build
    options: Sequence[str] = ()
    check: Callable[[Mapping[str, Any]], str] = field(default=lambda options: "")


def figure_of(options: Mapping[str, Any]) -> Figure:
    """The figure that a section names, or that of its own query.

    Raises:
        ValueError: the query's columns are not declared rightly.
    """
    if name := options.get("figure"):
        return figures()[name]
    declared = options.get("columns")
    if not isinstance(declared, dict) or not declared:
        raise ValueError(
            "a query needs columns: a mapping of each column's name to its unit, or to {label, unit, total}"
        )
    return Figure(
        "query", "", str(options["query"]), {str(key): _shown(str(key), each) for key, each in declared.items()}
    )


def _shown(name: str, declared: Any) -> Shown:
    given = declared if isinstance(declared, dict) else {"unit": declared}
    if given.get("unit") not in [unit.value for unit in Unit]:
        raise ValueError(f"column {name} has unit {given.get('unit')!r}; there are: {', '.join(Unit)}")
    label = str(given.get("label") or name.replace("_", " ").capitalize())
    return Shown(label, Unit(given["unit"]), is_additive=bool(given.get("total")))
