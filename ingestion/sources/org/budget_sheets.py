"""Budgets as spreadsheets have them: the scope as a column of its kind (`Team`, `Cost Center`), the amount as `Budget`,
no ids.

Each is read where it has one meaning. Put here: which columns they are, the ids that stand in. Keep out: periods as
columns (`periods`), what a budget must satisfy (`budgets`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestion.reading.months import month_of
from ingestion.reading.tabular.total_names import is_total
from ingestion.sources.org.spellings import choice, word

_SCOPES = ("team", "project", "user", "model", "feature", "cost_center", "provider")
_AMOUNTS = ("budget", "budget_amount", "budgeted", "planned", "plan", "limit", "spend_limit")
_OF_PERIODS = {"monthly": "month", "quarterly": "quarter", "annual": "year", "yearly": "year", "weekly": "week"}
_FISCAL = re.compile(r"(?:[QH][1-4][ -]?)?F\.?Y\.?[ '-]?\d{2,4}.*|\d{4}/\d{2}|fiscal.*", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}", re.ASCII)
FISCAL = (
    "is a fiscal year or a part of one, and nothing says when it begins: write period custom with valid_from and "
    "valid_to (the day after its last), or months as 2026-04"
)


@dataclass(frozen=True)
class BudgetSheet:
    """What a table of budgets says in columns of its own, by place."""

    scopes: Mapping[int, str]
    """Columns that name a scope by its kind; one of them stands for scope_type and scope_id."""
    amount: int | None
    amount_column: str
    period: str | None
    """The period of the amount, where its header says it (`Monthly budget`)."""
    lacks: frozenset[str]
    """Columns of `budgets.csv` that it stands in for."""

    @property
    def tells(self) -> set[str]:
        """The columns of `budgets.csv` that it has in its own way."""
        return {*self.lacks} | ({self.amount_column} if self.amount is not None else set())

    @property
    def places(self) -> set[int]:
        """The columns that are used."""
        return {*self.scopes} | ({self.amount} if self.amount is not None else set())

    def fill(self, row: dict[str, str | None], cells: Mapping[int, str | None]) -> None:
        """Give a row what it lacks."""
        if "scope_type" in self.lacks:
            [(place, kind)] = self.scopes.items()
            row["scope_type"], row["scope_id"] = (None if is_total(cells[place]) else kind, cells[place])
        if self.amount is not None:
            row[self.amount_column] = cells[self.amount]
        if self.period and "period" in self.lacks:
            row["period"] = self.period

    def name(self, row: dict[str, str | None]) -> None:
        """An id for a row that has none: whose budget of what period it is."""
        if "budget_id" in self.lacks and row.get("scope_type"):
            kind, scope, period = (row.get(column) or "" for column in ("scope_type", "scope_id", "period"))
            row["budget_id"] = ":".join(part for part in (word(kind), scope, word(period)) if part)


def budget_sheet(others: Mapping[int, str], places: Mapping[str, int], *, has_periods: bool) -> BudgetSheet:
    """What the columns of a table mean that are not those of `budgets.csv`."""
    words = {place: word(header) for place, header in others.items()}
    scopes = {place: kind for place, said in words.items() if (kind := _scope(said))}
    if "scope_type" in places or len(scopes) != 1:
        scopes = {}
    amount, column, period = None, "amount", None
    if not has_periods and "amount" not in places and "amount_usd" not in places:
        found = {place: meant for place, said in words.items() if (meant := _amount(said))}
        if len(found) == 1:
            [(amount, (column, period))] = found.items()
    lacks = [*(["scope_type"] if scopes else []), *(["period"] if period and "period" not in places else [])]
    if "budget_id" not in places and (scopes or "scope_type" in places):
        lacks.append("budget_id")
    return BudgetSheet(scopes, amount, column, period, frozenset(lacks))


def is_scope(header: str) -> bool:
    """Whether a header names a scope by its kind."""
    return _scope(word(header)) is not None


def is_fiscal(text: str | None) -> bool:
    """Whether a text names a fiscal year or a part of one."""
    return bool(text and _FISCAL.fullmatch(text.strip()))


def without_a_year(headers: Iterable[str]) -> str:
    """What to say of columns that look like months and do not say which: fiscal years, months without a year, days."""
    found = [name for name in headers if month_of(name.strip()) or _DAY.fullmatch(name.strip()) or is_fiscal(name)]
    return f". {', '.join(map(repr, found))}: write months with their year, as 2026-01" if found else ""


def _scope(said: str) -> str | None:
    for kind in _SCOPES:
        if said in (kind, f"{kind}_id", f"{kind}_name") or (choice(said, (kind,)) and not said.endswith("_type")):
            return kind
    return None


def _amount(said: str) -> tuple[str, str | None] | None:
    """The column that a header of amounts is, and the period that it says."""
    currency = "amount"
    for ending in ("_usd", "_(usd)", "_($)", "_in_usd"):
        if said.endswith(ending):
            said, currency = said.removesuffix(ending), "amount_usd"
    first, _, rest = said.partition("_")
    if first in _OF_PERIODS and rest in _AMOUNTS:
        return currency, _OF_PERIODS[first]
    return (currency, None) if said in _AMOUNTS else None
