"""Companies whose bills differ from their usage in known ways, one account each: ground truth for reconciliation.

Data flow: seed → a month of usage per account → planted leaks (each class alone and in pairs) → `events`, `billing`
(FOCUS and invoices), `org`. Put here: what leaks and what it is worth. Keep out: how files look (`leak_files`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from ingestion.sample_company.ledger import round_pico
from ingestion.sample_company.models import MODEL_NUMBER
from ingestion.sample_company.prices import METERS, PICO_PER_USD, VARIANT_NUMBER, PriceBook

CLASSES = (
    "unpriced_sku",
    "in_cost_not_in_usage",
    "in_usage_not_in_cost",
    "tier_or_context_misrated",
    "cut_off",
    "late_arrival",
    "negotiated_discount",
    "unknown",
    "rounding",
    "credit",
    "tax",
    "fx",
)
"""In the order they are planted: quantities first, then prices, then what stands beside usage, then the invoice."""
MONTH, DAYS = date(2026, 11, 1), 30
CONTRACT_DISCOUNT_PCT = 5
"""Known from negotiated_prices.csv: no leak."""
HIDDEN_PRICE_PER_MYRIAD = (7_001, 9_700)
"""What is left of the price, range from which each account draws: 93.27 % is 9,327."""
INVOICE_RATE_PER_MILLE = 1013
METERS_USED = ("uncached_input", "cache_read", "output")
STANDARD, PRIORITY = VARIANT_NUMBER["standard"], VARIANT_NUMBER["service_tier=priority"]
BATCH = VARIANT_NUMBER["processing=batch"]
_USED = (
    ("gpt-5-2025-08-07", STANDARD, False),
    ("gpt-5-2025-08-07", BATCH, False),
    ("gpt-5-2025-08-07", PRIORITY, False),
    ("gpt-5-mini-2025-08-07", STANDARD, False),
    ("gpt-5.6-luna", STANDARD, False),
    ("gpt-5.6-terra", STANDARD, False),
    ("gpt-5.6-sol", STANDARD, False),
    ("gpt-5.6-sol", STANDARD, True),
)
"""Model, variant, and whether the call is above the model's context step."""
UNPRICED_MODEL, UNPRICED_PICO = "ft:intent-router:v2", {"uncached_input": 3_000_000, "output": 12_000_000}


@dataclass(frozen=True)
class Usage:
    """One call: tokens by meter."""

    day: date
    model: str
    variant: int
    is_over: bool
    tokens: dict[str, int]


@dataclass(frozen=True)
class Line:
    """A line of the bill; `meter` '' for what is no metered usage."""

    day: date
    model: str
    variant: int
    is_over: bool
    meter: str
    quantity: int
    unit_pico: int
    cost_pico: int
    category: str = "Usage"
    description: str = ""


@dataclass
class Account:
    """One scenario: the classes planted in it, its files' contents and what each leak is worth.

    `truth` is picodollars by (stage, day, class); the second stage counts on the first of the month.
    """

    account_id: str
    leaks: tuple[str, ...]
    usage: list[Usage]
    lines: list[Line]
    truth: dict[tuple[str, date, str], int] = field(default_factory=dict)
    invoice: list[tuple[str, int]] = field(default_factory=list)
    """(charge category, US dollars in pico as the invoice states or converts them)."""
    invoice_currency: str = "USD"

    def leaked(self, residual_class: str, day: date, pico: int, stage: str = "metered_to_billed") -> None:
        """Note dollars of a class."""
        key = (stage, day, residual_class)
        self.truth[key] = self.truth.get(key, 0) + pico


LOST_DAY = MONTH + timedelta(days=12)
"""The day one model's log is lost."""


def scenarios() -> list[tuple[str, ...]]:
    """Nothing, each class alone, and all pairs."""
    return [(), *((one,) for one in CLASSES), *combinations(CLASSES, 2)]


def accounts(seed: int, planted: Sequence[tuple[str, ...]] | None = None) -> list[Account]:
    """One account per scenario, the same for the same seed."""
    book = PriceBook(MONTH, DAYS)
    found = []
    for number, leaks in enumerate(scenarios() if planted is None else planted):
        random = np.random.default_rng([seed, number])
        account = _clean_account(f"org-leak-{number:03d}", leaks, book, random)
        for leak in CLASSES:
            if leak in leaks and leak != "fx":
                _PLANT[leak](account, book, random)
        _invoice(account)
        found.append(account)
    return found


def day_of(number: int) -> date:
    """The `number`-th day of the month, from 1."""
    return MONTH + timedelta(days=number - 1)


def days_apart(random: np.random.Generator, count: int) -> set[date]:
    """Some days of the month with at least two days between them, none of the last three."""
    picked = random.choice(range(1, DAYS // 3), size=count, replace=False)
    return {day_of(3 * int(third)) for third in picked}


def contracted(book: PriceBook, model: str, variant: int, is_over: bool, day: date, meter: str) -> int:
    """Picodollars per unit after the known discount."""
    prices = book.above if is_over else book.base
    listed = int(prices[MODEL_NUMBER[model], variant, (day - MONTH).days, METERS.index(meter)])
    if listed < 0:
        raise LookupError(f"{model} has no {meter} price as variant {variant} on {day}")
    return listed * (100 - CONTRACT_DISCOUNT_PCT) // 100


def _clean_account(account_id: str, leaks: tuple[str, ...], book: PriceBook, random: np.random.Generator) -> Account:
    usage, lines = [], []
    for number in range(1, DAYS + 1):
        for model, variant, is_over in _USED:
            tokens = {meter: int(random.integers(20_000, 95_000)) for meter in METERS_USED}
            tokens["uncached_input"] += 300_000 if is_over else 0
            day = day_of(number)
            usage.append(Usage(day, model, variant, is_over, tokens))
            for meter, quantity in tokens.items():
                price = contracted(book, model, variant, is_over, day, meter)
                lines.append(Line(day, model, variant, is_over, meter, quantity, price, quantity * price))
    return Account(account_id, leaks, usage, lines)


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
        if (line.model, line.variant, line.meter) == (*_USED[0][:2], "output") and line.day in days:
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


INVOICE_ONLY_PICO = {"credit": -110 * PICO_PER_USD // 100, "tax": 222 * PICO_PER_USD // 100}


def _invoice(account: Account) -> None:
    """The bill by category; half of credit and tax leaks, and the exchange rate, are on the invoice only."""
    stage = "billed_to_invoiced"
    billed: dict[str, int] = {}
    for line in account.lines:
        billed[line.category] = billed.get(line.category, 0) + line.cost_pico
    due = dict(billed)
    for leak, category in (("credit", "Credit"), ("tax", "Tax")):
        if leak in account.leaks:
            due[category] += INVOICE_ONLY_PICO[leak]
            account.leaked(leak, MONTH, INVOICE_ONLY_PICO[leak], stage)
    if "fx" in account.leaks:
        account.invoice_currency = "EUR"
    for category, pico in due.items():
        asked = pico
        if "fx" in account.leaks:
            asked = pico * INVOICE_RATE_PER_MILLE // 1000
            account.leaked("fx", MONTH, asked - pico, stage)
        rounded = int(round_pico(np.array([asked], dtype=np.int64), 2)[0])
        account.leaked("rounding", MONTH, rounded - asked, stage)
        account.invoice.append((category, rounded))


_PLANT: dict[str, Callable[[Account, PriceBook, np.random.Generator], None]] = {
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
