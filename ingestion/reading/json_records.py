"""JSON records of a file: one per line, or a document of several, whole or broken.

Put here: where a record begins and ends. Keep out: lines and bytes (`lines`), what a record means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingestion.landing.model import QuarantinedRow
from ingestion.limits import VARIABLES, limits, readable_size
from ingestion.reading.lines import (
    JSON_ERRORS,
    KEPT_CHARACTERS,
    Line,
    Record,
    decoder_of,
    loads,
    quarantined,
    read_lines,
)
from ingestion.reading.literals import printed_model, printed_object
from ingestion.reading.repeated_keys import RepeatedKeyError, taken


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
        return not _STAMPED.match(text)
    if not text.startswith("{"):
        return False
    return text == "{" or (len(text) < 10_000 and not text.endswith("}"))


def _line_records(line: Line, page_key: str | None) -> Iterator[Record | QuarantinedRow]:
    try:
        value = loads(line.text)
    except RepeatedKeyError as error:
        if page_key or line.text.lstrip().startswith("["):
            for item in _values(line.text, page_key):
                if isinstance(item, QuarantinedRow):
                    yield replace(item, row_number=line.number)
                else:
                    yield replace(item, number=line.number)
            return
        yield quarantined(line.number, "more_than_one_value", _REPEATED.format(error), line.text)
        return
    except JSON_ERRORS as error:
        glued = _glued(line.text) or _prefixed(line.text) or _printed(line.text)
        if glued is None:
            message = f"Not JSON ({_short(error)}). Write one JSON object per line."
            yield quarantined(line.number, "invalid_json", message, line.text)
            return
        for item in glued:
            yield from _paged(line.number, item, page_key)
        return
    yield from _paged(line.number, value, page_key, line.text)


_REPEATED = "Not to be read in one way: {}. Write each field once."


def _glued(text: str) -> list[Any] | None:
    """The objects of a line that holds several, as Firehose and some telemetry files write them; else None."""
    found, at, decoder = [], _skip(text, 0), decoder_of(text)
    try:
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            if not isinstance(value, dict) or taken() is not None:
                return None
            found.append(value)
            at = _skip(text, end)
    except JSON_ERRORS:
        return None
    return found


_PREFIX = re.compile(r"[^{}\"]{0,299}[^{}\"\[,](?={)")


_STAMPED = re.compile(r"\[[^\[\]{}\"]+\]\s*[^\s,\]]")
"""What loggers write in brackets before a line: `[2026-05-06 21:54:08] `."""
_WORDS_BEHIND = re.compile(r"(?<=})[^{}\"\[\]]{1,299}$")


def _prefixed(text: str) -> list[Any] | None:
    """The objects between what a container runtime or a logger wrote around them; None where there is no such thing."""
    found = _PREFIX.match(text)
    if not found:
        return None
    behind = text[found.end() :].rstrip()
    return _glued(behind) or _glued(_WORDS_BEHIND.sub("", behind))


def _printed(text: str) -> list[Any] | None:
    """The object that Python printed on a line; None where it is none."""
    found = printed_object(text) if text.lstrip().startswith("{'") else printed_model(text)
    return [found] if found else None


def _paged(number: int, value: Any, page_key: str | None, text: str | None = None) -> Iterator[Record]:
    """The records of a page or of an array of objects, or the value as one record."""
    if page_key and isinstance(value, dict) and isinstance(value.get(page_key), list):
        for item in value[page_key]:
            yield Record(number, item, _dump(item))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for item in value:
            yield from _paged(number, item, page_key)
    else:
        yield Record(number, value, _dump(value) if text is None else text)


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
    except JSON_ERRORS:
        return False


_SPACE = re.compile(r"[\s,]*")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _values(text: str, page_key: str | None) -> Iterator[Record | QuarantinedRow]:
    """Every value of a document; after a broken one it goes on at the next line indented like the first."""
    at, number, decoder = _skip(text, 0), 0, decoder_of(text)
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
        taken()
        try:
            value, end = decoder.raw_decode(text, at)
        except JSON_ERRORS as error:
            if number and text[at] == "}":
                return
            number += 1
            found = next_value.search(text, at + 1)
            end = found.start() if found else len(text)
            message = f"The JSON is broken here ({_short(error)}). The records around it were read."
            yield quarantined(number, "invalid_json", message, text[at:end])
        else:
            if (key := taken()) is not None:
                number += 1
                message = _REPEATED.format(RepeatedKeyError(key))
                yield quarantined(number, "more_than_one_value", message, text[at:end])
                at = _skip(text, end)
                continue
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
