"""Page tokens that say nothing to their reader and fit only the question they were given for.

Put here: writing and reading tokens. Keep out: what a page holds.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from ingestion.demo.providers.faults import Faults


class UnusablePageToken(ValueError):
    """The token is not ours, belongs to another question, or has expired."""


def _mark(question: Iterable[tuple[str, str]], place: int) -> bytes:
    text = "&".join(f"{name}={value}" for name, value in sorted(question)) + f"#{place}"
    return hashlib.blake2b(text.encode(), digest_size=12).digest()


def page_token(question: Iterable[tuple[str, str]], place: int) -> str:
    """A token for the page of `question` that begins at `place`."""
    packed = _mark(question, place) + place.to_bytes(8, "big")
    return "page_" + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_page_token(token: str, question: Iterable[tuple[str, str]], faults: Faults) -> int:
    """Where the page begins.

    Raises:
        UnusablePageToken: see there.
    """
    try:
        packed = base64.b64decode(token.removeprefix("page_") + "==", altchars=b"-_", validate=False)
        mark, place = packed[:12], int.from_bytes(packed[12:], "big")
    except ValueError:
        raise UnusablePageToken("Invalid page token.") from None
    if not token.startswith("page_") or len(packed) != 20 or mark != _mark(question, place):
        raise UnusablePageToken("Invalid page token: it does not belong to this query.")
    if faults.expires_page_token():
        raise UnusablePageToken("The page token has expired.")
    return place
