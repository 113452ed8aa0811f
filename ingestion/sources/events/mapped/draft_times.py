"""What form the times of a column have: ISO 8601, an epoch, or a pattern, and what a person has to decide.

Put here: guesses about times. Keep out: other columns (`drafting`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ingestion.reading.instants import printed_instant

_EPOCHS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}
_PATTERNS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")
_CLOCKS = (" %H:%M:%S", " %H:%M", "", " %I:%M:%S %p", " %I:%M %p", ", %I:%M:%S %p", ", %I:%M %p")
_EITHER_WAY = tuple((f"%d{mark}%m{mark}%Y{rest}", f"%m{mark}%d{mark}%Y{rest}") for mark in "/.-" for rest in _CLOCKS)
_SAYS_TIME = re.compile(r"time|date|stamp|(^|_)(ts|at|created)(_|$)")
Times = tuple[Any, str | None]
"""What the mapping says of a column, and what has to be decided."""


def time_of_column(column: str, given: list[Any]) -> Times | None:
    """The form of the values that a column holds; None where it is none that is known."""
    if all(isinstance(value, datetime) for value in given) or _all(given, _iso):
        if any(getattr(_instant(value), "tzinfo", None) is None for value in given):
            return column, f"{column} has times without a zone: they are read as UTC; set time_zone if not"
        return column, None
    digits = {len(str(value).split(".")[0]) for value in given if re.fullmatch(r"\d+(\.\d+)?", str(value).strip())}
    if len(digits) == 1 and (epoch := _EPOCHS.get(digits.pop())):
        return {"from": column, "format": epoch}, None
    for pattern in _PATTERNS:
        if _all(given, _reader(pattern)):
            return {"from": column, "format": pattern}, None
    for day_first, month_first in _EITHER_WAY:
        fits = [pattern for pattern in (day_first, month_first) if _all(given, _reader(pattern))]
        if len(fits) == 2:
            question = f"{column}: day or month first? Both fit; taken as {day_first}, else write {month_first}"
            return {"from": column, "format": day_first}, question
        if fits:
            return {"from": column, "format": fits[0]}, None
    return None


def shows_time(plain: str, given: list[Any]) -> bool:
    """Whether a column that is not named for a time holds some: texts of them, or an epoch where its name hints."""
    if all(isinstance(each, datetime) for each in given) or _all(given, _iso):
        return True
    return bool(_SAYS_TIME.search(plain)) and time_of_column("", given) is not None


def _iso(text: str) -> datetime | None:
    return printed_instant(text)


def _instant(value: Any) -> Any:
    return value if isinstance(value, datetime) else printed_instant(str(value))


def _reader(pattern: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, pattern)  # noqa: DTZ007 (the mapping names the zone)


def _all(given: list[Any], read: Callable[[str], datetime | None]) -> bool:
    try:
        return all(isinstance(value, str) and read(value.strip()) is not None for value in given)
    except ValueError:
        return False
