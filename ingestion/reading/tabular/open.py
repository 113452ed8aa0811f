"""Opens a table of any supported kind by its first bytes, not by its name.

Put here: telling CSV, JSON lines, packed files and Parquet apart. Keep out: reading rows.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from functools import lru_cache, partial
from pathlib import Path

from ingestion.limits import BoundedStream, most_unpacked
from ingestion.reading.packed import packed_stream
from ingestion.reading.tabular.delimited import DelimitedReader
from ingestion.reading.tabular.model import TableReader, UnreadableTable
from ingestion.reading.tabular.parquet import ParquetReader
from ingestion.reading.tabular.preamble import IsHeader
from ingestion.reading.tabular.unpacked import unpacked_reader
from ingestion.reading.tabular.zipped import NO_PLAIN_TEXT, PARQUET_MAGIC, ZIP_MAGIC, zipped_reader

READ_BYTES = 1 << 20
_FOREIGN = {
    b"%PDF": "a PDF: download the CSV or Parquet export of the same bill",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password: save the sheet as CSV (UTF-8)",
    b"Obj\x01": "an Avro file: export the table as Parquet, or as newline-delimited JSON",
    b"ORC": "an ORC file: export the table as Parquet or CSV",
    b"ARRO": "an Arrow file: save the table as Parquet or CSV",
    b"7z\xbc\xaf": "a 7z archive: unpack it, or deliver it as .gz or .zip",
}
_GZIP = b"\x1f\x8b"
_TAR_AT = 257
"""Where a tar archive says `ustar`."""


def open_table(path: Path, layers: int = 0, is_header: IsHeader | None = None) -> TableReader:
    """A reader with the header read; raises `UnreadableTable` where there is none.

    `layers` are unpacked already. `is_header` tells the header of a file whose columns are known from lines above it.
    """
    try:
        raw = io.BufferedReader(io.FileIO(path), READ_BYTES)
        head = raw.peek(512)[:512]
    except OSError as error:
        raise UnreadableTable(f"the file cannot be read ({error.strerror or error}); check its permissions") from error
    try:
        if _begins_with_object(path, head):
            from ingestion.reading.tabular.json_lines import JsonLinesReader  # leans on packages that lean on this one

            raw.close()
            return JsonLinesReader(path)
        return _reader(raw, head, layers, is_header)
    except BaseException:
        raw.close()
        raise


def table_names(path: Path) -> list[str]:
    """The columns of a table, read once for all who ask while the file stays as it is; raises `UnreadableTable`."""
    try:
        stat = path.stat()
    except OSError:
        return open_table(path).names
    return list(_names(path, stat.st_size, stat.st_mtime_ns))


@lru_cache(maxsize=4_096)
def _names(path: Path, size_bytes: int, modified_ns: int) -> tuple[str, ...]:
    reader = open_table(path)
    reader.close()
    return tuple(reader.names)


def _begins_with_object(path: Path, head: bytes) -> bool:
    """Whether the text, decompressed if need be, begins with an object, alone or in a list: no header does."""
    return _OBJECT.match(_unpacked_head(path, 64) if head.startswith(_GZIP) else head) is not None


def _unpacked_head(path: Path, size: int) -> bytes:
    try:
        with gzip.open(path) as stream:
            return stream.read(size)
    except (OSError, EOFError, zlib.error):
        return b""


_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")


def _reader(raw: io.BufferedReader[io.FileIO], head: bytes, layers: int, is_header: IsHeader | None) -> TableReader:
    if not head:
        raise UnreadableTable("the file is empty; deliver it again")
    if head.startswith(PARQUET_MAGIC):
        return ParquetReader(raw)
    for magic, meaning in _FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableTable(f"the file is {meaning}")
    if head[_TAR_AT:].startswith(b"ustar"):
        message = "the file is a tar archive: unpack it and drop its files, or deliver it as .gz or .zip"
        raise UnreadableTable(message, holds_files=True)
    deeper = partial(open_table, is_header=is_header)
    if head.startswith(ZIP_MAGIC):
        return zipped_reader(raw, layers, deeper, is_header)
    most = most_unpacked(os.fstat(raw.fileno()).st_size)
    if head.startswith(_GZIP):
        inner = _unpacked_head(Path(os.fsdecode(raw.raw.name)), 512)
        if inner.startswith(NO_PLAIN_TEXT) or inner[_TAR_AT:].startswith(b"ustar"):
            return unpacked_reader(
                gzip.GzipFile(fileobj=raw), most, raw, layers, partial(open_table, is_header=is_header)
            )
        return DelimitedReader(BoundedStream(gzip.GzipFile(fileobj=raw), most), raw, is_header)
    if (packed := packed_stream(raw, head)) is not None:
        return unpacked_reader(packed, most, raw, layers, deeper)
    return DelimitedReader(raw, raw, is_header)
