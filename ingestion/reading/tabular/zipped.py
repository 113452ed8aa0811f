"""A table inside a ZIP archive, as some exports are delivered (`….csv.zip`).

One archive holds one table, whole or in its parts (`zipped_parts`), read as a stream within the limit on what a file
may unpack to, or is a workbook; what else it can be (several files, an archive of archives, encrypted) is named.
Put here: archives. Keep out: reading rows.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from ingestion.limits import BoundedStream, most_unpacked
from ingestion.reading.tabular.delimited import DelimitedReader
from ingestion.reading.tabular.model import TableReader, UnreadableTable
from ingestion.reading.tabular.preamble import IsHeader
from ingestion.reading.tabular.unpacked import unpacked_reader
from ingestion.reading.tabular.workbook import workbook_reader
from ingestion.reading.tabular.zipped_parts import JoinedParts, parts_in_order

ZIP_MAGIC = b"PK\x03\x04"
PARQUET_MAGIC = b"PAR1"
NO_PLAIN_TEXT = (
    *(ZIP_MAGIC, b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", PARQUET_MAGIC),
    *(b"%PDF", b"\xd0\xcf\x11\xe0", b"Obj\x01", b"ORC", b"ARRO"),
)
"""First bytes of what is packed once more, or is no text."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


class _Member(io.RawIOBase):
    """The bytes of a member; damage is an `OSError`, as in every other stream."""

    def __init__(self, member: Any) -> None:
        self._member = member

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        try:
            return self._member.read1(size)
        except _DAMAGE as error:
            raise OSError(f"the archive is damaged ({error})") from error

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, all without it."""
        try:
            return self._member.read(size)
        except _DAMAGE as error:
            raise OSError(f"the archive is damaged ({error})") from error


def zipped_reader(
    raw: BinaryIO, layers: int, opened: Callable[[Path, int], TableReader], is_header: IsHeader | None = None
) -> TableReader:
    """A reader of the one table in the archive, by `opened` where it is no CSV; raises `UnreadableTable` for anything
    else."""
    try:
        archive = zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableTable(f"the ZIP archive is damaged ({error}); deliver it again") from error
    members = [each for each in archive.infolist() if not each.is_dir() and not _is_hidden(each.filename)]
    if any(each.filename == "[Content_Types].xml" for each in members):
        if any(each.filename.lower() == "xl/workbook.xml" for each in members):
            return workbook_reader(raw, is_header)
        raise UnreadableTable("the file is a document of Office that is read in no form: save the table as CSV (UTF-8)")
    if len(members) > 1:
        members = [each for each in members if not _tells_of_others(each.filename.lower())]
    if len(members) > 1 and (parts := parts_in_order(members)):
        joined = JoinedParts(parts, partial(_opened, archive))
        return DelimitedReader(BoundedStream(joined, most_unpacked(os.fstat(raw.fileno()).st_size)), raw)
    if len(members) != 1:
        message = f"the ZIP archive holds {len(members):,} files: unpack it and drop its files instead"
        raise UnreadableTable(message, holds_files=len(members) > 1)
    try:
        with archive.open(members[0]) as probe:
            head = probe.read(8)
        member = archive.open(members[0])
    except (*_DAMAGE, OSError, EOFError) as error:
        raise UnreadableTable(f"the ZIP archive cannot be unpacked ({error}); unpack it and drop its file") from error
    if not head:
        raise UnreadableTable("the file in the ZIP archive is empty; deliver it again")
    most = most_unpacked(os.fstat(raw.fileno()).st_size)
    if head.startswith(NO_PLAIN_TEXT) or head.removeprefix(b"\xef\xbb\xbf").startswith((b"{", b"[")):
        return unpacked_reader(_Member(member), most, raw, layers, opened)
    return DelimitedReader(BoundedStream(_Member(member), most), raw)


def _opened(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> BinaryIO:
    try:
        return cast(BinaryIO, _Member(archive.open(part)))
    except _DAMAGE as error:
        raise OSError(f"{part.filename} cannot be unpacked ({error})") from error


def _tells_of_others(name: str) -> bool:
    """Whether a member says something of those beside it: a manifest, how to read them, their checksums."""
    return name.endswith((".json", ".md", ".md5", ".sha1", ".sha256")) or name.rpartition("/")[2].startswith("readme")


def _is_hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
