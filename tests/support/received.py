"""A server behind a port of this machine, and what landing reads of what was sent to it.

Put here: both. Keep out: checks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from ingestion.landing.model import Parser, SourceFile
from ingestion.sources.events import otel


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The application behind a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


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
