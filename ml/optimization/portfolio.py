"""What recommendations bring together: each after those before it, so that no dollar is promised twice.

Put here: the order, what is left for each. Keep out: what is recommended.

Rule: of a slice of money the recommendations before took something away; in the worst case all of it from the very part
that the next one touches. What turns the same lever on it, such as two other models, can be done once: what the one
covers is no longer there for the other. So the sums hold for every slice and every part of it: what recommendations
bring one after the other never exceeds what it costs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.money import to_decimal
from ml.optimization.advice import Slice

if TYPE_CHECKING:
    import pandas as pd

OPEN = ("proposed", "accepted", "open")
"""States in which a saving is still to come."""


def in_order(recommendations: pd.DataFrame) -> pd.DataFrame:
    """The same rows with `portfolio_order` and `incremental_saving_usd`: best score first.

    Rows of other states than `OPEN` have neither. A row without slices is money of its own.
    """
    found = recommendations.copy()
    status = [each if isinstance(each, str) else "proposed" for each in found["status"]]
    scores = [float(each) if each == each and each is not None else 0.0 for each in found["score"]]
    ids = [str(each) for each in found["recommendation_id"]]
    ranked = sorted((i for i in range(len(found)) if status[i] in OPEN), key=lambda i: (-scores[i], ids[i]))
    brought = incremental([(str(found["lever"].iloc[i]), slices_of(found.iloc[i])) for i in ranked])
    order: list[int | None] = [None] * len(found)
    amounts: list[Decimal | None] = [None] * len(found)
    for place, (index, amount) in enumerate(zip(ranked, brought, strict=True), start=1):
        order[index], amounts[index] = place, amount
    import pandas as pd

    found["portfolio_order"] = pd.array(order, dtype="Int64")
    found["incremental_saving_usd"] = pd.Series(amounts, index=found.index, dtype="object")
    return found


def incremental(ordered: Sequence[tuple[str, Sequence[Slice]]]) -> list[Decimal]:
    """What each brings after those before it: lever and slices in, dollars out."""
    taken: dict[str, Decimal] = defaultdict(Decimal)
    covered: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    result = []
    for lever, slices in ordered:
        total = Decimal(0)
        for each in slices:
            part, saving = each.cost_usd, min(max(each.saving_usd, Decimal(0)), each.cost_usd)
            if part <= 0 or saving <= 0:
                continue
            left = max(part - taken[each.slice_id] - covered[each.slice_id, lever], Decimal(0))
            brought = _floor(saving * left / part)
            total += brought
            taken[each.slice_id] += brought
            covered[each.slice_id, lever] += part - brought
        result.append(to_decimal(total) or Decimal(0))
    return result


def slices_of(row: pd.Series | Mapping[str, Any]) -> list[Slice]:
    """The slices of a row of `recommendations`."""
    text = row["slices"]
    if isinstance(text, str):
        return [Slice(name, Decimal(cost), Decimal(saving)) for name, cost, saving in json.loads(text)]
    saving = to_decimal(row["saving_usd"]) if row["saving_usd"] == row["saving_usd"] else None
    cost = to_decimal(row["current_cost_usd"]) if row["current_cost_usd"] == row["current_cost_usd"] else None
    amount = saving or Decimal(0)
    return [Slice(str(row["recommendation_id"]), max(cost or amount, amount), amount)]


def _floor(amount: Decimal) -> Decimal:
    """Rounded down to the last decimal of money, so that sums stay below."""
    from decimal import ROUND_FLOOR

    return amount.quantize(Decimal("0.000000000001"), rounding=ROUND_FLOOR)
