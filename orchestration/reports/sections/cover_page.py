"""The first page: title, subtitle, logo, what the figures rest on.

Put here: nothing else; renderers lay it out from the report itself.
"""

from __future__ import annotations

from orchestration.reports.sections.model import SectionKind

SECTION = SectionKind("cover_page", "Cover", lambda options, scope: [])
