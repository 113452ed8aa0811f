"""Rows that sum up the rows above them or say how the table was made, as spreadsheets and portals write below one: no
charges, and said so.

A row is a total where it is called one and is no charge by itself (it has no time of
its own, or stands below the lines of its invoice), or where it holds an amount alone, the sum of the rows above.
Put here: telling totals from charges. Keep out: what becomes of other rows (`charges`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import QuarantinedRow
from ingestion.reading.tabular.footer_names import is_footer
from ingestion.reading.tabular.total_names import is_total
from ingestion.sources.billing.model import BillingFormat, Cells, squash

_BETWEEN_CELLS = re.compile(r"[,;\t|]")
MOST_OF_FOOTER = 2
"""Cells that say something in a line below a table."""
MOST = 200
"""So many rows of a batch may lack what a charge needs; where more do, they are no totals."""


_STATUS = frozenset("status invoicestatus billstatus documentstatus state paymentstatus".split())
_VOID = frozenset("void voided cancelled canceled storniert annulé annulée anulada anulado annullata deleted".split())


class Totals:
    """The total rows of one file. `found` are their numbers with what they are called and say, batch by batch."""

    def __init__(self, billing_format: BillingFormat) -> None:
        by_reason = {rule.reason: rule.column for rule in billing_format.required}
        self._amount, self._invoice = by_reason.get("missing_cost", ""), by_reason.get("missing_invoice_id", "")
        self._numbers = {name for name, kind in billing_format.columns.items() if pa.types.is_decimal(kind)}
        self.found: list[tuple[int, str, str]] = []
        self.footers: list[tuple[int, str]] = []
        """Lines below the table that are no totals: their numbers and what they say."""
        self.void: list[tuple[int, str, str]] = []
        """Lines of invoices that were taken back: their numbers, what their status says and their amounts."""
        self._sum = Decimal(0)

    def rows_of(self, cells: Cells, amounts: pa.Array, numbers: pa.Array, refused: Mapping[int, str]) -> set[int]:
        """The positions of a batch that are totals. `amounts` are what its rows cost, `refused` says why rows are no
        charges."""
        if self._amount not in cells.known:
            return set()
        suspects = [at for at, reason in refused.items() if reason.startswith("missing_") or reason == "invalid_time"]
        found: dict[int, str] = {}
        footers: set[int] = set()
        for at in sorted(suspects) if len(suspects) <= MOST else []:
            texts = [
                text
                for name, column in cells.known.items()
                if (text := column[at].as_py()) and (name not in self._numbers or is_total(text))
            ]
            texts = [text for text in (*texts, *(column[at].as_py() for column in cells.extra.values())) if text]
            label = next((text for text in texts if is_total(text)), "")
            said = [*filter(None, [cells.known[self._amount][at].as_py()]), *texts]
            if not label and _is_footer_of(said):
                self.footers.append((numbers[at].as_py(), said[0]))
                footers.add(at)
                continue
            if label or (not texts and amounts[at].as_py() == self._sum + _sum_of(amounts, refused, before=at)):
                found[at] = label or "an amount alone"
        found |= self._below_lines(cells, refused)
        void = self._void_lines(cells)
        for at, status in void.items():
            self.void.append((numbers[at].as_py(), status, cells.known[self._amount][at].as_py() or "nothing"))
            found.pop(at, None)
        self._sum += _sum_of(amounts, {*refused, *found, *void})
        for at, label in sorted(found.items()):
            self.found.append((numbers[at].as_py(), label, cells.known[self._amount][at].as_py() or "nothing"))
        return set(found) | set(void) | footers

    def without_short(self, quarantined: list[QuarantinedRow]) -> list[QuarantinedRow]:
        """Rows that cannot be taken apart, but for totals and footers of fewer cells than the header has."""
        left = []
        for bad in quarantined:
            cells = [cell.strip('" \r\n') for cell in _BETWEEN_CELLS.split(bad.original_record or "")]
            label = next(filter(is_total, cells), "") if bad.reason == "wrong_field_count" and len(cells) > 1 else ""
            if label and bad.row_number is not None:
                said = next((cell for cell in cells if any(map(str.isdigit, cell))), "nothing")
                self.found.append((bad.row_number, label, said))
            elif bad.reason == "wrong_field_count" and bad.row_number is not None and _is_footer_of(cells):
                self.footers.append((bad.row_number, cells[0]))
            else:
                left.append(bad)
        return left

    def _void_lines(self, cells: Cells) -> dict[int, str]:
        """Lines of invoices that nobody asks to pay, as a column of their status says."""
        column = next((name for name in cells.extra if squash(name) in _STATUS), None)
        if column is None or self._invoice not in cells.known:
            return {}
        told = enumerate(cells.extra[column].to_pylist())
        return {at: said for at, said in told if said and said.strip().lower() in _VOID}

    def _below_lines(self, cells: Cells, refused: Mapping[int, str]) -> dict[int, str]:
        """Lines of an invoice that are called a total and stand below other lines of it."""
        invoices, called = cells.known.get(self._invoice), cells.known.get("line_description")
        if invoices is None or called is None:
            return {}
        with_lines, found = set(), {}
        for at, (invoice, text) in enumerate(zip(invoices.to_pylist(), called.to_pylist(), strict=True)):
            if not is_total(text):
                with_lines.add(invoice)
            elif invoice in with_lines and at not in refused:
                found[at] = text
        return found


def _is_footer_of(cells: list[str]) -> bool:
    return bool(cells) and sum(map(bool, cells)) <= MOST_OF_FOOTER and is_footer(cells[0])


def _sum_of(amounts: pa.Array, without: Iterable[int], before: int | None = None) -> Decimal:
    """The sum of a batch's amounts, or of those before a position, without some."""
    taken = amounts if before is None else amounts.slice(0, before)
    left_out = sum((amounts[at].as_py() or 0 for at in without if before is None or at < before), Decimal(0))
    return Decimal(pc.sum(taken).as_py() or 0) - left_out
