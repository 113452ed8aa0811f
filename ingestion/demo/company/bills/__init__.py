"""Printing the ledger's charges as providers and billing tools deliver them; Groq sends no bill.

Put here: one module per format. Keep out: amounts, which are the ledger's.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ingestion.demo.company.bills.aws_cur import write_cur
from ingestion.demo.company.bills.azure import write_azure
from ingestion.demo.company.bills.focus import write_focus
from ingestion.demo.company.dates import Calendar

__all__ = ["write_bills"]


def write_bills(folder: Path, charges: pd.DataFrame, calendar: Calendar) -> None:
    """Write all billing files below `folder`."""
    write_focus(folder, charges, calendar)
    write_azure(folder, charges, calendar)
    write_cur(folder, charges, calendar)
