"""Which process is which: by machine, number and start, as a number alone is given to another process later.

Put here: naming a process, asking whether it lives. Keep out: what it does.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def process_mark(pid: int | None = None) -> str:
    """A process of this machine in words that no other process ever has."""
    number = os.getpid() if pid is None else pid
    return f"{socket.gethostname()}:{number}:{_started(number) or ''}"


def is_alive(mark: str) -> bool | None:
    """Whether the process of a mark lives; None where that cannot be known from here."""
    host, _, rest = mark.partition(":")
    number, _, started = rest.partition(":")
    if host != socket.gethostname() or not number.isdigit():
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    now = _started(int(number))
    return not started or now == started


@contextmanager
def ending_with_this_one(pid: int) -> Iterator[None]:
    """Make another process end when this one is killed, as its work would go on and keep what it holds.

    A shell waits at the end of a pipe, which closes with this process however that ends.
    """
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -9 "$1"', "sh", str(pid)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        watcher.kill()
        watcher.communicate()


def _started(number: int) -> str | None:
    """When a process began, in ticks since the machine did; a dead one that nobody has collected has not."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "ended" if fields[0] == "Z" else fields[19]
