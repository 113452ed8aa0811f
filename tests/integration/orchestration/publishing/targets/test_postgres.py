"""What a PostgreSQL server shows of the marts: values, types, words; what changed alone is written; faults in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orchestration.publishing.distribution import ConnectedTarget, Delivery, TargetError, distribute
from orchestration.publishing.targets import connected_targets
from orchestration.publishing.targets.postgres import loading, publication, write
from tests.integration.orchestration.publishing.targets.conftest import PublishedMarts
from tests.support.postgres import PASSWORD, Server

KINDS = """create or replace table marts.kinds as select * from (values
  (1, 12345678901234567890123456.123456789012::decimal(38, 12), date '2026-02-28',
   timestamp '2026-02-28 23:59:59.123456', timestamptz '2026-03-01 00:30:00+02',
   true, 'O''Brien "x" \\ ' || chr(9) || 'ü😀', 0.1::double, [1, 2]),
  (2, null, null, null, null, null, null, null, null),
  (3, -0.000000000001::decimal(38, 12), date '0001-01-01', timestamp '1970-01-01 00:00:00', timestamptz '2026-03-01',
   false, '', 'nan'::double, [])) as t (id, cost_usd, usage_date, at_local, at_utc, is_paid, note, ratio, steps)"""


@pytest.fixture
def schema(server: Server) -> Iterator[str]:
    name = f"m_{uuid4().hex[:8]}"
    yield name
    server.ask(f"drop schema {name} cascade; drop schema {name}_internal cascade")


def published(server: Server, schema: str, marts: PublishedMarts, *statements: str, **contents: str) -> Delivery:
    return write([], [], marts.change(*statements, **contents), url=server.url(), schema=schema)


def test_values_and_types_arrive_as_they_are(server: Server, schema: str, marts: PublishedMarts) -> None:
    delivery = published(server, schema, marts, KINDS, kinds="1")
    assert server.ask(
        f"select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = 'kinds' order by ordinal_position"
    ) == [
        "id|integer|32|0",
        "cost_usd|numeric|38|12",
        "usage_date|date||",
        "at_local|timestamp without time zone||",
        "at_utc|timestamp with time zone||",
        "is_paid|boolean||",
        "note|text||",
        "ratio|double precision|53|",
        "steps|text||",
    ]
    assert server.ask(f"set timezone = 'UTC'; select * from {schema}.kinds order by id") == [
        "1|12345678901234567890123456.123456789012|2026-02-28|2026-02-28 23:59:59.123456|2026-02-28 22:30:00+00|t"
        '|O\'Brien "x" \\ \tü😀|0.1|[1,2]',
        "2||||||||",
        "3|-0.000000000001|0001-01-01|1970-01-01 00:00:00|2026-03-01 00:00:00+00|f||NaN|[]",
    ]
    assert server.ask(f"select id, note is null from {schema}.kinds where note is null or note = '' order by 1") == [
        "2|t",
        "3|f",
    ]
    assert delivery.notes == ("kinds: PostgreSQL has no such type, written as text: steps (INTEGER[])",)


ODD = """create table marts.odd as select * from (values
  (1, 'infinity'::double, date 'infinity', 99999999999999999999999999999999999999::hugeint, 'a' || chr(0) || 'b',
   'ok'::enum ('ok', 'no'), uuid '00000000-0000-0000-0000-000000000001', time '23:59:59.5', interval 3 days),
  (2, '-infinity', date '-infinity', -1, '\\N', null, null, null, null),
  (3, 1e-300, null, null, chr(10) || '\\.' || chr(13), null, null, null, null))
  as t (id, ratio, day, big, note, state, key, hour, age)"""
BYTES = "create table marts.bytes as select 1 as id, '\\x00\\xFFa'::blob as data, 0.5::decimal(38, 12) as usd"


def test_what_text_could_break_arrives_too(server: Server, schema: str, marts: PublishedMarts) -> None:
    published(server, schema, marts, ODD, BYTES, odd="1", bytes="1")
    note = "replace(replace(note, chr(10), '/n'), chr(13), '/r')"
    assert server.ask(f"select id, ratio, day, big, {note}, state, key, hour, age from {schema}.odd order by id") == [
        "1|Infinity|infinity|99999999999999999999999999999999999999|ab|ok|00000000-0000-0000-0000-000000000001|23:59:59.5"
        "|3 days",
        "2|-Infinity|-infinity|-1|\\N||||",
        "3|1e-300|||/n\\./r||||",
    ]
    assert server.ask(f"select id, encode(data, 'hex'), usd from {schema}.bytes") == ["1|00ff61|0.500000000000"]


def test_comments_travel_and_go_with_what_they_said(server: Server, schema: str, marts: PublishedMarts) -> None:
    said = f"select obj_description('{schema}.a'::regclass), col_description('{schema}.a'::regclass, 2)"
    published(
        server, schema, marts, "create table marts.a as select 1 as x, 2 as y",
        "comment on table marts.a is 'One row: it''s \"a\"'", "comment on column marts.a.y is 'Second.'", a="1",
    )  # fmt: skip
    assert server.ask(said) == ['One row: it\'s "a"|Second.']
    published(server, schema, marts, "comment on column marts.a.y is null", a="1")
    assert server.ask(said) == ['One row: it\'s "a"|']


def test_only_what_changed_is_written(server: Server, schema: str, marts: PublishedMarts) -> None:
    figures = published(
        server, schema, marts, "create table marts.a as select range as x from range(10)",
        "create table marts.b as select range as x from range(20)", a="1", b="1",
    ).figures  # fmt: skip
    assert (figures["marts_written"], figures["rows_written"]) == (2, 30)
    figures = published(server, schema, marts, "update marts.b set x = 7 where x = 8", a="1", b="2").figures
    assert (figures["marts_written"], figures["rows_written"]) == (1, 20)
    # Made from something else, and the same rows in another order.
    figures = published(
        server, schema, marts, "create or replace table marts.a as select 9 - range as x from range(10)", a="2"
    ).figures
    assert (figures["marts_written"], figures["rows_written"]) == (0, 0)
    assert server.ask(f"select sum(x) from {schema}.b") == ["189"]
    # A database that was emptied gets everything anew.
    server.ask(f"drop schema {schema} cascade; drop schema {schema}_internal cascade")
    assert published(server, schema, marts).figures["rows_written"] == 30


def test_of_a_large_mart_the_months_that_changed_are_written(
    server: Server, schema: str, marts: PublishedMarts, small_is_large: None
) -> None:
    everything = f"select coalesce(usage_date::text, '-'), x from {schema}.big order by 1, 2"
    days = "select date '2026-01-01' + (range::int % 90) as usage_date, range as x from range(900)"
    first = published(server, schema, marts, f"create table marts.big as {days}", big="1").figures
    assert (first["parts_written"], first["rows_written"]) == (3, 900)
    edits = {
        "update marts.big set x = -1 where usage_date = '2026-02-03' and x < 100": (1, 280),
        "insert into marts.big values (date '2026-05-01', 1), (null, 2), (date 'infinity', 3)": (2, 3),
        "delete from marts.big where usage_date = date 'infinity'": (1, 1),
        "delete from marts.big where usage_date between '2026-03-01' and '2026-03-31'": (0, 0),
        "update marts.big set usage_date = '2026-06-01' where usage_date = '2026-05-01'": (1, 1),
    }
    for number, (edit, written) in enumerate(edits.items(), 2):
        figures = published(server, schema, marts, edit, big=str(number)).figures
        assert (figures["parts_written"], figures["rows_written"]) == written, edit
        rows = server.ask(everything)
        assert rows == expected_rows(marts), edit


def expected_rows(marts: PublishedMarts) -> list[str]:
    import duckdb

    with duckdb.connect(str(marts.database), read_only=True) as connection:
        query = "select coalesce(usage_date::text, '-') as day, x from marts.big order by 1, 2"
        return [f"{day}|{x}" for day, x in connection.execute(query).fetchall()]


def test_a_column_that_goes_or_becomes_another_type_is_another_view(
    server: Server, schema: str, marts: PublishedMarts
) -> None:
    published(server, schema, marts, "create table marts.a as select 1 as x, 2 as y, 3 as z", a="1")
    published(server, schema, marts, "create or replace table marts.a as select '1' as x, 3 as z, 4 as w", a="2")
    columns = f"select column_name, data_type from information_schema.columns where table_schema = '{schema}'"
    assert server.ask(f"{columns} order by ordinal_position") == ["x|text", "z|integer", "w|integer"]
    assert server.ask(f"select * from {schema}.a") == ["1|3|4"]


def test_what_is_gone_and_what_nothing_shows_is_dropped(server: Server, schema: str, marts: PublishedMarts) -> None:
    tables = f"select schemaname, tablename from pg_tables where schemaname like '{schema}\\_v%' order by 1, 2"
    published(
        server, schema, marts, "create table marts.a as select 1 as x", "create table marts.b as select 1 as x",
        a="1", b="1",
    )  # fmt: skip
    published(server, schema, marts, "update marts.b set x = 2", b="2")
    assert server.ask(tables) == [f"{schema}_v1|a", f"{schema}_v1|b", f"{schema}_v2|b"]  # the former b for its readers
    published(server, schema, marts, "update marts.b set x = 3", b="3")
    assert server.ask(tables) == [f"{schema}_v1|a", f"{schema}_v2|b", f"{schema}_v3|b"]
    published(server, schema, marts, "drop table marts.a", a="gone")
    published(server, schema, marts, "update marts.b set x = 4", b="4")
    assert server.ask(tables) == [f"{schema}_v3|b", f"{schema}_v5|b"]
    assert server.ask(f"select x from {schema}.b; select x from {schema}.a")[0] == "4"
    assert (
        server.ask(f"select relname from pg_class where relname = 'a' and relnamespace = '{schema}'::regnamespace")
        == []
    )
    schemas = f"select nspname from pg_namespace where nspname like '{schema}\\_v%' order by 1"
    assert server.ask(schemas) == [f"{schema}_v3", f"{schema}_v5"]


def test_a_publication_that_fails_leaves_the_old_version(
    server: Server, schema: str, marts: PublishedMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(server, schema, marts, "create table marts.a as select 1 as x, 2 as y", a="1")
    server.ask(f"create view public.of_{schema} as select y from {schema}.a")
    with pytest.raises(TargetError, match=r"cannot drop view .*other objects depend on it"):
        published(server, schema, marts, "create or replace table marts.a as select 5 as x", a="2")
    assert server.ask(f"select * from {schema}.a; select * from public.of_{schema}") == ["1|2", "2"]
    server.ask(f"drop view public.of_{schema}")
    monkeypatch.setattr(publication, "_show", lambda *_: 1 / 0)  # killed once everything is loaded
    with pytest.raises(ZeroDivisionError):
        published(server, schema, marts, a="3")
    assert server.ask(f"select * from {schema}.a") == ["1|2"]
    monkeypatch.undo()
    finishing, mine = loading._finishing, "application_name = '' and pid <> pg_backend_pid()"

    def cut_off(*given: object) -> list[str]:
        server.ask(
            f"select pg_terminate_backend(pid) from pg_stat_activity where {mine} and backend_type like 'client%'"
        )
        return finishing(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "_finishing", cut_off)  # the server goes while rows are loaded
    with pytest.raises(TargetError):
        published(server, schema, marts, a="3")
    monkeypatch.undo()
    assert server.ask(f"select * from {schema}.a") == ["1|2"]
    published(server, schema, marts, a="4")
    assert server.ask(f"select * from {schema}.a") == ["5"]


def test_of_two_publications_at_once_one_is_shown_whole(
    server: Server, schema: str, marts: PublishedMarts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another home publishes to the same schema between what this one loads and what it shows."""
    published(server, schema, marts, "create table marts.a as select 1 as x", a="1")
    (tmp_path / "other").mkdir()
    other, show = PublishedMarts(tmp_path / "other"), publication._show

    def with_another(*given: object) -> None:
        monkeypatch.undo()
        published(server, schema, other, "create table marts.a as select 7 as x", a="9")
        show(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(publication, "_show", with_another)
    with pytest.raises(TargetError, match=r"another publication to schema .* went on meanwhile"):
        published(server, schema, marts, "update marts.a set x = 2", a="2")
    assert server.ask(f"select x from {schema}.a") == ["7"]
    published(server, schema, marts, a="2")
    assert server.ask(f"select x from {schema}.a") == ["2"]


def test_what_others_made_in_the_schema_stays(server: Server, schema: str, marts: PublishedMarts) -> None:
    server.ask(f"create schema {schema}; create view {schema}.a as select 'mine' as x")
    with pytest.raises(TargetError, match=rf"{schema}\.a is there and was not made by a publication"):
        published(server, schema, marts, "create table marts.a as select 1 as x", a="1")
    assert server.ask(f"select x from {schema}.a") == ["mine"]


def test_a_reader_that_stays_is_never_cut_off_and_costs_the_others_little(
    server: Server, schema: str, marts: PublishedMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication.publish_to, "__defaults__", (1.0,))
    published(server, schema, marts, "create table marts.a as select 1 as x", a="1")
    with server.client() as reader:
        reader.ask(f"begin; select x from {schema}.a")
        with pytest.raises(TargetError, match=r"open transactions for 1 s .*: what they see stays"):
            published(server, schema, marts, "update marts.a set x = 2", a="2")
        assert server.ask(f"select x from {schema}.a") == ["1"]
        assert reader.ask(f"select x from {schema}.a; commit") == ["1"]
    published(server, schema, marts, a="3")
    assert server.ask(f"select x from {schema}.a") == ["2"]


def test_a_snapshot_older_than_what_is_kept_gets_an_error_and_no_rows(
    server: Server, schema: str, marts: PublishedMarts
) -> None:
    published(
        server, schema, marts, "create table marts.a as select 1 as x", "create table marts.b as select 1 as x",
        a="1", b="1",
    )  # fmt: skip
    with server.client() as reader:
        assert reader.ask(f"begin isolation level repeatable read; select x from {schema}.b") == ["1"]
        published(server, schema, marts, "update marts.a set x = 2", a="2")
        assert reader.ask(f"select x from {schema}.a; select version from {schema}_internal.version") == ["1", "1"]
        reader.ask("commit")
        assert reader.ask(f"begin isolation level repeatable read; select x from {schema}.b") == ["1"]
        published(server, schema, marts, "update marts.a set x = 3", a="3")
        published(server, schema, marts, "update marts.a set x = 4", a="4")
        assert "no longer kept: begin it anew" in reader.ask(f"select x from {schema}.a")[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: url.replace(PASSWORD[:6], "wrong!"), "password authentication failed"),
        (lambda url: url.removesuffix("postgres") + "nowhere", 'database "nowhere" does not exist'),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), "no connection by COSTOPS_PUBLISH_POSTGRES_URL"),
        (lambda url: f"host=127.0.0.1 port=1 user=x password='{PASSWORD}'", "Connection refused"),
        (lambda url: "nonsense", "connection info string"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_an_error_in_words_without_the_password(
    server: Server, marts: PublishedMarts, change: object, words: str
) -> None:
    url = change(server.url())  # type: ignore[operator]
    version = marts.change("create table marts.a as select 1 as x", a="1")
    (target,) = connected_targets({"COSTOPS_PUBLISH_POSTGRES_URL": url})
    (done,) = distribute(marts.folder, version, [target])
    assert done.failure is not None
    assert done.failure.startswith("target postgres: no connection by COSTOPS_PUBLISH_POSTGRES_URL: ")
    assert words in done.failure
    for secret in (PASSWORD, "s3cret", "s3cret%2Fof%20test", "wrong!"):
        assert secret not in done.failure


def test_a_name_that_cannot_be_a_schema_and_a_missing_extension_are_named(
    server: Server, marts: PublishedMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = marts.change("create table marts.a as select 1 as x", a="1")
    with pytest.raises(TargetError, match="COSTOPS_PUBLISH_POSTGRES_SCHEMA 'My Marts'"):
        write([], [], version, url=server.url(), schema="My Marts")
    monkeypatch.setitem(sys.modules, "duckdb_extension_postgres_scanner", None)
    with pytest.raises(TargetError, match=r"install llm-cost-ops\[postgres\]"):
        write([], [], version, url=server.url(), schema="marts")


def test_names_that_postgres_would_cut_are_left_out_and_named(
    server: Server, schema: str, marts: PublishedMarts
) -> None:
    long = "x" * 64
    delivery = published(server, schema, marts, f"create table marts.a as select 1 as {long}", a="1")
    assert delivery.notes == (f"a was left out: the name {long} is longer than PostgreSQL's 63 bytes",)


def test_figures_of_a_run_name_what_was_written(server: Server, schema: str, marts: PublishedMarts) -> None:
    version = marts.change("create table marts.a as select 1 as x", a="1")
    target = ConnectedTarget("postgres", lambda *given: write(*given, url=server.url(), schema=schema))
    (done,) = distribute(marts.folder, version, [target])
    assert done.delivery.figures == {"marts": 1, "marts_written": 1, "parts_written": 1, "rows_written": 1}
