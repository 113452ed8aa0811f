"""Each reader can be the first that a process imports: which files a home holds decides it."""

from __future__ import annotations

import subprocess
import sys

from ingestion.sources.events.routing import READERS

_IMPORTED_FIRST = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [each for each in sys.modules if each.startswith("ingestion.sources.events")]:
        del sys.modules[loaded]
    importlib.import_module(name)
"""


def test_every_reader_can_be_imported_first() -> None:
    names = [*READERS.values(), "ingestion.sources.events.recognition"]
    done = subprocess.run([sys.executable, "-c", _IMPORTED_FIRST, *names], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
