"""Invoices of one vendor that ask the same amount for the same period under other numbers: said, as one may be a copy.

Both count, as nothing says that they are one: two seats or two workspaces are invoiced so too. Put here: finding them.
Keep out: one number in several files (`precedence`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ingestion.landing.notes import Note
from ingestion.sources.billing.deliveries import Delivery

FORMAT_NAME = "invoices"
SHOWN = 4


def alike_invoices(deliveries: Iterable[Delivery]) -> list[Note]:
    """A note for each vendor, period and amount that several numbers ask, over what still counts."""
    found: dict[tuple[str, str, str, Decimal, int], dict[str, tuple[str, str]]] = defaultdict(dict)
    for delivery in deliveries:
        if delivery.source_format != FORMAT_NAME:
            continue
        for scope, days in delivery.live.items():
            coverage = delivery.coverage[scope]
            if days and coverage.amount > 0:
                folded = coverage.folded
                key = (folded["account"], folded["period"], folded["currency"], coverage.amount, coverage.rows)
                found[key].setdefault(folded["parent"], (coverage.parts["parent"], delivery.files[0].path))
    return [_note(key, list(numbers.values())) for key, numbers in sorted(found.items()) if len(numbers) > 1]


def _note(key: tuple[str, str, str, Decimal, int], numbers: list[tuple[str, str]]) -> Note:
    vendor, period, currency, amount, _ = key
    told = [f"{number} ({path})" for number, path in numbers]
    shown = ", ".join(told[:SHOWN]) + (f" and {len(told) - SHOWN} more" if len(told) > SHOWN else "")
    money = f"{amount.normalize():f} {currency.upper()}"
    message = f"{shown} of {vendor} each ask {money} for the period from {period}; all count"
    return Note("invoice_alike", message, numbers[-1][1], count=len(numbers), amount=amount, currency=currency.upper())
