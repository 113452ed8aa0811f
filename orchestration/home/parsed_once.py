"""Keeps what dbt read of the project for the other homes of this user: reading it anew takes dbt ten seconds, two
where it finds its own notes of before.

dbt keeps those notes (`partial_parse.msgpack`) in the target folder of a home and takes them for its own only where the
connection is the same. What it reads of the project does not depend on which warehouse that is, so every home is read
with one name of a warehouse, and the notes lie in the user's cache, under a name made of all that they depend on.

Put here: notes that homes share. Keep out: invoking dbt (`running`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

NOTES = "partial_parse.msgpack"
KEPT_PROJECTS = 12
"""Notes of versions and declarations that stay, those used last: six megabytes each."""


def shared_notes(*parts: str, variables: Mapping[str, Any]) -> Path:
    """Where the notes lie that were made of `parts` (files of the project, dbt, target) and dbt's variables."""
    content = "\0".join([*parts, json.dumps(variables, sort_keys=True)])
    return user_cache_path("llm-cost-ops") / "parsed" / f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.msgpack"


@contextmanager
def reading_once(shared: Path, target: Path) -> Iterator[None]:
    """Give dbt the notes of another home, and keep what it noted where there were none.

    A cache that cannot be written or read costs dbt its ten seconds and nothing else.
    """
    own = target / NOTES
    with suppress(OSError):
        if shared.exists():
            os.utime(shared)
            _copied(shared, own)
    yield
    with suppress(OSError):
        if own.exists() and not shared.exists():
            _copied(own, shared)
            _drop_oldest(shared.parent)


def _copied(source: Path, destination: Path) -> None:
    """A copy that is whole or not there."""
    destination.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = destination.with_name(f"{destination.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, beside)
        os.replace(beside, destination)
    finally:
        beside.unlink(missing_ok=True)


def _drop_oldest(folder: Path) -> None:
    last_used_first = sorted(folder.glob("*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in last_used_first[KEPT_PROJECTS:]:
        path.unlink(missing_ok=True)
