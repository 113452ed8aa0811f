"""Names of months as bills and spreadsheets print them, in the languages of bills.

Put here: which month a word is. Keep out: dates.
"""

from __future__ import annotations

from functools import lru_cache

LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
"""Of names of months, for a class of a regular expression."""
_FEWEST_LETTERS = 3
_NAMES = [
    tuple(each.split())
    for each in (
        "january januar jänner janvier enero gennaio janeiro januari",
        "february februar feber février fevrier febrero febbraio fevereiro februari",
        "march märz maerz mrz mars marzo março marco maart mrt",
        "april avril abril aprile",
        "may mai mayo maggio maio mei",
        "june juni juin junio giugno junho",
        "july juli juillet julio luglio julho",
        "august août aout agosto augustus",
        "september sept septembre septiembre settembre setembro",
        "october oktober octobre octubre ottobre outubro",
        "november novembre noviembre novembro",
        "december dezember décembre decembre diciembre dicembre dezembro",
    )
]


@lru_cache(maxsize=1_000)
def month_of(word: str) -> int | None:
    """The number of the month that a word names, whole or by its first letters; None where that is none or several."""
    said = word.lower().rstrip(".")
    if len(said) < _FEWEST_LETTERS:
        return None
    found = [number for number, names in enumerate(_NAMES, start=1) if any(name.startswith(said) for name in names)]
    return found[0] if len(found) == 1 else None
