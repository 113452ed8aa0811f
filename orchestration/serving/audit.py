"""Who asked what, when, and how many rows left: one line per access, added to and never changed.

Put here: the log. Keep out: what is logged of a request (`http.accounting`). No secret and no text of a body gets here.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = "access/audit"
LONGEST_VALUE = 200


class AuditLog:
    """Files `audit/2026-11.jsonl` of a home; each line is one system call, so that none is torn."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        self._lock = threading.Lock()
        self._month, self._descriptor = "", -1

    def write(self, entry: Mapping[str, Any], now: datetime | None = None) -> None:
        """Add a line with the time before it.

        Raises:
            OSError: it cannot be written; then nothing may be answered either.
        """
        at = now or datetime.now(UTC)
        line = json.dumps({"at_utc": at.isoformat(timespec="milliseconds"), **_short(entry)}, default=str) + "\n"
        with self._lock:
            self._open(f"{at:%Y-%m}")
            os.write(self._descriptor, line.encode("utf-8"))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._month, self._descriptor = "", -1

    def _open(self, month: str) -> None:
        path = self.folder / f"{month}.jsonl"
        if month == self._month and _same(self._descriptor, path):
            return
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._month = month


def _same(descriptor: int, path: Path) -> bool:
    """Whether the file is still the one that is open: `forget` writes it anew."""
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except OSError:
        return False


def _short(entry: Mapping[str, Any]) -> dict[str, Any]:
    def cut(value: Any) -> Any:
        if isinstance(value, str):
            return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
        if isinstance(value, Mapping):
            return {cut(str(name)): cut(each) for name, each in list(value.items())[:50]}
        if isinstance(value, list | tuple):
            return [cut(each) for each in value[:50]]
        return value

    return {name: cut(value) for name, value in entry.items()}
