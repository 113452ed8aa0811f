"""What landing noticed is kept as long as it holds: with its file, or until a later run no longer finds it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingestion.config import Settings
from ingestion.landing import DropFolderSource, ParsedBatch, SourceFile, connect, land_drop_folder, scan
from ingestion.landing.model import LandingReport
from ingestion.landing.notes import Note
from ingestion.landing.noting import NOTES_PER_KIND, keep_run_notes
from ingestion.landing.source import Route
from tests.integration.ingestion.landing.toy import NOW

LATER = NOW + timedelta(days=1)


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """A row; each line of the file is a note, `unused_columns` unless it says another kind before a colon."""
    yield ParsedBatch(pa.table({"event_id": [file.relative_path], "_source_row": [1]}), "requests")
    for number, line in enumerate(file.path.read_text("utf-8", "surrogateescape").splitlines(), 1):
        kind, _, words = line.rpartition(":")
        yield ParsedBatch(notes=[Note(kind or "unused_columns", words, row=number)])


class Home:
    """A home whose events folder holds files made of notes."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.from_env({}, home=folder / "home")
        self.drop = folder / "drop"
        self.drop.mkdir()

    def land(self, now: object = NOW, *, die_before_keeping: bool = False) -> LandingReport:
        def route(relative_path: str) -> Route:
            return ("toy", parse) if relative_path.endswith(".toy") else Note("unknown_format", "passed over")

        source = DropFolderSource("events", "raw_events", self.drop, "COSTOPS_EVENTS_DIR", route)
        report = land_drop_folder(source, self.settings, now=now)  # type: ignore[arg-type]
        if not die_before_keeping:
            keep_run_notes(self.settings, "events", "raw_events", report, now)  # type: ignore[arg-type]
        return report

    def notes(self, columns: str = "file_path, message") -> list[tuple[object, ...]]:
        with connect(self.settings.warehouse_path) as db:
            return db.execute(f"select {columns} from raw_landing.notes order by all").fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_notes_of_a_file_hold_through_unchanged_runs_and_go_with_its_next_version(home: Home) -> None:
    (home.drop / "a.toy").write_text("colour\nsize\n")
    home.land()
    home.land(LATER)
    columns = "file_path, message, row_number, first_seen_at_utc, last_seen_at_utc"
    assert home.notes(columns) == [("a.toy", "colour", 1, NOW, LATER), ("a.toy", "size", 2, NOW, LATER)]
    (home.drop / "a.toy").write_text("\nsize\nshape\n")
    home.land(LATER + timedelta(days=1))
    assert home.notes("message, first_seen_at_utc") == [
        ("", LATER + timedelta(days=1)),
        ("shape", LATER + timedelta(days=1)),
        ("size", NOW),
    ]


def test_notes_about_the_folder_hold_until_a_run_no_longer_finds_them(home: Home) -> None:
    (home.drop / "strange.zip").write_bytes(b"PK")
    (home.drop / "a.toy").write_text("")
    home.land()
    home.land(LATER)
    assert home.notes("kind, file_path, severity, remedy, first_seen_at_utc, last_seen_at_utc") == [
        ("unknown_format", "strange.zip", "loss", "compare the header with docs/sources, or take the file away", NOW,
         LATER)]  # fmt: skip
    (home.drop / "strange.zip").unlink()
    home.land(LATER)
    assert home.notes() == []


def test_a_run_killed_after_its_load_was_settled_has_the_notes_of_its_files(home: Home) -> None:
    (home.drop / "a.toy").write_text("colour\n")
    home.land(die_before_keeping=True)
    assert home.notes() == [("a.toy", "colour")]
    home.land(LATER)
    assert home.notes("message, last_seen_at_utc") == [("colour", LATER)]


def test_notes_of_a_file_that_the_registry_forgot_are_forgotten(home: Home) -> None:
    (home.drop / "a.toy").write_text("colour\n")
    (home.drop / "b.toy").write_text("")
    home.land()
    with connect(home.settings.warehouse_path) as db:
        db.execute("delete from raw_events.files where path = 'a.toy'")
    (home.drop / "a.toy").unlink()
    home.land()
    assert home.notes() == []


