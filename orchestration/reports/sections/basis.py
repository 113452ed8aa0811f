"""What the figures rest on: how new, how complete, what is missing and what to do about it.

Put here: the standing in words. Keep out: finding it (`orchestration.presenting.standing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.reports.content import Block, Notice, Words
from orchestration.reports.figures import figures
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """A warning for each fault, the line of freshness, sources where asked for."""
    standing = scope.standing
    blocks: list[Block] = [Notice(f"{fault[0].upper()}{fault[1:]}.") for fault in standing.faults]
    said = [f"{standing.footer}."]
    if standing.is_complete:
        said.append("Nothing is known to be missing or wrong.")
    said.append(f"Changes are against {scope.before.label}. Figures are rounded for reading; marts hold every decimal.")
    blocks.append(Words(said))
    if options.get("sources"):
        table = scope.table(figures()["sources"])
        blocks.append(table if table.rows else Notice(figures()["sources"].empty, "empty"))
    return blocks


SECTION = SectionKind("basis", "What these figures rest on", build, ("sources",))
