"""Which code reads the files of a source: when it changes, they are read again.

A reader that was mended makes other rows of the same bytes; rows of its predecessor would stay until the file changes.
Put here: telling versions of code apart. Keep out: files that are read.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from ingestion.landing.scan import COMPANION_MARK

SHARED = ("ingestion.reading", "ingestion.vocabulary")
"""What every reader of files uses."""
MARK = "readers:"
LENGTH = 12


@cache
def code_version(*packages: str) -> str:
    """A short hash of the Python files of some packages and of what all readers share; empty without packages."""
    if not packages:
        return ""
    digest = hashlib.sha256()
    for package in (*packages, *SHARED):
        spec = importlib.util.find_spec(package)
        folders = [Path(place) for place in (spec.submodule_search_locations or [] if spec else [])]
        for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
            digest.update(f"{path.name}\n".encode())
            digest.update(path.read_bytes())
    return MARK + digest.hexdigest()[:LENGTH]


def is_read_otherwise(fingerprint: str, before: str) -> bool:
    """Whether two fingerprints of a file differ in the code of its readers alone."""
    bytes_now, bytes_before = (each.partition(MARK)[0].rstrip(COMPANION_MARK) for each in (fingerprint, before))
    return fingerprint != before and bytes_now == bytes_before
