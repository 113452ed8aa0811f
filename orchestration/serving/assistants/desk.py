"""What the tools answer from: the newest published copy, as one viewer sees it.

Put here: looking, cutting an answer to size, faults in words. Keep out: single tools, the protocol (`server`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingestion.config import Settings
from orchestration.publishing.bi.model import Model
from orchestration.serving.audit import AuditLog
from orchestration.serving.faults import Fault
from orchestration.serving.publications import Publications
from orchestration.serving.queries.answers import Answer, answered
from orchestration.serving.reading import Reading, reading
from orchestration.serving.viewers import Viewer

MOST_CHARACTERS = 4000
"""An answer is no longer; what is left out is said."""


@dataclass
class Desk:
    """One viewer's desk. `model`: the metrics by name, read when they are first asked for."""

    settings: Settings
    viewer: Viewer
    publications: Publications
    model: Callable[[], Model]
    audit: AuditLog | None = None
    """Where accesses are noted; one that cannot be noted is not answered."""

    def answer(self, tool: str, look: Callable[[Reading], Answer]) -> dict[str, Any]:
        """What a look comes to, with its marts, filters and version; a fault as its words and the remedy."""
        try:
            with self.publications.current() as publication, reading(publication, self.viewer) as seen:
                found = answered(look, seen)
                published = publication.published_at_utc
        except Fault as fault:
            return {"error": fault.message, "field": fault.field, "remedy": fault.remedy}
        if self.audit is not None:
            self.audit.write({"who": self.viewer.principal_id, "key": self.viewer.key_id, "what": f"mcp {tool}",
                              "filters": plain(found.filters), "rows": found.row_count})  # fmt: skip
        source = {"marts": list(found.sources), "filters": found.filters, "published_at_utc": published}
        return sized(plain(found.body), found.table, plain(source))


def sized(body: dict[str, Any], table: str | None, source: dict[str, Any]) -> dict[str, Any]:
    """An answer of at most `MOST_CHARACTERS`: rows are left out from the end, and how many is said."""
    rows = body.get(table, []) if table else []
    kept = len(rows) if isinstance(rows, list) else 0
    while True:
        shown = body | ({table: rows[:kept]} if table and isinstance(rows, list) else {})
        left_out = {"rows_left_out": len(rows) - kept} if table and kept < len(rows) else {}
        found = {**shown, **left_out, "source": source}
        if len(json.dumps(found, ensure_ascii=False, separators=(",", ":"))) <= MOST_CHARACTERS or kept == 0:
            return found
        kept = kept * 9 // 10 if kept > 10 else kept - 1


def plain(value: Any) -> Any:
    """As JSON says it: money as text with all its decimals, days as ISO 8601."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(each) for each in value]
    return value
