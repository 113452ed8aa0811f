"""The ends of days and months in exports of vendors' pages, which say the day of a cost and no more.

Put here: those ends. Keep out: what any one page calls its columns.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.tabular.slashed_dates import parse_date
from ingestion.reading.tabular.values import Unusable, by_distinct
from ingestion.sources.billing.model import Cells


def add_bounds(cells: Cells) -> None:
    """The month of billing of each cost, and the end of its day where the page tells none."""
    days = cells.known.get("charge_period_start_utc")
    if days is None:
        return
    cells.known["billing_period_start_utc"] = by_distinct(days, partial(_month, later=0), pa.string()).values
    cells.known["billing_period_end_utc"] = by_distinct(days, partial(_month, later=1), pa.string()).values
    ends, given = by_distinct(days, _day_after, pa.string()).values, cells.known.get("charge_period_end_utc")
    cells.known["charge_period_end_utc"] = ends if given is None else pc.coalesce(given, ends)


def _day(text: str) -> date | None:
    try:
        return parse_date(text if len(text) < len("2026-06-01T") else text[: len("2026-06-01")])
    except Unusable:
        return None


def _day_after(text: str) -> str | None:
    day = _day(text)
    return None if day is None else (day + timedelta(days=1)).isoformat()


def _month(text: str, later: int) -> str | None:
    day = _day(text)
    return None if day is None else (day.replace(day=1) + timedelta(days=31 * later)).replace(day=1).isoformat()
