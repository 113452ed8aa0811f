"""What a report says of a period by the day it is read."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.presenting.periods import parse_period
from orchestration.presenting.standing import Standing


@pytest.mark.parametrize(
    ("period", "progress", "footer"),
    [
        ("2026-02", "", "February 2026"),
        ("2026-03", "in progress", "March 2026, in progress"),
        ("2031-01", "not begun", "January 2031, not begun"),
    ],
)
def test_a_period_to_come_is_not_in_progress(period: str, progress: str, footer: str) -> None:
    today = date(2026, 3, 31)
    standing = Standing(parse_period(period, today), None, None, today, 0, None, None, None, None)
    assert (standing.progress, standing.footer) == (progress, footer)
