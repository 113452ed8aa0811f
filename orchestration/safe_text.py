"""Outside text made safe for a terminal: no escape sequence, control or bidirectional character, no markup.

Put here: stripping and escaping. Keep out: layout.
"""

from __future__ import annotations

import unicodedata

from rich.markup import escape

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def stripped(text: object) -> str:
    """Text on one line without control and bidirectional characters; for `rich.text.Text` and `markup=False`."""
    words = str(text).replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return "".join(each for each in words if unicodedata.category(each) not in ("Cc", "Cs") and each not in _BIDI)


def escaped(text: object) -> str:
    """The same for a place where rich reads markup."""
    shown = escape(stripped(text))
    return f"{shown}\\" if shown.endswith("\\") and len(shown) - len(shown.rstrip("\\")) & 1 else shown
