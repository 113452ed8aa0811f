"""Turns what goes wrong below into one sentence with its remedy: no command ends in a traceback for it.

Put here: faults of files, disks and databases. Keep out: errors that a command names itself.
"""

from __future__ import annotations

import errno
from typing import Any

import duckdb
from typer.core import TyperGroup

from orchestration.commands.shared import fail
from orchestration.last_good import is_torn

_REMEDIES = {
    errno.ENOSPC: "the disk is full. Make room and run again; what was there before is still there",
    errno.EDQUOT: "the disk quota is used up. Make room and run again; what was there before is still there",
    errno.EFBIG: "the file may not grow any further (a limit of the disk or the user). Lift it and run again",
    errno.EROFS: "the home lies on a read-only file system. Give another folder with --home",
    errno.EACCES: "this user may not read or write it. Change its rights, or give another folder with --home",
    errno.EPERM: "this user may not change it. Change its rights, or give another folder with --home",
    errno.ENOTDIR: "a part of the path is a file, not a folder. Give a folder with --home",
    errno.EEXIST: "there is a file where a folder is needed. Give a folder with --home",
    errno.EISDIR: "there is a folder where a file is needed. Move it away",
}


def words_of(error: BaseException) -> str | None:
    """What a fault means and what to do; None where it is not one of these."""
    if isinstance(error, OSError) and error.errno in _REMEDIES:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{_REMEDIES[error.errno]} ({error.strerror})."
    if isinstance(error, duckdb.Error):
        said = str(error).strip().splitlines()[0][:300]
        if is_torn(said):
            return f"a database file is broken ({said}). Mend it with: costops repair"
        if isinstance(error, duckdb.IOException):
            return f"{said}. Check that the disk has room and that this user may write there, then run again."
    return None


class FaultsInWords(TyperGroup):
    """The command line, whose commands end in words where files, disks or databases fail."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (OSError, duckdb.Error) as error:
            words = words_of(error)
            if words is None:
                raise
            raise fail(words) from None
