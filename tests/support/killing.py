"""Arms a process to kill itself at a point of the code: by putting something else in the place of a function.

Put here: dying before or after a call. Keep out: which points there are.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def die(*args: Any, **kwargs: Any) -> Any:
    """kill -9 of this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_before(owner: Any, name: str) -> None:
    """Die when `owner.name` is called."""
    setattr(owner, name, die)


def die_after(owner: Any, name: str, times: int = 1, of: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die when `owner.name` has answered so many times, of the calls that `of` picks by their arguments."""
    original: Callable[..., Any] = getattr(owner, name)
    calls = []

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if of(*args, **kwargs):
            calls.append(1)
        if len(calls) == times:
            die()
        return result

    setattr(owner, name, wrapped)
