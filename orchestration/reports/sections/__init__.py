"""Types of sections, one module each: a new file here can be named in templates from then on.

A module holds `SECTION`, a `SectionKind`. Put here: one type per module. Keep out: statements, layout.
"""

from __future__ import annotations

from functools import cache

from ml.discovery import members
from orchestration.reports.sections.model import SectionKind


@cache
def section_kinds() -> dict[str, SectionKind]:
    """Every type of section, by the name that templates use."""
    return {kind.name: kind for kind in members(__name__, __path__, "SECTION", SectionKind, leave_out=("model",))}
