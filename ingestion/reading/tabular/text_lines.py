"""The lines of a text file, also of one that breaks off, with push-back.

Put here: bytes to lines, encodings. Keep out: records (`delimited`).
"""

from __future__ import annotations

import io
import zlib
from collections import deque
from collections.abc import Iterable
from typing import Any, BinaryIO

from ingestion.limits import VARIABLES, BoundedStream, LimitError, limits, readable_size
from ingestion.reading.tabular.model import BATCH_ROWS

MAX_RECORD_LINES = 500
BLOCK_CHARACTERS = 16_000_000
READ_BYTES = 1 << 18
_READ_ERRORS = (EOFError, OSError, zlib.error, LimitError)


class RecordTooLong(Exception):
    """An open quote ran on for more lines than a record may have."""


class Tolerant(io.RawIOBase):
    """A byte stream that ends where it breaks, keeping what came before and the reason."""

    def __init__(self, stream: BinaryIO | BoundedStream) -> None:
        self.stream = stream
        self.failure: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.failure is not None:
            return 0
        try:
            content = self.stream.read1(len(buffer))  # type: ignore[union-attr]
        except _READ_ERRORS as error:
            self.failure = str(error) or type(error).__name__
            return 0
        buffer[: len(content)] = content
        return len(content)


class Lines:
    """The lines of a file, with push-back. A line that the end of a broken stream cut short is left out."""

    def __init__(self, source: Tolerant) -> None:
        self.source = source
        buffered = io.BufferedReader(source, READ_BYTES)
        encoding, errors = _encoding(buffered.peek(4)[:4])
        self.stream = io.TextIOWrapper(buffered, encoding=encoding, errors=errors, newline="")
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []

    @property
    def failure(self) -> str | None:
        """Why the file ends early, if it does."""
        return self.source.failure

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES or sum(map(len, self.taken)) > limits().line_bytes:
            raise RecordTooLong
        line = self.waiting.popleft() if self.waiting else self._read()
        self.taken.append(line)
        return line

    def _read(self) -> str:
        longest = limits().line_bytes
        line = self.stream.readline(longest)
        if not line:
            raise StopIteration
        if len(line) >= longest and not line.endswith(("\n", "\r")):
            self.source.failure = (
                f"a line is longer than {readable_size(longest)}, the limit; end lines with a newline, or raise "
                f"{VARIABLES['line_bytes']}"
            )
        if self.failure is not None and not line.endswith(("\n", "\r")):
            raise StopIteration
        return line

    def at_end(self) -> bool:
        """Whether no line is left."""
        if not self.waiting:
            try:
                self.waiting.append(self._read())
            except StopIteration:
                return True
        return False

    def some(self, most: int = BATCH_ROWS) -> list[str]:
        """Up to a batch of lines, at least one unless the file is at its end."""
        lines: list[str] = []
        size = 0
        while len(lines) < most and size < BLOCK_CHARACTERS:
            try:
                line = self.waiting.popleft() if self.waiting else self._read()
            except StopIteration:
                break
            lines.append(line)
            size += len(line)
        return lines


def _encoding(head: bytes) -> tuple[str, str]:
    """How a text with these first bytes is written; UTF-16 may leave out its mark."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "replace"
    if len(head) == 4 and head[1] == head[3] == 0 and head[0] and head[2]:
        return "utf-16-le", "replace"
    if len(head) == 4 and head[0] == head[2] == 0 and head[1] and head[3]:
        return "utf-16-be", "replace"
    return "utf-8-sig", "surrogateescape"


def windows_text(texts: Iterable[str]) -> list[str] | None:
    """Texts with bytes that are no UTF-8 as Windows-1252, as spreadsheets of Western Europe save them.

    None where some of them do have characters of UTF-8, or a byte that stands for no letter or sign: those are damage.
    """
    found = []
    for text in texts:
        if text.isascii():
            found.append(text)
            continue
        if any(character > "\x7f" and not "\udc80" <= character <= "\udcff" for character in text):
            return None
        try:
            read = text.encode("utf-8", "surrogateescape").decode("cp1252")
        except UnicodeError:
            return None
        if any(character not in _TYPED and not character.isprintable() for character in read):
            return None
        found.append(read)
    return found


_TYPED = "\t\r\n\xa0\xad"
"""What people type that does not print."""
