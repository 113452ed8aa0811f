"""Quotes as tables for a terminal and as records for programs.

Put here: columns, words, bars. Keep out: prices and arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from ingestion.sources.prices.knowledge import BEFORE_KNOWLEDGE, LIST_KNOWS_FROM
from ml.quotes import (
    DAYS_PER_MONTH,
    Quote,
    RankedModel,
)
from orchestration.pricing.price_book import PricedModel
from orchestration.pricing.quote_words import (
    cents,
    offer_words,
    offers_used,
    per_million,
    print_notes,
    row_record,
    row_words,
    source_words,
    text,
    usd,
)
from orchestration.text.terminal import plain


def print_quote(console: Console, found: PricedModel, quote: Quote, at: datetime, notes: list[str]) -> None:
    """A row per meter with its prices and the list row used, then totals and what has no price."""
    offer = found.offer
    variant = plain(found.price_variant or "") or "[yellow]no listed variant[/]"
    console.print(
        f"[bold]{plain(f'{offer.provider_id}/{offer.model_id}')}[/]  {variant}, "
        f"{at:%Y-%m-%d %H:%M} UTC, {quote.total_input_tokens:,} input tokens",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
    table.add_column("meter")
    for name in ("quantity", "list per M", "list USD", "own per M", "own USD"):
        table.add_column(name, justify="right")
    for line in quote.lines:
        table.add_row(
            line.meter,
            f"{line.quantity:,}" + (f" → {line.billed_quantity:,}" if line.billed_quantity != line.quantity else ""),
            per_million(line.list_price),
            usd(line.list_cost),
            per_million(line.contracted_price),
            usd(line.contracted_cost),
        )
    table.add_row(
        "[bold]total[/]", "", "", f"[bold]{usd(quote.list_cost)}[/]", "", f"[bold]{usd(quote.contracted_cost)}[/]"
    )
    console.print(table, highlight=False)
    meters_by_row: dict[str, list[str]] = {}
    for line in quote.lines:
        meters_by_row.setdefault(row_words(line), []).append(line.meter)
    for words, meters in meters_by_row.items():
        which = "" if len(meters_by_row) == 1 else f" ({', '.join(meters)})"
        console.print(f"price row: {plain(words)}{which}", highlight=False, soft_wrap=True)
    for words in offers_used(quote):
        console.print(f"own price: {plain(words)}", highlight=False, soft_wrap=True)
    if quote.unpriced_meters:
        reason = unpriced_reason(found, quote, at)
        console.print(
            f"[yellow]no price for {', '.join(quote.unpriced_meters)} ({reason}): the total is unknown, not 0[/]",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"[dim]{plain(source_words(found))}[/]", highlight=False, soft_wrap=True)
    print_notes(console, notes)


def unpriced_reason(found: PricedModel, quote: Quote, at: datetime) -> str | None:
    """Why a used meter has no price, in the words of `fct_unpriced_usage_daily`; None where all have one."""
    if not quote.unpriced_meters:
        return None
    ever = {price.meter for price in found.offer.prices if price.price_variant == found.price_variant}
    if found.unpriced_reason or not ever & set(quote.unpriced_meters):
        return found.unpriced_reason or "no_price_for_meter"
    return BEFORE_KNOWLEDGE if at < LIST_KNOWS_FROM else "no_price_at_time"


def quote_record(found: PricedModel, quote: Quote, at: datetime, notes: list[str]) -> dict[str, Any]:
    """The quote with decimals as text and NULL as null."""
    return {
        "provider_id": found.offer.provider_id,
        "model_id": found.offer.model_id,
        "price_variant": found.price_variant,
        "unpriced_reason": unpriced_reason(found, quote, at),
        "priced_at_utc": at.isoformat(),
        "total_input_tokens": quote.total_input_tokens,
        "list_cost_usd": text(quote.list_cost),
        "contracted_cost_usd": text(quote.contracted_cost),
        "unpriced_meters": quote.unpriced_meters,
        "meters": [
            {
                "meter": line.meter,
                "quantity": line.quantity,
                "billed_quantity": line.billed_quantity,
                "is_charged": line.is_charged,
                "list_price_usd_per_unit": text(line.list_price),
                "list_cost_usd": text(line.list_cost),
                "contracted_price_usd_per_unit": text(line.contracted_price),
                "contracted_cost_usd": text(line.contracted_cost),
                "negotiated": offer_words(line.offer) if line.offer else None,
                "price_row": row_record(line.row) if line.row else None,
            }
            for line in quote.lines
        ],
        "is_published": found.is_published,
        "notes": notes,
    }


def print_ranking(
    console: Console,
    ranked: list[RankedModel],
    quantities: dict[str, int],
    requests: int,
    at: datetime,
    limit: int,
    notes: list[str],
) -> None:
    """The cheapest models first; those without a rank say why."""
    asked = ", ".join(f"{quantity:,} {meter}" for meter, quantity in quantities.items() if quantity)
    console.print(
        f"{asked} per request, {requests:,} requests a day, month of {DAYS_PER_MONTH} days, "
        f"prices of {at:%Y-%m-%d %H:%M} UTC",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("model", overflow="fold")
    for name in ("USD per 1,000 requests", "USD a month", "× cheapest", "window"):
        table.add_column(name, justify="right")
    for each in ranked[:limit]:
        window = each.model.context_window
        cost = each.cost_per_request
        table.add_row(
            str(each.rank or ""),
            plain(f"{each.model.provider_id}/{each.model.model_id}"),
            cents(None if cost is None else cost * 1000),
            cents(each.cost_per_month),
            f"{each.times_cheapest:,.1f}" if each.times_cheapest is not None else "",
            ("?" if window is None else f"{window:,}") + (" [yellow]too small[/]" if each.fits_window is False else ""),
        )
    console.print(table, highlight=False)
    if len(ranked) > limit:
        console.print(f"[dim]{limit} of {len(ranked)}; --limit shows more[/]", highlight=False)
    if any(each.cost_per_request is None for each in ranked[:limit]):
        console.print("[yellow]NULL: a meter has no price; the cost is unknown, not 0[/]", highlight=False)
    print_notes(console, notes)


def ranking_record(
    ranked: list[RankedModel], quantities: dict[str, int], requests: int, at: datetime, notes: list[str]
) -> dict[str, Any]:
    """Every model compared, in order."""
    return {
        "quantities_per_request": quantities,
        "requests_per_day": requests,
        "days_per_month": str(DAYS_PER_MONTH),
        "priced_at_utc": at.isoformat(),
        "models": [
            {
                "rank": each.rank,
                "provider_id": each.model.provider_id,
                "model_id": each.model.model_id,
                "cost_usd_per_request": text(each.cost_per_request),
                "list_cost_usd_per_request": text(each.quote.list_cost),
                "cost_usd_per_month": text(each.cost_per_month),
                "context_window": each.model.context_window,
                "fits_window": each.fits_window,
                "unpriced_meters": each.quote.unpriced_meters,
            }
            for each in ranked
        ],
        "notes": notes,
    }
