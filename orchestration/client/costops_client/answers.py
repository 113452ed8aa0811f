"""What the server answers, as plain typed objects: fields are called as in docs/api.md.

Money is `Decimal`, in US dollars where nothing else is said; None is unknown and never zero; instants are UTC.
Put here: what all answers share. Keep out: single answers (`costs`, `budgets`, `subjects`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from costops_client.building import hints_of
from costops_client.tables import arrow_of, column_types, columns_of, pandas_of

if TYPE_CHECKING:
    import pandas
    import pyarrow

Row = TypeVar("Row")
Amount = Decimal | None
Count = int | None
Text = str | None
Day = date


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Which published copy an answer belongs to."""

    id: str
    published_at_utc: datetime | None


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an answer was read from: marts, and what their rows were chosen by."""

    tables: list[str]
    filters: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What every answer has."""

    publication: Publication
    source: Source

    def to_arrow(self) -> pyarrow.Table:
        """Its rows as an Arrow table; its plain fields as one row where it is no list."""
        return arrow_of(self._columns(), self._rows())

    def to_pandas(self) -> pandas.DataFrame:
        """The same as a frame: money as `Decimal`, counts as `Int64`."""
        return pandas_of(self.to_arrow())

    def _rows(self) -> Sequence[Any]:
        return [{name: getattr(self, name) for name in self._columns()}]

    def _columns(self) -> dict[str, Any]:
        own = {name: kind for name, kind in hints_of(type(self)).items() if name not in hints_of(Answer)}
        return {name: kind for name, kind in own.items() if not isinstance(getattr(self, name), list | dict)}


@dataclass(frozen=True, kw_only=True)
class Table(Answer, Generic[Row]):
    """An answer that is a list: iterate over it, count it, take parts of it."""

    FIELD: ClassVar[str] = "rows"
    ROW: ClassVar[type[Any] | None] = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows())

    def __len__(self) -> int:
        return len(self._rows())

    def __getitem__(self, place: int) -> Row:
        return self._rows()[place]

    def _rows(self) -> Sequence[Row]:
        rows: Sequence[Row] = getattr(self, self.FIELD)
        return rows

    def _columns(self) -> dict[str, Any]:
        return columns_of(self.ROW) if self.ROW else column_types(getattr(self, self.FIELD))
