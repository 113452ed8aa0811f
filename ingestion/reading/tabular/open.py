"""Opens a table of any supported kind by its first bytes, not by its name.

Put here: telling CSV, JSON lines, gzip and Parquet apart. Keep out: reading rows.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from pathlib import Path

from ingestion.limits import BoundedStream, most_unpacked
from ingestion.reading.tabular.delimited import DelimitedReader
from ingestion.reading.tabular.model import TableReader, UnreadableTable
from ingestion.reading.tabular.parquet import ParquetReader
from ingestion.reading.tabular.zipped import ZIP_MAGIC, zipped_reader

READ_BYTES = 1 << 20
_FOREIGN = {
    b"%PDF": "a PDF: download the CSV or Parquet export of the same bill",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password: save the sheet as CSV (UTF-8)",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: decompress it or deliver it as .gz",
}


def open_table(path: Path) -> TableReader:
    """A reader with the header read; raises `UnreadableTable` when there is none."""
    try:
        raw = io.BufferedReader(io.FileIO(path), READ_BYTES)
        head = raw.peek(4)[:4]
    except OSError as error:
        raise UnreadableTable(f"the file cannot be read ({error.strerror or error}); check its permissions") from error
    try:
        if _begins_with_object(path, head):
            from ingestion.reading.tabular.json_lines import JsonLinesReader  # leans on packages that lean on this one

            raw.close()
            return JsonLinesReader(path)
        return _reader(raw, head)
    except BaseException:
        raw.close()
        raise


def _begins_with_object(path: Path, head: bytes) -> bool:
    """Whether the text, decompressed if need be, begins with an object, alone or in a list: no header does."""
    try:
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as stream:
                head = stream.read(64)
        elif b"[" in head:
            with path.open("rb") as plain:
                head = plain.read(64)
    except (OSError, EOFError, zlib.error):
        return False
    return _OBJECT.match(head) is not None


_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")


def _reader(raw: io.BufferedReader[io.FileIO], head: bytes) -> TableReader:
    if not head:
        raise UnreadableTable("the file is empty; deliver it again")
    if head == b"PAR1":
        return ParquetReader(raw)
    for magic, meaning in _FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableTable(f"the file is {meaning}")
    if head.startswith(ZIP_MAGIC):
        return zipped_reader(raw)
    if head.startswith(b"\x1f\x8b"):
        packed_bytes = os.fstat(raw.fileno()).st_size
        return DelimitedReader(BoundedStream(gzip.GzipFile(fileobj=raw), most_unpacked(packed_bytes)), raw)
    return DelimitedReader(raw, raw)
