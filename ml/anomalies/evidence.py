"""The query that shows the rows behind a finding, on tables that are published.

Put here: its text. Keep out: running it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ml.anomalies.detect import Source

TAG = "tag"


def evidence_query(source: Source, where: Mapping[str, str], first: date, last: date) -> str:
    """Cost by day of a slice, with what it is charged for, from `first` to `last`."""
    fact, cost, shown = source.tagged if TAG in where else (source.fact, source.cost, source.shown)
    conditions = "".join(f"\n  and {_is(column, value)}" for column, value in where.items())
    return (
        f"select {source.day}, {shown}, sum({cost}) as cost_usd\n"
        f"from {fact}\n"
        f"where {source.day} between date '{first}' and date '{last}'{conditions}\n"
        "group by all\norder by all"
    )


def _is(column: str, value: str) -> str:
    """That a column has a value; of a tag (`key=value`) that the tags of a row have it, whatever its key holds."""
    if column != TAG:
        return f"{column} = '{_quoted(value)}'"
    key, _, value = value.partition("=")
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    found = f"json_extract_string(tags, '{_quoted(pointer)}')"
    return f"case when json_valid(tags) then {found} end = '{_quoted(value)}'"


def _quoted(value: str) -> str:
    return value.replace("'", "''")
