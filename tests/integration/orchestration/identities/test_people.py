"""Everybody who landed has a pseudonym before models run; what it costs later is a look at what changed."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingestion.config import Settings
from ingestion.landing.forgotten import FILE
from ingestion.landing.pseudonyms import Pseudonyms
from orchestration.identities.people import bring_up_to_date
from orchestration.identities.resolving import resolve
from tests.support.warehouse import LOADED_AT, ScratchWarehouse

NOW = datetime.fromisoformat("2026-06-01T10:00:00")


class Home:
    """A home whose raw tables tests fill by hand."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.from_env({}, home=folder)
        self.warehouse = ScratchWarehouse(folder)

    def look(self) -> int:
        with self.warehouse.connection() as connection:
            return bring_up_to_date(connection, self.settings, NOW)

    def land(self, *rows: dict[str, object], table: str = "raw_events.requests", at: int = 0) -> None:
        loaded = LOADED_AT + timedelta(hours=at)
        self.warehouse.insert(table, [{"_loaded_at_utc": loaded, **row} for row in rows])

    def people(self) -> dict[str, str]:
        return dict(self.warehouse.rows("select user_id, pseudonym from identity.people"))

    def texts(self) -> dict[str, str]:
        return dict(
            self.warehouse.rows("select delivered, shown from identity.substitutes where kind = 'text' order by 1")
        )

    def epoch(self) -> str:
        return str(self.warehouse.value("select epoch from identity.epochs"))


@pytest.fixture
def home(laid_out: Path, tmp_path: Path) -> Home:
    shutil.copytree(laid_out, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people in usage, one of them with the name of a team, and an address that only a label has."""
    found = Home(ScratchWarehouse.create(tmp_path_factory.mktemp("people")).folder)
    found.land(
        {"event_id": "1", "user_id": "user_1", "tags": '{"by": "user_1", "team": "data"}', "team_id": "data"},
        {"event_id": "2", "user_id": "data", "tags": '{"by": "nobody", "on": "host-user_10"}'},
        {"event_id": "3", "user_id": None, "tags": '{"mail": "x.y@z.example"}'},
    )
    found.land({"user_id": "user_1", "user_name": "Maeve O'Brien", "email": "maeve@x.example"}, table="raw_org.users")
    found.land({"team_id": "data", "owner": "Maeve O'Brien"}, table="raw_org.teams")
    assert found.look() == 5
    return found.warehouse.folder


def test_each_id_name_and_address_has_a_pseudonym_made_with_the_key_of_the_home(home: Home) -> None:
    names = Pseudonyms.of_home(home.settings.home)
    wanted = ("user_1", "data", "Maeve O'Brien", "maeve@x.example", "x.y@z.example")
    assert home.people() == {word: names.of(word) for word in wanted}
    row = "select display_name, email, found_in, first_seen_at_utc from identity.people where user_id = 'user_1'"
    assert home.warehouse.rows(row) == [("Maeve O'Brien", "maeve@x.example", "raw_events.requests", NOW)]


def test_texts_that_mention_somebody_have_a_substitute_and_others_none(home: Home) -> None:
    of = home.people()
    assert home.texts() == {
        '{"by": "user_1", "team": "data"}': f'{{"by": "{of["user_1"]}", "team": "data"}}',
        '{"mail": "x.y@z.example"}': f'{{"mail": "{of["x.y@z.example"]}"}}',
        "Maeve O'Brien": of["Maeve O'Brien"],
    }


def test_where_nothing_landed_nothing_is_looked_at(home: Home) -> None:
    home.warehouse.execute("delete from identity.people")
    assert home.look() == 0
    assert home.people() == {}


def test_whoever_is_new_gets_one_and_everybody_else_keeps_theirs(home: Home) -> None:
    before, epoch = home.people(), home.epoch()
    home.land({"event_id": "4", "user_id": "user_2", "tags": '{"by": "user_2"}'}, at=1)
    assert home.look() == 1
    assert home.people().items() > before.items()
    assert '{"by": "user_2"}' in home.texts()
    assert home.epoch() == epoch, "no text that models read before is shown otherwise"


def test_a_text_of_before_is_looked_at_again_when_somebody_is_new(home: Home) -> None:
    home.land({"event_id": "4", "user_id": "user_10"}, at=1)
    epoch = home.epoch()
    assert home.look() == 1
    assert home.texts()['{"by": "nobody", "on": "host-user_10"}'].count("person-") == 1
    assert home.epoch() != epoch


def test_a_pseudonym_that_comes_back_is_nobody_new(home: Home) -> None:
    before = home.people()
    home.land({"event_id": "4", "user_id": before["user_1"]}, at=1)
    home.land({"budget_id": "b", "scope_type": "user", "scope_id": before["user_1"]}, table="raw_org.budgets")
    assert home.look() == 0
    assert home.people() == before
    shown = "select distinct shown from identity.substitutes where kind = 'person' and delivered = '{}'"
    assert home.warehouse.rows(shown.format(before["user_1"])) == [(before["user_1"],)]


def test_pseudonyms_outlive_the_warehouse_and_end_with_the_key(home: Home) -> None:
    before = home.people()
    for table in ("people", "substitutes", "looks", "epochs"):
        home.warehouse.execute(f"delete from identity.{table}")
    home.look()
    assert home.people() == before
    (home.settings.home / FILE).unlink()
    epoch = home.epoch()
    home.look()
    assert home.people().keys() == before.keys()
    assert not set(home.people().values()) & set(before.values())
    assert home.epoch() != epoch


def test_people_are_found_by_pseudonym_label_or_id_and_nobody_else(home: Home) -> None:
    pseudonym = home.people()["user_1"]
    label = home.warehouse.value(f"select 'user-' || substr(md5('{pseudonym}'), 1, 8)")
    found = resolve(home.warehouse.path, [pseudonym, label, "user_1", "person-aaaaaaaaaaaaaaaa"])
    assert {name: (each.user_id, each.email) for name, each in found.items()} == dict.fromkeys(
        (pseudonym, label, "user_1"), ("user_1", "maeve@x.example")
    )
    assert resolve(home.settings.home / "none.duckdb", [pseudonym]) == {}
