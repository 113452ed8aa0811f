"""Money at the border of ml: exact decimals outside, floats inside.

Put here: the two conversions. Keep out: rounding to cents, currencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

USD_QUANTUM = Decimal("0.000000000001")
_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)


def to_decimal(value: object) -> Decimal | None:
    """One amount as a decimal of 12 places, half-even; None for missing or not finite."""
    if value is None or type(value).__name__ == "NAType":  # of pandas, which is not imported for this
        return None
    amount = value if isinstance(value, Decimal) else Decimal(repr(float(value)))  # type: ignore[arg-type]
    return amount.quantize(USD_QUANTUM, context=_CONTEXT) if amount.is_finite() else None


def to_decimals(values: Iterable[object]) -> list[Decimal | None]:
    """Amounts as decimals of 12 places, half-even; None for missing."""
    return [to_decimal(value) for value in values]


def to_floats(values: pd.Series) -> pd.Series:
    """Decimals, integers or floats as float64; missing stays NaN."""
    import pandas as pd

    return pd.Series([float("nan") if pd.isna(v) else float(v) for v in values], index=values.index, dtype="float64")
