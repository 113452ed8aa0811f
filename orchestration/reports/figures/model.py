"""What a figure is.

Put here: its parts. Keep out: figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.presenting.formats import Unit


@dataclass(frozen=True)
class Shown:
    """A column: what it is called and counts. `is_additive`: its sum over all rows means something."""

    label: str
    unit: Unit
    is_additive: bool = False
    is_known_by_row: bool = False
    """Whether a row without a value has a cost that is not known, rather than none."""
    is_optional: bool = False
    """Whether a row may have none of it, such as a budget."""


@dataclass(frozen=True)
class Figure:
    """A statement whose columns are `columns`, in their order."""

    name: str
    question: str
    sql: str
    columns: Mapping[str, Shown]
    empty: str = "There is nothing to show for this period."


def text(label: str) -> Shown:
    """Names and words."""
    return Shown(label, Unit.TEXT)


def usd(label: str = "Spend", *, is_known_by_row: bool = False) -> Shown:
    """Dollars that add up."""
    return Shown(label, Unit.USD, is_additive=True, is_known_by_row=is_known_by_row)


def change(label: str = "Change") -> Shown:
    """Dollars with their sign, that add up."""
    return Shown(label, Unit.USD_CHANGE, is_additive=True)


def count(label: str) -> Shown:
    """Things that add up."""
    return Shown(label, Unit.COUNT, is_additive=True)


def share(label: str = "Share") -> Shown:
    """A part of one; shares of all add up to one."""
    return Shown(label, Unit.RATIO, is_additive=True)
