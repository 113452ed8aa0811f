"""Reading text files that may be damaged: every intact line comes out, everything else is named.

Put here: decompression, encodings, line and record boundaries of JSON and CSV. Keep out: what the
fields of a record mean.
"""

from __future__ import annotations

import codecs
import csv
import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, LimitError, limits, most_unpacked, readable_size, unpacked_too_large
from ingestion.reading.packed import PACKED_ERRORS, no_text, packed_stream
from ingestion.reading.repeated_keys import RepeatedKeyError, object_of, taken

CHUNK_BYTES = 1 << 20
KEPT_CHARACTERS = 65_536
"""How much of a bad record quarantine keeps."""
CSV_RECORD_LINES = 1_000
"""A quoted field that spans more lines is taken for a stray quote."""

csv.field_size_limit(2**31 - 1)


class Printed(str):
    """A JSON number with a fraction or an exponent, exactly as the file prints it."""

    __slots__ = ()


@dataclass(frozen=True)
class Line:
    """One line without its newline; `number` is 1-based. `is_cut` when the file ends before the line does."""

    number: int
    text: str


@dataclass(frozen=True)
class Record:
    """One JSON value or CSV row with its 1-based position and its text."""

    number: int
    value: Any
    text: str


def quarantined(
    number: int | None, reason: str, message: str, record: str | None = None, field: str | None = None
) -> QuarantinedRow:
    """A quarantine entry whose record is cut to a size a table can hold."""
    if record is not None and len(record) > KEPT_CHARACTERS:
        record = f"{record[:KEPT_CHARACTERS]} … ({len(record)} characters in all)"
    return QuarantinedRow(number, reason, message, record, field)


class _Truncated(Exception):
    """The compressed stream stopped early, is damaged from here on, or unpacks to too much."""


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The file's bytes, decompressed when it begins like a packed file whatever its name says."""
    head = stream.read(CHUNK_BYTES)
    if (packed := packed_stream(stream, head)) is not None:
        yield from _unpacked(packed, most_unpacked(os.fstat(stream.fileno()).st_size))
        return
    if not head.startswith(b"\x1f\x8b"):
        while head:
            yield head
            head = stream.read(CHUNK_BYTES)
        return
    engine = zlib.decompressobj(31)
    most = most_unpacked(os.fstat(stream.fileno()).st_size)
    unpacked = 0
    while head:
        try:
            plain = engine.decompress(head, CHUNK_BYTES)
        except zlib.error as error:
            raise _Truncated(f"holds damaged gzip data ({error})") from error
        unpacked += len(plain)
        if unpacked > most:
            raise unpacked_too_large(most)
        if plain:
            yield plain
        if engine.eof:
            head = (engine.unused_data or stream.read(CHUNK_BYTES)).lstrip(b"\0")
            engine = zlib.decompressobj(31) if head else engine
        else:
            head = engine.unconsumed_tail or stream.read(CHUNK_BYTES)
    if not engine.eof:
        raise _Truncated("ends early, within its gzip stream")


