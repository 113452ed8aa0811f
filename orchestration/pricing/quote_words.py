"""Words of a quote: amounts, price rows, offers, notes.

Put here: one value to its text. Keep out: tables.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console

from ml.quotes import ListPrice, NegotiatedPrice, Quote, QuoteLine
from orchestration.pricing.price_book import PricedModel
from orchestration.text.figures import plain
from orchestration.text.terminal import plain as printable

_NULL = "[yellow]NULL[/]"
_OPEN = 2**63 - 1


def source_words(found: PricedModel) -> str:
    version = next((price.price_source_version for price in found.offer.prices), "")
    origin = "published by the last run" if found.is_published else "installed list"
    return f"list prices: {origin}, genai-prices {version}"


def offers_used(quote: Quote) -> list[str]:
    return list(dict.fromkeys(offer_words(line.offer) for line in quote.lines if line.offer))


def offer_words(offer: NegotiatedPrice) -> str:
    what = " ".join(part for part in (offer.provider_id, offer.model, offer.price_variant, offer.meter) if part)
    if offer.price_usd_per_million_units is not None:
        return f"{what} at {plain(offer.price_usd_per_million_units)} USD per million, {validity(offer)}"
    return f"{what} {plain(offer.discount_pct or Decimal(0))} % off, {validity(offer)}"


def row_words(line: QuoteLine) -> str:
    if not line.is_charged:
        return "not charged by this list"
    row = line.row
    if row is None:
        return "negotiated" if line.offer else "none"
    words = [f"{row.price_source} {row.price_source_version}", validity(row)]
    if row.context_over_tokens >= 0 or row.context_up_to_tokens < _OPEN:
        words.append(context(row))
    if (row.time_of_day_from_second, row.time_of_day_to_second) != (0, 86_400):
        words.append(f"{clock(row.time_of_day_from_second)}–{clock(row.time_of_day_to_second)} UTC")
    return ", ".join(words)


def row_record(row: ListPrice) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, datetime | Decimal) else value for name, value in vars(row).items()}


def validity(row: ListPrice | NegotiatedPrice) -> str:
    start = "ever" if row.valid_from_utc.year <= 1900 else f"{row.valid_from_utc:%Y-%m-%d}"
    end = "open" if row.valid_to_utc.year >= 2200 else f"{row.valid_to_utc:%Y-%m-%d}"
    return f"{start}–{end}"


def context(row: ListPrice) -> str:
    if row.context_over_tokens < 0:
        return f"up to {row.context_up_to_tokens:,} input tokens"
    return f"over {row.context_over_tokens:,} input tokens"


def clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"


def per_million(value: Decimal | None) -> str:
    return _NULL if value is None else plain(value * 1_000_000)


def usd(value: Decimal | None) -> str:
    return _NULL if value is None else plain(value.quantize(Decimal("0.000001")))


def cents(value: Decimal | None) -> str:
    return _NULL if value is None else f"{value.quantize(Decimal('0.01')):,}"


def text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def print_notes(console: Console, notes: list[str]) -> None:
    for note in notes[:5]:
        console.print(f"[dim]{printable(note)}[/]", highlight=False, soft_wrap=True)
