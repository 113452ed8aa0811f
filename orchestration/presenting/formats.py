"""Figures as people read them, the same in pages, documents, workbooks and sentences.

A figure that is not known reads `unknown`, never 0; one that is smaller than what can be shown reads `<$0.01`.

Put here: units and how each is written, for words, Vega and Excel. Keep out: whole tables, colours.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from orchestration.text.terminal import stripped

UNKNOWN = "unknown"
ROUNDS_UP_TO_ONE = Decimal("0.9995")


class Unit(StrEnum):
    """What a figure counts."""

    USD = "usd"
    USD_CHANGE = "usd_change"
    """With its sign."""
    USD_FINE = "usd_fine"
    """Small amounts, of one request or one token, with four digits that say something."""
    COUNT = "count"
    DECIMAL = "decimal"
    PERCENT = "percent"
    """80 is 80 %."""
    RATIO = "ratio"
    """0.8 is 80 %."""
    PERCENT_CHANGE = "percent_change"
    """With its sign; 8 is +8 %."""
    DATE = "date"
    MONTH = "month"
    INSTANT = "instant"
    TEXT = "text"

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right of its column."""
        return self not in (Unit.DATE, Unit.MONTH, Unit.INSTANT, Unit.TEXT)

    @property
    def excel(self) -> str:
        """The number format of a workbook's cell."""
        return _EXCEL.get(self, "General")

    @property
    def vega(self) -> str:
        """The format of an axis or a label, in d3's language."""
        return _VEGA.get(self, "")


_EXCEL = {
    Unit.USD: '"$"#,##0.00;-"$"#,##0.00',
    Unit.USD_CHANGE: '+"$"#,##0.00;-"$"#,##0.00;"$"0.00',
    Unit.USD_FINE: '"$"0.000000',
    Unit.COUNT: "#,##0",
    Unit.DECIMAL: "#,##0.00",
    Unit.PERCENT: '0.0"%"',
    Unit.RATIO: "0.0%",
    Unit.PERCENT_CHANGE: '+0.0"%";-0.0"%";0.0"%"',
    Unit.DATE: "yyyy-mm-dd",
    Unit.MONTH: "mmm yyyy",
    Unit.INSTANT: "yyyy-mm-dd hh:mm",
    Unit.TEXT: "@",
}
_VEGA = {
    Unit.USD: "$,.2f",
    Unit.USD_CHANGE: "+$,.2f",
    Unit.USD_FINE: "$.4~g",
    Unit.COUNT: ",d",
    Unit.DECIMAL: ",.2f",
    Unit.PERCENT: ".1f",
    Unit.RATIO: ".1%",
    Unit.PERCENT_CHANGE: "+.1f",
    Unit.DATE: "%d %b",
    Unit.MONTH: "%b %Y",
}
_SHORT = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


def shown(value: Any, unit: Unit, *, is_short: bool = False) -> str:
    """One figure in words; `is_short` writes 1,234,567 as 1.23M. Text loses characters that steer."""
    if value is None:
        return UNKNOWN
    if unit is Unit.TEXT:
        return stripped(str(value))
    if isinstance(value, date):
        return _day(value, unit)
    return _number(value if isinstance(value, Decimal) else Decimal(str(value)), unit, is_short=is_short)


def _day(value: date, unit: Unit) -> str:
    if unit is Unit.MONTH:
        return f"{value:%b %Y}"
    if isinstance(value, datetime) and unit is Unit.INSTANT:
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return f"{value:%Y-%m-%d}"


def _number(value: Decimal, unit: Unit, *, is_short: bool) -> str:
    if not value.is_finite():
        return UNKNOWN
    sign = "-" if value < 0 else ("+" if unit in (Unit.USD_CHANGE, Unit.PERCENT_CHANGE) and value > 0 else "")
    size = abs(value)
    match unit:
        case Unit.USD | Unit.USD_CHANGE:
            return _dollars(sign, size, is_short=is_short)
        case Unit.USD_FINE:
            return f"{sign}${_rounded(size, 2):,}" if size >= 10 else f"{sign}${_significant(size)}"
        case Unit.PERCENT | Unit.PERCENT_CHANGE:
            return _percent(sign, size)
        case Unit.RATIO:
            return _percent(sign, size * 100)
        case Unit.COUNT:
            return sign + (_shortened(size) if is_short and size >= 1000 else f"{_rounded(size, 0):,}")
        case _:
            return sign + (_shortened(size) if is_short and size >= 1000 else f"{_rounded(size, 2):,}")


def _dollars(sign: str, size: Decimal, *, is_short: bool) -> str:
    if 0 < size < Decimal("0.005"):
        return f"{sign.replace('+', '')}<$0.01"
    if is_short and size >= 100_000:
        return f"{sign}${_shortened(size)}"
    return f"{sign}${_rounded(size, 2):,}"


def _percent(sign: str, size: Decimal) -> str:
    rounded = _rounded(size, 1)
    if size and not rounded:
        return f"{sign.replace('+', '')}<0.1%"
    return f"{sign}{rounded:,}%"


def _shortened(size: Decimal) -> str:
    for factor, letter in _SHORT:
        if size / factor >= ROUNDS_UP_TO_ONE:
            return f"{_significant(max(size / factor, Decimal(1)), 3)}{letter}"
    return f"{_rounded(size, 0):,}"


def _significant(size: Decimal, digits: int = 4) -> str:
    """At least two decimals below 10, at most `digits` digits that say something."""
    if not size:
        return "0.00" if digits > 3 else "0"
    decimals = max(0, digits - 1 - size.adjusted())
    text = f"{_rounded(size, decimals):,f}"
    if digits > 3 and decimals > 2:  # money keeps its cents
        whole, _, part = text.partition(".")
        text = f"{whole}.{part.rstrip('0').ljust(2, '0')}"
    return text


def _rounded(size: Decimal, decimals: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
