"""Quotes as tables for a terminal and as records for programs.

Put here: columns, words, bars. Keep out: prices and arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from ingestion.sources.prices.knowledge import BEFORE_KNOWLEDGE, LIST_KNOWS_FROM
from ml.quotes import (
    DAYS_PER_MONTH,
    Conversation,
    ConversationPlan,
    Quote,
    RankedModel,
    Turn,
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

MAX_TURN_ROWS = 20
BAR_WIDTH = 24


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


def print_conversation(
    console: Console,
    found: PricedModel,
    plan: ConversationPlan,
    projected: Conversation,
    at: datetime,
    is_cached: bool,
    notes: list[str],
) -> None:
    """Turns with their context and a bar for their cost, then totals and limits."""
    offer = found.offer
    console.print(
        f"[bold]{plain(f'{offer.provider_id}/{offer.model_id}')}[/]  {at:%Y-%m-%d %H:%M} UTC: "
        f"{plan.system_tokens:,} system, {plan.user_tokens:,} a message, {plan.reply_tokens:,} a reply",
        highlight=False,
        soft_wrap=True,
    )
    turns = projected.turns
    costs = [turn.cost_with_cache if is_cached else turn.cost_without_cache for turn in turns]
    highest = max((cost for cost in costs if cost is not None), default=Decimal(0))
    table = Table(show_edge=False, header_style="bold", box=None, pad_edge=False)
    for name in ("turn", "context", "from cache", "no cache USD", "cached USD"):
        table.add_column(name, justify="right")
    table.add_column(f"cost of the turn, {'with' if is_cached else 'without'} cache")
    for index in _shown(len(turns)):
        turn, cost = turns[index], costs[index]
        table.add_row(
            str(turn.number),
            f"{turn.input_tokens:,}" + (" [yellow]long[/]" if turn.context_over_tokens is not None else ""),
            f"{turn.cached_tokens:,}",
            usd(turn.cost_without_cache),
            usd(turn.cost_with_cache),
            "█" * round(BAR_WIDTH * float(cost / highest)) if cost and highest else "",
        )
    console.print(table, highlight=False)
    for words in _conversation_words(plan, projected, turns):
        console.print(words, highlight=False, soft_wrap=True)
    console.print(f"[dim]{plain(source_words(found))}[/]", highlight=False, soft_wrap=True)
    print_notes(console, notes)


def conversation_record(
    found: PricedModel, plan: ConversationPlan, projected: Conversation, at: datetime, notes: list[str]
) -> dict[str, Any]:
    """Every turn that fits, totals and limits."""
    return {
        "provider_id": found.offer.provider_id,
        "model_id": found.offer.model_id,
        "price_variant": found.price_variant,
        "unpriced_reason": found.unpriced_reason,
        "priced_at_utc": at.isoformat(),
        **{name: value for name, value in vars(plan).items() if name != "turns"},
        "planned_turns": plan.turns,
        "has_cache_price": projected.has_cache_price,
        "cost_without_cache_usd": text(projected.cost_without_cache),
        "cost_with_cache_usd": text(projected.cost_with_cache),
        "context_window": projected.context_window,
        "window_exceeded_at_turn": projected.window_turn,
        "context_step_at_turn": projected.step_turn,
        "context_step_over_tokens": projected.step_over_tokens,
        "turns": [
            {
                "turn": turn.number,
                "input_tokens": turn.input_tokens,
                "cached_tokens": turn.cached_tokens,
                "cost_without_cache_usd": text(turn.cost_without_cache),
                "cost_with_cache_usd": text(turn.cost_with_cache),
            }
            for turn in projected.turns
        ],
        "notes": notes,
    }


def _conversation_words(plan: ConversationPlan, projected: Conversation, turns: tuple[Turn, ...]) -> list[str]:
    sent = sum(turn.input_tokens for turn in turns)
    without, with_cache = projected.cost_without_cache, projected.cost_with_cache
    said = plan.system_tokens + len(turns) * plan.user_tokens + max(0, len(turns) - 1) * plan.reply_tokens
    words = [
        f"[bold]{len(turns)} turns[/]: {usd(without)} USD without cache, {usd(with_cache)} USD with it"
        + (f" ({float(1 - with_cache / without):.0%} less)" if without and with_cache is not None else ""),
        f"{sent:,} input tokens are sent for {said:,} that are said: input grows with the square of the turns",
    ]
    if not projected.has_cache_price:
        words.append("the list has no price of its own for cache reads: a cache changes nothing here")
    if projected.step_turn is not None:
        words.append(
            f"[yellow]from turn {projected.step_turn} on prices are those of over "
            f"{projected.step_over_tokens:,} tokens[/]"
        )
    if projected.window_turn is not None:
        words.append(
            f"[yellow]turn {projected.window_turn} no longer fits the window of {projected.context_window:,} tokens[/]"
        )
    elif projected.context_window is None:
        words.append("the context window is not known")
    if without is None or with_cache is None:
        words.append("[yellow]a meter has no price: the cost is unknown, not 0[/]")
    return words


def _shown(count: int) -> list[int]:
    """Indices of at most `MAX_TURN_ROWS` turns, evenly spread, first and last among them."""
    if count <= MAX_TURN_ROWS:
        return list(range(count))
    return sorted({round(number * (count - 1) / (MAX_TURN_ROWS - 1)) for number in range(MAX_TURN_ROWS)})
