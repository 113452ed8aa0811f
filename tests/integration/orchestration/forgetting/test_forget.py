"""Somebody who is forgotten is found nowhere in the home, sums stay, and a later delivery does not bring them back."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.config import DELIVERED, PSEUDONYMS, Settings
from ingestion.landing.forgotten import REFUSE
from ingestion.landing.pseudonyms import Pseudonyms
from ingestion.sources.events.pipeline import land
from orchestration.forgetting.databases import sums_of
from orchestration.forgetting.faults import CannotForgetError
from orchestration.forgetting.forgetting import forget
from orchestration.identities.people import bring_up_to_date
from orchestration.identities.resolving import resolve
from tests.support.person_scan import where_found as files_with
from tests.support.person_scan import with_keys

USER, NAME, ADDRESS = "user.o'brien+1", "Maeve O'Brien", "maeve@sample-company.example"
NOW = datetime(2026, 3, 15, tzinfo=UTC)


def event(number: int, user: str | None) -> dict[str, object]:
    return {
        "event_id": f"e{number}", "requested_at_utc": "2026-03-14T10:00:00Z", "provider_name": "openai",
        "requested_model": "gpt-5", "uncached_input_tokens": 10 + number, "output_tokens": number, "user_id": user,
        "tags": {"asked_by": user or "nobody"},
    }  # fmt: skip


@pytest.fixture(params=[PSEUDONYMS, DELIVERED])
def settings(laid_out: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    shutil.copytree(laid_out, tmp_path / "home", symlinks=True)
    return Settings.from_env({"COSTOPS_IDENTITIES": request.param}, home=tmp_path / "home")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the person in every kind of file that one has."""
    found = Settings.from_env({}, home=tmp_path_factory.mktemp("before") / "home")
    events = found.events_dir / "canonical"
    events.mkdir(parents=True)
    lines = [json.dumps(event(number, USER if number % 2 else "user.o'brien+12")) for number in range(20)]
    (events / "one.jsonl").write_text("\n".join(lines) + "\n")
    found.org_dir.mkdir(parents=True)
    (found.org_dir / "users.csv").write_text(f"user_id,user_name,team_id,email\n{USER},{NAME},,{ADDRESS}\n")
    land(found, now=NOW)
    with duckdb.connect(str(found.warehouse_path)) as warehouse:
        bring_up_to_date(warehouse, found, NOW)
    spool = found.spool_dir / "openai"
    spool.mkdir(parents=True)
    (spool / "users.jsonl.gz").write_bytes(gzip.compress(json.dumps({"email": ADDRESS.upper()}).encode()))
    for folder in ("access/audit", "dagster/storage", "dbt/target", "published/dashboards", "last_good"):
        (found.home / folder).mkdir(parents=True)
    (found.home / "access/audit/2026-03.jsonl").write_text(json.dumps({"parameters": {"user_id": USER}}) + "\n")
    (found.home / "dbt/target/parsed.msgpack").write_bytes(b"\x00" + USER.encode())
    (found.home / "published/dashboards/team.html").write_text(f"<p>{NAME}</p>")
    (found.home / "last_good/warehouse.duckdb").write_bytes(found.warehouse_path.read_bytes())
    with sqlite3.connect(found.home / "dagster/storage/runs.db") as connection:
        connection.execute("create table events (event text)")
        connection.execute("insert into events values (?)", [f"user {USER} costs most"])
    connection.close()
    with duckdb.connect(str(found.warehouse_path)) as warehouse:
        warehouse.execute("create schema marts")
        warehouse.execute(
            "create table marts.fct as select user_id, md5(user_id) as user_key, "
            "sum(output_tokens)::decimal(38, 12) as tokens, [user_id] as users from raw_events.requests group by 1"
        )
        warehouse.execute("create view marts.seen as select * from marts.fct")
        warehouse.execute("comment on column marts.fct.tokens is 'of output'")
    parquet = found.published_dir / "parquet_versions"
    for version in ("1", "2"):
        (parquet / version).mkdir(parents=True)
        duckdb.sql(
            f"select '{USER.replace(chr(39), chr(39) * 2)}' as user_id, 1.5::decimal(38, 12) as cost"
        ).write_parquet(str(parquet / version / "fct.parquet"))
    (found.published_dir / "parquet").symlink_to(Path("parquet_versions") / "2", target_is_directory=True)
    return found.home


def where_found(home: Path) -> list[str]:
    return files_with(home, with_keys(USER, NAME, ADDRESS))


def test_the_person_is_found_nowhere_and_every_sum_is_as_before(settings: Settings) -> None:
    assert len(where_found(settings.home)) >= 9
    before = sums_of(settings.warehouse_path)
    done = forget(settings, USER, rewrite_org=True)
    assert done.left == []
    assert where_found(settings.home) == []
    assert sums_of(settings.warehouse_path) == before
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        rows = connection.execute("select user_id, count(*) from raw_events.requests group by 1 order by 1").fetchall()
        assert rows == [(done.person.pseudonym, 10), ("user.o'brien+12", 10)]
        assert connection.execute("select sum(tokens) from marts.seen").fetchone() == (Decimal(190),)
        key = connection.execute("select user_key = md5(user_id), users = [user_id] from marts.fct").fetchall()
        assert key == [(True, True)] * 2
        comment = "select comment from duckdb_columns() where column_name = 'tokens' and table_name = 'fct'"
        assert connection.execute(comment).fetchone() == ("of output",)
    report = land(settings, now=NOW)
    assert sum(report.rows_by_table.values()) == 20
    assert where_found(settings.home) == []