def test_notes_of_one_kind_in_one_file_are_bounded_and_counted(home: Home) -> None:
    (home.drop / "a.toy").write_text("".join(f"column {number}\n" for number in range(500)) + "time_zone_assumed:UTC\n")
    home.land()
    found = home.notes("kind, message, affected_count")
    assert len(found) == NOTES_PER_KIND + 2
    assert ("unused_columns", f"and {500 - NOTES_PER_KIND} more of this kind in this file", 450) in found
    assert ("time_zone_assumed", "UTC", None) in found


def test_what_belongs_to_one_run_is_told_and_not_kept(home: Home) -> None:
    (home.drop / "a.toy").write_text("run_figures:12 requests\n")
    assert [str(note) for note in home.land().notes] == ["a.toy, row 1: 12 requests"]
    assert home.notes() == []


def test_one_source_does_not_touch_the_notes_of_another(home: Home) -> None:
    (home.drop / "a.toy").write_text("colour\n")
    home.land()
    report = LandingReport("gpu", True, notes=[Note("rate_missing", "no rate for X")])
    keep_run_notes(home.settings, "gpu", "raw_gpu", report, LATER)
    home.land(LATER)
    assert home.notes("source, message") == [("events", "colour"), ("gpu", "no rate for X")]
    keep_run_notes(home.settings, "gpu", "raw_gpu", replace(report, notes=[]), LATER)
    assert home.notes("source") == [("events",)]


def test_texts_of_any_kind_can_be_kept(home: Home) -> None:
    (home.drop / "a.toy").write_bytes(b"caf\xe9 [/red] ' ; drop table\n" + b"x" * 9_000 + b"\n")
    home.land()
    with duckdb.connect(str(home.settings.warehouse_path)) as db:
        lengths = db.execute("select length(message) from raw_landing.notes order by 1").fetchall()
    short, long = (length for (length,) in lengths)
    assert short < 60 < long < 2_100


def test_a_run_that_reads_nothing_new_still_reports_what_holds(home: Home) -> None:
    (home.drop / "a.toy").write_text("colour\n")
    (home.drop / "b.zip").write_bytes(b"PK")
    first = [str(note) for note in home.land().notes]
    again = home.land(LATER)
    assert again.files_landed == 0
    assert [str(note) for note in again.notes] == first == ["b.zip: passed over", "a.toy, row 1: colour"]


def test_a_folder_that_cannot_be_opened_is_named_until_it_can(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights do not stop the user that tests may run as, so the listing is made to fail as it does without them."""
    (home.drop / "open.toy").write_text("")
    closed = home.drop / "team" / "closed"
    closed.mkdir(parents=True)
    (closed / "lost.toy").write_text("")
    scandir = os.scandir

    def refused(path: str | int) -> object:
        if isinstance(path, str) and Path(path) == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    home.land()
    words = "the folder cannot be opened: its files are not read; what was landed from them still counts"
    assert home.notes("kind, file_path, message") == [("unreadable_file", "team/closed", words)]
    monkeypatch.undo()
    home.land(LATER)
    assert home.notes() == []


def test_the_file_that_cannot_be_read_is_named_and_not_those_that_are_read_with_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.toy", "b.toy", "settings.yml"):
        (home.drop / name).write_text("")
    digest = scan.digest

    def refused(path: Path) -> str:
        if path.name == "settings.yml":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return digest(path)

    monkeypatch.setattr(scan, "digest", refused)
    source = DropFolderSource(
        "events", "raw_events", home.drop, "COSTOPS_EVENTS_DIR",
        lambda path: ("toy", parse) if path.endswith(".toy") else "",
        companions=lambda path: ("settings.yml",),
    )  # fmt: skip
    report = land_drop_folder(source, home.settings, now=NOW)
    assert [note for note in report.notes if note.kind == "unreadable_file"] == [
        Note("unreadable_file", "cannot be read: Permission denied", "settings.yml")
    ]
