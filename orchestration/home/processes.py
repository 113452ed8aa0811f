"""Which process is which: by machine, number and start, as a number alone is given to another process later.

Put here: naming a process, asking whether it lives. Keep out: what it does.
"""

from __future__ import annotations

import os
import socket
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


def _started(number: int) -> str | None:
    """When a process began, in ticks since the machine did; a dead one that nobody has collected has not."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "ended" if fields[0] == "Z" else fields[19]
