"""What recommendations bring together: each after those before it, so that no dollar is promised twice.

Put here: the order, what is left for each. Keep out: what is recommended.

Rule: what touches a whole slice of money makes each part of it cheaper alike. What touches a part took, in the worst
case, all it saved from the very part that the next one touches. What turns the same lever, such as two other models,
can be done once: what the one covers is no longer there for the other. So of no slice more is promised than it costs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
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


@dataclass
class _Left:
    """What is left of a slice: of each part `ratio`, less what parts lost by lever; and what levers cover."""

    whole: Decimal
    ratio: Decimal = Decimal(1)
    lost: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    covered: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def take(self, lever: str, part: Decimal, saving: Decimal) -> Decimal:
        """What a saving on a part brings now."""
        elsewhere = sum((lost for other, lost in self.lost.items() if other != lever), Decimal(0))
        left = max((part - self.covered[lever]) * self.ratio - elsewhere, Decimal(0))
        brought = _floor(saving * min(left, part) / part)
        money = self.whole * self.ratio - sum(self.lost.values(), Decimal(0))
        self.covered[lever] = min(self.covered[lever] + part, self.whole)
        if part == self.whole and money > 0:
            kept = 1 - brought / money
            self.ratio *= kept
            for other in self.lost:
                self.lost[other] *= kept
        else:
            self.lost[lever] += brought
        return brought


def incremental(ordered: Sequence[tuple[str, Sequence[Slice]]]) -> list[Decimal]:
    """What each brings after those before it: lever and slices in, dollars out."""
    left: dict[str, _Left] = {}
    for _, slices in ordered:
        for each in slices:
            known = left.setdefault(each.slice_id, _Left(each.cost_usd))
            known.whole = max(known.whole, each.cost_usd)
    result = []
    for lever, slices in ordered:
        total = Decimal(0)
        for each in slices:
            saving = min(max(each.saving_usd, Decimal(0)), each.cost_usd)
            if each.cost_usd > 0 and saving > 0:
                total += left[each.slice_id].take(lever, each.cost_usd, saving)
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
    return amount.quantize(Decimal("0.000000000001"), rounding=ROUND_FLOOR)
