"""Makes files of any event format and damages them, keeping the truth: which rows are still good, which are not.

Put here: damage that works on lines and bytes, whatever the format. A format brings one good record and the
ways to spoil its content (see `EventFormat`); add it to `FORMATS` of `mangled_formats.py`.
Keep out: landing, assertions.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, Any]
ROWS = 24
TEN_MEGABYTES = 10 << 20


@dataclass(frozen=True)
class EventFormat:
    """One event format as the mangler sees it.

    `record(id)` gives a good record whose landed event id is `landed_id(id)`. `spoil` holds ways to make a
    record bad, by name; each returns a record that must end in quarantine. `text_field` is a field whose
    value is free text. `containers` are the endings the format is written with.
    """

    folder: str
    record: Callable[[str], Record]
    spoil: Mapping[str, Callable[[Record], Record]]
    text_field: str
    containers: tuple[str, ...] = (".jsonl", ".jsonl.gz")
    landed_id: Callable[[str], str] = str
    beside: Mapping[str, str] = field(default_factory=dict)
    """Files that must lie in the folder, by name (a mapping)."""


@dataclass
class MangledFile:
    """A written file and what must become of it: ids that land, rows that are quarantined (None: the file)."""

    path: Path
    relative_path: str
    damage: str
    good_ids: set[str] = field(default_factory=set)
    bad_rows: set[int | None] = field(default_factory=set)


def mangle(event_format: EventFormat, drop: Path, number: int, rng: random.Random) -> MangledFile:
    """Write the `number`-th mangled file of a format."""
    container = event_format.containers[number % len(event_format.containers)]
    relative = f"{event_format.folder}/{number:03d}{container}"
    file = MangledFile(drop / relative, relative, "")
    file.path.parent.mkdir(parents=True, exist_ok=True)
    ids = [f"{event_format.folder.replace('/', '-')}-{number}-{row}" for row in range(1, ROWS + 1)]
    records = [event_format.record(each) for each in ids]
    if container == ".parquet":
        _write_parquet(event_format, file, ids, records, number, rng)
    else:
        _write_lines(event_format, file, ids, records, number, rng)
    file.good_ids = {event_format.landed_id(each) for each in file.good_ids}
    return file


def _line(container: str, record: Record) -> bytes:
    if container.startswith(".csv"):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="").writerow(record.values())
        return stream.getvalue().encode()
    return json.dumps(record).encode()


LINE_DAMAGES = (
    "content", "content", "content", "cut row", "bad encoding", "nul bytes", "ten megabytes", "same id again",
    "equal row again", "mixed newlines", "cut file", "cut gzip", "marks and blanks", "not a record",
)  # fmt: skip


def _write_lines(
    event_format: EventFormat, file: MangledFile, ids: list[str], records: list[Record], number: int, rng: random.Random
) -> None:
    container = "." + file.path.name.split(".", 1)[1]
    file.damage = LINE_DAMAGES[number // len(event_format.containers) % len(LINE_DAMAGES)]
    if file.damage == "ten megabytes" and number % 3:
        file.damage = "content"
    lines = [_line(container, record) for record in records]
    victims = sorted(rng.sample(range(1, ROWS - 1), 4))
    newline = [b"\n"] * len(lines)
    if file.damage == "mixed newlines":
        newline = [rng.choice([b"\n", b"\r\n", b"\r"]) for _ in lines]
        victims = []
    elif file.damage == "marks and blanks":
        newline = [
            rng.choice([b"\n", b"\n", b"\r\n\r\n"]) if not container.startswith(".csv") else b"\r\n" for _ in lines
        ]
        victims = []
    elif file.damage in ("cut file", "cut gzip"):
        victims = []
    elif file.damage in ("same id again", "equal row again"):
        victims = victims[:1]
    for row in victims:
        lines[row] = _damaged(event_format, file.damage, container, ids, records, row, rng)
    _truth(file, ids, lines, victims)
    header = [_line(container, {name: name for name in records[0]}) + b"\n"] if container.startswith(".csv") else []
    body = b"".join([*header, *(line + end for line, end in zip(lines, newline, strict=True))])
    if file.damage == "marks and blanks":
        body = b"\xef\xbb\xbf" + body
    if file.damage == "cut file":
        body = body.rstrip(b"\n")[: -(len(lines[-1]) // 2)]
        file.good_ids.discard(ids[-1])
        file.bad_rows = {ROWS}
    if container.endswith(".gz"):
        body = _compressed(file, body, ids, lines, header)
    file.path.write_bytes(body)


def _damaged(
    event_format: EventFormat,
    damage: str,
    container: str,
    ids: list[str],
    records: list[Record],
    row: int,
    rng: random.Random,
) -> bytes:
    record = dict(records[row])
    line = _line(container, record)
    if damage == "content":
        return _line(container, event_format.spoil[rng.choice(sorted(event_format.spoil))](record))
    if damage == "cut row":
        return line[: len(line) // 2]
    if damage == "bad encoding":
        record[event_format.text_field] = "MARK"
        return _line(container, record).replace(b"MARK", b"caf\xe9 \xff\xfe")
    if damage == "nul bytes":
        record[event_format.text_field] = "MARK"
        return _line(container, record).replace(b"MARK", b"a\0\0b")
    if damage == "ten megabytes":
        return _line(container, record | {event_format.text_field: "x" * TEN_MEGABYTES})
    if damage == "same id again":
        other = records[0] | {event_format.text_field: "other"}
        return _line(container, other)
    if damage == "equal row again":
        return _line(container, records[0])
    return rng.choice([b"[1, 2]", b"just text", b"{" * 50, b"17", b'"'])


def _truth(file: MangledFile, ids: list[str], lines: list[bytes], victims: list[int]) -> None:
    file.good_ids = {each for index, each in enumerate(ids) if index not in victims}
    file.bad_rows = set() if file.damage == "equal row again" else {index + 1 for index in victims}


def _compressed(file: MangledFile, body: bytes, ids: list[str], lines: list[bytes], header: list[bytes]) -> bytes:
    packed = gzip.compress(body, mtime=0)
    if file.damage != "cut gzip":
        return packed
    packed = packed[: len(packed) * 2 // 3]
    readable = zlib.decompressobj(31).decompress(packed)
    whole = max(0, readable.count(b"\n") - len(header))
    file.good_ids = set(ids[:whole])
    file.bad_rows = {whole + 1}
    return packed


PARQUET_DAMAGES = ("content", "cut file", "bad encoding", "text numbers", "same id again")


def _write_parquet(
    event_format: EventFormat, file: MangledFile, ids: list[str], records: list[Record], number: int, rng: random.Random
) -> None:
    file.damage = PARQUET_DAMAGES[number // len(event_format.containers) % len(PARQUET_DAMAGES)]
    victims = sorted(rng.sample(range(1, ROWS), 4))
    if file.damage in ("cut file", "text numbers"):
        victims = []
    for row in victims:
        if file.damage == "same id again":
            records[row] = records[0] | {event_format.text_field: f"other {row}"}
        elif file.damage == "content":
            records[row] = event_format.spoil[rng.choice(sorted(event_format.spoil))](dict(records[row]))
    columns: dict[str, pa.Array] = {}
    as_text = file.damage in ("content", "text numbers")
    for name in records[0]:
        values = [record.get(name) for record in records]
        if as_text:
            columns[name] = pa.array([None if value is None else str(value) for value in values], pa.string())
        elif file.damage == "bad encoding" and name == event_format.text_field:
            raw = [b"\xff\xfe" if row in victims else str(value).encode() for row, value in enumerate(values)]
            plain = pa.array(raw, pa.binary())
            columns[name] = pa.Array.from_buffers(pa.string(), len(plain), plain.buffers())
        else:
            columns[name] = pa.array(values)
    _truth(file, ids, [], victims)
    pq.write_table(pa.table(columns), file.path)
    if file.damage == "cut file":
        data = file.path.read_bytes()
        file.path.write_bytes(data[: len(data) // 2])
        file.good_ids, file.bad_rows = set(), {None}
