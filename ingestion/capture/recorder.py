"""Lines to files, or to a server, behind the application's back.

A bounded queue in memory and one thread: whoever records waits for nothing. Lines go to a hidden file that takes its
name when it is full or old enough; what a killed process left is taken over by the next recorder of that folder, or by
the landing. Put here: the queue, the thread, files, posts. Keep out: what lines say (`envelope`).
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from ingestion.capture.files import LineFile, adopt
from ingestion.capture.posts import Poster
from ingestion.vocabulary.addresses import travels_openly

logger = logging.getLogger("costops.capture")
SAID_EVERY_SECONDS = 60.0
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Event = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class Sink(Protocol):
    """Where batches of lines go."""

    def write(self, lines: list[bytes]) -> None:
        """Keep lines and take those that are kept off the list.

        Raises:
            OSError: what is left on it may be kept later.
            RefusedError: what is left on it never will be, nor what was taken off it and is counted in the error.
        """

    def settle(self, *, is_last: bool) -> None:
        """What is due now and then; at the end everything."""


class Recorder:
    """Takes events of calls and keeps them, in a folder or at a server.

    `to`: a folder below `provider_bodies/` of an events folder, or the address of `costops serve`; `key`: its API key.
    `most_waiting`: events that may wait in memory; more are lost and counted. `flush_seconds`: how long an event may
    wait there, which is what a kill loses. `rotate_seconds`, `rotate_bytes`: when a file is given its name.

    Raises:
        ValueError: the key would travel unencrypted.
    """

    _is_closed: bool
    _thread: threading.Thread

    def __init__(
        self,
        to: str | os.PathLike[str],
        *,
        key: str | None = None,
        most_waiting: int = 10_000,
        flush_seconds: float = 0.5,
        rotate_seconds: float = 30.0,
        rotate_bytes: int = 8 << 20,
    ) -> None:
        self._to, self._key = os.fspath(to), key
        if key and travels_openly(self._to):
            raise ValueError("the key would travel unencrypted: use https:// (plain http is for this machine alone)")
        self._most, self._flush_seconds = most_waiting, flush_seconds
        self._rotation = (rotate_seconds, rotate_bytes)
        self.lost = 0
        """Events that could not be kept."""
        self._said_lost, self._said_at = 0, 0.0
        self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start)
        atexit.register(self.close)

    def record(self, event: Event) -> None:
        """Keep an event, or what makes one, soon. Never waits, never raises."""
        if self._is_closed or len(self._waiting) + len(self._lines) >= self._most:
            self.lose()
            return
        self._waiting.append(event)

    def lose(self) -> None:
        """Count an event that cannot be kept."""
        self.lost += 1

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until what was recorded so far is written; whether it was in time."""
        asked = threading.Event()
        self._asked.append(asked)
        self._wake.set()
        return asked.wait(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, give the file its name, and stop."""
        if self._is_closed:
            return
        self._is_closed = True
        self._wake.set()
        self._thread.join(timeout)

    def _start(self) -> None:
        """Begin, also in a child of a fork: its events are its own, and so is its file."""
        self._waiting: deque[Event] = deque()
        self._lines: list[bytes] = []
        self._asked: deque[threading.Event] = deque()
        self._wake = threading.Event()
        self._is_closed = False
        self._sink: Sink | None = None
        self._thread = threading.Thread(target=self._run, name="costops-capture", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_closed:
            self._wake.wait(self._flush_seconds)
            self._wake.clear()
            self._work(is_last=False)
        self._work(is_last=True)

    def _work(self, *, is_last: bool) -> None:
        """Write what waits. What cannot be written waits on; what is too much of it is lost."""
        asked = [self._asked.popleft() for _ in range(len(self._asked))]
        self._lines += self._as_lines([self._waiting.popleft() for _ in range(len(self._waiting))])
        try:
            sink = self._open()
            if self._lines:
                sink.write(self._lines)
            sink.settle(is_last=is_last)
        except Exception as error:  # this thread goes on
            may_work_later = isinstance(error, OSError) and not is_last
            kept = min(len(self._lines), self._most) if may_work_later else 0
            self.lost += len(self._lines) - kept + getattr(error, "count", 0)
            del self._lines[kept:]
            self._say(f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}")
        if self.lost > self._said_lost:
            self._say(None)
        for each in asked:
            each.set()

    def _as_lines(self, events: list[Event]) -> list[bytes]:
        lines = []
        for event in events:
            try:
                said = event() if callable(event) else event
                lines.append(_as_json(said).encode() + b"\n")
            except Exception:  # one event that is none costs itself
                self.lose()
        return lines

    def _open(self) -> Sink:
        if self._sink is None:
            if self._to.startswith(("http://", "https://")):
                self._sink = Poster(self._to, self._key)
            else:
                adopt(Path(self._to))
                self._sink = LineFile(Path(self._to), *self._rotation)
        return self._sink

    def _say(self, problem: str | None) -> None:
        """At most once a minute: how many events were lost, and why the newest could not be kept."""
        now = time.monotonic()
        if self._said_at and now - self._said_at < SAID_EVERY_SECONDS:
            return
        self._said_at, self._said_lost = now, self.lost
        waiting, why = len(self._waiting) + len(self._lines), f" ({problem})" if problem else ""
        logger.warning("%d events of calls lost so far, %d wait%s", self.lost, waiting, why)
