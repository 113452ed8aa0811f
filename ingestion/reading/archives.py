"""Archives of files, ZIP or tar: unpacked below a folder, within the limits of any packed file.

Put here: opening archives. Keep out: archives of one table (`tabular.zipped`), what is in the files.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ingestion.landing.model import ParsedBatch
from ingestion.landing.notes import Note
from ingestion.limits import (
    VARIABLES,
    BoundedStream,
    LimitError,
    archive_members,
    limits,
    most_unpacked,
    open_member,
    unpacked_too_large,
)
from ingestion.reading.packed import PACKED_ERRORS

ARCHIVE_DAMAGE = (*PACKED_ERRORS, zipfile.BadZipFile, tarfile.TarError, zlib.error, NotImplementedError, RuntimeError)
"""What opening one raises where it breaks off, is damaged or locked."""
_HIDDEN = (".", "__MACOSX")


def unpack(path: Path, place: Path) -> list[str]:
    """Unpack the files of an archive below a folder; their names, in order.

    Raises:
        LimitError: too many files, or they unpack to too much.
    """
    size = path.stat().st_size
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = archive_members(archive, size)
            left = most_unpacked(size)
            for each in members:
                if _is_safe(each.filename):
                    left -= _copy(open_member(archive, each, size), place / each.filename)
                    if left < 0:
                        raise unpacked_too_large(most_unpacked(size))
            return sorted(each.filename for each in members if _is_safe(each.filename))
    return sorted(_untarred(path, place, size))


def of_member(name: str, batch: ParsedBatch) -> ParsedBatch:
    """A batch whose bad rows and notes say which file of the archive they are of."""
    batch.quarantined = [replace(row, message=f"{name}: {row.message}") for row in batch.quarantined]
    batch.notes = [replace(note, message=f"{name}: {note.message}") for note in batch.notes]
    return batch


def passed_over(name: str, why: Note | str) -> ParsedBatch:
    """What is said of a file of the archive that nobody reads."""
    words = why.message if isinstance(why, Note) else why.partition(": ")[2]
    return ParsedBatch(notes=[Note("passed_over", f"{name} in it: {words}")])


def _untarred(path: Path, place: Path, size: int) -> Iterator[str]:
    left, count = most_unpacked(size), 0
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isreg() and _is_safe(member.name) else None
            if stream is None:
                continue
            count += 1
            if count > limits().archive_members:
                raise LimitError(f"holds more than {limits().archive_members:,} files, the limit; raise {_MEMBERS}")
            left -= _copy(BoundedStream(stream, left), place / member.name)
            yield member.name


_MEMBERS = VARIABLES["archive_members"]


def _copy(stream: BoundedStream, target: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    with stream, target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)
        return file.tell()


def _is_safe(name: str) -> bool:
    """Whether a member is a file within the archive's own folder, and none that systems hide."""
    path = PurePosixPath(name)
    is_inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name
    return is_inside and not name.endswith("/") and not any(part.startswith(_HIDDEN) for part in path.parts)
