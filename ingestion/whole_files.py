"""Files that are there whole or as they were: whoever reads one meanwhile, or is killed, never has half of it.

Put here: replacing a file of this machine in one step. Keep out: what files hold, other places
(`orchestration.publishing.places`).
"""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file (text as UTF-8) beside its name and rename it; missing folders are made.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.next")
    try:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
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
