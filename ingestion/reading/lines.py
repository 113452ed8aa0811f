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
    """The file's bytes, decompressed when it begins like gzip whatever its name says."""
    head = stream.read(CHUNK_BYTES)
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
    """JSON with fractions, NaN and Infinity as `Printed`. Raises ValueError or RecursionError."""
    return json.loads(text, parse_float=Printed, parse_constant=Printed)


_DECODER = json.JSONDecoder(parse_float=Printed, parse_constant=Printed)
_JSON_ERRORS = (ValueError, RecursionError)


def read_json_records(path: Path, page_key: str | None = None) -> Iterator[Record | QuarantinedRow]:
    """JSON records: one per line, or a document that is an array, a page `{page_key: [...]}` or several values.

    Fractions come out as `Printed`. The number is the line, or the position in the document's array.
    """
    lines = read_lines(path)
    first = next(lines, None)
    if isinstance(first, Line) and _is_document(first.text):
        yield from _document_records([first], lines, page_key)
        return
    while first is not None:
        yield from [first] if isinstance(first, QuarantinedRow) else _line_records(first, page_key)
        first = next(lines, None)


def _is_document(first_line: str) -> bool:
    """Whether the first line cannot be a whole record: an array, or an object that goes on below."""
    text = first_line.strip()
    if text.startswith("["):
        return True
    if not text.startswith("{"):
        return False
    return text == "{" or (len(text) < 10_000 and not text.endswith("}"))


def _line_records(line: Line, page_key: str | None) -> Iterator[Record | QuarantinedRow]:
    try:
        value = loads(line.text)
    except _JSON_ERRORS as error:
        message = f"Not JSON ({_short(error)}). Write one JSON object per line."
        yield quarantined(line.number, "invalid_json", message, line.text)
        return
    if page_key and isinstance(value, dict) and isinstance(value.get(page_key), list):
        for item in value[page_key]:
            yield Record(line.number, item, _dump(item))
    else:
        yield Record(line.number, value, line.text)


def _document_records(
    start: list[Line], rest: Iterator[Line | QuarantinedRow], page_key: str | None
) -> Iterator[Record | QuarantinedRow]:
    lines = list(start)
    size = 0
    for line in rest:
        if isinstance(line, QuarantinedRow):
            yield line
            continue
        lines.append(line)
        size += len(line.text)
        if size > limits().document_bytes:
            message = (
                f"A JSON document of more than {readable_size(limits().document_bytes)}, the limit. Write one record "
                f"per line instead, or raise {VARIABLES['document_bytes']}."
            )
            yield quarantined(None, "document_too_large", message, lines[0].text)
            return
    text = "\n".join(line.text for line in lines)
    is_array = lines[0].text.strip() == "["
    if not is_array and not _parses(text) and any(_parses(line.text) for line in lines[1:]):
        for line in lines:
            yield from _line_records(line, page_key)
        return
    yield from _values(text, page_key)


def _parses(text: str) -> bool:
    try:
        return bool(loads(text))
    except _JSON_ERRORS:
        return False


_SPACE = re.compile(r"[\s,]*")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _values(text: str, page_key: str | None) -> Iterator[Record | QuarantinedRow]:
    """Every value of a document; after a broken one it goes on at the next line indented like the first."""
    at, number = _skip(text, 0), 0
    page = re.compile(r'\{\s*"' + re.escape(page_key) + r'"\s*:\s*\[') if page_key else None
    next_value: re.Pattern[str] | None = None
    while at < len(text):
        opened = page.match(text, at) if page else None
        if text[at] in "[]" or (opened and not _parses(text[at:])):
            at = _skip(text, opened.end() if opened else at + 1)
            continue
        if next_value is None:
            margin = text[text.rfind("\n", 0, at) + 1 : at]
            next_value = re.compile(r"\n" + re.escape(margin) + r"\{") if margin.strip() == "" else _NEVER
        try:
            value, end = _DECODER.raw_decode(text, at)
        except _JSON_ERRORS as error:
            if number and text[at] == "}":
                return
            number += 1
            found = next_value.search(text, at + 1)
            end = found.start() if found else len(text)
            message = f"The JSON is broken here ({_short(error)}). The records around it were read."
            yield quarantined(number, "invalid_json", message, text[at:end])
        else:
            items = value.get(page_key) if page_key and isinstance(value, dict) else None
            for item in items if isinstance(items, list) else [value]:
                number += 1
                yield Record(number, item, _dump(item))
        at = _skip(text, end)


_NEVER = re.compile(r"(?!)")


def _dump(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return str(value)[:KEPT_CHARACTERS]


def _short(error: BaseException) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
