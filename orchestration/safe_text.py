"""Other names for `orchestration.terminal`, which makes text from outside plain. Put here: nothing. Keep out: rules."""

from __future__ import annotations

from orchestration.terminal import plain as escaped
from orchestration.terminal import stripped

__all__ = ["escaped", "stripped"]
