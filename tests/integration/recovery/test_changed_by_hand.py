"""Raw tables that were changed by hand are landed again whole, or the landing refuses with a remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing.database import connect, ensure_tables
from ingestion.landing.shapes import ChangedByHandError
from tests.integration.ingestion.landing.toy import Drop

ROWS = (
    "select * exclude (_dlt_load_id) from raw_events.requests order by event_id",
    "select * exclude (_dlt_load_id) from raw_events.files order by path",
    "select * exclude (_dlt_load_id) from raw_events.quarantine order by all",
    "from raw_events._duplicate_requests order by all",
)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drop = Drop(tmp_path_factory.mktemp("landed") / "home")
    drop.write("a.jsonl", *({"event_id": f"a{n}", "output_tokens": n} for n in range(5)), "broken")
    drop.write("b.jsonl", *({"event_id": f"b{n}", "output_tokens": n} for n in range(3)), {"event_id": "a1"})
    drop.land()
    return drop.settings.home


@pytest.fixture
def drop(landed: Path, tmp_path: Path) -> Drop:
    """A home of its own with the landed files, times included."""
    shutil.copytree(landed, tmp_path / "home")
    return Drop(tmp_path / "home")


def _state(drop: Drop) -> list[list[Any]]:
    with connect(drop.settings.warehouse_path) as db:
        return [json.loads(json.dumps(db.execute(sql).fetchall(), default=str)) for sql in ROWS[:3]]


CHANGES = {
    "a column dropped": "alter table raw_events.requests drop column output_tokens",
    "a column retyped": "alter table raw_events.requests alter output_tokens type varchar",
    "a column added": "alter table raw_events.requests add column mine varchar default 'x'",
    "the table dropped": "drop table raw_events.requests",
    "the table a view": "alter table raw_events.requests rename to r; "
    "create view raw_events.requests as from raw_events.r limit 1",
    "some rows deleted": "delete from raw_events.requests where event_id = 'a3'",
    "rows doubled": "insert into raw_events.requests from raw_events.requests where event_id = 'b2'",
    "the registry dropped": "drop table raw_events.files",
    "the registry lacks a column": "alter table raw_events.files drop column content_hash",
    "the registry lacks its paths": "alter table raw_events.files drop column path",
    "quarantine emptied": "delete from raw_events.quarantine",
    "bookkeeping dropped": "drop table raw_events._settled_loads",
    "known columns dropped": "drop table raw_landing._known_columns",
    "several": "alter table raw_events.requests drop column tags; delete from raw_events.files where path = 'a.jsonl'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_by_hand_is_landed_again(drop: Drop, change: str) -> None:
    before = _state(drop)
    for statement in CHANGES[change].split("; "):
        drop.query(statement)
    ensure_tables(drop.settings.warehouse_path)  # another source may land first
    report = drop.land()
    after = _state(drop)
    if change == "a column added":
        after[0] = [row[:-1] for row in after[0]]
    assert _without_ids(after) == _without_ids(before)
    if change not in ("a column added", "known columns dropped"):
        assert any(note.kind == "landed_again" for note in report.notes), report.notes
    assert not [note for note in drop.land().notes if note.kind == "landed_again"]


def _without_ids(state: list[list[Any]]) -> list[list[Any]]:
    """A file that is landed again has another number."""
    ids = {row[0]: row[1] for row in state[1]}
    return [[[ids.get(value, value) for value in row] for row in rows] for rows in state]


def test_a_column_that_is_new_in_this_version_is_no_change_by_hand(drop: Drop) -> None:
    drop.query("delete from raw_landing._known_columns where column_name = 'tags'")
    drop.query("alter table raw_events.requests drop column tags")
    assert drop.land().files_landed == 0


@pytest.mark.parametrize("lose", [lambda folder: [p.unlink() for p in folder.glob("*")]])
def test_what_cannot_be_landed_again_is_refused_and_stays(drop: Drop, lose: Callable[[Path], Any]) -> None:
    drop.query("alter table raw_events.requests drop column output_tokens")
    lose(drop.folder)
    for _ in range(2):
        with pytest.raises(ChangedByHandError, match=r"raw_events.requests: column output_tokens is gone.*a.jsonl"):
            drop.land()
    assert len(drop.ids()) == 8


def test_a_changed_table_of_notes_lands_everything_again(drop: Drop) -> None:
    drop.query("alter table raw_landing.notes drop column remedy")
    assert drop.land().files_landed == 2
    assert drop.land().files_landed == 0
