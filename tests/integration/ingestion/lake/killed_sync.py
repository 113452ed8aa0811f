"""Writings of the lake that kill themselves at a named point, one process each: `killed_sync.py FOLDER POINT...`.

`FOLDER/<point>/home` has its lake in `FOLDER/<point>/lake`. Prints the signal that ended each.
Put here: the points. Keep out: assertions (see `test_kill.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from ingestion.lake import syncing, versions
from ingestion.lake.versions import Lake
from orchestration.publishing.places import Place
from tests.support.killing import die_after, die_before
from tests.support.lake_home import LakeHome


def later(home: LakeHome) -> LakeHome:
    """Two days after the first writing."""
    home.now += timedelta(days=2)
    return home


ARM: dict[str, Callable[[], None]] = {
    "before anything is written": lambda: die_before(syncing, "write_items"),
    "after one object": lambda: die_after(Place, "put", of=lambda _, file, name: name.startswith("raw/")),
    "after some objects": lambda: die_after(Place, "put", 4, of=lambda _, file, name: name.startswith("raw/")),
    "after all objects": lambda: die_before(Lake, "commit"),
    "after one list": lambda: die_after(Place, "write"),
    "before the version": lambda: die_before(Place, "create"),
    "after the version": lambda: die_after(Place, "create"),
    "after the swap": lambda: die_after(Place, "write", of=lambda _, name, content: name == "manifest.json"),
    "before old files go": lambda: die_before(Lake, "clean"),
    "while old files go": lambda: die_after(Place, "remove"),
}

if __name__ == "__main__":
    versions.KEPT_VERSIONS, versions.KEPT_HOURS = 1, 0
    for point in sys.argv[2:]:
        child = os.fork()
        if child == 0:
            ARM[point]()
            folder = Path(sys.argv[1]) / point
            later(LakeHome(folder / "home", folder / "lake")).sync()
            os._exit(0)
        print(os.WTERMSIG(os.waitpid(child, 0)[1]), point)
