"""Tables that are packed twice, or in a way that their reader cannot read as a stream: unpacked to a file of its own,
which is gone when the reader is closed.

Put here: the file beside. Keep out: archives (`zipped`), telling kinds of packing apart (`open`, `reading.packed`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ingestion.limits import BoundedStream, LimitError
from ingestion.reading.packed import PACKED_ERRORS
from ingestion.reading.tabular.model import TableReader, TextBatch, UnreadableTable

MOST_LAYERS = 3
"""Packings around one table; more are no delivery."""


class UnpackedReader:
    """The reader of the file beside."""

    def __init__(self, reader: TableReader, folder: Any, owner: Any) -> None:
        self._reader, self._folder, self._owner = reader, folder, owner
        self.names, self.lines_above = reader.names, reader.lines_above

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else of the file is no part of the table."""
        return self._reader.remarks

    @remarks.setter
    def remarks(self, said: tuple[str, ...]) -> None:
        self._reader.remarks = said

    def batches(self) -> Iterator[TextBatch]:
        """The rows."""
        return self._reader.batches()

    def close(self) -> None:
        """Closes the table and the file that it was packed in, and removes what was unpacked."""
        self._reader.close()
        self._owner.close()
        self._folder.cleanup()


def unpacked_reader(
    packed: Any, most: int, owner: Any, layers: int, opened: Callable[[Path, int], TableReader]
) -> TableReader:
    """A reader of what a stream unpacks to, at most `most` bytes, opened by `opened` one layer deeper.

    Raises `UnreadableTable` where it cannot be unpacked or holds no table.
    """
    if layers >= MOST_LAYERS:
        raise UnreadableTable("the file is packed more than three times over: unpack it")
    folder = tempfile.TemporaryDirectory(prefix="costops-unpacked-")
    try:
        target = Path(folder.name) / "table"
        with target.open("wb") as file:
            shutil.copyfileobj(BoundedStream(packed, most), file, 1 << 20)
        return UnpackedReader(opened(target, layers + 1), folder, owner)
    except (*PACKED_ERRORS, LimitError) as error:
        folder.cleanup()
        raise UnreadableTable(f"the packed file cannot be read to its end ({error}); deliver it again") from error
    except BaseException:
        folder.cleanup()
        raise
