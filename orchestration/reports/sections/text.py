"""Words of the template's author.

Put here: paragraphs as they are written. Keep out: markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.reports.content import Block, Words
from orchestration.reports.reading import Scope
from orchestration.reports.sections.model import SectionKind


def build(options: Mapping[str, Any], scope: Scope) -> Sequence[Block]:
    """One paragraph for each that an empty line parts; `{{ period }}` is the period's name."""
    text = str(options.get("text", "")).replace("{{ period }}", scope.period.label)
    return [Words([" ".join(part.split()) for part in text.split("\n\n") if part.strip()])]


SECTION = SectionKind(
    "text", "", build, ("text",), lambda options: "" if isinstance(options.get("text"), str) else "text is missing"
)
