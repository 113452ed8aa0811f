"""What a question is answered with.

Put here: the form, faults of the copy in words. Keep out: JSON, CSV, Arrow (`http.formats`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.serving.faults import AskedWrongly, NotNow
from orchestration.serving.reading import Reading


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


def answered(question: Callable[[Reading], Answer], look: Reading) -> Answer:
    """The answer; what the copy does not have is said as that.

    Raises:
        AskedWrongly: a parameter is no text.
        NotNow: the copy lacks what is asked for, or cannot answer.
    """
    try:
        return question(look)
    except UnicodeEncodeError:
        raise AskedWrongly("a parameter holds what is no text", remedy="send UTF-8 without surrogates") from None
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise NotNow(
            f"the published copy lacks what this needs ({str(error).splitlines()[0][:120]})",
            remedy="publish with this version: costops run",
        ) from None
    except duckdb.Error as error:
        raise NotNow(
            f"the published copy could not answer ({str(error).splitlines()[0][:120]})",
            remedy="ask for less: fewer days or groups",
        ) from None
