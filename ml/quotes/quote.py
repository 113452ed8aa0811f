"""The cost of one request, meter by meter, with the price row of each.

Put here: choosing rows and multiplying, exactly. Keep out: ranking, projection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ml.quotes.prices import Customer, ListPrice, MeterKinds, NegotiatedPrice, best_offer


@dataclass(frozen=True)
class QuoteLine:
    """One used meter. Prices are USD per unit, costs USD; None is unknown, never 0."""

    meter: str
    quantity: int
    billed_quantity: int
    list_price: Decimal | None
    list_cost: Decimal | None
    contracted_price: Decimal | None
    contracted_cost: Decimal | None
    row: ListPrice | None
    offer: NegotiatedPrice | None
    is_charged: bool


@dataclass(frozen=True)
class Quote:
    """A request priced. `list_cost` and `contracted_cost` are None as soon as one used meter has no price."""

    lines: tuple[QuoteLine, ...]
    total_input_tokens: int
    list_cost: Decimal | None
    contracted_cost: Decimal | None

    @property
    def unpriced_meters(self) -> list[str]:
        """Used meters whose contracted price is unknown."""
        return [line.meter for line in self.lines if line.contracted_cost is None]


def quote_usage(
    prices: Sequence[ListPrice],
    quantities: Mapping[str, int],
    *,
    at: datetime,
    price_variant: str | None,
    kinds: MeterKinds,
    offers: Iterable[NegotiatedPrice] = (),
    customer: Customer | None = None,
) -> Quote:
    """Price one request at an instant (naive UTC).

    `prices`: the rows of one model, all variants and dates. `quantities`: disjoint units per meter. `price_variant`
    None means that the list has no price for the wanted variant: then only a negotiated price per million counts.
    Offers count only for a `customer`. The request itself is a line where it is charged.
    """
    used = {meter: quantity for meter, quantity in quantities.items() if quantity}
    is_counted = kinds.request in used
    used.setdefault(kinds.request, 1)
    total = sum(quantity for meter, quantity in used.items() if meter in kinds.input_token)
    rows = {p.meter: p for p in prices if p.price_variant == price_variant and p.applies(at, total)}
    offers = list(offers) if customer else []
    priced_by_token = any(meter in kinds.token for meter in rows)
    lines = []
    for meter, quantity in used.items():
        row = rows.get(meter)
        is_token = meter in kinds.token
        found = [o for o in offers if customer and o.covers(customer, meter, is_token, price_variant, at)]
        line = _line(meter, quantity, row, best_offer(found), kinds, priced_by_token)
        if line.is_charged or is_counted or meter != kinds.request:
            lines.append(line)
    return Quote(
        tuple(lines), total, _total(line.list_cost for line in lines), _total(line.contracted_cost for line in lines)
    )


def _line(
    meter: str, quantity: int, row: ListPrice | None, offer: NegotiatedPrice | None, kinds: MeterKinds, by_token: bool
) -> QuoteLine:
    listed = row.usd_per_unit if row else None
    own = offer.price(listed) if offer else listed
    is_free = meter in kinds.free_without_price or (by_token and meter in kinds.free_beside_tokens)
    if listed is None and own is None and is_free:
        return QuoteLine(meter, quantity, quantity, Decimal(0), Decimal(0), Decimal(0), Decimal(0), None, None, False)
    billed = max(quantity, row.minimum_quantity or 0) if row else quantity
    return QuoteLine(
        meter=meter,
        quantity=quantity,
        billed_quantity=billed,
        list_price=listed,
        list_cost=None if listed is None else billed * listed,
        contracted_price=own,
        contracted_cost=None if own is None else billed * own,
        row=row,
        offer=offer if own is not None else None,
        is_charged=True,
    )


def _total(costs: Iterable[Decimal | None]) -> Decimal | None:
    known = list(costs)
    return None if any(cost is None for cost in known) else sum((c for c in known if c is not None), Decimal(0))
