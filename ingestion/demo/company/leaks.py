"""Companies whose bills differ from their usage in known ways, one account each: ground truth for reconciliation.

Data flow: seed → a month of usage per account → planted leaks (each class alone and in pairs) → `events`, `billing`
(FOCUS and invoices), `org`. Put here: scenarios, clean accounts, the invoice. Keep out: what one class does
(`leak_planting`), how files look (`leak_files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ingestion.demo.company.leak_accounts import DAYS, MONTH, USED, Account, Line, Usage, contracted, day_of
from ingestion.demo.company.leak_planting import PLANT
from ingestion.demo.company.ledger import round_pico
from ingestion.demo.company.prices import PICO_PER_USD, PriceBook

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
INVOICE_RATE_PER_MILLE = 1013
METERS_USED = ("uncached_input", "cache_read", "output")
INVOICE_ONLY_PICO = {"credit": -110 * PICO_PER_USD // 100, "tax": 222 * PICO_PER_USD // 100}


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
                PLANT[leak](account, book, random)
        _invoice(account)
        found.append(account)
    return found


def _clean_account(account_id: str, leaks: tuple[str, ...], book: PriceBook, random: np.random.Generator) -> Account:
    usage, lines = [], []
    for number in range(1, DAYS + 1):
        for model, variant, is_over in USED:
            tokens = {meter: int(random.integers(20_000, 95_000)) for meter in METERS_USED}
            tokens["uncached_input"] += 300_000 if is_over else 0
            day = day_of(number)
            usage.append(Usage(day, model, variant, is_over, tokens))
            for meter, quantity in tokens.items():
                price = contracted(book, model, variant, is_over, day, meter)
                lines.append(Line(day, model, variant, is_over, meter, quantity, price, quantity * price))
    return Account(account_id, leaks, usage, lines)


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
