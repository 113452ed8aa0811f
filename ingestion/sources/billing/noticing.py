"""What a person should know of a bill whose rows all landed: amounts without a currency, FOCUS cells left empty.

Put here: looking at typed rows. Keep out: refusing rows (`charges`), deliveries.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.counting import counted
from ingestion.landing.notes import Note
from ingestion.reading.tabular.values import ROUNDED_ID
from ingestion.sources.billing.contradictions import Contradictions

CURRENCY_OF: dict[str, tuple[str, str, str | None]] = {
    "focus": ("billing_currency", "billed_cost", None),
    "aws_cur": ("line_item_currency_code", "line_item_unblended_cost", None),
    "azure": ("billing_currency", "cost_in_billing_currency", "cost_in_usd"),
    "oci": ("currency_code", "my_cost", None),
    "openai": ("currency", "amount", None),
    "invoices": ("currency", "amount", "amount_usd"),
    "gcp": ("currency", "cost", None),
}
"""By format: the currency, the amount that is in it, and the same amount in dollars where the format has that."""
TAGS = {"focus": '"Tags": "', "azure": '"Tags": "', "aws_cur": '"resource_tags": "'}
"""By format: how tags that could not be read begin in `extra_columns`."""
ACCOUNTS = {
    "focus": ("billing_account_id", "sub_account_id"),
    "aws_cur": ("bill_payer_account_id", "line_item_usage_account_id"),
}
"""By format: the accounts that are numbers, which spreadsheets round (`1.23457E+11`)."""
CREDIT_NOTES = r"^\W*(credit|gutschrift|avoir|nota de cr|vendor credit|refund|storno)"
"""How the category or type of an invoice's line begins that gives money back."""
FOCUS_MANDATORY = {
    "billing_account_id": "BillingAccountId",
    "billing_period_start_utc": "BillingPeriodStart",
    "charge_period_start_utc": "ChargePeriodStart",
    "charge_category": "ChargeCategory",
    "service_category": "ServiceCategory",
    "service_name": "ServiceName",
}
"""What every version of FOCUS demands and our rows need; a row that lacks it lands and is completed by rule."""


TOTALS_SHOWN = 5
FOOTER_SHOWN = 60


@dataclass
class _Seen:
    """How many rows, the first of them, and what it shows."""

    count: int = 0
    first_row: int | None = None
    shown: str = ""

    def add(self, rows: pa.Table, shown: str = "") -> None:
        if rows.num_rows:
            self.count += rows.num_rows
            self.first_row = self.first_row or rows["_source_row"][0].as_py()
            self.shown = self.shown or shown


