"""What lies in a drop folder, and whether a file is the one already landed.

Put here: listing and fingerprinting. Keep out: reading rows, databases.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.landing.links import leads_outside
from ingestion.landing.registry import RegisteredFile

COMPANION_MARK = "+"


@dataclass(frozen=True)
class FoundFile:
    """A file of the drop folder before its content is looked at."""

    path: Path
    relative_path: str
    size_bytes: int
    modified_at_utc: datetime


def scan(folder: Path) -> list[FoundFile]:
    """Every visible file below `folder`, by relative path. Names beginning with a dot and unfinished
    copies (`.part`, `.tmp`) are passed over; links are followed to files below `folder`, and not to folders."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            unfinished = name.endswith((".part", ".tmp", ".crdownload"))
            if name.startswith(".") or unfinished or leads_outside(Path(parent) / name, folder):
                continue
            path = Path(parent) / name
            try:
                stat = path.stat()
            except OSError:
                continue
            if not path.is_file():
                continue
            modified = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None)
            relative = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
            found.append(FoundFile(path, relative, stat.st_size, modified))
    return sorted(found, key=lambda file: file.relative_path)


def fingerprint(file: FoundFile, before: RegisteredFile | None, companions: Iterable[Path] = ()) -> str:
    """SHA-256 of a file's bytes, followed by those of its companions (a mapping beside it).

    `before`, the registered version of equal size and time, spares reading the file again.
    """
    own = before.content_hash.split(COMPANION_MARK)[0] if before else _digest(file.path)
    others = [_digest(each) if each.is_file() else "absent" for each in companions]
    return COMPANION_MARK.join([own, *others])


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
