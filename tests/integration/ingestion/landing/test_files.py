"""New, changed, unchanged, moved and vanished files; broken parsers; the shape of the raw tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.landing import connect, ensure_tables, land_drop_folder, runner
from ingestion.landing.notes import Note
from ingestion.landing.scan import Scan, scan
from ingestion.raw_schemas import DUCKDB_TYPES, RAW_SCHEMAS
from tests.integration.ingestion.landing.toy import NOW, Drop


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path)


def test_new_file_lands_with_provenance(drop: Drop) -> None:
    drop.write("day/a.jsonl", {"event_id": "1", "output_tokens": 5}, {"event_id": "2"})
    report = drop.land()
    assert (report.is_on, report.files_landed, report.rows_by_table) == (True, 1, {"requests": 2})
    assert drop.query(
        "select event_id, output_tokens, _source_row, _loaded_at_utc, path, _dlt_load_id is not null "
        "from raw_events.requests join (select file_id, path from raw_events.files) on file_id = _source_file_id "
        "order by event_id"
    ) == [("1", 5, 1, NOW, "day/a.jsonl", True), ("2", None, 2, NOW, "day/a.jsonl", True)]


def test_a_file_that_takes_long_is_told_of_while_it_is_read(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop.write("a.jsonl", *({"event_id": str(number)} for number in range(4)))
    said: list[str] = []
    land_drop_folder(drop.source, drop.settings, now=NOW, progress=said.append)
    assert not [line for line in said if "rows of" in line]
    drop.write("b.jsonl", *({"event_id": str(number)} for number in range(4, 9)))
    monkeypatch.setattr(runner, "SECONDS_UNTOLD", -1)
    land_drop_folder(drop.source, drop.settings, now=NOW, progress=said.append)
    assert [line for line in said if "rows of" in line][:2] == [  # it is read two rows at a time
        "events: 2 rows of b.jsonl read",
        "events: 4 rows of b.jsonl read",
    ]


def test_unchanged_file_is_not_read_again(drop: Drop) -> None:
    path = drop.write("a.jsonl", {"event_id": "1"})
    drop.land()
    os.utime(path, (1_700_000_000, 1_700_000_000))
    for _ in range(2):
        report = drop.land()
        assert (report.files_landed, report.files_unchanged, report.bytes_read) == (0, 1, 0)
    path.chmod(0)
    assert drop.land().files_unchanged == 1
    assert drop.ids() == ["1"]


def test_changed_file_replaces_its_rows_and_its_quarantine(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"}, "broken", {"event_id": "2"})
    assert drop.land().quarantined_rows == 1
    drop.write("a.jsonl", {"event_id": "2"}, {"event_id": "3"}, {"event_id": "4"})
    drop.land()
    assert drop.ids() == ["2", "3", "4"]
    assert drop.query("from raw_events.quarantine") == []
    assert drop.query("select row_count, quarantined_row_count from raw_events.files") == [(3, 0)]


def test_a_removed_file_is_withdrawn_with_its_rows_and_said(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"}, {"event_id": "2", "output_tokens": 5})
    drop.write("b.jsonl", {"event_id": "2", "output_tokens": 7}, "broken")
    drop.land()
    assert drop.query("select event_id, output_tokens from raw_events.requests order by 1") == [("1", None), ("2", 5)]
    (drop.folder / "a.jsonl").unlink()
    report = drop.land()
    assert [(note.kind, note.file, note.count) for note in report.notes if isinstance(note, Note)] == [
        ("file_gone", "a.jsonl", 2)
    ]
    assert drop.query("select event_id, output_tokens from raw_events.requests") == [("2", 7)]
    assert drop.query("select path, row_count, quarantined_row_count from raw_events.files") == [("b.jsonl", 1, 1)]
    assert drop.land().notes == []


def test_a_folder_that_is_gone_or_empty_keeps_its_rows_and_asks(drop: Drop) -> None:
    path = drop.write("a.jsonl", {"event_id": "1"})
    drop.land()
    path.unlink()
    for _ in range(2):
        report = drop.land()
        (note,) = report.notes
        assert (report.is_on, isinstance(note, Note) and note.kind) == (False, "folder_gone")
        assert "1 file with 1 row" in str(note)
        assert "COSTOPS_EVENTS_DIR" in (report.off_reason or "")
        assert drop.ids() == ["1"]
        if drop.folder.is_dir():
            drop.folder.rmdir()
    drop.write("README.txt")
    drop.land()
    assert drop.ids() == []


def test_a_file_in_a_folder_that_cannot_be_listed_and_a_dangling_link_keep_their_rows(drop: Drop) -> None:
    drop.write("disk/a.jsonl", {"event_id": "1"})
    drop.write("b.jsonl", {"event_id": "2"})
    target = drop.write("elsewhere.keep", {"event_id": "3"})
    (drop.folder / "c.jsonl").symlink_to(target)
    drop.land()
    target.unlink()
    found = scan(drop.folder)
    assert not found.is_gone("c.jsonl")
    assert Scan([], frozenset(), ("disk",)).is_gone("disk2/a.jsonl")
    assert not Scan([], frozenset(), ("disk",)).is_gone("disk/a.jsonl")
    drop.land()
    assert drop.ids() == ["1", "2", "3"]


def test_renamed_file_does_not_count_twice(drop: Drop) -> None:
    path = drop.write("app.jsonl", {"event_id": "1"}, {"event_id": "2"})
    drop.land()
    path.rename(drop.folder / "app-1.jsonl")
    drop.write("app.jsonl", {"event_id": "3"})
    drop.land()
    (drop.folder / "app-1.jsonl").rename(drop.folder / "old.jsonl")
    report = drop.land()
    assert drop.ids() == ["1", "2", "3"]
    assert "app-1.jsonl is now old.jsonl" in list(map(str, report.notes))
    assert drop.query("select path, row_count from raw_events.files order by path") == [
        ("app.jsonl", 1),
        ("old.jsonl", 2),
    ]


def test_unknown_and_unfinished_files_are_left_alone(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"})
    for name in (".hidden.jsonl", "b.jsonl.part", "c.jsonl.tmp", "notes.txt"):
        drop.write(name, {"event_id": name})
    report = drop.land()
    assert drop.ids() == ["1"]
    assert [str(note) for note in report.notes] == ["notes.txt: not a file this source reads"]


def test_failing_parser_costs_its_file_and_nothing_else(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"}, {"event_id": "2"}, {"raise": 1})
    drop.write("b.jsonl", {"event_id": "3"}, {"misfit": 1}, {"event_id": "4"})
    drop.write("c.jsonl", {"event_id": "5"})
    report = drop.land()
    assert drop.ids() == ["1", "2", "3", "4", "5"]
    assert report.quarantined_rows == 2
    found = drop.query("select file_path, reason, message from raw_events.quarantine order by file_path")
    assert [(path, reason) for path, reason, _ in found] == [("a.jsonl", "program_fault"), ("b.jsonl", "program_fault")]
    assert "the parser is broken" in found[0][2]
    assert "no_such_column" in found[1][2]


def test_every_raw_table_has_the_types_of_raw_schemas(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"}, "broken")
    drop.land()
    found = drop.query("select schema_name, table_name, column_name, data_type from duckdb_columns()")
    types = {(schema, table, column): kind for schema, table, column, kind in found}
    for dataset, tables in RAW_SCHEMAS.items():
        for table, columns in tables.items():
            expected = {name: DUCKDB_TYPES[kind] for name, kind in columns.items()} | {"_dlt_load_id": "VARCHAR"}
            actual = {
                column: kind for (schema, name, column), kind in types.items() if (schema, name) == (dataset, table)
            }
            assert actual == expected, f"{dataset}.{table}"


def test_ensure_tables_adds_a_column_that_is_missing_and_keeps_rows(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with connect(path) as db:
        db.execute("create schema raw_org")
        db.execute("create table raw_org.teams (team_id varchar)")
        db.execute("insert into raw_org.teams values ('search')")
    ensure_tables(path)
    ensure_tables(path)
    with connect(path) as db:
        assert db.execute("select team_id, owner, _source_row from raw_org.teams").fetchall() == [
            ("search", None, None)
        ]


def test_warehouse_is_free_for_another_process_after_landing(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"})
    drop.land()
    script = f"import duckdb; duckdb.connect({str(drop.settings.warehouse_path)!r}).execute('create table x (i int)')"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_dlt_leaves_no_packages_behind(drop: Drop) -> None:
    drop.write("a.jsonl", {"event_id": "1"})
    drop.land()
    assert not (drop.settings.dlt_dir / "raw_events").exists()
