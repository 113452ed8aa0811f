"""What a server kept of what was sent to it, and what landing reads of that.

Put here: reading it. Keep out: servers (`live_server`), checks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.landing.model import Parser, SourceFile
from ingestion.sources.events import otel


def landed(folder: Path, parse: Parser = otel.parse) -> list[dict[str, Any]]:
    """The rows that landing reads from the files of a folder."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        now = datetime.now(UTC).replace(tzinfo=None)
        file = SourceFile(path, f"{folder.parent.name}/received/{path.name}", path.stat().st_size, now, path.name, now)
        for batch in parse(file):
            rows += batch.table.to_pylist() if batch.table is not None else []
    return rows


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
