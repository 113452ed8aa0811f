"""Periods of invoices as they are printed; expected days are those of a calendar."""

from __future__ import annotations

import pytest

from ingestion.reading.months import month_of
from ingestion.reading.tabular.named_periods import end_of, first_day


@pytest.mark.parametrize(
    ("written", "first", "end"),
    [
        ("2026-06", "2026-06-01", None),
        ("June 2026", "2026-06-01", None),
        ("Jun-26", "2026-06-01", None),
        ("März 2026", "2026-03-01", None),
        ("juin 2026", "2026-06-01", None),
        ("Q4 2026", "2026-10-01", "2027-01-01"),
        ("2026-H1", "2026-01-01", "2026-07-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-06-01 - 2026-06-30", "2026-06-01", "2026-07-01"),
        ("2026-06-01/2026-06-30", "2026-06-01", "2026-07-01"),
        ("2026-06-01 to 2026-07-01", "2026-06-01", "2026-07-01"),
        ("Jun 1 – Jun 30, 2026", "2026-06-01", "2026-07-01"),
        ("Jun 5, 2026 – Jul 5, 2026", "2026-06-05", "2026-07-05"),
        ("June 1-15, 2026", "2026-06-01", "2026-06-16"),
        ("Dec 15 – Jan 14, 2027", "2026-12-15", "2027-01-15"),
        ("15 Dec – 14 Jan 2027", "2026-12-15", "2027-01-15"),
        ("01.06.2026 – 30.06.2026", "2026-06-01", "2026-07-01"),
        ("01/06/2026 - 30/06/2026", "2026-06-01", "2026-07-01"),
        ("06/01/2026 - 06/30/2026", "2026-06-01", "2026-07-01"),
        ("1. Juni 2026 bis 30. Juni 2026", "2026-06-01", "2026-07-01"),
        ("1 de junio de 2026 a 30 de junio de 2026", "2026-06-01", "2026-07-01"),
    ],
)
def test_a_period_begins_and_ends_where_it_says(written: str, first: str, end: str | None) -> None:
    assert (first_day(written), end_of(written)) == (first, end)


@pytest.mark.parametrize("written", ["01/06/2026 - 05/06/2026", "H3 2026", "FY 2026", "June 2026 - May 2027", "soon"])
def test_what_may_be_two_periods_is_given_back_to_be_refused(written: str) -> None:
    assert (first_day(written), end_of(written)) == (written, None)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("Juni", 6),
        ("jul.", 7),
        ("Août", 8),
        ("ago", 8),
        ("DEZ", 12),
        ("mai", 5),
        ("jui", None),
        ("ma", None),
        ("x", None),
    ],
)
def test_a_word_is_the_one_month_that_begins_so(word: str, number: int | None) -> None:
    assert month_of(word) == number
