"""One way to read a value: numbers digit by digit, money rounded once, instants as naive UTC. Every reader ends here.

Put here: single values from their text, refusals at their limits. Keep out: columns (`tabular.values`), names of
fields, notations that one source allows besides.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from ingestion.reading.limits import FIRST_YEAR, LAST_YEAR, MAX_DECIMALS, NUMBER_LIMIT
from ingestion.reading.months import LETTERS, month_of

_STEP = Decimal("1e-12")
_EXACT = Context(prec=120, rounding=ROUND_HALF_EVEN)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_INSTANT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)


class Unusable(ValueError):
    """A value that cannot be used; carries the reason code and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(remedy)
        self.reason = reason
        self.remedy = remedy


@lru_cache(maxsize=10_000)
def exact_decimal(text: str) -> Decimal:
    """The number a text prints, every digit of it; raises `Unusable`."""
    if not _NUMBER.fullmatch(text):
        raise Unusable("invalid_number", "write the number with digits and a point only, as in 1234.5678 or 5.2E-9")
    value = Decimal(text)
    if value.copy_abs() >= NUMBER_LIMIT:
        raise Unusable("out_of_range", "the number has more than 26 digits before the point; correct it")
    if int(value.as_tuple().exponent) < -MAX_DECIMALS:
        raise Unusable("out_of_range", f"the number has more than {MAX_DECIMALS} decimals; round it")
    return value


def plain_text(value: Decimal) -> str:
    """The digits of a number without an exponent, trailing zeros kept: 2.50E-3 is 0.00250."""
    return format(value, "f")


def to_money(value: Decimal) -> Decimal:
    """Half-even to 12 decimals, once."""
    return value.quantize(_STEP, context=_EXACT)


def parse_instant(text: str, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> datetime:
    """A naive UTC instant from ISO 8601 and its usual relatives; without a zone it is UTC already."""
    match = _INSTANT.fullmatch(text) or _INSTANT.fullmatch(_with_named_month(text))
    if not match:
        raise Unusable("invalid_time", "write the time as 2024-09-01T10:00:00Z or 2024-09-01 10:00:00 (UTC)")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]), tzinfo=UTC,
        )  # fmt: skip
        moment -= _offset(zone)
    except (ValueError, OverflowError) as error:
        raise Unusable("invalid_time", f"correct the time ({error})") from error
    if not first_year <= moment.year <= last_year:
        raise Unusable("out_of_range", f"correct the year; {first_year} to {last_year} are accepted")
    return moment.replace(tzinfo=None)


_NAMED_MONTH = re.compile(
    rf"(?:(?P<day>\d{{1,2}})\.?[ -](?:de )?(?P<month>[{LETTERS}]{{3,10}})\.?,?[ -](?:de )?"
    rf"|(?P<before>[{LETTERS}]{{3,10}})\.? (?P<after>\d{{1,2}}),? )(?P<year>\d{{4}}|\d{{2}})\b(?P<rest>.*)"
)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?!\d)(.*)", re.ASCII)


def _with_named_month(text: str) -> str:
    """`5-Jun-26`, `Jun 5, 2026` and `2026/06/05`, which mean one day only, in ISO 8601; any other text as it is."""
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{found[2]}-{found[3]}{found[4]}"
    named = _NAMED_MONTH.fullmatch(text)
    if not named:
        return text
    number = month_of(named["month"] or named["before"])
    if number is None:
        return text
    year = named["year"] if len(named["year"]) == 4 else f"20{named['year']}"
    return f"{year}-{number:02}-{named['day'] or named['after']}{named['rest']}"


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return size if zone[0] == "+" else -size
