"""Who may read what: a role for readers of everything, and one per team, which sees the rows of its team.

Tables are nobody's but the publisher's; views give from them. Whose a row is says `row_rules`. Logins are the database
administrator's: whoever is granted `<schema>_reader` or `<schema>_team_<team>` reads as that role.

Put here: roles, grants, the condition on teams. Keep out: the rest of views (`views`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ml.identity import stable_id
from orchestration.publishing import row_rules
from orchestration.publishing.distribution import TargetError
from orchestration.publishing.parts import quoted
from orchestration.publishing.row_rules import team_column
from orchestration.publishing.targets.postgres.server import Server, text
from orchestration.publishing.targets.postgres.state import NAME_BYTES, Schema

_PLAIN = re.compile(r"[a-z0-9_]+\Z")
_MARK = "Made by LLM Cost Ops"


def rows_of_team(schema: Schema, columns: Iterable[tuple[str, str]]) -> str | None:
    """The condition under which a row is the reader's; None where a mart has no team.

    Its sub-selects run once a query. A reader who is given the view by another way than the roles sees nothing.
    """
    column = team_column(name for name, _ in columns)
    if column is None:
        return None
    internal = quoted(schema.internal)
    return (
        f"((select {internal}.sees_all(current_user)) "
        f"or {quoted(column)} = any ((select {internal}.teams_of(current_user))::text[]))"
    )


def is_for_teams(mart: str, columns: Iterable[tuple[str, str]]) -> bool:
    """Whether teams may read a mart at all."""
    return row_rules.is_for_teams(mart, (name for name, _ in columns))


def function_statements(schema: Schema) -> list[str]:
    """The functions that views ask about the reader, by the reader's name."""
    internal = quoted(schema.internal)
    safe = "parallel safe security definer set search_path = pg_catalog, pg_temp"
    return [
        f"""create or replace function {internal}.sees_all(reader name) returns boolean language sql stable {safe} as
$$ select exists (select 1 from pg_roles where rolname = {text(schema.reader)} and pg_has_role(reader, oid, 'usage'))
  or exists (select 1 from pg_namespace
    where nspname = {text(schema.internal)} and pg_has_role(reader, nspowner, 'usage')) $$""",
        f"""create or replace function {internal}.teams_of(reader name) returns text[] language sql stable {safe} as
$$ select coalesce(array_agg(team_id), '{{}}') from {internal}.team_roles join pg_roles on rolname = role_name
  where pg_has_role(reader, oid, 'usage') $$""",
    ]


def role_of(schema: Schema, team_id: str) -> str:
    """The role of a team: its id where that is plain and short, else what is plain in it, and a hash."""
    prefix = f"{schema.name}_team_"
    if _PLAIN.match(team_id) and len(prefix + team_id) <= NAME_BYTES:
        return prefix + team_id
    plain = re.sub(r"[^a-z0-9]+", "_", team_id.lower()).strip("_")[:12]
    return f"{prefix}{plain}_{stable_id(team_id)[:8]}"


def ensure_roles(server: Server, schema: Schema, team_ids: Sequence[str]) -> list[str]:
    """Make the roles that are not there and note which belongs to which team; what could not be done, in words.

    Roles are the whole server's. One that is there already, whoever made it, is used as it is.
    """
    roles = {team: role_of(schema, team) for team in team_ids}
    wanted = {schema.reader: "reads every mart", schema.teams: "what all teams may read"}
    wanted |= {role: f"rows of team {team}" for team, role in roles.items()}
    names = ", ".join(text(role) for role in wanted)
    there = {role for (role,) in server.rows(f"select rolname::text as role from pg_roles where rolname in ({names})")}
    missing = [role for role in wanted if role not in there]
    notes = []
    try:
        with server.transaction():
            for role in missing:
                words = text(f"{_MARK}: {wanted[role]}")
                server.run(f"create role {quoted(role)} nologin", f"comment on role {quoted(role)} is {words}")
            server.run(
                *(f"grant {quoted(schema.teams)} to {quoted(role)}" for role in roles.values() if role in missing)
            )
    except TargetError as error:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        notes.append(
            f"{len(missing)} roles could not be made ({shown}): {error}. Let the user of the address create roles "
            f"(alter role … createrole), or create them and grant {schema.teams} to those of teams; "
            "until then nobody reads by them"
        )
    _note_teams(server, schema, roles)
    return notes


def _note_teams(server: Server, schema: Schema, roles: dict[str, str]) -> None:
    table = f"{quoted(schema.internal)}.team_roles"
    rows = ", ".join(f"({text(team)}, {text(role)})" for team, role in sorted(roles.items()))
    server.run(f"delete from {table}", *([f"insert into {table} values {rows}"] if rows else []))


def grant_statements(
    server: Server, schema: Schema, marts: Iterable[tuple[str, Sequence[tuple[str, str]]]]
) -> list[str]:
    """SQL that gives the roles what they may read, and takes what they may no longer."""
    names = f"{text(schema.reader)}, {text(schema.teams)}"
    there = {role for (role,) in server.rows(f"select rolname::text as role from pg_roles where rolname in ({names})")}
    name, internal = quoted(schema.name), quoted(schema.internal)
    statements = [f"revoke all on all functions in schema {internal} from public"]
    for role in sorted(there):
        statements += [
            f"grant usage on schema {name}, {internal} to {quoted(role)}",
            f"grant select on {internal}.version to {quoted(role)}",
            f"grant execute on all functions in schema {internal} to {quoted(role)}",
        ]
    for mart, columns in marts:
        view = f"{name}.{quoted(mart)}"
        if schema.reader in there:
            statements.append(f"grant select on {view} to {quoted(schema.reader)}")
        if schema.teams in there:
            verb, way = ("grant", "to") if is_for_teams(mart, columns) else ("revoke", "from")
            statements.append(f"{verb} select on {view} {way} {quoted(schema.teams)}")
    return statements
