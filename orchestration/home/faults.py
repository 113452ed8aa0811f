"""What faults of files, disks and databases mean, and what to do, in one sentence.

Put here: those words. Keep out: catching (`commands.faults`, the assets), errors that their own code names.
"""

from __future__ import annotations

import errno

import duckdb

from ingestion.landing.forgotten import UnreadableAccessError
from orchestration.home.last_good import is_torn

_REMEDIES = {
    errno.ENOSPC: "the disk is full. Make room and run again; what was there before is still there",
    errno.EDQUOT: "the disk quota is used up. Make room and run again; what was there before is still there",
    errno.EFBIG: "the file may not grow any further (a limit of the disk or the user). Lift it and run again",
    errno.EROFS: "the home lies on a read-only file system. Give another folder with --home",
    errno.EACCES: "this user may not read or write it. Change its rights, or give another folder with --home",
    errno.EPERM: "this user may not change it. Change its rights, or give another folder with --home",
    errno.ENOTDIR: "a part of the path is a file, not a folder. Give a folder with --home",
    errno.EEXIST: "there is a file where a folder is needed. Give a folder with --home",
    errno.ENOENT: "it is not there, or the folder that it should lie in cannot be made. Check the path",
    errno.ENAMETOOLONG: "the name is longer than the file system takes. Give a shorter one",
    errno.ELOOP: "links lead in a circle. Give a folder that is one",
    errno.EIO: "the disk does not answer. Check it, then run again; costops repair reads every file",
    errno.EISDIR: "there is a folder where a file is needed. Move it away",
}


def words_of(error: BaseException) -> str | None:
    """What a fault means and what to do; None where it is not one of these."""
    if isinstance(error, UnreadableAccessError):
        return str(error)
    if isinstance(error, OSError) and error.errno in _REMEDIES:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{_REMEDIES[error.errno]} ({error.strerror})."
    if isinstance(error, duckdb.Error):
        said = str(error).strip().splitlines()[0][:300]
        if is_torn(said):
            return f"a database file is broken ({said}). Mend it with: costops repair"
        if is_locked(said):
            return f"{said}. {LOCK_REMEDY}."
        if isinstance(error, duckdb.IOException):
            return f"{said}. Check that the disk has room and that this user may write there, then run again."
    return None


_FULL = ("no space left", "disk is full", "disk quota", "file too large", "could not write all bytes", "write error")
DISK_REMEDY = "the disk is full: make room, then costops run"
LOCK_REMEDY = "Close the process that is named, then costops run; readers should open the published copy"


def is_full(words: str) -> bool:
    """Whether an error says that a write found no room."""
    return any(each in words.lower() for each in _FULL)


def is_locked(words: str) -> bool:
    """Whether an error says that another process holds a database file."""
    return "could not set lock" in words.lower() or "conflicting lock" in words.lower()


def remedy_of(words: str) -> str | None:
    """What to do about an error of which only words are left; None where no disk or other process is at fault."""
    if is_full(words):
        return DISK_REMEDY
    return LOCK_REMEDY if is_locked(words) else None


def cause_in_words(error: BaseException) -> str | None:
    """The same of an error or of whatever it was raised from: loaders and engines wrap what the disk said."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        if words := words_of(each):
            return words
        each = each.__cause__ or each.__context__
    return f"{DISK_REMEDY} ({str(error).strip().splitlines()[0][:200]})" if is_full(str(error)) else None
