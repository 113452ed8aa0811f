"""Cuts what must never be written down out of a text that others made.

Put here: cutting, finding passwords in addresses. Keep out: knowing what else is secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

SHORT = 6
"""What is shorter stands in ordinary words by chance: a user `u`, the port 25."""
_PASSWORD = re.compile(r"(?:://[^:/@\s]*:([^@\s]*)@)|(?:\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+))")


def secrets_of(address: str) -> tuple[str, ...]:
    """What of an address must not be shown: all of it, and its password alone, as it is written and as it is meant."""
    found = [next(filter(None, match.groups()), "").strip("'") for match in _PASSWORD.finditer(address)]
    return (address, *found, *(unquote(each) for each in found))


def without(secrets: Iterable[str], text: str) -> str:
    """The text with every one of `secrets` replaced; empty ones are none, and a short one is no part of a word."""
    for secret in filter(None, secrets):
        if len(secret) < SHORT:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)
        else:
            text = text.replace(secret, "…")
    return text
