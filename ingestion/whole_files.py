"""Files that are there whole or as they were: whoever reads one meanwhile, or is killed, never has half of it.

Put here: replacing a file of this machine in one step. Keep out: what files hold, other places
(`orchestration.publishing.places`).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def replace_file(path: Path, content: str | bytes, *, is_secret: bool = False) -> None:
    """Write a file (text as UTF-8) beside its name and rename it; missing folders are made, rights stay.

    With `is_secret` only its owner can read it, and it is on disk before it has its name.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if is_secret else 0o777)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.next")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if is_secret else 0o666)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
        if is_secret:
            sync_file(fresh)
        elif path.exists():
            shutil.copymode(path, fresh)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def sync_file(path: str | Path) -> None:
    """Have a file, or the names in a folder, on disk: a power cut after the renaming that follows leaves the old file
    or the whole new one, never an empty one."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
