"""What happens when, relative to the company's last day.

Put here: the dates of everything that is planted. Keep out: what it does to traffic and files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FULL_DAYS = 400
"""The window the distances below are stated for; shorter windows shrink them in proportion."""


@dataclass(frozen=True)
class Calendar:
    """The window [`first`, `last`] and the dates of the planted events in it."""

    first: date
    last: date

    @classmethod
    def of(cls, last: date, days: int) -> Calendar:
        """The calendar of a company whose last day of data is `last`.

        Raises:
            ValueError: fewer than 14 days, in which the planted events would overlap.
        """
        if days < 14:
            raise ValueError(f"the sample company needs at least 14 days, got {days}")
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.last - self.first).days + 1

    def ago(self, full_distance: int) -> date:
        """The day `full_distance` days before the last one in a window of `FULL_DAYS`."""
        distance = max(1, round(full_distance * self.days / FULL_DAYS))
        return self.last - timedelta(days=min(distance, self.days - 1))

    def month_start_near(self, full_distance: int) -> date:
        """The first of the month of `ago(full_distance)`, or that day itself where the window is too short."""
        day = self.ago(full_distance)
        start = day.replace(day=1)
        return start if start > self.first else day

    @property
    def billed_through(self) -> date:
        """Bills lag usage by a day."""
        return self.last - timedelta(days=1)

    @property
    def runaway_day(self) -> date:
        """An agent's key runs wild for `RUNAWAY_HOURS` of this day."""
        return self.last - timedelta(days=3)

    @property
    def cache_break(self) -> tuple[date, date]:
        """First and last day on which the support bot's prompt cache does not hit."""
        first = self.ago(75)
        length = max(2, min(9, self.days // 8))
        return first, min(first + timedelta(days=length - 1), self.runaway_day - timedelta(days=1))

    @property
    def missing_days(self) -> tuple[date, date]:
        """Two days without OpenAI's log files; the bill covers them."""
        first = min(self.ago(41), self.last - timedelta(days=6))
        return first, first + timedelta(days=1)

    @property
    def reorganisation(self) -> date:
        """From this day on the recommendations project belongs to another team."""
        return self.month_start_near(150)

    @property
    def new_project(self) -> date:
        """The first day of the lead enrichment project."""
        return self.ago(220)

    @property
    def legacy_tool_ends(self) -> date:
        """Document extraction is logged by a legacy tool before this day."""
        return self.ago(180)

    @property
    def raw_bodies_start(self) -> date:
        """Ticket triage keeps raw response bodies from this day on."""
        return self.ago(120)

    @property
    def unknown_model_start(self) -> date:
        """The first day of the fine-tuned model no price list knows."""
        return self.ago(90)

    @property
    def unknown_tier(self) -> tuple[date, date]:
        """First and last day of requests served under a tier without a public price."""
        return self.ago(25), self.ago(8)

    @property
    def contract_renewal(self) -> date:
        """The OpenAI discount rises from this day on."""
        return self.month_start_near(200)

    @property
    def refunded_day(self) -> date:
        """The last day of the fortnight whose dearest day was partly refunded, if possible on a later bill."""
        return self.ago(68)

    @property
    def refund_booked(self) -> date:
        """The day the refund was booked."""
        return max(self.ago(20), self.refunded_day)
