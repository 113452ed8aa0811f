"""Who may look into a home: its user alone, unless `COSTOPS_HOME_MODE` says otherwise.

Put here: permissions of what this project writes. Keep out: what is written.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ingestion.config import Settings


def keep_private(settings: Settings) -> None:
    """Let this process and its children make files that only those may read whom the settings allow."""
    os.umask(0o777 & ~settings.home_mode)


def make_private(settings: Settings) -> None:
    """The same, and the home itself and what lies at its top get no more rights than the settings allow.

    A home closed to others closes all below it. What belongs to somebody else stays as it is; `doctor` names it.
    """
    keep_private(settings)
    for path in (settings.home, *_tops(settings.home)):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & ~settings.home_mode:
                path.chmod(mode & settings.home_mode)
        except OSError:
            continue


def too_open(settings: Settings) -> list[str]:
    """A sentence for what at the top of a home others may look into against the settings."""
    said = []
    for path in (settings.home, *_tops(settings.home)):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        if mode & ~settings.home_mode & 0o077:
            said.append(
                f"{path} has mode {mode:04o}: others may look into it. Run chmod {settings.home_mode & mode:04o} "
                f"{path}, or allow it with COSTOPS_HOME_MODE={mode | settings.home_mode:04o}"
            )
    return said


def _tops(home: Path) -> list[Path]:
    """What lies at the top of a home but the drop folders, whose rights are for whoever fills them."""
    if not home.is_dir():
        return []
    return [path for path in home.iterdir() if path.name != "drop" and not path.is_symlink()]
