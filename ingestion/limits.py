"""How much work files from outside may make: limits, the variable that raises each, and streams that keep them.

A file of megabytes can unpack to terabytes, and one line can be as long as the memory. Readers ask for the limits in
force (`limits()`); landing puts those of the settings in force. Put here: limits of files, bounded streams.
Keep out: formats; limits of provider APIs (they are part of `ApiSettings`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any, BinaryIO

MIB = 1 << 20
COMMON_RATIO = 100
"""A file unpacks to this many times its size without a question: logs of equal lines reach 50."""


class LimitError(ValueError):
    """More work than is allowed; the message names the limit and the variable that raises it."""


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Bytes are those after unpacking."""

    unpacked_bytes: int = 2048 * MIB
    line_bytes: int = 64 * MIB
    document_bytes: int = 256 * MIB
    columns: int = 2_000
    archive_members: int = 1_000

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Limits:
        """Limits from variables; an unreadable one is an error that names it."""
        found = {}
        for each in fields(cls):
            variable = VARIABLES[each.name]
            text = (env.get(variable) or "").strip()
            if text:
                if not text.isascii() or not text.isdigit() or int(text) == 0:
                    raise ValueError(f"{variable} cannot be read: a whole number above 0 is expected")
                found[each.name] = int(text)
        return cls(**found)


VARIABLES = {
    "unpacked_bytes": "COSTOPS_MAX_UNPACKED_BYTES",
    "line_bytes": "COSTOPS_MAX_LINE_BYTES",
    "document_bytes": "COSTOPS_MAX_DOCUMENT_BYTES",
    "columns": "COSTOPS_MAX_COLUMNS",
    "archive_members": "COSTOPS_MAX_ARCHIVE_MEMBERS",
}
"""The variable of each limit."""
_DEFAULT = Limits()
_IN_FORCE: ContextVar[Limits] = ContextVar("limits", default=_DEFAULT)


def limits() -> Limits:
    """The limits in force."""
    return _IN_FORCE.get()


@contextmanager
def limited_to(wanted: Limits) -> Iterator[None]:
    """Put limits in force."""
    token = _IN_FORCE.set(wanted)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def readable_size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / MIB:,.0f} MiB" if count >= MIB else f"{count:,} bytes"


def most_unpacked(packed_bytes: int) -> int:
    """How many bytes a compressed file of this size may unpack to."""
    return max(limits().unpacked_bytes, COMMON_RATIO * packed_bytes)


def unpacked_too_large(most: int) -> LimitError:
    """The error of a file that unpacks to more."""
    return LimitError(
        f"unpacks to more than {readable_size(most)}, the limit; "
        f"if it is meant to, raise {VARIABLES['unpacked_bytes']} or deliver it in parts"
    )


class BoundedStream(io.RawIOBase):
    """Bytes of another stream, of which no more than `most` come out; the next one is a `LimitError`.

    Wrap what unpacks (`gzip.GzipFile`, `zipfile.ZipExtFile`, …), which unpacks as much as is asked for.
    """

    def __init__(self, stream: BinaryIO | Any, most: int) -> None:
        self._stream = stream
        self._most = most
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._left + 1)
        take = getattr(self._stream, "read1", self._stream.read)
        content: bytes = take(wanted)
        if len(content) > self._left:
            raise unpacked_too_large(self._most)
        self._left -= len(content)
        buffer[: len(content)] = content
        return len(content)

    def read1(self, size: int = -1) -> bytes:
        """At most one piece of the other stream."""
        buffer = bytearray(MIB if size < 0 else size)
        return bytes(buffer[: self.readinto(buffer)])

    def close(self) -> None:
        self._stream.close()
        super().close()


def archive_members(archive: zipfile.ZipFile, packed_bytes: int) -> list[zipfile.ZipInfo]:
    """The files of a ZIP archive, none of them opened yet.

    Raises:
        LimitError: too many members, or they say themselves that they unpack to too much.
    """
    members = [each for each in archive.infolist() if not each.is_dir()]
    if len(members) > limits().archive_members:
        raise LimitError(
            f"holds {len(members):,} files, more than the limit of {limits().archive_members:,}; "
            f"raise {VARIABLES['archive_members']} or unpack it"
        )
    most = most_unpacked(packed_bytes)
    if sum(each.file_size for each in members) > most:
        raise unpacked_too_large(most)
    return members


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, packed_bytes: int) -> BoundedStream:
    """A member's bytes, which may be no more than the archive may unpack to, whatever its directory says."""
    return BoundedStream(archive.open(member), most_unpacked(packed_bytes))
