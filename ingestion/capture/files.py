"""A file of lines that appears whole: it is written under a hidden name and renamed.

Put here: writing, rotating, taking over what a dead process left. Keep out: the queue (`recorder`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # a system without it: nobody can tell a dead writer there, so its files are left
    fcntl = None  # type: ignore[assignment]

ENDING = ".part"


class LineFile:
    """The current file of a recorder in a folder."""

    def __init__(self, folder: Path, rotate_seconds: float, rotate_bytes: int) -> None:
        self._folder, self._seconds, self._most = folder, rotate_seconds, rotate_bytes
        self._file: IO[bytes] | None = None
        self._path = folder
        self._size, self._opened_at = 0, 0.0

    def write(self, lines: list[bytes]) -> None:
        """Append whole lines; where the disk is full, none of them. See `recorder.Sink`."""
        file = self._file or self._open()
        rest = memoryview(b"".join(lines))
        try:
            while rest:
                rest = rest[file.write(rest) or 0 :]
        except OSError:
            self._begin_anew(file)
            raise
        self._size += sum(map(len, lines))
        lines.clear()

    def settle(self, *, is_last: bool) -> None:
        """Give the file its name where it is full or old."""
        if self._file is None:
            return
        if is_last or self._size >= self._most or time.monotonic() - self._opened_at >= self._seconds:
            file, self._file = self._file, None
            _give_its_name(self._path)
            file.close()

    def _open(self) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        seconds, part = divmod(time.time_ns(), 10**9)
        at = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
        name = f"{at}{part:09d}-{socket.gethostname()}-{os.getpid()}"
        self._path = self._folder / f".{name}.jsonl{ENDING}"
        file = open(self._path, "ab", buffering=0)  # noqa: SIM115 - it stays open
        _hold(file)
        self._file, self._size, self._opened_at = file, 0, time.monotonic()
        return file

    def _begin_anew(self, file: IO[bytes]) -> None:
        """Take off what stands half written, so that no later line hangs on to it, and leave the file as it is then."""
        self._file = None
        with contextlib.suppress(OSError):
            os.ftruncate(file.fileno(), self._size)
            if self._size:
                _give_its_name(self._path)
            else:
                self._path.unlink()
        with contextlib.suppress(OSError):
            file.close()


def adopt(folder: Path) -> int:
    """Give their names to the files of processes that are gone, without a last line that is none; how many there were.

    A file that is written is held by its writer and left alone.
    """
    if fcntl is None:
        return 0
    found = 0
    for path in sorted(folder.rglob(f".*.jsonl{ENDING}")) if folder.is_dir() else []:
        try:
            with open(path, "r+b") as file:
                _hold(file)
                whole = _end_of_last_line(file)
                if whole == 0:
                    path.unlink()
                    continue
                os.ftruncate(file.fileno(), whole)
                _give_its_name(path)
                found += 1
        except OSError:  # held, gone meanwhile, or not ours to change
            continue
    return found


def _hold(file: IO[bytes]) -> None:
    """Hold a file until it is closed.

    Raises:
        OSError: somebody else holds it.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _end_of_last_line(file: IO[bytes]) -> int:
    """Where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65_536)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _give_its_name(path: Path) -> None:
    os.replace(path, path.with_name(path.name.removeprefix(".").removesuffix(ENDING)))
