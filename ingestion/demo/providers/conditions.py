"""Filters as trees of conditions on charge lines, for Azure and AWS.

Put here: and, or, not, one of. Keep out: how a provider writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ingestion.demo.providers.ledger import Chosen, Dimension, Mask

Test = Callable[[str], bool]


def every(parts: Sequence[Chosen]) -> Chosen:
    """All of them; everything when there are none."""

    def choose(rows: slice) -> Mask:
        mask = np.ones(rows.stop - rows.start, np.bool_)
        for part in parts:
            mask &= part(rows)
        return mask

    return choose


def some(parts: Sequence[Chosen]) -> Chosen:
    """Any of them."""

    def choose(rows: slice) -> Mask:
        mask = np.zeros(rows.stop - rows.start, np.bool_)
        for part in parts:
            mask |= part(rows)
        return mask

    return choose


def negated(part: Chosen) -> Chosen:
    """Not it."""
    return lambda rows: ~part(rows)


def passing(dimensions: Mapping[str, Dimension], name: str, test: Test) -> Chosen:
    """Lines whose value of a dimension passes; a missing value is tested as the empty text."""
    values = dimensions[name].values
    wanted = [value for value in values if test("" if value is None else str(value))]
    return lambda rows: dimensions[name].is_any_of(wanted, rows)
