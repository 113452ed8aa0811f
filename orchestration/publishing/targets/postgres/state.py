"""What the database has, kept in it: which table holds which rows of which mart, for which versions.

A publication is a version; the one row of `version` tells the newest that a reader's snapshot has. A part (the rows of
a month, or all) is written once and shown by every version from `first_version` to `last_version`.

Put here: the tables of the schema `<schema>_internal`, reading them. Keep out: changing versions (`publication`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.publishing.parts import quoted
from orchestration.publishing.targets.postgres.server import Server, text

NAME_BYTES = 63
"""What PostgreSQL cuts names to, in silence."""


@dataclass(frozen=True)
class Schema:
    """The names that belong to a published schema."""

    name: str

    @property
    def internal(self) -> str:
        """Schema of the state and of the functions that views ask."""
        return f"{self.name}_internal"

    @property
    def reader(self) -> str:
        """Role that reads everything."""
        return f"{self.name}_reader"

    @property
    def teams(self) -> str:
        """Role of all teams, which reads what has a team, of its own team, and what is harmless."""
        return f"{self.name}_teams"

    @property
    def versions(self) -> str:
        """A pattern of the schemas that `at` names."""
        return f"^{self.name}_v[0-9]{{1,9}}$"

    def at(self, version: int) -> str:
        """Schema of the tables that a version wrote."""
        return f"{self.name}_v{version}"


@dataclass(frozen=True)
class StoredPart:
    """A table with some rows of a mart."""

    mart: str
    month: str
    fingerprint: str
    table: str
    """In full, quoted."""
    first_version: int
    last_version: int | None
    """None while the newest version shows it."""


@dataclass(frozen=True)
class StoredMart:
    """A mart as the database has it."""

    made_from: str
    columns: tuple[tuple[str, str], ...]
    """Name and type, in order."""
    complete_since: int
    """The first version whose rows are all there, in these columns."""
    definition: str
    """Of its view."""
    comments: str
    """All of them as one statement."""


@dataclass(frozen=True)
class State:
    """All that the database has."""

    version: int
    marts: Mapping[str, StoredMart]
    parts: tuple[StoredPart, ...]


def ensure_state(server: Server, schema: Schema) -> None:
    """Make the schemas and tables that are not there."""
    internal = quoted(schema.internal)
    server.run(
        "set local client_min_messages = warning",
        f"create schema if not exists {quoted(schema.name)}",
        f"create schema if not exists {internal}",
        f"create table if not exists {internal}.version (version integer not null)",
        f"insert into {internal}.version select 0 where not exists (select 1 from {internal}.version)",
        f"create table if not exists {internal}.marts (mart text primary key, made_from text not null, "
        "columns text not null, complete_since integer not null, definition text not null, comments text not null)",
        f"create table if not exists {internal}.parts (mart text not null, month text not null, "
        "fingerprint text not null, table_name text not null, first_version integer not null, last_version integer)",
        f"create table if not exists {internal}.team_roles (team_id text primary key, role_name text not null)",
    )


def read_state(server: Server, schema: Schema) -> State:
    """What the database has now."""
    internal = quoted(schema.internal)
    version = server.rows(f"select version from {internal}.version")[0][0]
    marts = server.rows(f"select mart, made_from, columns, complete_since, definition, comments from {internal}.marts")
    parts = server.rows(
        "select mart, month, fingerprint, table_name, first_version, last_version "
        f"from {internal}.parts order by mart, month, first_version"
    )
    return State(
        version,
        {
            mart: StoredMart(made_from, tuple((name, kind) for name, kind in json.loads(columns)), *rest)
            for mart, made_from, columns, *rest in marts
        },
        tuple(StoredPart(*part) for part in parts),
    )


def state_statements(schema: Schema, state: State) -> list[str]:
    """SQL that makes `state` what the database says it has."""
    internal = quoted(schema.internal)
    statements = [
        f"update {internal}.version set version = {state.version}",
        f"delete from {internal}.marts",
        f"delete from {internal}.parts",
    ]
    if state.marts:
        rows = ", ".join(
            f"({text(name)}, {text(mart.made_from)}, {text(json.dumps(mart.columns))}, {mart.complete_since}, "
            f"{text(mart.definition)}, {text(mart.comments)})"
            for name, mart in sorted(state.marts.items())
        )
        statements.append(f"insert into {internal}.marts values {rows}")
    if state.parts:
        rows = ", ".join(
            f"({text(part.mart)}, {text(part.month)}, {text(part.fingerprint)}, {text(part.table)}, "
            f"{part.first_version}, {'null' if part.last_version is None else part.last_version})"
            for part in state.parts
        )
        statements.append(f"insert into {internal}.parts values {rows}")
    return statements
