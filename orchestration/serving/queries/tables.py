"""Rows of one mart as they are: some of its columns, filtered, ordered, cut.

Put here: the statement; names are looked up in the copy and never written from outside. Keep out: sums (`aggregate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orchestration.publishing.parts import quoted
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import between, order_of
from orchestration.serving.reading import Reading

MOST_ROWS = 200


@dataclass(frozen=True)
class Question:
    """What is asked of a mart. `order_by`: a column, `-` before it for descending; filters are either-or by column."""

    mart: str
    columns: Sequence[str] = ()
    filters: Mapping[str, Sequence[str]] | None = None
    order_by: str | None = None
    limit: int = 20


def table_rows(reading: Reading, asked: Question) -> Answer:
    """The rows that the viewer sees.

    Raises:
        NotNow: the mart is not published.
        NotAllowed: its rows belong to no team, and the viewer sees rows of teams.
        AskedWrongly: with the parameter.
    """
    mart = reading.need(asked.mart)
    between(asked.limit, 1, MOST_ROWS, "limit")
    known = {name: kind for name, kind in reading.publication.columns[mart].items() if not name.startswith("_")}
    shown = _known(asked.columns, known, "columns") or list(known)
    filters = {name: list(values) for name, values in (asked.filters or {}).items()}
    conditions = [
        f"{quoted(name)}::varchar in ({', '.join('?' * len(filters[name])) or 'null'})"
        for name in _known(filters, known, "filters")
    ]
    # By the column that is asked for, then by those that are shown: the same rows at every time.
    order = order_of(
        asked.order_by, {name: quoted(name) for name in known}, [f"{quoted(name)} nulls last" for name in shown],
        "is no column",
    )  # fmt: skip
    rows = reading.rows(
        f"select {', '.join(map(quoted, shown))} from {quoted(mart)} where {' and '.join(conditions) or 'true'} "
        f"order by {order} limit ?",
        [*(value for values in filters.values() for value in values), asked.limit + 1],
    )
    body = {"mart": mart, "rows": rows[: asked.limit], "has_more": len(rows) > asked.limit}
    return Answer(body, "rows", (mart,), filters)


def _known(names: Iterable[str], known: Mapping[str, str], field: str) -> list[str]:
    found = list(dict.fromkeys(names))
    if unknown := [name for name in found if name not in known]:
        raise AskedWrongly(
            f"{field}: there is no column {unknown[0][:60]!r}", remedy=f"write {', '.join(known)}", field=field
        )
    return found