class BillNotes:
    """Gathers over the batches of one file."""

    def __init__(
        self, billing_format: str, *, is_date_order_assumed: bool = False, read_as: Iterable[str] = ()
    ) -> None:
        self.format = billing_format
        self.read_as = tuple(read_as)
        self.is_date_order_assumed = is_date_order_assumed
        self.without_currency = _Seen()
        self.amount = Decimal(0)
        self.contradictions = Contradictions()
        self.rounded = _Seen()
        self.unread_tags = _Seen()
        self.raising = _Seen()
        self.unread: dict[str, _Seen] = defaultdict(_Seen)
        self.empty: dict[str, _Seen] = defaultdict(_Seen)

    def look(self, table: pa.Table | None, unread: Iterable[str] = ()) -> None:
        """Look at the good rows of a batch. `unread` are the headers of which some cell was left out."""
        if table is None or not table.num_rows:
            return
        for header in unread:
            kept = json.dumps(header, ensure_ascii=False) + ': "'
            told = pc.fill_null(pc.match_substring(table["extra_columns"], kept), fill_value=False)
            if pc.any(told).as_py():
                rows = table.filter(told)
                shown = json.loads(rows["extra_columns"][0].as_py())[header]
                self.unread[header].add(rows, shown)
        self._look_for_currencies(table)
        self._look_for_tags(table)
        self._look_for_rounded_accounts(table)
        self._look_for_credits(table)
        if self.format == "azure":
            self.contradictions.look(table)
        if self.format == "focus":
            for column, name in FOCUS_MANDATORY.items():
                self.empty[name].add(table.filter(_is_empty(table, column)))

    def _look_for_currencies(self, table: pa.Table) -> None:
        currency, amount, dollars = CURRENCY_OF.get(self.format, ("", "", None))
        if amount not in table.column_names:
            return
        lacking = pc.and_(_is_empty(table, currency), pc.not_equal(pc.fill_null(table[amount], 0), 0))
        if dollars is not None:
            lacking = pc.and_(lacking, _is_empty(table, dollars))
        rows = table.filter(lacking)
        self.without_currency.add(rows)
        self.amount += pc.sum(rows[amount]).as_py() or 0

    def _look_for_tags(self, table: pa.Table) -> None:
        """Tags that are no keys and values moved to `extra_columns`, under the name of their column."""
        if self.format not in TAGS or "extra_columns" not in table.column_names:
            return
        told = pc.match_substring(table["extra_columns"], TAGS[self.format])
        self.unread_tags.add(table.filter(pc.fill_null(told, fill_value=False)))

    def _look_for_rounded_accounts(self, table: pa.Table) -> None:
        for column in ACCOUNTS.get(self.format, ()):
            if column not in table.column_names:
                continue
            is_rounded = pc.match_substring_regex(table[column], ROUNDED_ID)
            rows = table.filter(pc.fill_null(is_rounded, fill_value=False))
            if rows.num_rows:
                self.rounded.add(rows, f"{column} {rows[column][0].as_py()}")

    def _look_for_credits(self, table: pa.Table) -> None:
        """Credit notes whose amounts are above zero, which raise what is to be paid."""
        if self.format != "invoices" or "charge_category" not in table.column_names:
            return
        is_credit = pc.match_substring_regex(table["charge_category"], CREDIT_NOTES, ignore_case=True)
        is_above = pc.greater(table["amount"], 0)
        rows = table.filter(pc.fill_null(pc.and_(is_credit, is_above), fill_value=False))
        if rows.num_rows:
            self.raising.add(rows, f"{rows['invoice_id'][0].as_py()}: {rows['amount_text'][0].as_py()}")

    def notes(self) -> list[Note]:
        """What was found in the whole file."""
        found = []
        if count := self.rounded.count:
            said = counted(count, "row names", "rows name")
            message = f"{said} an account by a rounded number ({self.rounded.shown}), whose last digits are lost"
            found.append(Note("account_rounded", message, row=self.rounded.first_row, count=count))
        if count := self.raising.count:
            said = counted(count, "credit is", "credits are")
            message = f"{said} above zero, and so raise what is asked ({self.raising.shown})"
            found.append(Note("credit_unsigned", message, row=self.raising.first_row, count=count))
        if count := self.unread_tags.count:
            said = counted(count, "row has", "rows have")
            message = f"{said} tags that are no keys and values in a form that is read, and belong to nobody by them"
            found.append(Note("tags_unread", message, row=self.unread_tags.first_row, count=count))
        if count := self.without_currency.count:
            said = counted(count, "row has", "rows have")
            message = f"{said} an amount and no currency: the cost in dollars is unknown"
            first = self.without_currency.first_row
            found.append(Note("currency_missing", message, row=first, count=count, amount=self.amount))
        for header, seen in self.unread.items():
            said = counted(seen.count, "row has", "rows have")
            message = f"{said} a {header} that cannot be read, such as {seen.shown!r}; the charge counts without it"
            found.append(Note("cell_unread", message, row=seen.first_row, count=seen.count))
        found += self.contradictions.notes()
        if self.is_date_order_assumed:
            message = "no date says whether its month or its day comes first; they are read month first"
            found.append(Note("date_order_assumed", message))
        found += [Note("other", message) for message in self.read_as]
        for name, seen in self.empty.items():
            if seen.count:
                message = f"{counted(seen.count, 'row leaves', 'rows leave')} {name} empty, which FOCUS demands; "
                message += "it is filled by rule or marked unknown"
                found.append(Note("mandatory_empty", message, row=seen.first_row, count=seen.count))
        return found


def total_notes(totals: Sequence[tuple[int, str, str]]) -> list[Note]:
    """What is said of rows that sum up others: their numbers, what they are called and say."""
    if not totals:
        return []
    shown = ", ".join(f"row {number} ({label!r}: {amount})" for number, label, amount in totals[:TOTALS_SHOWN])
    more = f" and {len(totals) - TOTALS_SHOWN} more" if len(totals) > TOTALS_SHOWN else ""
    verb = "is a total" if len(totals) == 1 else "are totals"
    message = f"{shown}{more} {verb} of other rows and no charge"
    return [Note("total_line", message, row=totals[0][0], count=len(totals))]


def void_notes(lines: Sequence[tuple[int, str, str]]) -> list[Note]:
    """What is said of lines of invoices that were taken back."""
    if not lines:
        return []
    shown = ", ".join(f"row {number} ({status!r}: {amount})" for number, status, amount in lines[:TOTALS_SHOWN])
    more = f" and {len(lines) - TOTALS_SHOWN} more" if len(lines) > TOTALS_SHOWN else ""
    count = counted(len(lines), "line is", "lines are")
    return [Note("void_line", f"{count} of no invoice to be paid: {shown}{more}", row=lines[0][0], count=len(lines))]


def footer_notes(footers: Sequence[tuple[int, str]]) -> list[Note]:
    """What is said of lines below a table that tell how it was made."""
    if not footers:
        return []
    shown = ", ".join(f"row {number} ({text[:FOOTER_SHOWN]!r})" for number, text in footers[:TOTALS_SHOWN])
    more = f" and {len(footers) - TOTALS_SHOWN} more" if len(footers) > TOTALS_SHOWN else ""
    verb = "is a line below the charges" if len(footers) == 1 else "are lines below the charges"
    return [Note("other", f"{shown}{more} {verb} and none itself", row=footers[0][0], count=len(footers))]


def _is_empty(table: pa.Table, column: str) -> pa.ChunkedArray:
    if column not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(True), table.num_rows)])
    values = table[column]
    missing = pc.is_null(values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        missing = pc.or_(missing, pc.equal(pc.fill_null(pc.utf8_trim_whitespace(values), ""), ""))
    return missing
