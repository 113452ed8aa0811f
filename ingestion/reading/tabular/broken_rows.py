"""What is said of rows of a delimited file that cannot be taken apart. Put here: words. Keep out: finding them."""

from __future__ import annotations

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.tabular.model import storable


def wrong_shape(row_number: int, problem: str, original: str) -> QuarantinedRow:
    """A row with more or fewer fields than the header."""
    message = f"{problem}; look for an unquoted delimiter, a stray quote or a line cut short, and deliver the row again"
    return QuarantinedRow(row_number, "wrong_field_count", message, storable(original))


def nul_byte(row_number: int, original: str) -> QuarantinedRow:
    """A row with a NUL byte."""
    message = "the row contains a NUL byte, so it was damaged on its way; deliver the file again"
    return QuarantinedRow(row_number, "nul_byte", message, storable(original))


def bad_encoding(row_number: int, original: str) -> QuarantinedRow:
    """A row that is not UTF-8."""
    message = "the row is not UTF-8 text; save the file as UTF-8 and deliver it again"
    return QuarantinedRow(row_number, "invalid_encoding", message, storable(original))


def ends_early(row: int, failure: str) -> QuarantinedRow:
    """The rest of a file that breaks off."""
    message = f"the file breaks off after row {row} ({failure}); rows before it were landed: deliver the file again"
    return QuarantinedRow(row + 1, "unreadable_file", message, None)
