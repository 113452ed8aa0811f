"""What a suite is, and the frame it looks at.

Put here: the shape. Keep out: suites (`landed`, `published`), Great Expectations itself (`validation`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pandas as pd

QUIET = "there is too little history to compare with"


@dataclass(frozen=True)
class Frame:
    """What a suite looks at. `history` is what that is compared with; None where it needs none."""

    rows: pd.DataFrame
    history: pd.DataFrame | None = None


@dataclass(frozen=True)
class Suite:
    """Expectations on one table.

    `sql` gives the frame and `history_sql` what it is compared with; both may use `$now` (midnight, UTC).
    `expectations` makes Great Expectations' objects from the frame: none where nothing can be said yet.
    """

    name: str
    table: tuple[str, str]
    about: str
    sql: str
    expectations: Callable[[Frame, datetime], Sequence[Any]]
    history_sql: str | None = None
    is_error: bool = False
    """Whether what it finds is wrong, or only unusual."""
    remedy: str = ""
    key: tuple[str, ...] = ()
    """Columns that say which row does not hold."""

    def read(self, connection: duckdb.DuckDBPyConnection, now: datetime) -> Frame:
        """The frame by the warehouse as it is; within a day it looks back from the same moment."""
        now = now.replace(hour=0, minute=0, second=0, microsecond=0)
        rows = _read(connection, self.sql, now)
        return Frame(rows, _read(connection, self.history_sql, now) if self.history_sql else None)


def _read(connection: duckdb.DuckDBPyConnection, sql: str, now: datetime) -> pd.DataFrame:
    return connection.execute(sql, {"now": now} if "$now" in sql else None).df()


def content_of(frame: Frame) -> str:
    """Changes with what the frame says."""
    parts = [frame.rows, *([frame.history] if frame.history is not None else [])]
    return " ".join(str(pd.util.hash_pandas_object(part, index=False).sum()) + str(part.shape) for part in parts)


def day(value: object) -> date:
    """A day as the frame has it."""
    return pd.Timestamp(value).date()  # type: ignore[arg-type]
