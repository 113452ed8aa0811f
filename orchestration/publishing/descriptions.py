"""What each mart and column means, written into the published database, where BI tools show it.

Put here: reading dbt's descriptions, writing them as comments. Keep out: copying (`published_copy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.publishing.keys import Keys, constrain, keys_of
from orchestration.publishing.mart_status import MART_SCHEMA, STATUS_MART

DEFAULT_SCHEMA = "main"
"""Where a name without a schema is looked for."""
_STATUS = "One row per mart: whether the published version is what the newest build gave, and else why not."


@dataclass(frozen=True)
class Description:
    """What a mart is, and its columns by name."""

    text: str
    columns: Mapping[str, str]
    keys: Keys = field(default_factory=Keys)

    @property
    def comment(self) -> str:
        """What it is and its keys."""
        return " ".join(part for part in (self.text, self.keys.words) if part)


def descriptions_of(manifest: Mapping[str, Any]) -> dict[str, Description]:
    """Descriptions of the marts of a dbt manifest, by name."""
    keys = keys_of(manifest)
    found = {
        node["alias"]: Description(
            " ".join((node.get("description") or "").split()),
            {name: " ".join(column["description"].split()) for name, column in node.get("columns", {}).items()},
            keys.get(node["alias"], Keys()),
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["schema"] == MART_SCHEMA
    }
    return found | {STATUS_MART: Description(_STATUS, {})}


def describe(
    connection: duckdb.DuckDBPyConnection, marts: Iterable[str], descriptions: Mapping[str, Description]
) -> None:
    """Make a view of each mart for names without a schema, and comment on marts, views and columns.

    The published database is the one in use. Views of marts that are no longer there are dropped.
    """
    wanted = set(marts)
    constrain(connection, wanted, {mart: known.keys for mart, known in descriptions.items()})
    connection.execute("begin")
    there = connection.execute(
        "select view_name from duckdb_views() "
        "where database_name = current_database() and schema_name = ? and not internal",
        [DEFAULT_SCHEMA],
    ).fetchall()
    for (name,) in there:
        if name not in wanted:
            connection.execute(f'drop view {DEFAULT_SCHEMA}."{name}"')
    columns = _columns(connection)
    # Named in full, as a temporary table of the same name would come first.
    database = connection.execute("select current_database()").fetchall()[0][0]
    for mart in sorted(wanted):
        view = f'{database}.{DEFAULT_SCHEMA}."{mart}"'
        connection.execute(f'create or replace view {view} as select * from {MART_SCHEMA}."{mart}"')
        known = descriptions.get(mart)
        if known is None:
            continue
        table = f'{database}.{MART_SCHEMA}."{mart}"'
        connection.execute(f"comment on table {table} is {_text(known.comment)}")
        connection.execute(f"comment on view {view} is {_text(known.comment)}")
        meanings = {name.lower(): words for name, words in known.columns.items()}
        for column in columns.get(mart, ()):
            if words := meanings.get(column.lower()):
                connection.execute(f'comment on column {table}."{column}" is {_text(words)}')
                connection.execute(f'comment on column {view}."{column}" is {_text(words)}')
    connection.execute("commit")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where database_name = current_database() and schema_name = ? group by 1",
        [MART_SCHEMA],
    ).fetchall()
    return dict(rows)


def _text(words: str) -> str:
    """A text as SQL writes it; comments take no parameters."""
    return "'" + words.replace("'", "''") + "'"
