"""Plants one class of leak in an account and notes what it is worth by day.

Put here: what each class does to usage and bill. Keep out: the invoice, which classes meet (`leaks`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from ingestion.demo.company.leak_accounts import (
    DAYS,
    MONTH,
    PRIORITY,
    STANDARD,
    USED,
    Account,
    Line,
    Usage,
    contracted,
    day_of,
)
from ingestion.demo.company.ledger import round_pico
from ingestion.demo.company.prices import PICO_PER_USD, PriceBook

HIDDEN_PRICE_PER_MYRIAD = (7_001, 9_700)
"""What is left of the price, range from which each account draws: 93.27 % is 9,327."""
UNPRICED_MODEL, UNPRICED_PICO = "ft:intent-router:v2", {"uncached_input": 3_000_000, "output": 12_000_000}
LOST_DAY = MONTH + timedelta(days=12)
"""The day one model's log is lost."""


def days_apart(random: np.random.Generator, count: int) -> set[date]:
    """Some days of the month with at least two days between them, none of the last three."""
    picked = random.choice(range(1, DAYS // 3), size=count, replace=False)
    return {day_of(3 * int(third)) for third in picked}


def _unpriced_sku(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    for number in range(3, 10):
        tokens = {meter: int(random.integers(20_000, 95_000)) for meter in UNPRICED_PICO}
        account.usage.append(Usage(day_of(number), UNPRICED_MODEL, STANDARD, False, tokens))
        for meter, quantity in tokens.items():
            price = UNPRICED_PICO[meter]
            line = Line(day_of(number), UNPRICED_MODEL, STANDARD, False, meter, quantity, price, quantity * price)
            account.lines.append(line)
            account.leaked("unpriced_sku", line.day, line.cost_pico)


def _in_cost_not_in_usage(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    for day in sorted(days_apart(random, 3)):
        cost = int(random.integers(1, 9)) * PICO_PER_USD // 10
        account.lines.append(Line(day, "", 0, False, "", 1, cost, cost, description="Code execution hours"))
        account.leaked("in_cost_not_in_usage", day, cost)
    lost = (LOST_DAY, "gpt-5-mini-2025-08-07")
    account.usage = [call for call in account.usage if (call.day, call.model) != lost]
    for line in account.lines:
        if (line.day, line.model) == lost:
            account.leaked("in_cost_not_in_usage", line.day, line.cost_pico)


def _in_usage_not_in_cost(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    days = days_apart(random, 2)

    def is_missing(line: Line) -> bool:
        blocked = line.model == "gpt-5.6-luna" and line.day in days
        return blocked or (line.variant == PRIORITY and line.day == day_of(23))

    for line in filter(is_missing, account.lines):
        account.leaked("in_usage_not_in_cost", line.day, -line.cost_pico)
    account.lines = [line for line in account.lines if not is_missing(line)]


def _tier_or_context_misrated(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    for place, line in enumerate(account.lines):
        if line.model == "gpt-5.6-terra" and day_of(8) <= line.day <= day_of(10):
            is_over = line.day == day_of(10)
            price = contracted(book, line.model, STANDARD if is_over else PRIORITY, is_over, line.day, line.meter)
            account.lines[place] = replace(line, unit_pico=price, cost_pico=line.quantity * price)
            account.leaked("tier_or_context_misrated", line.day, line.quantity * (price - line.unit_pico))


def _cut_off(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    days = days_apart(random, 3)
    for place, line in enumerate(account.lines):
        if line.model == "gpt-5.6-sol" and line.day in days:
            late = line.quantity * int(random.integers(10, 60)) // 100
            kept = line.quantity - late
            after = replace(line, day=line.day + timedelta(days=1), quantity=late, cost_pico=late * line.unit_pico)
            account.lines[place] = replace(line, quantity=kept, cost_pico=kept * line.unit_pico)
            account.lines.append(after)
            account.leaked("cut_off", line.day, -after.cost_pico)
            account.leaked("cut_off", after.day, after.cost_pico)


def _late_arrival(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    for line in account.lines:
        if line.day >= day_of(DAYS - 1):
            account.leaked("late_arrival", line.day, -line.cost_pico)
    account.lines = [line for line in account.lines if line.day < day_of(DAYS - 1)]


def _negotiated_discount(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    left = int(random.integers(*HIDDEN_PRICE_PER_MYRIAD))
    for place, line in enumerate(account.lines):
        if line.meter:
            cost = line.cost_pico * left // 10_000
            account.lines[place] = replace(line, cost_pico=cost)
            # Of a model without a price nobody can say what it would have cost.
            hidden = "unpriced_sku" if line.model == UNPRICED_MODEL else "negotiated_discount"
            account.leaked(hidden, line.day, cost - line.cost_pico)


def _unknown(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    days = days_apart(random, 4)
    for place, line in enumerate(account.lines):
        if (line.model, line.variant, line.meter) == (*USED[0][:2], "output") and line.day in days:
            more = line.cost_pico * int(random.integers(2_000, 9_000)) // 10_000
            account.lines[place] = replace(line, cost_pico=line.cost_pico + more)
            account.leaked("unknown", line.day, more)


def _rounding(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    costs = round_pico(np.array([line.cost_pico for line in account.lines], dtype=np.int64), 6)
    for place, (line, cost) in enumerate(zip(account.lines, costs.tolist(), strict=True)):
        account.lines[place] = replace(line, cost_pico=cost)
        account.leaked("rounding", line.day, cost - line.cost_pico)


def _credit(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    pico = -321 * PICO_PER_USD // 100
    account.lines.append(Line(day_of(15), "", 0, False, "", 1, pico, pico, "Credit", "Promotional credit"))
    account.leaked("credit", day_of(15), pico)


def _tax(account: Account, book: PriceBook, random: np.random.Generator) -> None:
    pico = 444 * PICO_PER_USD // 100
    account.lines.append(Line(day_of(27), "", 0, False, "", 1, pico, pico, "Tax", "Sales tax"))
    account.leaked("tax", day_of(27), pico)


PLANT: dict[str, Callable[[Account, PriceBook, np.random.Generator], None]] = {
    "unpriced_sku": _unpriced_sku,
    "in_cost_not_in_usage": _in_cost_not_in_usage,
    "in_usage_not_in_cost": _in_usage_not_in_cost,
    "tier_or_context_misrated": _tier_or_context_misrated,
    "cut_off": _cut_off,
    "late_arrival": _late_arrival,
    "negotiated_discount": _negotiated_discount,
    "unknown": _unknown,
    "rounding": _rounding,
    "credit": _credit,
    "tax": _tax,
}
