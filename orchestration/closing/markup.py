"""A mark-up on a statement: what is charged internally beyond what it cost.

It is a term of the charge, not a cost: no mart and no record of a closed month has it, so what is charged in all
still equals what was spent there. Put here: adding it to a statement that is shown or exported. Keep out: overhead
that somebody bears and somebody recovers, which is a rule of allocation.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from orchestration.closing.statement import CENTER_COLUMNS, Statement

MARKUP = "mark-up"
CENT = Decimal("0.01")
UNOWNED = "unallocated"
MARKUP_COLUMNS = (*CENTER_COLUMNS, "markup_pct", "markup_usd", "charged_usd")
"""Of a cost center: the percentage, the amount in cents, and with it what is charged."""


def marked_up(statement: Statement, percent: Decimal) -> Statement:
    """The statement with `percent` of each cost center's amount on top, as a line of type `mark-up` of its own.

    What nobody owns is charged to nobody and bears none; an amount that is not known has none.
    """
    lines, centers = list(statement.lines), []
    for center in statement.cost_centers:
        amount = center["statement_amount_usd"]
        owned = amount is not None and center["cost_center_id"] != UNOWNED
        markup = (amount * percent / 100).quantize(CENT, ROUND_HALF_EVEN) if owned else None
        charged = amount if markup is None else amount + markup
        rate = percent if owned else None
        centers.append({**center, "markup_pct": rate, "markup_usd": markup, "charged_usd": charged})
        if markup:
            lines.append(
                dict.fromkeys(statement.lines[0])
                | {
                    "line_number": len(lines) + 1,
                    "cost_center_id": center["cost_center_id"],
                    "category": MARKUP,
                    "line_type": MARKUP,
                    "charge_period_date": statement.period,
                    "statement_amount_usd": markup,
                    "amount_usd": markup,
                    "unknown_cost_item_count": 0,
                }
            )
    return replace(statement, lines=lines, cost_centers=centers)
