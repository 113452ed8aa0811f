"""Writings of the lake that kill themselves at a named point, one process each: `killed_sync.py FOLDER POINT...`.

`FOLDER/<point>/home` has its lake in `FOLDER/<point>/lake`. Prints the signal that ended each.
Put here: the points. Keep out: assertions (see `test_kill.py`).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingestion.lake import syncing, versions
from ingestion.lake.versions import Lake
from orchestration.publishing.places import Place
from tests.support.lake_home import LakeHome


def die(*args: Any, **kwargs: Any) -> Any:
    """kill -9 of this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def later(home: LakeHome) -> LakeHome:
    """Two days after the first writing."""
    home.now += timedelta(days=2)
    return home


def _before(owner: Any, name: str) -> None:
    setattr(owner, name, die)


def _after(owner: Any, name: str, times: int = 1, of: Callable[..., bool] = lambda *_, **__: True) -> None:
    original, calls = getattr(owner, name), []

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if of(*args, **kwargs):
            calls.append(1)
        if len(calls) == times:
            die()
        return result

    setattr(owner, name, wrapped)


ARM: dict[str, Callable[[], None]] = {
    "before anything is written": lambda: _before(syncing, "write_items"),
    "after one object": lambda: _after(Place, "put", of=lambda _, file, name: name.startswith("raw/")),
    "after some objects": lambda: _after(Place, "put", 4, of=lambda _, file, name: name.startswith("raw/")),
    "after all objects": lambda: _before(Lake, "commit"),
    "after one list": lambda: _after(Place, "write"),
    "before the version": lambda: _before(Place, "create"),
    "after the version": lambda: _after(Place, "create"),
    "after the swap": lambda: _after(Place, "write", of=lambda _, name, content: name == "manifest.json"),
    "before old files go": lambda: _before(Lake, "clean"),
    "while old files go": lambda: _after(Place, "remove"),
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
