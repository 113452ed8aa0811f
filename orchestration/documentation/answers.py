"""What the queries of the documentation answer on this home.

Put here: running one and its rows as HTML. Keep out: queries.
"""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.text.figures import plain
from orchestration.text.terminal import stripped

ROWS = 8


class Answers:
    """Runs queries on a published copy that reaches nothing else; `failed` holds those that could not be run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.failed: list[tuple[str, str]] = []
        self.count = 0

    def html(self, sql: str) -> str:
        """The first rows below a query, folded away; words where it cannot be run."""
        try:
            cursor = self.connection.execute(sql)
            names = [str(column[0]) for column in cursor.description or []]
            rows = cursor.fetchmany(ROWS + 1)
        except duckdb.Error as error:
            self.failed.append((sql, str(error).splitlines()[0]))
            return f'<p class="answer">Not answered here: {html.escape(str(error).splitlines()[0])}</p>'
        self.count += 1
        if not rows:
            return '<p class="answer">Here: no rows.</p>'
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows[:ROWS])
        more = " (first rows)" if len(rows) > ROWS else ""
        return (
            f'<details class="answer"><summary>What it answers here{more}</summary>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
        )


def _cell(value: Any) -> str:
    if value is None:
        return '<td class="null">NULL</td>'
    if isinstance(value, Decimal):
        return f'<td class="number">{plain(value)}</td>'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{value}</td>'
    return f"<td>{html.escape(stripped(str(value)))}</td>"
