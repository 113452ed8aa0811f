"""What is sent to a server, what it kept of that, and what landing reads of it.

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


def event(number: int, **more: Any) -> dict[str, Any]:
    """A canonical event: a million input tokens of gpt-5, 1.25 USD on the list."""
    return {
        "event_id": f"e{number}", "requested_at_utc": "2026-03-15T10:00:00Z", "provider_name": "openai",
        "requested_model": "gpt-5", "uncached_input_tokens": 1_000_000, "output_tokens": 0, "team_id": "alpha", **more,
    }  # fmt: skip


def everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
