"""Objects of JSON in which one key stands twice with two values: which of them was meant, nothing tells.

Loggers that add fields one by one write such objects. Where the key counts or costs something, or names a model, the
record is refused; of other keys the last counts, as everywhere. Put here: noticing them. Keep out: decoding.
"""

from __future__ import annotations

import re
from threading import local
from typing import Any

_COUNTS = re.compile(
    "token|usage|cost|amount|price|charge|spen[dt]|model|count|billed|quantity|currency|units|response", re.IGNORECASE
)
_found = local()


class RepeatedKeyError(ValueError):
    """The key, in words."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} stands twice in one object, with two values")


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What a decoder makes of the pairs of an object."""
    found = dict(pairs)
    if len(found) != len(pairs):
        key = next((key for key, value in pairs if found[key] != value and _COUNTS.search(key)), None)
        _found.key = key or getattr(_found, "key", None)
    return found


def taken() -> str | None:
    """The key that stood twice since this was last asked."""
    key: str | None = getattr(_found, "key", None)
    if key is not None:
        _found.key = None
    return key
