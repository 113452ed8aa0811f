"""How the columns of one billing file map to raw columns, and how its cells are written.

Put here: what holds for all rows of a file. Keep out: reading rows (`charges`), names of any one format.
"""

from __future__ import annotations

import pyarrow as pa

from ingestion.landing.counting import counted
from ingestion.raw_schemas import BOOLEAN, DATE, INSTANT
from ingestion.reading.tabular import TableReader, TextBatch
from ingestion.reading.tabular.slashed_dates import with_iso_days
from ingestion.reading.tabular.values import with_counted_days
from ingestion.sources.billing.header_currencies import currency_behind, with_code
from ingestion.sources.billing.model import BillingFormat, Cells
from ingestion.sources.billing.totals import Totals


class Layout:
    """How the columns of one file map to raw columns."""

    def __init__(self, billing_format: BillingFormat, reader: TableReader) -> None:
        self.format = billing_format
        self.names, self.lines_above, self.remarks = reader.names, reader.lines_above, reader.remarks
        self.day_first: bool | None = None
        self.counts_days = False
        self.decimal_mark: str | None = None
        self.totals = Totals(billing_format)
        self.unread: set[str] = set()
        """Columns of which some cell could not be read and is left out."""
        self.constants = billing_format.constants(reader.names)
        self.amount = next((rule.column for rule in billing_format.required if rule.reason == "missing_cost"), "")
        self.source: dict[str, int] = {}
        best: dict[str, int] = {}
        for position, name in enumerate(reader.names):
            found = billing_format.canonical(name)
            if found and found[1] < best.get(found[0], 1_000):
                self.source[found[0]] = position
                best[found[0]] = found[1]
        self.extra = [position for position in range(len(self.names)) if position not in set(self.source.values())]

    def may_lack(self, column: str, kind: pa.DataType) -> bool:
        """Whether a charge is one without what stands in a column: a time, choice or quantity that says neither what it
        costs, nor when, nor of which period."""
        scope = self.format.scope
        needed = {rule.column for rule in self.format.required} | ({scope.period_start} if scope else set())
        return column not in needed and (kind in (INSTANT, DATE, BOOLEAN) or column.endswith("quantity"))

    def header_of(self, column: str) -> str:
        """The delivered name of a raw column."""
        return self.names[self.source[column]] if column in self.source else column

    def said(self) -> list[str]:
        """How the file's cells are read where another file's would mean something else."""
        comma = "its numbers are read with a decimal comma, as the file itself proves"
        days = "its dates are read as a spreadsheet counts days (46174 is 2026-06-01)"
        above = f"{counted(self.lines_above, 'line above its header is', 'lines above its header are')} no charges"
        proven = [comma] * (self.decimal_mark == ",") + [days] * self.counts_days + [above] * bool(self.lines_above)
        return [*proven, *self.format.assumptions(self.names)]

    def says_nothing(self, cells: Cells, position: int) -> bool:
        """Whether a row is empty, or the header once more, as files have that were put together of several."""
        texts = [column[position].as_py() for column in (*cells.known.values(), *cells.extra.values())]
        amount = cells.known[self.amount][position].as_py() if self.amount in cells.known else None
        return not any(texts) or amount == self.header_of(self.amount)

    def cells(self, batch: TextBatch) -> Cells:
        """The batch's columns under raw names."""
        known = {column: batch.columns[position] for column, position in self.source.items()}
        for column in self.format.day_first_columns:
            if column in known:
                text = with_counted_days(known[column]) if self.counts_days else known[column]
                known[column] = with_iso_days(text, self.day_first)
        if code := currency_behind(self.header_of(self.amount)):
            known[self.amount] = with_code(known[self.amount], code)
        return Cells(known, {self.names[position]: batch.columns[position] for position in self.extra})
