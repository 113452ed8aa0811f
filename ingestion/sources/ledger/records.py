"""The ledger on disk: one folder per record, never changed once written, each naming the hash of the one before.

    <ledger>/0001-close-2026-10/manifest.json, lines.csv, statement.csv
    <ledger>/0002-reopen-2026-10/manifest.json

A manifest holds the SHA-256 of its files and of the previous manifest; the last column of every CSV row is the
SHA-256 of the row and the hash above it, so that a changed byte is named by file and row. A record appears by one
rename: a killed close leaves nothing. Put here: reading, writing, verifying. Keep out: what a statement says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LINES = "lines.csv"
STATEMENT = "statement.csv"
MANIFEST = "manifest.json"
HASH_COLUMN = "row_sha256"
FORMAT_VERSION = 1
_FOLDER = re.compile(r"^(\d{4,})-(close|reopen)-(\d{4}-\d{2})$")


@dataclass(frozen=True)
class Record:
    """One entry of the ledger: a month that was closed or opened again."""

    sequence: int
    action: str
    period: str
    """`YYYY-MM`."""
    folder: Path
    manifest: Mapping[str, Any]
    manifest_sha256: str


@dataclass
class Ledger:
    """All records in order, and what is wrong with them."""

    records: list[Record] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def closed(self) -> dict[str, Record]:
        """The record that closed each month that is closed now, by month, in order."""
        found: dict[str, Record] = {}
        for record in self.records:
            if record.action == "close":
                found[record.period] = record
            else:
                found.pop(record.period, None)
        return dict(sorted(found.items()))

    @property
    def head(self) -> str:
        """Hash of the newest manifest; empty for an empty ledger."""
        return self.records[-1].manifest_sha256 if self.records else ""


def sha256(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV in UTF-8 whose last column chains the rows; cells are quoted where they must be."""
    head = ",".join([*map(_cell, header), HASH_COLUMN])
    previous = sha256(head.encode())
    out = [head]
    for row in rows:
        text = ",".join(map(_cell, row))
        previous = sha256((previous + text).encode())
        out.append(f"{text},{previous}")
    return ("\n".join(out) + "\n").encode()


def _cell(value: str) -> str:
    if any(character in value for character in '",\n\r'):
        return '"' + value.replace('"', '""').replace("\r", " ").replace("\n", " ") + '"'
    return value


def first_broken_row(content: bytes) -> int | None:
    """Number of the first row (the header is 1) whose hash does not follow from it; None when all do."""
    rows = content.split(b"\n")
    if not rows[0].endswith(b"," + HASH_COLUMN.encode()):
        return 1
    previous = sha256(rows[0])
    for number, row in enumerate(rows[1:], 2):
        if not row and number == len(rows):
            return None
        text, _, stated = row.rpartition(b",")
        previous = sha256(previous.encode() + text)
        if stated != previous.encode():
            return number
    return len(rows)


def write_record(
    ledger_dir: Path, action: str, period: str, files: Mapping[str, bytes], facts: Mapping[str, Any]
) -> Record:
    """Append a record: files, then their manifest, made visible by one rename.

    Raises:
        ValueError: the ledger does not verify; nothing is written.
    """
    ledger = read_ledger(ledger_dir)
    if ledger.faults:
        raise ValueError("the ledger does not verify: " + "; ".join(ledger.faults[:3]))
    ledger_dir.mkdir(parents=True, exist_ok=True)
    sequence = ledger.records[-1].sequence + 1 if ledger.records else 1
    manifest = {
        "format_version": FORMAT_VERSION,
        "sequence": sequence,
        "action": action,
        "period": period,
        "previous_manifest_sha256": ledger.head,
        "files": {name: {"sha256": sha256(content), "bytes": len(content)} for name, content in files.items()},
        **facts,
    }
    content = (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode()
    name = f"{sequence:04}-{action}-{period}"
    fresh = ledger_dir / f".{name}.next"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for file_name, body in {**files, MANIFEST: content}.items():
        with open(fresh / file_name, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    os.rename(fresh, ledger_dir / name)
    return Record(sequence, action, period, ledger_dir / name, manifest, sha256(content))


def read_ledger(ledger_dir: Path) -> Ledger:
    """Read and verify every record: hashes of files, of rows, and of each manifest by the next one."""
    ledger = Ledger()
    if not ledger_dir.is_dir():
        return ledger
    for folder in sorted(path for path in ledger_dir.iterdir() if path.is_dir() and not path.name.startswith(".")):
        matched = _FOLDER.match(folder.name)
        if not matched:
            ledger.faults.append(f"{folder.name}: not a record of the ledger")
            continue
        sequence, action, period = int(matched[1]), matched[2], matched[3]
        try:
            content = (folder / MANIFEST).read_bytes()
            manifest = json.loads(content)
            stated = (manifest["sequence"], manifest["action"], manifest["period"])
            files = dict(manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            ledger.faults.append(f"{folder.name}/{MANIFEST} cannot be read: {error}")
            continue
        if stated != (sequence, action, period):
            ledger.faults.append(f"{folder.name}/{MANIFEST} says it is record {stated}")
        if sequence != len(ledger.records) + 1:
            ledger.faults.append(f"{folder.name}: record {len(ledger.records) + 1} is missing")
        if manifest.get("previous_manifest_sha256") != ledger.head:
            before = ledger.records[-1].folder.name if ledger.records else "nothing"
            ledger.faults.append(
                f"{folder.name}/{MANIFEST} does not follow {before}: one of the two manifests was changed"
            )
        ledger.faults += [fault for name, entry in files.items() for fault in _file_faults(folder, name, entry)]
        unexpected = sorted({path.name for path in folder.iterdir()} - set(files) - {MANIFEST})
        ledger.faults += [f"{folder.name}/{name} does not belong there" for name in unexpected]
        ledger.records.append(Record(sequence, action, period, folder, manifest, sha256(content)))
    return ledger


def _file_faults(folder: Path, name: str, entry: Mapping[str, Any]) -> list[str]:
    place = f"{folder.name}/{name}"
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        return [f"{place} cannot be read: {error.strerror}"]
    if sha256(content) == entry.get("sha256"):
        return []
    row = first_broken_row(content)
    if row is None:
        return [f"{place} was replaced as a whole, or its hash in the manifest was changed"]
    shown = content.split(b"\n")[row - 1][:200].decode("utf-8", "replace") if row <= content.count(b"\n") + 1 else ""
    return [f"{place} was changed in row {row}: {shown}"]