def test_files_of_the_organisation_are_named_and_left(settings: Settings) -> None:
    done = forget(settings, USER)
    assert [words.split(":")[0] for words in done.left] == [str(settings.org_dir / "users.csv")]
    assert where_found(settings.home) == ["drop/org/users.csv"]
    again = forget(settings, USER, rewrite_org=True)
    assert (again.person.pseudonym, again.left) == (done.person.pseudonym, [])
    assert where_found(settings.home) == []


def test_a_later_delivery_brings_a_pseudonym(settings: Settings) -> None:
    done = forget(settings, USER, rewrite_org=True)
    later = settings.events_dir / "canonical" / "later.jsonl"
    later.write_text(json.dumps(event(50, USER.upper())) + "\n" + json.dumps(event(51, "somebody")) + "\n")
    land(settings, now=NOW)
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        rows = connection.execute(
            "select user_id, tags from raw_events.requests where event_id in ('e50', 'e51') order by event_id"
        ).fetchall()
    assert [user for user, _ in rows] == [done.person.pseudonym, "somebody"]
    assert USER.lower() not in str(rows).lower()
    assert where_found(settings.home) == ["drop/events/canonical/later.jsonl"]


def test_or_is_refused_and_named(settings: Settings) -> None:
    forget(settings, USER, rewrite_org=True, mode=REFUSE)
    (settings.events_dir / "canonical" / "later.jsonl").write_text(
        json.dumps(event(50, USER)) + "\n" + json.dumps(event(51, "somebody")) + "\n"
    )
    report = land(settings, now=NOW)
    assert report.quarantined_rows == 1
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        kept = "select event_id from raw_events.requests where event_id in ('e50', 'e51')"
        assert connection.execute(kept).fetchall() == [("e51",)]
        aside = connection.execute("select reason, row_number, original_record from raw_events.quarantine").fetchall()
    assert aside == [("invalid_value", 1, None)]


def test_what_is_kept_to_know_the_person_again_does_not_say_who(settings: Settings) -> None:
    forget(settings, USER, rewrite_org=True)
    path = settings.home / "access" / "forgotten.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not any(word.lower() in path.read_text().lower() for word in (USER, NAME, ADDRESS))


def test_an_id_that_is_part_of_everything_is_refused(settings: Settings) -> None:
    with pytest.raises(CannotForgetError, match="too short"):
        forget(settings, "e1")


def test_marts_of_pseudonyms_stay_as_they_are_and_the_pseudonym_stands_for_nobody(settings: Settings) -> None:
    """So nothing that was published has to be written anew, and figures by person go on."""
    pseudonymous = Settings.from_env({}, home=settings.home)
    pseudonym = Pseudonyms.of_home(settings.home).of(USER)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("drop view marts.seen")
        connection.execute(
            "create or replace table marts.fct as select substitutes.shown as user_id, 1.5::decimal(38, 12) as cost "
            "from raw_events.requests as requests inner join identity.substitutes as substitutes "
            "on substitutes.kind = 'person' and substitutes.delivered = requests.user_id"
        )
        before = connection.execute("select user_id, sum(cost) from marts.fct group by 1 order by 1").fetchall()
    assert pseudonym in dict(before)
    copies = list(settings.published_dir.rglob("*.parquet"))
    for path in copies:
        duckdb.sql(f"select '{pseudonym}' as user_id, 1.5 as cost").write_parquet(str(path))
    kept = {path: path.read_bytes() for path in copies}
    assert resolve(settings.warehouse_path, [pseudonym])[pseudonym].user_id == USER

    done = forget(pseudonymous, pseudonym, rewrite_org=True)
    assert (done.person.pseudonym, done.left, where_found(settings.home)) == (pseudonym, [], [])
    assert {path: path.read_bytes() for path in kept if path.exists()} == {
        path: content for path, content in kept.items() if path.exists()
    }
    assert any(path.exists() for path in kept)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        assert connection.execute("select user_id, sum(cost) from marts.fct group by 1 order by 1").fetchall() == before
    assert resolve(settings.warehouse_path, [pseudonym, USER]) == {}

    land(pseudonymous, now=NOW)
    (settings.events_dir / "canonical" / "later.jsonl").write_text(json.dumps(event(50, USER)) + "\n")
    land(pseudonymous, now=NOW)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        assert bring_up_to_date(connection, pseudonymous, NOW) == 0
        shown = "select distinct shown from identity.substitutes where kind = 'person' and delivered = ?"
        assert connection.execute(shown, [pseudonym]).fetchall() == [(pseudonym,)]
        ids = connection.execute("select distinct user_id from raw_events.requests where event_id = 'e50'").fetchall()
    assert ids == [(pseudonym,)]
    with pytest.raises(CannotForgetError, match="nobody any more"):
        forget(pseudonymous, pseudonym)


def test_a_person_whom_nothing_has_is_said_and_a_person_forgotten_before_is_not(settings: Settings) -> None:
    """A misspelt id must not look like work done."""
    assert forget(settings, "nobody-of-that-name").found_nothing
    assert not forget(settings, "nobody-of-that-name").found_nothing
