"""Starts the processes of the web interface in a group of their own and ends them all when whoever asked for them ends.

`python -m orchestration.running.ui_family FD COMMAND...` runs the command until it ends, a signal comes, or the other
end of the pipe FD is closed, which also `kill -9` of its holder does. Then nothing of the group is left.
Put here: ending the family. Keep out: what runs in it (`ui`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

PATIENCE_SECONDS = 15.0
"""So long the family may take to end by itself."""


def main() -> None:
    """Run, watch, end."""
    pipe, command = int(sys.argv[1]), sys.argv[2:]
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.set())
    threading.Thread(target=_wait_for_end, args=(pipe, asked), daemon=True).start()
    family = subprocess.Popen(command)
    while family.poll() is None and not asked.wait(0.3):
        pass
    _end(family)


def _wait_for_end(pipe: int, asked: threading.Event) -> None:
    while os.read(pipe, 1):
        pass
    asked.set()


def _end(family: subprocess.Popen[bytes]) -> None:
    """Ask first, then kill the group, this process with it."""
    if family.poll() is None:
        family.send_signal(signal.SIGINT)
    until = time.monotonic() + PATIENCE_SECONDS
    while family.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
