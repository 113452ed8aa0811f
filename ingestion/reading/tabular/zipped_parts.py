"""The parts of one table in one archive, `part-1-of-3.csv` … `part-3-of-3.csv`, as one stream of bytes.

Put here: which members are parts, their order, their one header. Keep out: single tables (`zipped`), reading rows.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from ingestion.reading.tabular.model import UnreadableTable

MAX_PARTS = 10_000
MAX_HEADER_BYTES = 1_000_000
_PART = re.compile(r"(.*?)(\d{1,5})[-_ ]of[-_ ](\d{1,5})\.(?:csv|tsv|txt)", re.IGNORECASE)


def parts_in_order(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo] | None:
    """The members as parts of one table; None where they are something else. Raises where a part is missing."""
    found: dict[int, zipfile.ZipInfo] = {}
    kinds = set()
    for member in members:
        match = _PART.fullmatch(member.filename)
        if match is None:
            return None
        kinds.add((match[1], int(match[3])))
        found[int(match[2])] = member
    if len(kinds) != 1 or len(found) != len(members):
        return None
    [(_, count)] = kinds
    if count > MAX_PARTS or set(found) - set(range(1, count + 1)):
        return None
    missing = [number for number in range(1, count + 1) if number not in found]
    if missing:
        raise UnreadableTable(f"the ZIP archive lacks part {missing[0]} of {count}; deliver it again with all parts")
    return [found[number] for number in sorted(found)]


class JoinedParts(io.RawIOBase):
    """The bytes of the parts one after the other, with the header of the first alone."""

    def __init__(self, parts: list[zipfile.ZipInfo], opened: Callable[[zipfile.ZipInfo], BinaryIO]) -> None:
        self._waiting = parts
        self._opened = opened
        self._header: bytes | None = None
        self._stream: BinaryIO | None = None
        self._ready = b""
        self._ends_with_newline = True

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        while True:
            if self._ready:
                size = len(self._ready) if size < 0 else size
                given, self._ready = self._ready[:size], self._ready[size:]
                return given
            if self._stream is None:
                if not self._waiting:
                    return b""
                self._begin(self._waiting.pop(0))
                continue
            data = self._stream.read(1 << 16)
            self._ready = data
            if data:
                self._ends_with_newline = data.endswith(b"\n")
            else:
                self._stream.close()
                self._stream = None

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, all without it."""
        pieces, left = [], size
        while left and (piece := self.read1(left)):
            pieces.append(piece)
            left -= len(piece) if size >= 0 else 0
        return b"".join(pieces)

    def _begin(self, part: zipfile.ZipInfo) -> None:
        """Open a part; all but the first begin below their header, which has to be that of the first."""
        self._stream = self._opened(part)
        head = b""
        while b"\n" not in head and len(head) < MAX_HEADER_BYTES and (data := self._stream.read(1 << 16)):
            head += data
        line, newline, rest = head.partition(b"\n")
        header = line.removeprefix(b"\xef\xbb\xbf").strip()
        if self._header is None:
            self._header, self._ready = header, head
        elif header != self._header:
            raise OSError(f"{part.filename} has another header than the first part")
        else:
            self._ready = (b"" if self._ends_with_newline else b"\n") + rest
        self._ends_with_newline = head.endswith(b"\n") if rest or not newline else True
