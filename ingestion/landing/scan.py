"""What lies in a drop folder, and whether a file is the one already landed.

Put here: listing and fingerprinting. Keep out: reading rows, databases.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingestion.landing.links import leads_outside
from ingestion.landing.notes import Note
from ingestion.landing.registry import RegisteredFile

COMPANION_MARK = "+"
UNFINISHED = (".part", ".tmp", ".crdownload")
"""What copying and downloading programs put behind a name until the file is whole."""
LONGEST_COPY = timedelta(days=1)


@dataclass(frozen=True)
class FoundFile:
    """A file of the drop folder before its content is looked at."""

    path: Path
    relative_path: str
    size_bytes: int
    modified_at_utc: datetime


@dataclass(frozen=True)
class LeftLying:
    """Something in the drop folder that is no file to read, or not yet."""

    relative_path: str
    why: str
    modified_at_utc: datetime


@dataclass(frozen=True)
class Scan:
    """What a drop folder holds, and what of it could not be looked at."""

    files: list[FoundFile]
    present: frozenset[str]
    """Every path that is there, whether it can be read or not."""
    unseen: tuple[str, ...] = ()
    """Folders that cannot be listed."""
    left_lying: tuple[LeftLying, ...] = ()

    def is_gone(self, relative_path: str) -> bool:
        """Whether a file is surely not in the folder any more."""
        return relative_path not in self.present and not any(
            folder in ("", ".") or relative_path.startswith(f"{folder}/") for folder in self.unseen
        )


def scan(folder: Path) -> Scan:
    """Every visible file below `folder`, by relative path. Names beginning with a dot and unfinished
    copies (`.part`, `.tmp`) are passed over; links are followed to files below `folder`, and not to folders."""
    found = []
    present = set()
    unseen: list[str] = []
    lying: list[LeftLying] = []

    def cannot_list(error: OSError) -> None:
        unseen.append(_relative(Path(error.filename), folder))

    for parent, folders, names in os.walk(folder, onerror=cannot_list):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.startswith("."):
                continue
            path = Path(parent) / name
            relative = _relative(path, folder)
            is_whole = not name.lower().endswith(UNFINISHED)
            if is_whole:
                present.add(relative)
            if leads_outside(path, folder):
                continue
            try:
                stat = path.stat()
            except OSError:
                continue
            modified = datetime.fromtimestamp(stat.st_mtime, UTC).replace(tzinfo=None)
            if not is_whole or not path.is_file():
                why = "it is no regular file" if is_whole else f"its name says that it is not whole ({path.suffix})"
                lying.append(LeftLying(relative, why, modified))
                continue
            found.append(FoundFile(path, relative, stat.st_size, modified))
    return Scan(sorted(found, key=lambda file: file.relative_path), frozenset(present), tuple(unseen), tuple(lying))


def scan_with_mounts(folder: Path, mounts: Iterable[tuple[str, Path]]) -> Scan:
    """The drop folder together with folders that are read in place, their files under the paths of the mounts.

    While the drop folder has no files, or is not there, none of its files is taken for removed.
    """
    own = scan(folder) if folder.is_dir() else Scan([], frozenset())
    found, present, unseen, lying = list(own.files), set(own.present), [*own.unseen], [*own.left_lying]
    for prefix, place in mounts:
        if not place.is_dir():
            continue
        there = scan(place)
        found += [replace(file, relative_path=f"{prefix}/{file.relative_path}") for file in there.files]
        present |= {f"{prefix}/{path}" for path in there.present}
        unseen += [f"{prefix}/{path}" for path in there.unseen]
        lying += [replace(each, relative_path=f"{prefix}/{each.relative_path}") for each in there.left_lying]
    if not own.files:
        unseen.append("")
    ordered = sorted(found, key=lambda file: file.relative_path)
    return Scan(ordered, frozenset(present), tuple(unseen), tuple(lying))


def long_left(scanned: Scan, now: datetime) -> list[Note]:
    """What has been passed over for longer than a copy takes, and folders that cannot be opened, to be said."""
    long = [each for each in scanned.left_lying if now - each.modified_at_utc > LONGEST_COPY]
    said = "passed over, and unchanged since"
    closed = "the folder cannot be opened: its files are not read; what was landed from them still counts"
    lying = [
        Note("passed_over", f"{said} {each.modified_at_utc:%Y-%m-%d}: {each.why}", each.relative_path) for each in long
    ]
    return lying + [Note("unreadable_file", closed, each) for each in scanned.unseen if each]


def _relative(path: Path, folder: Path) -> str:
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")


def fingerprint(
    file: FoundFile, before: RegisteredFile | None, companions: Iterable[Path] = (), reading: Iterable[str] = ()
) -> str:
    """SHA-256 of a file's bytes, then those of its companions (a mapping beside it), then what else decides how it
    is read.

    `before`, the registered version of equal size and time, spares reading the file again.
    """
    own = before.content_hash.split(COMPANION_MARK)[0] if before else digest(file.path)
    others = [digest(each) if each.is_file() else "absent" for each in companions]
    return COMPANION_MARK.join([own, *others, *reading])


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
