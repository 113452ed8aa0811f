"""What providers said, on disk: `<endpoint>/<day>.jsonl.gz`, one line per bucket or record, written whole.

A line is `{"request": {...}, "bucket" | "record": <as delivered>}`. A file is replaced only when its content
changed: the request is not content, except for its grouping, and neither is the order of lines or results.

Put here: spool files. Keep out: requests, typing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import date
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any

from ingestion.api.model import Record, RequestInfo
from ingestion.api.numbers import PrintedNumber, dumps, loads
from ingestion.whole_files import sync_file

SNAPSHOT = "snapshot"
"""File name of what has no day."""


def folder_name(tag: str) -> str:
    """A tag key as part of an endpoint's name, which is a folder."""
    return "".join(character if character.isalnum() or character in "-." else "_" for character in tag)


class Spool:
    """The folder of one source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, endpoint: str, day: date | None) -> Path:
        """Where an endpoint's day lies."""
        return self.folder / endpoint / f"{day.isoformat() if day else SNAPSHOT}.jsonl.gz"

    def has(self, endpoint: str, day: date | None) -> bool:
        """Whether the day was ever received."""
        return self.path(endpoint, day).is_file()

    def days(self, endpoint: str) -> set[date]:
        """The days an endpoint has files of."""
        found = set()
        for path in (self.folder / endpoint).glob("????-??-??.jsonl.gz"):
            try:
                found.add(date.fromisoformat(path.name[:10]))
            except ValueError:
                continue
        return found

    def write(self, endpoint: str, day: date | None, records: list[Record]) -> tuple[str, bool]:
        """Write a day unless it is there already; its fingerprint, and whether it was written."""
        path = self.path(endpoint, day)
        digest = fingerprint(records)
        if path.is_file():
            try:
                if fingerprint(self.read(path)) == digest:
                    return digest, False
            except (OSError, EOFError, ValueError, KeyError, TypeError):
                pass  # an unreadable file is replaced
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with (
            partial.open("wb") as raw,
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=4, mtime=0) as out,
        ):
            for record in records:
                out.write(_line(record).encode("ascii") + b"\n")
        sync_file(partial)
        os.replace(partial, path)
        return digest, True

    def read(self, path: Path) -> Iterator[Record]:
        """The records of a file."""
        for line in read_lines(path):
            value = loads(line)
            kind = "bucket" if "bucket" in value else "record"
            request = RequestInfo(**(value["request"] | {"group_by": tuple(value["request"]["group_by"])}))
            yield Record(request, value[kind], kind, value.get("is_listed", True))


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a spool file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from lines


def fingerprint(records: Iterable[Record]) -> str:
    """A digest of the content alone."""
    lines = sorted(
        f"{json.dumps(record.request.group_by)}{record.is_listed}{canonical(record.payload)}" for record in records
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def canonical(payload: Any) -> str:
    """JSON text that does not depend on the order of keys, nor of the items of the payload's own lists."""
    if not isinstance(payload, dict):
        return dumps(payload, sort_keys=True)
    lists = {key: sorted(map(_item, value)) for key, value in payload.items() if isinstance(value, list)}
    return dumps({**payload, **lists}, sort_keys=True)


def _item(item: Any) -> str:
    """What `dumps` writes; for short lists of numbers and texts, of which series have millions, four times as fast."""
    if type(item) is not list:
        return dumps(item, sort_keys=True)
    parts = []
    for value in item:
        if type(value) is PrintedNumber:
            parts.append(value.text)
        elif type(value) is str:
            parts.append(quoted(value))
        else:
            return dumps(item, sort_keys=True)
    return f"[{','.join(parts)}]"


def _line(record: Record) -> str:
    extra = {} if record.is_listed else {"is_listed": False}
    return dumps({"request": record.request.as_json(), record.kind: record.payload, **extra})
