"""The server under load while publications are swapped in: no error, and every answer of one publication.

By default the small home, for a moment. `COSTOPS_TEST_SERVING_DATABASE` is a published file to copy (the demo's), and
`COSTOPS_TEST_SERVING_SECONDS` how long each load lasts; times are printed with `-s`.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

from tests.benchmarks.serving_run import PATHS, Running, load, swap
from tests.support.served_home import served_home

DATABASE = os.environ.get("COSTOPS_TEST_SERVING_DATABASE")
SECONDS = float(os.environ.get("COSTOPS_TEST_SERVING_SECONDS", "0.4"))
CLIENTS = (1, 8, 32) if DATABASE else (4,)
PAUSE = 0.05
"""Gateways ask before each call of a model, which takes longer than this."""


def test_load_while_publications_are_swapped(tmp_path: Path) -> None:
    served = served_home(tmp_path)
    database = served.settings.published_database
    if DATABASE:
        shutil.copyfile(DATABASE, database)
    running, stop = Running(served), threading.Event()
    swapping = threading.Thread(target=swap, args=(database, SECONDS / 3, stop))
    swapping.start()
    try:
        found = [
            load(served, running, name, clients, SECONDS, is_same=is_same)
            for clients in CLIENTS for name in PATHS for is_same in ((True,) if name == "check" else (False, True))
        ]  # fmt: skip
        found += [load(served, running, "check", clients, SECONDS, is_same=True, pause=PAUSE) for clients in CLIENTS]
    finally:
        stop.set()
        swapping.join()
        running.stop()
    print("", *found, sep="\n")
    assert [(each.errors, each.mixed) for each in found] == [(0, 0)] * len(found)
    assert max(each.publications for each in found) > 1
    assert min(each.requests for each in found) > 0
