"""Views that show one version to each reader, whatever else goes on.

PostgreSQL looks names up in its newest catalogue even for a reader whose snapshot is older: a view that simply moved to
a new table would show such a reader that table without its rows. So a view holds the tables of the version before as
well, and the reader's own snapshot of the version decides which of them it reads. A snapshot older than both gets an
error, never wrong rows.

Put here: the text of views, their comments. Keep out: which versions there are (`publication`), roles (`access`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestration.publishing.parts import quoted
from orchestration.publishing.targets.postgres.access import rows_of_team
from orchestration.publishing.targets.postgres.server import text
from orchestration.publishing.targets.postgres.state import Schema, StoredPart

NEVER = 2147483647


def gate_statements(schema: Schema) -> list[str]:
    """The function that views ask whether a reader's version lies within a part's."""
    internal = quoted(schema.internal)
    return [
        f"""create or replace function {internal}.shows(first integer, last integer, oldest integer) returns boolean
language plpgsql stable parallel safe as $gate$
declare seen integer;
begin
  select version into strict seen from {internal}.version;
  if seen < oldest then
    raise exception 'this transaction began before version % of {schema.name}, which is no longer kept: begin it anew',
      oldest using errcode = 'serialization_failure';  -- clients know it: try again
  end if;
  return seen between first and last;
end $gate$"""
    ]


def definition(
    schema: Schema, columns: Sequence[tuple[str, str]], parts: Sequence[StoredPart], complete_since: int
) -> str:
    """What a view selects, from every part that the newest version or the one before it shows."""
    names = ", ".join(quoted(name) for name, _ in columns)
    gate = f"{quoted(schema.internal)}.shows"
    team = rows_of_team(schema, columns)
    branches = []
    for part in sorted(parts, key=lambda part: (part.month, part.first_version)):
        last = NEVER if part.last_version is None else part.last_version
        condition = f"{gate}({part.first_version}, {last}, {complete_since})" + (f" and {team}" if team else "")
        branches.append(f"select {names} from {part.table} where {condition}")
    return "\nunion all\n".join(branches)


def view_statements(
    schema: Schema, mart: str, before: Sequence[tuple[str, str]] | None, columns: Sequence[tuple[str, str]], body: str
) -> list[str]:
    """SQL that makes a view what it shall be; it is made anew where a column was dropped, renamed or retyped."""
    view = f"{quoted(schema.name)}.{quoted(mart)}"
    is_barrier = "true" if rows_of_team(schema, columns) else "false"
    statements = []
    if before is not None and tuple(columns[: len(before)]) != tuple(before):
        statements.append(f"drop view if exists {view}")
    return [*statements, f"create or replace view {view} with (security_barrier = {is_barrier}) as {body}"]


def comment_statement(schema: Schema, mart: str, words: str | None, columns: Mapping[str, str | None]) -> str:
    """SQL that comments on a view and its columns; also takes away comments that are no more."""
    view = f"{quoted(schema.name)}.{quoted(mart)}"
    lines = [f"comment on view {view} is {_words(words)}"]
    lines += [f"comment on column {view}.{quoted(name)} is {_words(each)}" for name, each in columns.items()]
    return "; ".join(lines)


def _words(words: str | None) -> str:
    return text(words) if words else "null"
