"""Lines of a spooled day file: `{"request": {...}, "bucket" | "record": <what the provider said>}`.

Put here: the envelope. Keep out: what a provider said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Any

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.reading.lines import loads, quarantined, read_lines
from ingestion.reading.spooled.fields import Fields, Refused

CONTENT_KEYS = ("bucket", "record")
EMPTY_PAGE: dict[str, list[Any]] = {"results": []}
"""What is spooled where a provider answered with an empty list of records."""
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=\.)")


@dataclass(frozen=True)
class Line:
    """One line: where it stands, how it was asked for and what the provider said."""

    number: int
    request: Mapping[str, Any]
    content: Any
    text: str
    is_listed: bool = True
    """False for a record of a list that the provider no longer lists."""

    @property
    def is_empty_page(self) -> bool:
        """Whether the line only says that the answer held nothing."""
        return self.content == EMPTY_PAGE

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the request."""
        found = self.request.get("params")
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def group_by(self) -> tuple[str, ...]:
        """What the request grouped by, in order."""
        found = self.request.get("group_by")
        return tuple(str(name) for name in found) if isinstance(found, list) else ()

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """The columns that say how a row was received; unknown where the request does not tell."""
        cursor = None
        with suppress(Refused):
            cursor = Fields(self.request).text("page_cursor")
        return {
            "request_window_start_utc": self._instant("window_start"),
            "request_window_end_utc": self._instant("window_end"),
            "page_cursor": cursor,
            "received_at_utc": self._instant("received_at_utc"),
            "_source_row": self.number,
        }

    def _instant(self, name: str) -> datetime | None:
        with suppress(Refused):
            return Fields(self.request).instant(name)
        return None

    def refuse(self, problem: Refused, part: str | None = None) -> QuarantinedRow:
        """The quarantine entry for this line, or for a part of what it holds."""
        return quarantined(self.number, problem.reason, str(problem), part or self.text, problem.field)


def spooled_lines(file: SourceFile) -> Iterator[Line | QuarantinedRow]:
    """The lines of a day file in order."""
    for line in read_lines(file.path):
        if isinstance(line, QuarantinedRow):
            yield line
            continue
        try:
            value = loads(line.text)
        except (ValueError, RecursionError) as error:
            short = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
            yield quarantined(line.number, "invalid_json", f"Not JSON ({short}). Pull the day again.", line.text)
            continue
        key = next((key for key in CONTENT_KEYS if isinstance(value, Mapping) and key in value), None)
        if key is None:
            message = "The line holds neither a bucket nor a record. Delete the file and pull the day again."
            yield quarantined(line.number, "not_a_spooled_line", message, line.text)
            continue
        request = value.get("request")
        asked = request if isinstance(request, Mapping) else {}
        yield Line(line.number, asked, value[key], line.text, value.get("is_listed") is not False)


def day_of(file: SourceFile) -> date | None:
    """The UTC day a file is named after; None where the name has no day."""
    return _day_named(file.relative_path)


@lru_cache(maxsize=64)
def _day_named(relative_path: str) -> date | None:
    found = _DAY.search(PurePosixPath(relative_path).name)
    with suppress(ValueError):
        return date(*(int(part) for part in found.groups())) if found else None
    return None
