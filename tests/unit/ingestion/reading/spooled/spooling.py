"""Day files as the spool writes them, parsed without a warehouse."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.landing.model import Parser, QuarantinedRow, SourceFile

NOW = datetime(2026, 8, 20, tzinfo=UTC).replace(tzinfo=None)


@dataclass
class Parsed:
    """Everything a parser gave for one file."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def spooled(content: Any, key: str, params: dict[str, Any] | None = None, **request: Any) -> str:
    """A line of a day file."""
    asked = {
        "endpoint": "any",
        "params": params or {},
        "group_by": (params or {}).get("group_by[]", []),
        "window_start": "2026-08-01T00:00:00Z",
        "window_end": "2026-08-02T00:00:00Z",
        "page_cursor": None,
        "page_number": 1,
        "received_at_utc": "2026-08-03T04:05:06Z",
    } | request
    return json.dumps({"request": asked, key: content})


def read(folder: Path, parser: Parser, lines: Iterable[str | bytes], name: str) -> Parsed:
    """What a parser makes of a day file called `name` with these lines."""
    path = folder / "day.jsonl.gz"
    encoded = [line.encode() if isinstance(line, str) else line for line in lines]
    path.write_bytes(gzip.compress(b"\n".join(encoded) + b"\n", 1))
    parsed = Parsed()
    for batch in parser(SourceFile(path, name, path.stat().st_size, NOW, "x", NOW)):
        if batch.table is not None:
            parsed.rows.setdefault(batch.table_name, []).extend(batch.table.to_pylist())
        parsed.quarantined += batch.quarantined
        parsed.notes += map(str, batch.notes)
    return parsed
