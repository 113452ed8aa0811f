"""Who reads what in PostgreSQL: readers everything, a team its rows, everybody else nothing; nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from orchestration.publishing.row_rules import HARMLESS
from orchestration.publishing.targets.postgres import write
from orchestration.publishing.targets.postgres.access import role_of
from orchestration.publishing.targets.postgres.state import Schema
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts
from tests.support.postgres import PASSWORD, Server

MARTS = (
    "create table marts.dim_teams as select unnest(['search', 'Ads & Co.', null]) as team_id",
    "create table marts.costs as select unnest(['search', 'search', 'Ads & Co.', 'gone', null]) as team_id, 5 as usd",
    "create table marts.findings as select unnest(['search', 'Ads & Co.']) as owner_team_id, 1 as usd",
    "create table marts.summary as select 'search' as top_team_id, 25 as usd",
    "create table marts.dim_dates as select date '2026-03-01' as date_day",
)
DENIED = "ERROR:  permission denied for view"


@pytest.fixture
def schema(server: Server, marts: PublishedMarts) -> Iterator[str]:
    name = f"m_{uuid4().hex[:8]}"
    contents = dict.fromkeys(("dim_teams", "costs", "findings", "summary", "dim_dates"), "1")
    write([], [], marts.change(*MARTS, **contents), url=server.url(), schema=name)
    yield name
    roles = ", ".join(server.ask(f"select quote_ident(rolname) from pg_roles where rolname like '{name}%'"))
    server.ask(f"drop schema {name} cascade; drop schema {name}_internal cascade; drop schema {name}_v1 cascade")
    server.ask(f"drop owned by {roles}; drop role {roles}")


def login(server: Server, schema: str, name: str, *roles: str) -> str:
    user = f"{schema}_{name}"
    server.ask(f"create role {user} login password '{PASSWORD}'")
    for role in roles:
        server.ask(f'grant "{role}" to {user}')
    return user


def test_a_team_sees_its_rows_and_no_mart_that_tells_of_others(server: Server, schema: str) -> None:
    search = login(server, schema, "sam", role_of(Schema(schema), "search"))
    ads = login(server, schema, "ada", role_of(Schema(schema), "Ads & Co."))
    for user, team, count in ((search, "search", 2), (ads, "Ads & Co.", 1)):
        assert server.ask(f"select team_id, usd from {schema}.costs", user) == [f"{team}|5"] * count
        assert server.ask(f"select owner_team_id from {schema}.findings", user) == [team]
        assert server.ask(f"select team_id from {schema}.dim_teams", user) == [team]
        assert server.ask(f"select count(*), sum(usd) from {schema}.costs where usd > 0", user) == [
            f"{count}|{5 * count}"
        ]
        assert server.ask(f"select * from {schema}.summary", user) == [f"{DENIED} summary"]
        assert server.ask(f"select date_day from {schema}.dim_dates", user) == ["2026-03-01"]


def test_a_function_of_the_readers_own_sees_no_row_of_another_team(server: Server, schema: str) -> None:
    """Without a barrier PostgreSQL would call it, being cheap, before it asks whose row it is."""
    user = login(server, schema, "eve", role_of(Schema(schema), "search"))
    server.ask(f"create schema {schema}_eve authorization {user}")
    seen = server.ask(
        f"create function {schema}_eve.leak(text) returns boolean language plpgsql cost 0.0001 as "
        "$$ begin raise notice 'saw %', $1; return true; end $$; "
        f"select count(*) from {schema}.costs where {schema}_eve.leak(team_id)",
        user,
    )
    server.ask(f"drop schema {schema}_eve cascade")
    assert seen == ["NOTICE:  saw search", "NOTICE:  saw search", "2"]


def test_readers_see_everything_and_both_roles_together_too(server: Server, schema: str) -> None:
    for name, roles in (("ann", (f"{schema}_reader",)), ("bob", (f"{schema}_reader", f"{schema}_team_search"))):
        user = login(server, schema, name, *roles)
        assert server.ask(f"select count(*) from {schema}.costs", user) == ["5"]
        assert server.ask(f"select top_team_id from {schema}.summary", user) == ["search"]


def test_nobody_writes_reads_tables_behind_the_views_or_reads_without_a_role(server: Server, schema: str) -> None:
    reader = login(server, schema, "ann", f"{schema}_reader")
    team = login(server, schema, "sam", f"{schema}_team_search")
    stranger = login(server, schema, "tom")
    for user in (reader, team):
        for statement in (
            f"insert into {schema}.costs values ('x', 1)",
            f"delete from {schema}.costs",
            f"update {schema}_internal.version set version = 9",
            f"select * from {schema}_v1.costs",
            f"select * from {schema}_internal.team_roles",
            f"create table {schema}.mine (x int)",
        ):
            assert server.ask(statement, user)[0].startswith("ERROR:  permission denied"), statement
    assert server.ask(f"select * from {schema}.costs", stranger)[0] == f"ERROR:  permission denied for schema {schema}"
    # Given the view by another way than the roles, a reader sees no row of any team.
    internal = f"{schema}_internal"
    server.ask(
        f"grant usage on schema {schema}, {internal} to {stranger}; "
        f"grant select on {schema}.costs, {internal}.version to {stranger}; "
        f"grant execute on all functions in schema {internal} to {stranger}"
    )
    assert server.ask(f"select * from {schema}.costs", stranger) == []


def test_a_team_that_is_gone_sees_nothing_and_a_mart_that_loses_its_team_is_hidden(
    server: Server, schema: str, marts: PublishedMarts
) -> None:
    user = login(server, schema, "sam", f"{schema}_team_search")
    version = marts.change(
        "delete from marts.dim_teams where team_id = 'search'",
        "create or replace table marts.findings as select 1 as usd", dim_teams="2", findings="2",
    )  # fmt: skip
    write([], [], version, url=server.url(), schema=schema)
    assert server.ask(f"select * from {schema}.costs", user) == []
    assert server.ask(f"select * from {schema}.findings", user) == [f"{DENIED} findings"]
    server.ask(f"drop schema {schema}_v2 cascade")


def test_a_publisher_that_may_not_make_roles_publishes_and_says_so(server: Server, marts: PublishedMarts) -> None:
    name = f"p_{uuid4().hex[:8]}"
    server.ask(f"create role {name} login password '{PASSWORD}'; create database {name} owner {name}")
    version = marts.change(*MARTS[:2], dim_teams="1", costs="1")
    delivery = write([], [], version, url=server.url(name, name), schema=name)
    (note,) = delivery.notes
    assert note.startswith(
        f"4 roles could not be made ({name}_reader, {name}_teams, {name}_team_ads_co_02bd2d94 and 1 more): "
    )
    assert "permission denied to create role" in note
    assert server.ask(f"select count(*) from {name}.costs", name, name) == ["5"]  # the publisher itself
    server.ask(f"create role {name}_reader nologin")
    stays = write([], [], version, url=server.url(name, name), schema=name)
    assert stays.notes[0].startswith("3 roles could not be made")
    assert server.ask(f"set role {name}_reader; select count(*) from {name}.costs", database=name) == ["5"]
    server.ask(f"drop database {name}")
    server.ask(f"drop owned by {name}_reader, {name}; drop role {name}_reader, {name}")


def test_roles_of_teams_are_plain_short_and_never_shared() -> None:
    schema = Schema("marts")
    teams = ["search", "Search", "sea rch", "sea-rch", "é", "x" * 80, "x" * 81, 'a"; drop role b', ""]
    roles = [role_of(schema, team) for team in teams]
    assert roles[0] == "marts_team_search"
    assert len(set(roles)) == len(teams)
    assert all(len(role) <= 63 and role.isascii() and role.replace("_", "").isalnum() for role in roles)


def test_what_is_declared_harmless_holds_no_money_and_nobody() -> None:
    """Those marts are shown to every team: `dim_models` has public names, the others dates and states."""
    import yaml

    from tests.support.warehouse import DBT_PROJECT

    found = {}
    for path in (DBT_PROJECT / "models" / "marts").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            found[model["name"]] = [column["name"] for column in model.get("columns", [])]
    declared = HARMLESS - {"rpt_mart_status"}  # made by publishing itself
    assert declared <= found.keys()
    for mart in declared:
        assert not [name for name in found[mart] if name.endswith(("_usd", "user_id", "team_id", "customer_id"))], mart
