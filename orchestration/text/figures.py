"""Numbers as people read them.

Put here: one number to its text, where several subjects print it. Keep out: tables, units, exports.
"""

from __future__ import annotations

from decimal import Decimal


def plain(value: Decimal) -> str:
    """The digits of a number, without an exponent and without trailing zeros: 80.00 is 80, 1E+2 is 100."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
