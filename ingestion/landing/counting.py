"""A number with the words behind it, as a person would say it: one file is, two files are.

Put here: choosing words by number. Keep out: the words themselves.
"""

from __future__ import annotations


def counted(number: int, one: str, many: str) -> str:
    """`number` with the words for one or for any other number: `1 file that was passed over`."""
    return f"{number:,} {one if number == 1 else many}"
