"""What a strategy of optimisation is.

Put here: the interface. Keep out: strategies (`strategies`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ml.contracts import columns_of

if TYPE_CHECKING:
    from datetime import date, datetime

    import pandas as pd

    from ml.optimization.params import OptimizationParams

_TABLE = re.compile(r"(?<!distinct )\b(?:from|join)\s+([a-z_]+\.[a-z_0-9]+)", re.IGNORECASE)


def tables_of(query: str) -> list[str]:
    """The tables that a query reads, as `schema.table`."""
    return [str(table) for table in _TABLE.findall(query)]


class Recommend(Protocol):
    """Frames and parameters in, rows of `recommendations` out: no clock, no reading, no writing."""

    def __call__(
        self, inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
    ) -> pd.DataFrame: ...


Lacking = Callable[["Mapping[str, pd.DataFrame]"], str | None]
"""From what a strategy is given, why it is skipped; None where nothing is lacking."""


@dataclass(frozen=True)
class Strategy:
    """A way to spend less. `STRATEGY` of each module in `ml/optimization/strategies/` is one.

    Its rows of `recommendations` bear its name, and no other strategy's run touches them.
    """

    name: str
    version: str
    inputs: Mapping[str, str]
    """What it is given, by name: queries on the warehouse, where `$as_of` is the day of the run."""
    recommend: Recommend
    lacking: Lacking | None = None
    """Says, from the inputs, what is not known that it needs; then it is skipped with this reason and never guesses."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables of its inputs, as `schema.table`."""
        return tuple(sorted({table for query in self.inputs.values() for table in tables_of(query)}))

    def checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame, when it is one of this strategy's.

        Raises:
            ValueError: a column is missing, or a row bears another strategy's name.
        """
        if missing := sorted(set(columns_of("recommendations")) - set(frame.columns)):
            raise ValueError(f"columns are missing: {', '.join(missing)}")
        if strange := sorted(set(frame["strategy"]) - {self.name}):
            raise ValueError(f"rows are of another strategy: {', '.join(map(str, strange))}")
        return frame
