"""What a person should know of a bill whose rows all landed: amounts without a currency, FOCUS cells left empty.

Put here: looking at typed rows. Keep out: refusing rows (`charges`), deliveries.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.counting import counted
from ingestion.landing.notes import Note
from ingestion.sources.billing.contradictions import Contradictions

CURRENCY_OF: dict[str, tuple[str, str, str | None]] = {
    "focus": ("billing_currency", "billed_cost", None),
    "aws_cur": ("line_item_currency_code", "line_item_unblended_cost", None),
    "azure": ("billing_currency", "cost_in_billing_currency", "cost_in_usd"),
    "oci": ("currency_code", "my_cost", None),
    "openai": ("currency", "amount", None),
    "invoices": ("currency", "amount", "amount_usd"),
}
"""By format: the currency, the amount that is in it, and the same amount in dollars where the format has that."""
TAGS = {"focus": '"Tags": "', "azure": '"Tags": "', "aws_cur": '"resource_tags": "'}
"""By format: how tags that could not be read begin in `extra_columns`."""
ACCOUNTS = {
    "focus": ("billing_account_id", "sub_account_id"),
    "aws_cur": ("bill_payer_account_id", "line_item_usage_account_id"),
}
"""By format: the accounts that are numbers, which spreadsheets round (`1.23457E+11`)."""
ROUNDED_ID = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"
FOCUS_MANDATORY = {
    "billing_account_id": "BillingAccountId",
    "billing_period_start_utc": "BillingPeriodStart",
    "charge_period_start_utc": "ChargePeriodStart",
    "charge_category": "ChargeCategory",
    "service_category": "ServiceCategory",
    "service_name": "ServiceName",
}
"""What every version of FOCUS demands and our rows need; a row that lacks it lands and is completed by rule."""


class BillNotes:
    """Gathers over the batches of one file."""

    def __init__(
        self, billing_format: str, *, is_date_order_assumed: bool = False, read_as: Iterable[str] = ()
    ) -> None:
        self.format = billing_format
        self.read_as = tuple(read_as)
        self.is_date_order_assumed = is_date_order_assumed
        self.without_currency = 0
        self.amount = Decimal(0)
        self.first_row: int | None = None
        self.contradictions = Contradictions()
        self.rounded: tuple[int, int | None, str] = (0, None, "")
        self.unread_tags: tuple[int, int | None] = (0, None)
        self.empty: dict[str, tuple[int, int | None]] = {}

    def look(self, table: pa.Table | None) -> None:
        """Look at the good rows of a batch."""
        if table is None or not table.num_rows:
            return
        self._look_for_currencies(table)
        self._look_for_tags(table)
        self._look_for_rounded_accounts(table)
        if self.format == "azure":
            self.contradictions.look(table)
        if self.format == "focus":
            for column, name in FOCUS_MANDATORY.items():
                count, first = _empty(table, column)
                if count:
                    before = self.empty.get(name, (0, first))
                    self.empty[name] = (before[0] + count, before[1])

    def _look_for_currencies(self, table: pa.Table) -> None:
        currency, amount, dollars = CURRENCY_OF.get(self.format, ("", "", None))
        if amount not in table.column_names:
            return
        lacking = pc.and_(_is_empty(table, currency), pc.not_equal(pc.fill_null(table[amount], 0), 0))
        if dollars is not None:
            lacking = pc.and_(lacking, _is_empty(table, dollars))
        rows = table.filter(lacking)
        if rows.num_rows:
            self.without_currency += rows.num_rows
            self.amount += pc.sum(rows[amount]).as_py() or 0
            self.first_row = self.first_row or rows["_source_row"][0].as_py()

    def _look_for_tags(self, table: pa.Table) -> None:
        """Tags that are no keys and values moved to `extra_columns`, under the name of their column."""
        if self.format not in TAGS or "extra_columns" not in table.column_names:
            return
        told = pc.match_substring(table["extra_columns"], TAGS[self.format])
        rows = pc.indices_nonzero(pc.fill_null(told, fill_value=False))
        if len(rows):
            count, first = self.unread_tags
            self.unread_tags = (count + len(rows), first or table["_source_row"][rows[0].as_py()].as_py())

    def _look_for_rounded_accounts(self, table: pa.Table) -> None:
        for column in ACCOUNTS.get(self.format, ()):
            if column not in table.column_names:
                continue
            is_rounded = pc.match_substring_regex(table[column], ROUNDED_ID)
            rows = table.filter(pc.fill_null(is_rounded, fill_value=False))
            if rows.num_rows:
                count, first, shown = self.rounded
                first = first or rows["_source_row"][0].as_py()
                self.rounded = (count + rows.num_rows, first, shown or f"{column} {rows[column][0].as_py()}")

    def notes(self) -> list[Note]:
        """What was found in the whole file."""
        found = []
        count, first, shown = self.rounded
        if count:
            said = counted(count, "row names", "rows name")
            message = f"{said} an account by a rounded number ({shown}), whose last digits are lost"
            found.append(Note("account_rounded", message, row=first, count=count))
        count, first = self.unread_tags
        if count:
            said = counted(count, "row has", "rows have")
            message = f"{said} tags that are no keys and values in a form that is read, and belong to nobody by them"
            found.append(Note("tags_unread", message, row=first, count=count))
        if self.without_currency:
            said = counted(self.without_currency, "row has", "rows have")
            message = f"{said} an amount and no currency: the cost in dollars is unknown"
            found.append(
                Note("currency_missing", message, row=self.first_row, count=self.without_currency, amount=self.amount)
            )
        found += self.contradictions.notes()
        if self.is_date_order_assumed:
            message = "no date says whether its month or its day comes first; they are read month first"
            found.append(Note("date_order_assumed", message))
        found += [Note("other", message) for message in self.read_as]
        for name, (count, first) in self.empty.items():
            message = f"{counted(count, 'row leaves', 'rows leave')} {name} empty, which FOCUS demands; "
            message += "it is filled by rule or marked unknown"
            found.append(Note("mandatory_empty", message, row=first, count=count))
        return found


def _is_empty(table: pa.Table, column: str) -> pa.ChunkedArray:
    if column not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(True), table.num_rows)])
    values = table[column]
    missing = pc.is_null(values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        missing = pc.or_(missing, pc.equal(pc.fill_null(pc.utf8_trim_whitespace(values), ""), ""))
    return missing


def _empty(table: pa.Table, column: str) -> tuple[int, int | None]:
    positions = pc.indices_nonzero(_is_empty(table, column))
    return len(positions), table["_source_row"][positions[0].as_py()].as_py() if len(positions) else None
