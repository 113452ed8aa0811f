"""An event id counts once, and which row counts does not depend on the order of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.ingestion.landing.toy import Drop

FILES = {
    "a.jsonl": [{"event_id": "x", "output_tokens": 1}, {"event_id": "a"}],
    "b.jsonl": [{"event_id": "x", "output_tokens": 2}, {"event_id": "b"}, {"event_id": "b"}],
    "c.jsonl": [{"event_id": "x", "output_tokens": 1}, {"event_id": "a"}, {"event_id": "c"}],
}
STATE = """
    select event_id, output_tokens, path, _source_row from raw_events.requests
    join (select file_id, path from raw_events.files) on file_id = _source_file_id order by all
"""
QUARANTINE = "select file_path, row_number, field, reason from raw_events.quarantine order by all"
COUNTS = "select path, row_count, quarantined_row_count from raw_events.files order by path"


@pytest.mark.parametrize("order", [("a.jsonl", "b.jsonl", "c.jsonl"), ("c.jsonl", "b.jsonl", "a.jsonl")])
def test_state_does_not_depend_on_the_order_of_files(tmp_path: Path, order: tuple[str, ...]) -> None:
    drop = Drop(tmp_path)
    for name in order:
        drop.write(name, *FILES[name])
        drop.land()
    assert drop.query(STATE) == [
        ("a", None, "a.jsonl", 2),
        ("b", None, "b.jsonl", 2),
        ("c", None, "c.jsonl", 3),
        ("x", 1, "a.jsonl", 1),
    ]
    assert drop.query(QUARANTINE) == [("b.jsonl", 1, "event_id", "duplicate_id")]
    assert drop.query(COUNTS) == [("a.jsonl", 2, 0), ("b.jsonl", 1, 1), ("c.jsonl", 1, 0)]


def test_repeats_are_reported(tmp_path: Path) -> None:
    drop = Drop(tmp_path)
    for name, rows in FILES.items():
        drop.write(name, *rows)
    report = drop.land()
    assert report.rows_by_table == {"requests": 4}
    assert report.quarantined_rows == 1
    assert "3 rows repeat an event_id with the same values; each counts once" in list(map(str, report.notes))
    message, record = drop.query("select message, original_record from raw_events.quarantine")[0]
    assert "a.jsonl row 1" in message
    assert '"output_tokens":2' in record


def test_next_in_line_comes_back_when_the_owner_is_replaced(tmp_path: Path) -> None:
    drop = Drop(tmp_path)
    for name, rows in FILES.items():
        drop.write(name, *rows)
    drop.land()
    drop.write("a.jsonl", {"event_id": "other"})
    drop.land()
    assert drop.query("select output_tokens, _source_row from raw_events.requests where event_id = 'x'") == [(2, 1)]
    assert drop.query(QUARANTINE) == [("c.jsonl", 1, "event_id", "duplicate_id")]
    drop.write("a.jsonl", *FILES["a.jsonl"])
    drop.land()
    assert drop.query(QUARANTINE) == [("b.jsonl", 1, "event_id", "duplicate_id")]
    assert drop.query(COUNTS) == [("a.jsonl", 2, 0), ("b.jsonl", 1, 1), ("c.jsonl", 1, 0)]
