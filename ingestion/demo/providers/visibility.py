"""What providers show at a simulated moment: buckets that still grow, and weeks that will be corrected.

Put here: which part of the truth is out at a given now. Keep out: the truth, the APIs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from ingestion.demo.providers.moments import DAY, microseconds

Integers = npt.NDArray[np.int64]
Chances = npt.NDArray[np.uint64]

_BITS = 20


@dataclass(frozen=True)
class Restatement:
    """Until `corrected_at`, usage of [`first`, `last`] lacks a quarter of its requests and charges are 5 % low."""

    first: date
    last: date
    corrected_at: datetime

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a restated period ends before it begins: {self.first} to {self.last}")


@dataclass(frozen=True)
class Visibility:
    """A simulated now (UTC), how long a bucket keeps growing, and what is still wrong.

    With `growth_days`, a request shows up at a fixed random moment within that many days, and a charge line
    is absent or at 60 % until then. After that, what is shown is the truth, save for days that were lost.
    """

    now: datetime
    growth_days: float = 0.0
    restatement: Restatement | None = None
    lost_days: tuple[date, ...] = ()

    @property
    def now_micros(self) -> int:
        """Now in microseconds since 1970."""
        return microseconds(self.now)

    def _lag(self, chance: Chances) -> Integers:
        growth = int(self.growth_days * DAY)
        return (chance % np.uint64(1 << _BITS)).astype(np.int64) * growth >> _BITS

    def _is_wrong(self, moment: Integers) -> npt.NDArray[np.bool_]:
        wrong = self.restatement
        if wrong is None or self.now_micros >= microseconds(wrong.corrected_at):
            return np.zeros(len(moment), np.bool_)
        return (moment >= microseconds(wrong.first)) & (moment < microseconds(wrong.last + timedelta(days=1)))

    def _is_lost(self, moment: Integers) -> npt.NDArray[np.bool_]:
        lost = [microseconds(day) for day in self.lost_days]
        return np.isin(moment // DAY * DAY, lost)

    def shows_usage(self, moment: Integers, chance: Chances) -> npt.NDArray[np.bool_]:
        """Which requests are in the report by now."""
        shown = moment + self._lag(chance) <= self.now_micros
        lacks = (chance >> np.uint64(40)) % np.uint64(4) == 0
        return shown & ~(self._is_wrong(moment) & lacks) & ~self._is_lost(moment)

    def twentieths_of_charges(self, day: Integers, known_from: Integers, chance: Chances) -> Integers:
        """How many twentieths of each charge line are on the books by now."""
        settled = known_from + self._lag(chance) <= self.now_micros
        is_early = (chance >> np.uint64(32)) % np.uint64(2) == 0
        growing = (known_from <= self.now_micros) & is_early
        share = np.where(settled, 20, np.where(growing, 12, 0))
        share = np.where(self._is_wrong(day) & (share == 20), 19, share)
        return np.where(self._is_lost(day), 0, share)