def _unpacked(packed: BinaryIO, most: int) -> Iterator[bytes]:
    unpacked = 0
    try:
        while chunk := packed.read(CHUNK_BYTES):
            unpacked += len(chunk)
            if unpacked > most:
                raise unpacked_too_large(most)
            yield chunk
    except PACKED_ERRORS as error:
        raise _Truncated(f"ends early or holds damaged packed data ({error})") from error


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _utf8_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Chunks as UTF-8 without byte order mark; UTF-16 is recoded when its mark says so."""
    recode = None
    for index, chunk in enumerate(_chunks(stream)):
        if index == 0:
            for mark, encoding in _BYTE_ORDER_MARKS:
                if chunk.startswith(mark):
                    chunk = chunk[len(mark) :]
                    recode = codecs.getincrementaldecoder(encoding)("replace") if encoding != "utf-8" else None
                    break
        yield recode.decode(chunk).encode("utf-8", "replace") if recode else chunk


def _byte_lines(path: Path) -> Iterator[tuple[bytes, bool]]:
    """(line, is complete); ends with an incomplete line when a compressed file was cut."""
    pending: list[bytes] = []
    size = 0
    longest = limits().line_bytes
    with path.open("rb") as stream:
        try:
            for chunk in _utf8_chunks(stream):
                parts = chunk.splitlines(keepends=True)
                for part in parts:
                    if pending and pending[-1].endswith(b"\r") and part[:1] != b"\n":
                        yield b"".join(pending), True
                        pending, size = [], 0
                    if size <= longest:
                        pending.append(part)
                    size += len(part)
                    if part.endswith(b"\n") or (part.endswith(b"\r") and part is not parts[-1]):
                        yield b"".join(pending), True
                        pending, size = [], 0
        except (_Truncated, LimitError) as error:
            remedy = "" if isinstance(error, LimitError) else ". Replace the file by an undamaged copy"
            yield b"".join(pending), False
            yield f"The file {error}{remedy}. Everything up to here was read.".encode(), False
            return
    for part in b"".join(pending).splitlines(keepends=True):
        yield part, True


def read_lines(path: Path) -> Iterator[Line | QuarantinedRow]:
    """Lines of a plain or gzip text file in UTF-8 (or UTF-16 with a mark), without blank ones.

    Accepts \\n, \\r\\n and \\r mixed. Lines that are too long or not text come out as quarantine entries,
    so do the rest of a cut gzip stream and what a crash leaves behind as NUL bytes.
    """
    if (what := no_text(path)) is not None:
        yield quarantined(None, "unreadable_file", f"The file is {what}.")
        return
    number = 0
    cut: bytes | None = None
    for raw, is_complete in _byte_lines(path):
        if not is_complete:
            if cut is None:
                cut = raw
                continue
            reason = "too_large" if "COSTOPS_MAX" in (message := raw.decode()) else "truncated_file"
            yield quarantined(number + 1, reason, message, cut.decode("utf-8", "backslashreplace"))
            return
        number += 1
        line = _to_line(number, raw)
        if line is not None:
            yield line


def _to_line(number: int, raw: bytes) -> Line | QuarantinedRow | None:
    raw = raw.rstrip(b"\r\n")
    if len(raw) > limits().line_bytes:
        text = raw[:KEPT_CHARACTERS].decode("utf-8", "backslashreplace")
        message = (
            f"The line is longer than {readable_size(limits().line_bytes)}, the limit. Write one record per line, or "
            f"raise {VARIABLES['line_bytes']}."
        )
        return quarantined(number, "line_too_long", message, text)
    if b"\0" in raw:
        raw = raw.strip(b"\0")
        if not raw or b"\0" in raw:
            message = "The line holds NUL bytes, as a crash or a copy of a growing file leaves. Export it again."
            return quarantined(number, "nul_byte", message, raw.decode("utf-8", "backslashreplace"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"Byte {error.start + 1} of the line is not UTF-8. Export the file as UTF-8."
        return quarantined(number, "invalid_encoding", message, raw.decode("utf-8", "backslashreplace"))
    return Line(number, text) if text.strip() else None


def loads(text: str) -> Any:
    """JSON with fractions, NaN and Infinity as `Printed`, and values that MongoDB and DynamoDB wrap with their type.

    Raises ValueError or RecursionError, also where a key that counts stands twice with two values.
    """
    taken()
    value = decoder_of(text).decode(text)
    if (key := taken()) is not None:
        raise RepeatedKeyError(key)
    return value


def decoder_of(text: str) -> json.JSONDecoder:
    """What reads the values of a text in such a way."""
    if '"$' in text and _EXTENDED.search(text):
        return _OF_MONGODB
    return _OF_DYNAMODB if _ITEM.match(text) else _PLAIN


_EXTENDED = re.compile(r'\{\s*"\$(?:oid|date|number[A-Z])')


def _unwrapped(pairs: list[tuple[str, Any]]) -> Any:
    """`{"$numberLong": "5"}`, `{"$date": …}`, `{"$oid": …}` of extended JSON as what they mean; others as they are."""
    given = object_of(pairs)
    if len(given) != 1:
        return given
    name, value = next(iter(given.items()))
    if name in ("$numberInt", "$numberLong") and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if name in ("$numberDouble", "$numberDecimal") and isinstance(value, str):
        return Printed(value)
    return value if name in ("$date", "$oid") else given


_ITEM = re.compile(r'\s*\{\s*"Item"\s*:')


def _untyped(pairs: list[tuple[str, Any]]) -> Any:
    """`{"N": "5"}`, `{"S": …}`, `{"M": {…}}` of DynamoDB as what they mean; others as they are."""
    given = object_of(pairs)
    if len(given) != 1:
        return given
    name, value = next(iter(given.items()))
    if name == "N" and isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else Printed(value)
    if name == "NULL":
        return None
    return value if name in ("S", "M", "L", "BOOL", "SS", "NS") else given


_PLAIN, _OF_MONGODB, _OF_DYNAMODB = (
    json.JSONDecoder(parse_float=Printed, parse_constant=Printed, object_pairs_hook=hook)
    for hook in (object_of, _unwrapped, _untyped)
)
JSON_ERRORS = (ValueError, RecursionError)
