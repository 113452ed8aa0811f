"""Received records on their way into a drop folder: kept on disk before the sender is told, a file only when whole.

Records are added to a hidden file, which takes a visible name when it is old or large enough: readers of the folder see
whole files. What a killed server left is cut at its last line and shown at the next start.
Put here: files. Keep out: what is in them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

MOST_BYTES = 32 << 20
PREFIX = "received"


class Spool:
    """One folder, one open file at most."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.seconds = folder, seconds
        self._lock = threading.Lock()
        self._descriptor = -1
        self._path: Path | None = None
        self._size, self._opened_at, self._number = 0, 0.0, 0

    def recover(self) -> int:
        """Show what a server that ended left; how many files."""
        shown = 0
        for path in sorted(self.folder.glob(f".{PREFIX}-*.part")) if self.folder.is_dir() else []:
            if path == self._path or _is_alive(path):
                continue
            content = path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole == 0:
                path.unlink()
                continue
            if whole < len(content):
                os.truncate(path, whole)
            os.replace(path, _shown(path))
            shown += 1
        return shown

    def add(self, records: Sequence[bytes]) -> None:
        """Add records, one per line; they are on disk when this returns.

        Raises:
            OSError: they are not; nothing of them stays.
        """
        content = b"".join(record + b"\n" for record in records)
        with self._lock:
            self._open()
            try:
                written = 0
                while written < len(content):
                    written += os.write(self._descriptor, content[written:])
                os.fsync(self._descriptor)
            except OSError:
                os.ftruncate(self._descriptor, self._size)
                raise
            self._size += len(content)
            if self._size >= MOST_BYTES:
                self._show()

    def rotate(self, *, is_closing: bool = False) -> None:
        """Show the file where it is old enough."""
        with self._lock:
            if self._path and (is_closing or monotonic() - self._opened_at >= self.seconds):
                self._show()

    def _open(self) -> None:
        if self._path is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        at = datetime.now(UTC)
        path = self.folder / f".{PREFIX}-{at:%Y%m%dT%H%M%S}{at.microsecond:06d}-{os.getpid()}-{self._number}.jsonl.part"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._path, self._size, self._opened_at = path, 0, monotonic()

    def _show(self) -> None:
        assert self._path is not None
        os.close(self._descriptor)
        path, self._path, self._descriptor = self._path, None, -1
        if self._size:
            os.replace(path, _shown(path))
        else:
            path.unlink(missing_ok=True)


def _shown(path: Path) -> Path:
    return path.with_name(path.name.removeprefix(".").removesuffix(".part"))


def _is_alive(path: Path) -> bool:
    """Whether the process that writes a file still runs; its number stands in the name."""
    try:
        number = int(path.name.split("-")[2])
    except (IndexError, ValueError):
        return False
    if number == os.getpid():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
