"""The query that shows the rows behind a finding, on tables that are published.

Put here: its text. Keep out: running it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ml.anomalies.detect import Source


def evidence_query(source: Source, where: Mapping[str, str], first: date, last: date) -> str:
    """Cost by day of a slice, with what it is charged for, from `first` to `last`."""
    conditions = "".join(f"\n  and {column} = '{_quoted(value)}'" for column, value in where.items())
    return (
        f"select {source.day}, {source.shown}, sum({source.cost}) as cost_usd\n"
        f"from {source.fact}\n"
        f"where {source.day} between date '{first}' and date '{last}'{conditions}\n"
        "group by all\norder by all"
    )


def _quoted(value: str) -> str:
    return value.replace("'", "''")
