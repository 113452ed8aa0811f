"""What a billing format declares, and the columns it is given to adapt.

Put here: plain types shared by the formats. Keep out: reading, typing, landing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.raw_schemas import RAW_SCHEMAS
from ingestion.reading.tabular.key_values import json_objects
from ingestion.reading.tabular.values import pack_json

DATASET = "raw_billing"


def squash(header: str) -> str:
    """A header without case, spaces and punctuation, so that its many spellings meet."""
    return "".join(character for character in header.lower() if character.isalnum())


def has_headers(*wanted: str) -> Callable[[list[str]], bool]:
    """A test whether all of some squashed headers are there."""
    return lambda names: set(wanted) <= {squash(name) for name in names}


def by_alias(aliases: Mapping[str, str]) -> Callable[[str], tuple[str, int] | None]:
    """The raw column of a header, by its squashed name."""

    def canonical(header: str) -> tuple[str, int] | None:
        column = aliases.get(squash(header))
        return (column, 0) if column else None

    return canonical


@dataclass
class Cells:
    """The text columns of one batch: those that have a raw column, and the rest under their delivered names."""

    known: dict[str, pa.Array]
    extra: dict[str, pa.Array]

    def keep_json_objects(self, column: str, header: str) -> None:
        """Leave JSON objects in a raw column, if it is there; other text of it moves to the rest as `header`."""
        if column in self.known:
            self.known[column], other = json_objects(self.known[column])
            if other.null_count < len(other):
                self.extra[header] = other

    def gather(self, column: str, prefixes: tuple[str, ...]) -> None:
        """One JSON object in a raw column out of columns whose headers begin with one of some prefixes (in lower case)
        and go on with the key, for the rows that have no object of their own."""
        below = {header: key for header in self.extra if (key := key_below(header, prefixes))}
        packed = pack_json({key: self.extra.pop(header) for header, key in below.items()}) if below else None
        if packed is not None:
            given = self.known.get(column)
            self.known[column] = packed if given is None else pc.coalesce(given, packed)


def key_below(header: str, prefixes: tuple[str, ...]) -> str:
    """What follows a prefix in a header, whatever its case; '' where none does."""
    prefix = next((each for each in prefixes if header.lower().startswith(each)), None)
    return header[len(prefix) :] if prefix else ""


@dataclass(frozen=True)
class RowRule:
    """A raw column that every row must fill."""

    column: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class ScopeRule:
    """Which raw columns say what a delivery restates: provider, issuer, account (below a parent account), currency,
    billing period and day.

    `period` is the form of the period; exports made by hand, of any span, restate day by day: `%Y-%m-%d`. `identity`
    names the columns that say what is charged for: they tell a restatement of rows from other rows.
    """

    parent: str
    account: str
    period_start: str
    charge_start: str
    amount: str
    currency: str
    account_else: str = ""
    """What is the account where that is empty."""
    period: str = "%Y-%m"
    providers: tuple[str, ...] = ()
    """The first that is filled counts."""
    issuers: tuple[str, ...] = ()
    charge_class: str = ""
    charge_end: str = ""
    identity: tuple[str, ...] = ()

    @property
    def tells_zone(self) -> bool:
        """Whether rows say when their month of billing begins, and by that in which time zone their days do."""
        return self.period == "%Y-%m" and self.period_start.endswith("_utc")


@dataclass(frozen=True)
class BillingFormat:
    """One kind of billing file.

    `canonical` maps a delivered header to a raw column and a priority (0 is best; of two headers for one
    column the better one is used, the other goes to `extra_columns`), or to None.
    """

    name: str
    table: str
    canonical: Callable[[str], tuple[str, int] | None]
    recognises: Callable[[list[str]], bool]
    """Whether a file with these headers is of this format."""
    expected_headers: str
    required: tuple[RowRule, ...]
    text_copies: dict[str, str]
    """Money column to the column that keeps its exact text."""
    adapt: Callable[[Cells], None] = lambda cells: None
    extra_numbers: frozenset[str] = frozenset()
    """Squashed headers of numbers without a raw column that charges are made of (the dollars of the bill itself)."""
    scope: ScopeRule | None = None
    constants: Callable[[Iterable[str]], dict[str, str]] = lambda names: {}
    """Raw columns that are the same for a whole file, from its headers."""
    assumptions: Callable[[Iterable[str]], list[str]] = lambda names: []
    """What is read in one of several ways, from the headers."""
    day_first_columns: tuple[str, ...] = ()
    """Date columns whose file may turn out to be written day first; one order holds for the whole file."""
    is_blank: Callable[[Cells], pa.Array | None] = lambda cells: None
    """Marks rows that hold no charge and no error either; they are passed over."""
    dataset: str = DATASET

    @property
    def columns(self) -> dict[str, pa.DataType]:
        """The raw columns with their types."""
        return RAW_SCHEMAS[self.dataset][self.table]
