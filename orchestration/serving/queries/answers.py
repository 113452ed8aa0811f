"""What a question is answered with.

Put here: the form. Keep out: JSON, CSV, Arrow (`http.formats`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Fields by name; `table` names the one that is a list of rows, for formats that are tables."""

    body: dict[str, Any]
    table: str | None = None
    sources: tuple[str, ...] = ()
    """Marts that it was read from."""
    filters: dict[str, Any] = field(default_factory=dict)
    """What the rows were chosen by."""

    @property
    def row_count(self) -> int:
        """Rows of its table, else 1."""
        return len(self.body[self.table]) if self.table else 1

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its table, else its plain fields as one row."""
        if self.table:
            rows = self.body[self.table]
            if isinstance(rows, dict):
                return [{"name": name, **fields} for name, fields in rows.items()]
            return list(rows)
        return [{name: value for name, value in self.body.items() if not isinstance(value, dict | list)}]
