"""The ledger on disk: it verifies as written, names whatever byte is changed, and a killed close leaves nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ingestion.sources.ledger import records
from ingestion.sources.ledger.records import LINES, MANIFEST, csv_bytes, read_ledger, write_record

ROWS = [["search", "1.50"], ['a "quoted", name', "-0.25"], ["chat", ""]]


def content() -> bytes:
    return csv_bytes(["cost_center_id", "amount_usd"], ROWS)


@pytest.fixture
def ledger_dir(tmp_path: Path) -> Path:
    write_record(tmp_path, "close", "2026-09", {LINES: content()}, {"closed_at_utc": "2026-10-03T00:00:00Z"})
    write_record(tmp_path, "close", "2026-10", {LINES: content()}, {"closed_at_utc": "2026-11-03T00:00:00Z"})
    return tmp_path


def test_a_ledger_verifies_as_written(ledger_dir: Path) -> None:
    ledger = read_ledger(ledger_dir)
    assert ledger.faults == []
    assert list(ledger.closed) == ["2026-09", "2026-10"]
    assert ledger.records[1].manifest["previous_manifest_sha256"] == ledger.records[0].manifest_sha256


def test_the_chain_follows_the_published_hash() -> None:
    """SHA-256 of 'abc' as FIPS 180-4 gives it; a row's hash is that of the hash above it and its own text."""
    assert records.sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    head, first, *_ = csv_bytes(["a"], [["1"], ["2"]]).decode().split("\n")
    assert first == "1," + records.sha256((records.sha256(head.encode()) + "1").encode())


def test_every_changed_byte_of_a_statement_is_named_by_file_and_row(ledger_dir: Path) -> None:
    path = ledger_dir / "0001-close-2026-09" / LINES
    good = path.read_bytes()
    for position in range(len(good)):
        changed = bytearray(good)
        changed[position] ^= 1
        path.write_bytes(bytes(changed))
        (fault,) = read_ledger(ledger_dir).faults
        row = good[:position].count(b"\n") + 1
        # A changed line break joins or splits rows: the row that ends there, or the one after, is the broken one.
        rows = {row, row + 1} if good[position : position + 1] == b"\n" or changed[position] == 10 else {row}
        if row == 1 and position < good.index(b"\n"):
            rows = {1, 2}
        assert any(fault.startswith(f"0001-close-2026-09/{LINES} was changed in row {each}") for each in rows), fault


def test_a_changed_manifest_is_named(ledger_dir: Path) -> None:
    path = ledger_dir / "0001-close-2026-09" / MANIFEST
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"closed_at_utc": "2026-10-04T00:00:00Z"}))
    assert any(f"0002-close-2026-10/{MANIFEST} does not follow" in fault for fault in read_ledger(ledger_dir).faults)


def test_a_removed_record_and_a_removed_or_added_file_are_named(ledger_dir: Path) -> None:
    (ledger_dir / "0002-close-2026-10" / LINES).unlink()
    (ledger_dir / "0002-close-2026-10" / "note.txt").write_text("x")
    faults = read_ledger(ledger_dir).faults
    assert any(fault.startswith(f"0002-close-2026-10/{LINES} cannot be read") for fault in faults)
    assert "0002-close-2026-10/note.txt does not belong there" in faults
    shutil.rmtree(ledger_dir / "0001-close-2026-09")
    assert any("record 1 is missing" in fault for fault in read_ledger(ledger_dir).faults)


def test_reopening_keeps_the_record_and_takes_the_month_out(ledger_dir: Path) -> None:
    write_record(ledger_dir, "reopen", "2026-10", {}, {"reason": "wrong rule"})
    ledger = read_ledger(ledger_dir)
    assert ledger.faults == []
    assert list(ledger.closed) == ["2026-09"]
    assert (ledger_dir / "0002-close-2026-10" / LINES).read_bytes() == content()


def test_nothing_is_appended_to_a_damaged_ledger(ledger_dir: Path) -> None:
    with open(ledger_dir / "0001-close-2026-09" / LINES, "ab") as file:
        file.write(b"x")
    before = sorted(path.name for path in ledger_dir.iterdir())
    with pytest.raises(ValueError, match="does not verify"):
        write_record(ledger_dir, "close", "2026-11", {}, {})
    assert sorted(path.name for path in ledger_dir.iterdir()) == before


def test_a_close_killed_before_the_rename_leaves_the_ledger_as_it_was(
    ledger_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(records.os, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            write_record(ledger_dir, "close", "2026-11", {LINES: content()}, {})
    assert list(read_ledger(ledger_dir).closed) == ["2026-09", "2026-10"]
    write_record(ledger_dir, "close", "2026-11", {LINES: content()}, {})
    assert list(read_ledger(ledger_dir).closed) == ["2026-09", "2026-10", "2026-11"]
    assert read_ledger(ledger_dir).faults == []
