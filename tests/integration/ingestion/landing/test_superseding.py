"""A delivery replaces what it restates, and gives it back when it is itself replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.ingestion.landing.toy import Drop

STATE = "select path, row_count, is_superseded from raw_events.files order by path"


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, supersedes=True)
    drop.write("1.jsonl", {"event_id": "jan", "session_id": "2026-01"}, {"event_id": "feb", "session_id": "2026-02"})
    drop.land()
    return drop


def test_newer_delivery_takes_over_its_scopes_only(drop: Drop) -> None:
    drop.write("2.jsonl", {"event_id": "feb restated", "session_id": "2026-02"})
    assert drop.land().files_superseded == 1
    assert drop.ids() == ["feb restated", "jan"]
    assert drop.query(STATE) == [("1.jsonl", 1, False), ("2.jsonl", 1, False)]
    drop.write("3.jsonl", {"event_id": "jan restated", "session_id": "2026-01"})
    drop.land()
    assert drop.ids() == ["feb restated", "jan restated"]
    assert drop.query(STATE) == [("1.jsonl", 0, True), ("2.jsonl", 1, False), ("3.jsonl", 1, False)]


def test_rows_come_back_when_the_newer_delivery_no_longer_restates_them(drop: Drop) -> None:
    drop.write("2.jsonl", {"event_id": "feb restated", "session_id": "2026-02"})
    drop.land()
    drop.write("2.jsonl", {"event_id": "march", "session_id": "2026-03"})
    drop.land()
    assert drop.ids() == ["feb", "jan", "march"]
    assert drop.query(STATE) == [("1.jsonl", 2, False), ("2.jsonl", 1, False)]


def test_superseded_file_landed_again_stays_superseded(drop: Drop) -> None:
    drop.write("2.jsonl", {"event_id": "feb restated", "session_id": "2026-02"})
    drop.land()
    drop.write("1.jsonl", {"event_id": "feb late", "session_id": "2026-02"})
    drop.land()
    assert drop.ids() == ["feb restated"]
    assert drop.query(STATE) == [("1.jsonl", 0, True), ("2.jsonl", 1, False)]
