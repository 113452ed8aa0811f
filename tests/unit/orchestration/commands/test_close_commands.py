"""What `costops verify-close` prints of the ledger."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from ingestion.sources.ledger.records import Record
from orchestration.commands.closing import record_table


def test_an_instant_stands_on_one_line_of_eighty_columns() -> None:
    closed = {
        "closed_at_utc": "2026-10-03T07:08:09Z",
        "totals": {"statement_amount_usd": "1234567.891"},
        "forced_reason": "the bill of the second vendor comes a week late and nobody waits for it",
    }
    console = Console(width=80, file=io.StringIO())
    console.print(record_table([Record(1, "close", "2026-09", Path("0001-close-2026-09"), closed, "h")]))
    assert isinstance(console.file, io.StringIO)
    assert re.search(r"^ 0001 .* 2026-09 .* 1,234,567.89 .* 2026-10-03 07:08 ", console.file.getvalue(), re.MULTILINE)
