"""What one viewer sees of one publication: the marts as views that hold its rows and no others.

The row rules are applied here and nowhere else: a question, a page and a report are read through these views, by names
that lead to them alone. Put here: making the views, running statements. Keep out: the rules (`publishing.row_rules`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from orchestration.publishing.mart_status import MART_SCHEMA
from orchestration.publishing.parts import quoted
from orchestration.publishing.row_rules import rows_of_teams
from orchestration.serving.faults import NotAllowed, NotNow
from orchestration.serving.publications import DATABASE, Publication
from orchestration.serving.viewers import Viewer
from orchestration.warehouse.connection import rows_of


class Reading:
    """One viewer, one publication, one connection of its own."""

    def __init__(self, publication: Publication, viewer: Viewer, connection: duckdb.DuckDBPyConnection) -> None:
        self.publication, self.viewer, self.connection = publication, viewer, connection

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a statement over marts by their bare names."""
        return rows_of(self.connection.execute(sql, values))

    def one(self, sql: str, values: Sequence[Any] | dict[str, Any] | None = None) -> dict[str, Any]:
        """The only row of a statement."""
        return self.rows(sql, values)[0]

    def has(self, mart: str, *columns: str) -> bool:
        """Whether the copy has a mart, with these columns."""
        return mart in self.publication.columns and set(columns) <= self.publication.columns[mart].keys()

    def need(self, mart: str) -> str:
        """The name of a mart that the viewer may read.

        Raises:
            NotNow: it is not published.
            NotAllowed: no row of it belongs to a team.
        """
        if mart not in self.publication.columns:
            raise NotNow(f"{mart} is not published yet", remedy="run: costops run")
        if not self.viewer.sees_all and _condition(self.publication, mart, self.viewer.teams) is None:
            raise NotAllowed(
                f"rows of {mart} belong to no team, and {self.viewer.principal_id} sees rows of teams",
                remedy="ask somebody who is admin or finance",
            )
        return mart


@contextmanager
def reading(publication: Publication, viewer: Viewer) -> Iterator[Reading]:
    """A look at a publication as a viewer sees it; marts are the default schema, and `marts` names the same views."""
    schema = DATABASE if viewer.sees_all else _views_of(publication, viewer.teams)
    connection = publication.connection.cursor()
    try:
        connection.execute(f"use {schema}.{MART_SCHEMA}")
        yield Reading(publication, viewer, connection)
    finally:
        connection.close()


def _views_of(publication: Publication, teams: frozenset[str]) -> str:
    """The database of views for these teams, made at first use. A mart of which no row is any team's is empty in it."""
    name = "teams_" + hashlib.sha256("\0".join(sorted(teams)).encode()).hexdigest()[:24]

    def make() -> str:
        connection = publication.connection.cursor()
        try:
            connection.execute(f"attach ':memory:' as {name}")
            connection.execute(f"create schema {name}.{MART_SCHEMA}")
            for mart in publication.columns:
                condition = _condition(publication, mart, teams) or "false"
                connection.execute(
                    f"create view {name}.{MART_SCHEMA}.{quoted(mart)} as "
                    f"select * from {DATABASE}.{MART_SCHEMA}.{quoted(mart)} where {condition}"
                )
        finally:
            connection.close()
        return name

    return publication.kept(name, make)


def _condition(publication: Publication, mart: str, teams: frozenset[str]) -> str | None:
    """Whose rows are the teams'; as SQL, in which a team's id is text and nothing else."""
    own = ", ".join("'" + team.replace("'", "''") + "'" for team in sorted(teams)) or "null"
    return rows_of_teams(
        mart,
        publication.columns[mart],
        lambda column: f"coalesce({column} in ({own}), false)",
        {name: set(columns) for name, columns in publication.columns.items()},
        f"{DATABASE}.{MART_SCHEMA}",
    )
