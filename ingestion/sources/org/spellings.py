"""How people write the words, numbers and dates of an organisation file, where only one meaning is possible.

What could mean two things is left as it is, so that its row is set aside. Put here: spellings. Keep out: limits and
references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestion.raw_schemas import BIGINT, INSTANT, MONEY
from ingestion.reading.tabular.other_dates import as_iso, in_24_hours
from ingestion.reading.tabular.slashed_dates import parse_slashed_instant, slashed_parts
from ingestion.reading.tabular.values import Unusable, decimal_mark, plain_number, ungrouped
from ingestion.sources.org.model import Row
from ingestion.sources.org.org_file import ORG_TABLES
from ingestion.vocabulary.currencies import CURRENCIES_OF_SIGNS, SIGNS_WITH_LETTERS

_WORDS = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "apikey": "api_key",
    "key": "api_key",
    "organization": "global",
    "organisation": "global",
    "company": "global",
    "costcenter": "cost_center",
    "onetime": "one_time",
    "evenly": "even",
    "equal": "even",
    "equally": "even",
    "byweight": "weighted",
    "taxes": "tax",
    "credits": "credit",
    "purchases": "purchase",
    "adjustments": "adjustment",
    "savingsplan": "aws_savings_plan",
    "reserved": "reservation",
    "percent": "fixed_percent",
    "percentage": "fixed_percent",
    "permonth": "month",
    "mo": "month",
    "permo": "month",
    "perday": "day",
    "perweek": "week",
    "perquarter": "quarter",
    "peryear": "year",
    "perannum": "year",
    "all": "global",
    "everything": "global",
    "overall": "global",
    "vendor": "provider",
    "subscription": "account",
    "awsaccount": "account",
    "billingaccount": "account",
    "subaccount": "account",
    "linkedaccount": "account",
    "usageaccount": "account",
    "accountid": "account",
    "projectid": "project",
    "workspaceid": "workspace",
    "label": "tag",
}
"""Other words for the choices of a column, used where the column has that choice and not the word itself."""


def word(text: str) -> str:
    """A header or choice in lower case with underscores: `Cost Centre ID` is `cost_center_id`."""
    said = text.strip().lower().replace("%", " pct ").replace("centre", "center").replace("behaviour", "behavior")
    return re.sub(r"[\s\-]+", "_", said.strip())


def choice(text: str, allowed: Sequence[str]) -> str | None:
    """The choice that a text means; None where it is none of them."""
    said = word(text)
    for meant in (said, _WORDS.get(said), _WORDS.get(said.replace("_", ""))):
        if meant in allowed:
            return meant
    return None


@dataclass(frozen=True)
class FileSpelling:
    """What a file itself proves of its numbers and dates."""

    decimal_mark: str | None = None
    """`,` or `.`; None where no number proves it."""
    day_first: bool | None = None
    """Order of day and month in dates with slashes; None where no date proves it."""

    has_last_days: bool = False
    """Whether its ends are the last days, not the days after them; the first of a month ends the month before."""

    def number(self, row: Row, column: str, text: str) -> str:
        """The number in digits and a point; what cannot be read in one way as it is. Rejects a row whose amount has the
        sign of a currency that is not its own."""
        currency = _currency(row, column)
        text = _without_code(text.strip(), currency)
        signs = [sign for sign in CURRENCIES_OF_SIGNS if sign in text]
        if signs and currency not in CURRENCIES_OF_SIGNS[signs[0]]:
            wanted = f"{currency}; write the amount in it without a sign"
            row.reject(column, "currency_sign", f"{text!r} has another sign than {wanted}, or correct the currency")
        bare = text.strip()
        if column.endswith("pct") or column == "percent":
            bare = bare.removesuffix("%").rstrip()
        if self.decimal_mark == ",":
            bare = bare.replace(".", "").replace(",", ".")
        elif self.decimal_mark == ".":
            bare = ungrouped(bare)
        return plain_number(bare)

    def date(self, text: str) -> str:
        """A date in ISO 8601: slashes as the file proves, others where they mean one day (`31.12.2026`)."""
        text = in_24_hours(text.strip())
        if slashed_parts(text) is None or (self.day_first is None and "/" in text):
            return as_iso(text)
        try:
            return parse_slashed_instant(text, self.day_first).isoformat()
        except Unusable:
            return text


def spelling_of(name: str, rows: Iterable[Row]) -> FileSpelling:
    """What the cells of a file prove together. A decimal mark: a number can be read in no other way (`10,5`,
    `1.250,50`) and none can only have the other. An order: a date has a number above 12 in one place and none has one
    in the other."""
    kinds = ORG_TABLES[name]
    marks, firsts, seconds = set(), [0], [0]
    for row in rows:
        for column, text in row.cells.items():
            kind = kinds.get(column, kinds.get(f"{column}_utc"))
            if not text:
                continue
            if kind in (MONEY, BIGINT):
                marks.add(decimal_mark(text))
            elif kind == INSTANT and (parts := slashed_parts(text.strip())):
                firsts.append(parts[0])
                seconds.append(parts[1])
    orders = (max(firsts) > 12, max(seconds) > 12)
    marks -= {None}
    return FileSpelling(marks.pop() if len(marks) == 1 else None, orders[0] if sum(orders) == 1 else None)


def _without_code(text: str, currency: str) -> str:
    """An amount without the code of its row's currency, or a sign of letters that is it (`1000 EUR`, `R$ 10`)."""
    for said in (currency, *(sign for sign, codes in SIGNS_WITH_LETTERS.items() if currency in codes)):
        bare = text.removeprefix(said) if text.startswith(said) else text.removesuffix(said)
        if said and bare != text and any(map(str.isdigit, bare)):
            return bare.strip()
    return text


def _currency(row: Row, column: str) -> str:
    return "USD" if "usd" in column.split("_") else (row.cells.get("currency") or "USD").strip().upper()
