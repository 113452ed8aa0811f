"""What a metric computes, as a small closed set of forms, so that every tool can be told in its own language.

Put here: the forms, reading them from dbt's definitions. Keep out: any tool's language, the manifest (`model`).

A definition of another form is refused with its words: a tool that is told something near it would show another figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_NAME = r"[a-z_][a-z0-9_]*"
_CASE = re.compile(rf"case when (?P<conditions>.+) then (?P<amount>{_NAME}) end")
_UNPRICED = re.compile(rf"coalesce\((?P<column>{_NAME}), 0\) = 0")
_KNOWN = re.compile(rf"(?P<column>{_NAME}) is not null")
_FILTER = re.compile(r"\{\{ (?:Dimension|Entity)\('(?P<name>[a-z0-9_]+)'\) \}\}(?: = '(?P<value>[a-z0-9_]+)')?")
_DIFFERENCE = re.compile(rf"(?P<first>{_NAME}) - (?P<second>{_NAME})")
_PER_MILLION = re.compile(rf"(?P<first>{_NAME}) \* 1000000\.0 / nullif\((?P<second>{_NAME}), 0\)")


class UnknownFormError(ValueError):
    """A definition is written in a form that has no translation."""


@dataclass(frozen=True)
class Condition:
    """What must hold for a row to count: a column is known, true, zero or unknown, or equals a word."""

    column: str
    test: str
    value: str = ""


@dataclass(frozen=True)
class Total:
    """A sum of columns (unknown where one of them is) or a count, over the rows for which all conditions hold.

    A sum of no column counts the rows, and is unknown where there is none.
    """

    aggregation: str
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """One metric / another × a factor; unknown where either is, or the other is zero."""

    first: str
    second: str
    factor: int = 1


@dataclass(frozen=True)
class Difference:
    """One metric − another; unknown where either is."""

    first: str
    second: str


@dataclass(frozen=True)
class ToDate:
    """A metric summed from the begin of a month or year."""

    total: Total
    grain: str


@dataclass(frozen=True)
class Change:
    """A metric − itself so long before."""

    metric: str
    count: int
    grain: str


Formula = Total | Ratio | Difference | ToDate | Change


def read_total(aggregation: str, expression: str) -> Total:
    """A measure of a semantic model.

    Raises:
        UnknownFormError: with the expression.
    """
    if aggregation not in ("sum", "count"):
        raise UnknownFormError(f"aggregation {aggregation!r} has no translation")
    text = " ".join(expression.split())
    if text == "1":
        return Total(aggregation, ())
    if found := _CASE.fullmatch(text):
        conditions = tuple(_condition(part) for part in found["conditions"].split(" and "))
        return Total(aggregation, (found["amount"],), conditions)
    columns = tuple(text.split(" + "))
    if all(re.fullmatch(_NAME, column) for column in columns):
        return Total(aggregation, columns)
    raise UnknownFormError(f"expression {text!r} has no translation")


def _condition(text: str) -> Condition:
    if found := _UNPRICED.fullmatch(text):
        return Condition(found["column"], "zero_or_unknown")
    if found := _KNOWN.fullmatch(text):
        return Condition(found["column"], "known")
    if re.fullmatch(_NAME, text):
        return Condition(text, "true")
    raise UnknownFormError(f"condition {text!r} has no translation")


def read_filter(template: str) -> Condition:
    """The filter of a metric; its column is still the name that dbt gives it (`entity__dimension`, or an entity).

    Raises:
        UnknownFormError: with the filter.
    """
    found = _FILTER.fullmatch(" ".join(template.split()))
    if not found:
        raise UnknownFormError(f"filter {template!r} has no translation")
    return Condition(found["name"], "equals" if found["value"] else "true", found["value"] or "")


def filtered(total: Total, condition: Condition) -> Total:
    """The same over the rows for which the condition holds as well."""
    return replace(total, conditions=(*total.conditions, condition))


def read_derived(expression: str) -> Ratio | Difference:
    """The expression of a derived metric over others.

    Raises:
        UnknownFormError: with the expression.
    """
    text = " ".join(expression.split())
    if found := _DIFFERENCE.fullmatch(text):
        return Difference(found["first"], found["second"])
    if found := _PER_MILLION.fullmatch(text):
        return Ratio(found["first"], found["second"], 1_000_000)
    raise UnknownFormError(f"expression {text!r} has no translation")


def columns_of(total: Total) -> set[str]:
    """Columns that it reads."""
    return {*total.columns, *(condition.column for condition in total.conditions)}
