"""Stable ids: the same facts give the same id on every machine and in every run.

Put here: hashing of identities. Keep out: anything random or clock-bound.
"""

from __future__ import annotations

import hashlib

_SEPARATOR = "\x1f"


def stable_id(*parts: object) -> str:
    """First 32 hex digits of the SHA-256 of the parts joined by a character that cannot occur in them."""
    text = _SEPARATOR.join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
