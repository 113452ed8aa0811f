"""Files packed by zstd, bzip2 or xz, told by their first bytes and unpacked as a stream.

Put here: opening them. Keep out: gzip, of which the whole part of a cut file is read (`lines`), archives of files.
"""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

ENDINGS = (".zst", ".bz2", ".xz")
_NO_TEXT = {
    b"PK\x03\x04": "a ZIP archive (or a workbook): unpack it, or save the sheet as CSV",
    b"7z\xbc\xaf": "a 7z archive: unpack it",
    b"PAR1": "a Parquet file: name it .parquet",
    b"SQLite format 3": "an SQLite database: export its table as CSV or JSON lines",
    b"%PDF": "a PDF: export the data as CSV or JSON lines",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV (UTF-8)",
}
"""First bytes of files that hold no text, whatever they are called."""
PACKED_ERRORS = (OSError, EOFError, lzma.LZMAError)
"""What a stream raises where it was cut or damaged."""


def packed_stream(stream: BinaryIO, head: bytes) -> Any:
    """A stream of what a packed file holds, given its first bytes; None for any other file."""
    opener = next((found for magic, found in _OPENERS.items() if head.startswith(magic)), None)
    if opener is None:
        return None
    stream.seek(0)
    return opener(stream)


def _zstd(stream: BinaryIO) -> Any:
    import pyarrow as pa  # most files are not packed so

    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")


_OPENERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x28\xb5\x2f\xfd": _zstd,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}


def without_packing(name: str) -> str:
    """A name in lower case without `.gz`, `.zst` and the like."""
    name = name.lower()
    ending = next((ending for ending in (".gz", *ENDINGS) if name.endswith(ending)), "")
    return name.removesuffix(ending)


def no_text(path: Path) -> str | None:
    """What a file is that holds no text, with the remedy; None for any other."""
    with path.open("rb") as stream:
        head = stream.read(16)
    return next((what for magic, what in _NO_TEXT.items() if head.startswith(magic)), None)
