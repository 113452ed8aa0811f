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


@dataclass(frozen=True)
class FoundFile:
    """A file of the drop folder before its content is looked at."""

    path: Path
    relative_path: str
    size_bytes: int
    modified_at_utc: datetime


def scan(folder: Path) -> list[FoundFile]:
    """Every visible file below `folder`, by relative path. Names beginning with a dot and unfinished
    copies (`.part`, `.tmp`) are passed over; links are followed to files, not to folders."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith(".") or name.endswith((".part", ".tmp", ".crdownload")):
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


def fingerprint(path: Path, companions: Iterable[Path] = ()) -> str:
    """SHA-256 of a file's bytes; with companions (a mapping beside it), of the digests of all of them."""
    digests = [_digest(path)] + [_digest(each) if each.is_file() else "absent" for each in companions]
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
