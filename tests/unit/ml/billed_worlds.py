"""Bills made from known prices: quantities as they vary in practice, amounts rounded as providers print them.

Put here: the generator. Keep out: anything of `ml.implied_prices`, whose answers are compared with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd

FIRST_DAY = date(2026, 6, 1)
LIST_PER_MILLION = [
    Decimal(text) for text in "0.05 0.1 0.15 0.25 0.3 0.6 0.8 1 1.1 1.25 2 2.5 3 4 5 8 10 15 25 75".split()
]
ROUND_CUTS_PCT = [Decimal(text) for text in "5 8 10 12 15 20 25 30 33 40".split()]
PRINTED = {"cents": 2, "micros": 6, "anthropic": 8, "aws": 10, "openai": 12}
BUNDLE = ("uncached_input", "cache_read", "output")
MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Planted:
    """What is true of one SKU. Prices are per meter, USD per unit; `changed_on` is None without a change."""

    sku_id: str
    kind: str
    changed_on: date | None
    billed_price: dict[str, Decimal]
    contracted: bool


def make_world(
    seed: int, *, unchanged: int = 200, changes: int = 30, discounts: int = 10, collinear: int = 6, days: int = 90
) -> tuple[pd.DataFrame, list[Planted]]:
    """Billed quantities in the columns of `ml.implied_prices`, and the truth behind them; the same for a seed."""
    rng = np.random.default_rng(seed)
    kinds = ["unchanged"] * unchanged + ["change"] * changes + ["discount"] * discounts + ["collinear"] * collinear
    rows: list[dict[str, object]] = []
    planted = []
    for number, kind in enumerate(kinds):
        truth, lines = _sku(rng, f"sku-{number:03d}", kind, days)
        planted.append(truth)
        rows.extend(lines)
    return pd.DataFrame(rows), planted


def _sku(rng: np.random.Generator, sku_id: str, kind: str, days: int) -> tuple[Planted, list[dict[str, object]]]:
    source = str(rng.choice(list(PRINTED)))
    is_bundle = kind == "collinear" or rng.random() < 0.25
    meters = BUNDLE if is_bundle else (str(rng.choice(["uncached_input", "cache_read", "output"])),)
    listed = {meter: Decimal(str(rng.choice(LIST_PER_MILLION))) / MILLION for meter in meters}
    has_contract = rng.random() < 0.3
    off = Decimal(str(rng.choice([3, 5, 8, 10, 15]))) if has_contract else Decimal(0)
    list_changes_on = (
        int(rng.integers(days // 4, days * 3 // 4)) if kind == "unchanged" and rng.random() < 0.2 else None
    )
    changed = int(rng.integers(10, days - 10)) if kind == "change" else 0 if kind == "discount" else None
    hidden = _hidden(rng, kind, {m: p * (100 - off) / 100 for m, p in listed.items()})
    volumes = _volumes(rng, meters, listed, PRINTED[source], days, kind == "collinear")
    quantum = Decimal(1).scaleb(-PRINTED[source])
    rows: list[dict[str, object]] = []
    for day in range(days):
        factor = Decimal("0.8") if list_changes_on is not None and day >= list_changes_on else Decimal(1)
        agreed = {meter: price * factor * (100 - off) / 100 for meter, price in listed.items()}
        billed = hidden if changed is not None and day >= changed else agreed
        for account in range(volumes.shape[1]):
            quantities = dict(zip(meters, volumes[day, account], strict=True))
            if not any(quantities.values()):
                continue
            exact = sum((int(q) * billed[meter] for meter, q in quantities.items()), Decimal(0))
            cost = exact.quantize(quantum, rounding=ROUND_HALF_EVEN)
            rows += [
                {
                    "provider_id": f"{source}-like",
                    "charge_source": source,
                    "billing_account_id": "account",
                    "sku_id": sku_id,
                    "model_id": f"model of {sku_id}",
                    "usage_date": FIRST_DAY + timedelta(days=day),
                    "billed_line_id": f"{sku_id} {day} project {account}",
                    "meter": meter,
                    "price_variant": "standard",
                    "context_tier": "base",
                    "quantity": Decimal(int(q)),
                    "quantity_source": "bill",
                    "billed_cost_usd": cost,
                    "charge_count": 1,
                    "list_price_usd_per_unit": listed[meter] * factor,
                    "contracted_price_usd_per_unit": agreed[meter],
                }
                for meter, q in quantities.items()
            ]
    changed_on = FIRST_DAY + timedelta(days=changed) if kind == "change" and changed is not None else None
    price = hidden if changed is not None else agreed
    return Planted(sku_id, kind, changed_on, price, has_contract), rows


def _hidden(rng: np.random.Generator, kind: str, agreed: dict[str, Decimal]) -> dict[str, Decimal]:
    """A price nobody announced: a round cut of everything, or for a change also another price of few digits."""
    cut = Decimal(str(rng.choice(ROUND_CUTS_PCT)))
    if kind != "change" or rng.random() < 0.5:
        return {meter: price * (100 - cut) / 100 for meter, price in agreed.items()}
    moved = str(rng.choice(sorted(agreed)))
    while True:
        per_million = Decimal(f"{float(agreed[moved] * MILLION) * float(rng.uniform(0.5, 1.8)):.2g}")
        if abs(per_million / MILLION / agreed[moved] - 1) > Decimal("0.02"):
            return agreed | {moved: per_million / MILLION}


def _volumes(
    rng: np.random.Generator, meters: tuple[str, ...], listed: dict[str, Decimal], decimals: int, days: int, tied: bool
) -> np.ndarray:
    """Units per day × project × meter: a weekly rhythm, days of lognormal size, a mix that moves (unless tied)."""
    daily_usd = float(np.exp(rng.uniform(np.log(200.0), np.log(5000.0)) if decimals == 2 else rng.uniform(-2.5, 6.0)))
    accounts = int(rng.integers(1, 4))
    weekday = 1 - 0.5 * (np.arange(days) % 7 >= 5)
    size = weekday[:, None] * rng.lognormal(0, 0.4, (days, accounts)) * rng.uniform(0.5, 1.5, accounts)
    mix = np.ones((days, accounts, len(meters))) if tied else rng.lognormal(0, 0.35, (days, accounts, len(meters)))
    share = np.array([daily_usd / len(meters) / float(listed[meter]) for meter in meters])
    if tied:
        ratio = np.maximum(1, np.round(share / share.min())).astype(np.int64)
        return np.floor(size[:, :, None] * share.min()).astype(np.int64) * ratio
    return np.floor(size[:, :, None] * mix * share).astype(np.int64)
