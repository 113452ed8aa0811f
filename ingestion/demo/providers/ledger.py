"""What a provider knows about the sample company: its requests and charges as arrays that are quick to add up.

Data flow: `GroundTruth` → one `UsageRows` and one `ChargeRows` per provider. What they show depends on the
simulated now (`visibility`). Put here: arrays, slices, exact sums. Keep out: what an API calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingestion.demo.providers.visibility import Visibility

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Value = str | bool | None

TOKEN_COLUMNS = (
    "uncached_input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
USAGE_SUMS = (*TOKEN_COLUMNS, "web_searches", "request_count")


def texts(column: Iterable[object]) -> list[str | None]:
    """Texts of a column, with None for what is missing."""
    return [value if isinstance(value, str) else None for value in column]


def chances(marks: Sequence[str] | pd.Series) -> npt.NDArray[np.uint64]:
    """A fixed random number for each mark."""
    names = np.asarray(marks, dtype=object)
    return pd.util.hash_array(names) if len(names) else np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Dimension:
    """A column of few different values: `codes` are places in `values`, -1 is None."""

    codes: npt.NDArray[np.int64]
    values: tuple[Value, ...]

    @classmethod
    def of(cls, column: Sequence[Value] | pd.Series) -> Dimension:
        """Numbers for the values of a column; missing ones become None."""
        codes, values = pd.factorize(pd.Series(column, dtype=object), sort=False)
        return cls(codes.astype(np.int64), (*values.tolist(), None))

    def is_any_of(self, wanted: Iterable[Value], rows: slice) -> Mask:
        """Rows whose value is wanted."""
        names = set(wanted)
        numbers = [number for number, value in enumerate(self.values[:-1]) if value in names]
        return np.isin(self.codes[rows], [*numbers, -1] if None in names else numbers)


@dataclass(frozen=True)
class Group:
    """Sums over the rows of one bucket (its number counted from the start) that share their values."""

    bucket: int
    values: dict[str, Value]
    sums: dict[str, int]


def add_up(
    bucket: Integers,
    dimensions: Mapping[str, Dimension],
    fields: Sequence[str],
    sums: Mapping[str, Integers],
    rows: Integers,
) -> Iterator[Group]:
    """Exact sums per bucket and values of `fields`, in order of bucket. `bucket` belongs to `rows`."""
    if not len(rows):
        return
    combined = bucket.copy()
    for name in fields:
        combined = combined * len(dimensions[name].values) + dimensions[name].codes[rows] + 1
    order = np.argsort(combined, kind="stable")
    ordered = combined[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    totals = {name: np.add.reduceat(column[order], starts).tolist() for name, column in sums.items()}
    firsts = order[starts]
    codes = {name: dimensions[name].codes[rows[firsts]].tolist() for name in fields}
    for place, number in enumerate(bucket[firsts].tolist()):
        yield Group(
            number,
            {name: dimensions[name].values[codes[name][place]] for name in fields},
            {name: column[place] for name, column in totals.items()},
        )


Chosen = Callable[[slice], Mask]


@dataclass
class UsageRows:
    """Requests of a provider in order of time. `moment` is microseconds since 1970."""

    moment: Integers
    dimensions: dict[str, Dimension]
    sums: dict[str, Integers]
    chance: npt.NDArray[np.uint64] = field(repr=False)
    """A fixed random number per request: when it shows up, and whether a correction touches it."""

    @classmethod
    def of(cls, frame: pd.DataFrame, dimensions: Iterable[str], sums: Iterable[str]) -> UsageRows:
        """Rows of a frame with `requested_at_utc`, `chance` (see `chances`), text columns and integer columns."""
        ordered = frame.sort_values("requested_at_utc", kind="stable")
        moments = ordered["requested_at_utc"].to_numpy().astype("datetime64[us]").astype(np.int64)
        return cls(
            moments,
            {name: Dimension.of(ordered[name]) for name in dimensions},
            {name: ordered[name].to_numpy(dtype=np.int64) for name in sums},
            ordered["chance"].to_numpy(dtype=np.uint64),
        )

    def groups(
        self,
        start: int,
        end: int,
        width: int,
        visibility: Visibility,
        *,
        fields: Sequence[str] = (),
        filters: Mapping[str, Sequence[Value]] | None = None,
    ) -> Iterator[Group]:
        """Sums per bucket of `width` microseconds in [`start`, `end`) of what is visible."""
        rows = slice(*np.searchsorted(self.moment, [start, end]).tolist())
        mask = visibility.shows_usage(self.moment[rows], self.chance[rows])
        for name, wanted in (filters or {}).items():
            mask &= self.dimensions[name].is_any_of(wanted, rows)
        chosen = np.flatnonzero(mask) + rows.start
        bucket = (self.moment[chosen] - start) // width
        sums = {name: column[chosen] for name, column in self.sums.items()}
        yield from add_up(bucket, self.dimensions, fields, sums, chosen)


@dataclass
class ChargeRows:
    """Charge lines of a provider by day. Amounts are picodollars (1e-12 USD), `day` microseconds since 1970."""

    day: Integers
    known_from: Integers
    dimensions: dict[str, Dimension]
    amount: Integers
    quantity: Integers
    step: int
    """The last digit the provider prints, in picodollars."""
    chance: npt.NDArray[np.uint64] = field(repr=False)

    def groups(
        self,
        start: int,
        end: int,
        width: int,
        visibility: Visibility,
        *,
        fields: Sequence[str] = (),
        filters: Mapping[str, Sequence[Value]] | None = None,
        where: Chosen | None = None,
    ) -> Iterator[Group]:
        """Sums `amount`, `quantity` and `lines` per bucket, of what is visible and as far as it is."""
        rows = slice(*np.searchsorted(self.day, [start, end]).tolist())
        twentieths = visibility.twentieths_of_charges(self.day[rows], self.known_from[rows], self.chance[rows])
        mask = twentieths > 0
        for name, wanted in (filters or {}).items():
            mask &= self.dimensions[name].is_any_of(wanted, rows)
        if where is not None:
            mask &= where(rows)
        chosen = np.flatnonzero(mask)
        share = twentieths[chosen]
        whole, chosen = share == 20, chosen + rows.start
        amount, quantity = self.amount[chosen], self.quantity[chosen]
        partly = amount // 20 * share // self.step * self.step
        sums = {
            "amount": np.where(whole, amount, partly),
            "quantity": np.where(whole, quantity, quantity * share // 20),
            "lines": np.ones(len(chosen), np.int64),
        }
        yield from add_up((self.day[chosen] - start) // width, self.dimensions, fields, sums, chosen)
