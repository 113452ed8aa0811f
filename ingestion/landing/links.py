"""Links in a folder from outside: those that lead out of it are not followed.

Whoever may write to a drop folder could otherwise read any file of this machine, through the quarantine or a name.
Put here: where a link leads. Keep out: reading.
"""

from __future__ import annotations

import os
from pathlib import Path

from ingestion.landing.notes import Note


def leads_outside(path: Path, folder: Path) -> bool:
    """Whether a path is a link, or lies behind one, to somewhere not below `folder`; a broken or circular one does."""
    if not os.path.lexists(path) or not _has_link(path, folder):
        return False
    try:
        return not path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True


def _has_link(path: Path, folder: Path) -> bool:
    """Whether any step from the folder to the path is a link."""
    here = path
    while here not in (folder, here.parent):
        if here.is_symlink():
            return True
        here = here.parent
    return False


def outside_links(folder: Path) -> list[Note]:
    """A note for each link, to a file or a folder, that is not followed."""
    notes = []
    for parent, folders, names in os.walk(folder):
        for name in sorted([*folders, *names]):
            path = Path(parent) / name
            if not name.startswith(".") and path.is_symlink() and leads_outside(path, folder):
                relative = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
                message = "a link that leads out of the drop folder, so it was not followed"
                notes.append(Note("link_outside", message, file=relative))
        folders[:] = [name for name in folders if not name.startswith(".")]
    return notes
