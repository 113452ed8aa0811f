"""What a leaking company is made of: calls, bill lines and accounts, the month they lie in, the prices agreed.

Put here: shapes and constants that leaks and their files share. Keep out: what leaks (`leak_planting`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from ingestion.demo.company.models import MODEL_NUMBER
from ingestion.demo.company.prices import METERS, VARIANT_NUMBER, PriceBook

MONTH, DAYS = date(2026, 11, 1), 30
CONTRACT_DISCOUNT_PCT = 5
"""Known from negotiated_prices.csv: no leak."""

STANDARD, PRIORITY = VARIANT_NUMBER["standard"], VARIANT_NUMBER["service_tier=priority"]
BATCH = VARIANT_NUMBER["processing=batch"]
USED = (
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


def day_of(number: int) -> date:
    """The `number`-th day of the month, from 1."""
    return MONTH + timedelta(days=number - 1)


def contracted(book: PriceBook, model: str, variant: int, is_over: bool, day: date, meter: str) -> int:
    """Picodollars per unit after the known discount."""
    prices = book.above if is_over else book.base
    listed = int(prices[MODEL_NUMBER[model], variant, (day - MONTH).days, METERS.index(meter)])
    if listed < 0:
        raise LookupError(f"{model} has no {meter} price as variant {variant} on {day}")
    return listed * (100 - CONTRACT_DISCOUNT_PCT) // 100
