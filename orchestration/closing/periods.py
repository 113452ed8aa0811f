"""Billing periods as the command line writes them: `2026-10`.

Put here: months. Keep out: everything else.
"""

from __future__ import annotations

from datetime import date


class PeriodError(ValueError):
    """The text is not a month."""


def parse_period(text: str) -> date:
    """The first day of the month `YYYY-MM`.

    Raises:
        PeriodError: it is not one.
    """
    try:
        if len(text) != 7:
            raise ValueError
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise PeriodError(f"{text!r} is not a month; write it as 2026-10") from None


def name_of(period: date) -> str:
    """`YYYY-MM` of a day."""
    return f"{period:%Y-%m}"


def next_period(period: date) -> date:
    """The first day of the month after."""
    return date(period.year + period.month // 12, period.month % 12 + 1, 1)
