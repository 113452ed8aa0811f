"""What a setting is: its name, the variable it comes from, how its text is read, what it is without one.

Put here: that, and the ways to read a text. Keep out: the settings themselves (`ingestion.config`, each source's
`spec`), the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ingestion.vocabulary.currencies import CURRENCY_CODES

PUBLISHED_DATABASE = "costops.duckdb"
"""No schema has its name: DuckDB names a catalogue after its file, and `marts.x` could mean either."""


def words(text: str, none: str = "") -> tuple[str, ...]:
    """The words of a list with commas; `none` alone is an empty one."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    return () if [word.lower() for word in found] == [none] else found


def count_above_zero(text: str) -> int:
    """A whole number from 1 on."""
    if (value := int(text)) < 1:
        raise ValueError(text)
    return value


def number_above_zero(text: str) -> float:
    """A finite number above 0."""
    if not 0 < (value := float(text)) < float("inf"):
        raise ValueError(text)
    return value


READERS: dict[Callable[[str], object], str] = {
    str: "text",
    words: "a list with commas",
    date.fromisoformat: "a date like 2026-01-31",
    int: "a whole number",
    float: "a number",
    count_above_zero: "a whole number from 1 on",
    number_above_zero: "a number above 0",
}
"""How a text is read, and what is expected of it in words."""


@dataclass(frozen=True)
class Setting:
    """One setting; without its variable (an empty one counts as none) it is `default`."""

    name: str
    variable: str
    default: object = None
    read: Callable[[str], object] = str
    is_secret: bool = False
    """Never shown."""

    def value(self, text: str) -> object:
        """The text read; raises a `ValueError` that names the variable and what is expected."""
        try:
            return self.read(text)
        except ValueError:
            raise ValueError(f"{self.variable} cannot be read: {READERS[self.read]} is expected") from None


def secret(name: str, variable: str) -> Setting:
    """A credential: text, never shown, None where it is not set."""
    return Setting(name, variable, is_secret=True)


def choice(name: str, text: str, *allowed: str) -> str:
    """One of a few words; the error names the variable."""
    word = text.strip().lower()
    if word not in allowed:
        raise ValueError(f"{name} is {text!r}: write {' or '.join(allowed)}")
    return word


def currency(name: str, text: str) -> str:
    """The code of a currency; the error names the variable."""
    code = text.strip().upper()
    if code not in CURRENCY_CODES:
        raise ValueError(f"{name} cannot be read: an ISO 4217 code like EUR is expected")
    return code


def host_and_port(name: str, text: str) -> str | None:
    """An address like `127.0.0.1:10000`, None where there is none; the error names the variable."""
    host, _, port = text.strip().rpartition(":")
    if text.strip() and not (host and port.isdigit()):
        raise ValueError(f"{name} is {text!r}: write host:port, as 127.0.0.1:10000")
    return text.strip() or None


def memory(name: str, text: str) -> str | None:
    """An amount of memory as DuckDB takes it, None where there is none; the error names the variable."""
    if text.strip() and not re.fullmatch(r"0*[1-9]\d*(\.\d+)? *([KMGT]i?B)", text.strip(), re.IGNORECASE):
        raise ValueError(f"{name} is {text!r}: write a number and KB, MB, GB, TB, KiB, MiB, GiB or TiB, as 4GB")
    return text.strip() or None


def alarm_days(name: str, text: str) -> float:
    """Days a week, above 0 and at most 7; the error names the variable."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 7:
        raise ValueError(f"{name} is {text!r}: write days a week, above 0 and at most 7, as 1 or 0.5")
    return value


def percent(name: str, text: str) -> Decimal:
    """A percentage of 0 or more, as `20` or `12.5`; the error names the variable."""
    try:
        value = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and 0 <= value <= 1000):
        raise ValueError(f"{name} is {text!r}: write a percentage from 0 to 1000, as 20")
    return value


_TORN_ADDRESS = re.compile(r"(s3a?|gc?s|abfss?|azure?|https?|file|oci|hdfs):", re.IGNORECASE)


def torn_address(name: str, text: str) -> str:
    """What is wrong with a text that begins like an address and is none, in words; empty where it does not."""
    torn = _TORN_ADDRESS.match(text) if "://" not in text else None
    return f"{name} begins with {torn[0]} and is no address: write {torn[0]}// before the bucket" if torn else ""


def folder_or_address(name: str, text: str) -> str | None:
    """A folder by its whole path, or an address (`s3://…`) as it is; None for no text.

    What begins like an address and is none (`s3:/bucket`) is an error that names the variable, not a folder.
    """
    if "://" in text:
        return text
    if said := torn_address(name, text):
        raise ValueError(said)
    return str(Path(text).expanduser().resolve()) if text else None


def rights(text: str) -> int:
    """Rights of folders, as `0700`; the error names the variable."""
    digits = text.strip().removeprefix("0o")
    if not re.fullmatch(r"0?7[0-7]{2}", digits):
        raise ValueError("COSTOPS_HOME_MODE cannot be read: rights like 0700 or 0750 are expected, all for the user")
    return int(digits, 8)


def flag(name: str, text: str) -> bool:
    """Yes or no, as 1 or 0; the error names the variable."""
    word = text.strip().lower()
    if word not in ("", "0", "1", "false", "true", "no", "yes"):
        raise ValueError(f"{name} cannot be read: 1 or 0 is expected")
    return word in ("1", "true", "yes")


def without_credentials(url: str) -> str:
    """An address without what may hold credentials."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    path = path.partition("?")[0]
    return f"{scheme}://{host.rpartition('@')[2] if scheme not in ('abfs', 'abfss') else host}{slash}{path}"
