# ruff: noqa: DTZ001 - instants are naive UTC
"""Unfinished copies and things that are no files are passed over, and named once they stay longer than a copy takes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.landing.scan import long_left, scan, scan_with_mounts

NOW = datetime(2026, 7, 10, 12)


def put(folder: Path, name: str, hours_ago: int) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith("pipe.csv"):
        os.mkfifo(path)
    else:
        path.write_text("x")
    at = (NOW - timedelta(hours=hours_ago)).replace(tzinfo=UTC).timestamp()
    os.utime(path, (at, at))


@pytest.mark.parametrize("name", ["bill.csv.part", "a/bill.csv.TMP", "bill.crdownload", "pipe.csv"])
@pytest.mark.parametrize("hours_ago", [1, 30])
def test_what_is_not_whole_is_said_after_a_day(tmp_path: Path, name: str, hours_ago: int) -> None:
    put(tmp_path, name, hours_ago)
    put(tmp_path, "bill.csv", 300)
    put(tmp_path, ".hidden.part", 300)
    scanned = scan(tmp_path)
    assert [found.relative_path for found in scanned.files] == ["bill.csv"]
    notes = long_left(scanned, NOW)
    assert [note.file for note in notes] == ([name] if hours_ago > 24 else [])
    assert all("2026-07-09" in note.message for note in notes)


def test_it_is_named_below_the_path_of_its_mount(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "log.jsonl.part", 48)
    scanned = scan_with_mounts(tmp_path / "drop", [("host", tmp_path / "elsewhere")])
    assert [note.file for note in long_left(scanned, NOW)] == ["host/log.jsonl.part"]
