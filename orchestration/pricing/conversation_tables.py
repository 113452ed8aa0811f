"""Conversations as tables for a terminal and as records for programs.

Put here: turns, bars, the words below them. Keep out: single quotes (`quote_tables`), prices and arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from ml.quotes import Conversation, ConversationPlan, Turn
from orchestration.pricing.price_book import PricedModel
from orchestration.pricing.quote_words import print_notes, source_words, text, usd
from orchestration.text.terminal import plain

MAX_TURN_ROWS = 20
BAR_WIDTH = 24


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


def _growth(turns: tuple[Turn, ...]) -> list[str]:
    """Mean, first and last turn and how much dearer the last is, without a cache."""
    costs = [turn.cost_without_cache for turn in turns]
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs) or not known[0]:
        return []
    mean = sum(known, Decimal(0)) / len(known)
    return [
        f"a turn costs {usd(mean)} USD on average, the first {usd(known[0])}, the last {usd(known[-1])}: "
        f"{known[-1] / known[0]:.2f} times the first"
    ]


def _conversation_words(plan: ConversationPlan, projected: Conversation, turns: tuple[Turn, ...]) -> list[str]:
    sent = sum(turn.input_tokens for turn in turns)
    without, with_cache = projected.cost_without_cache, projected.cost_with_cache
    said = plan.system_tokens + len(turns) * plan.user_tokens + max(0, len(turns) - 1) * plan.reply_tokens
    grows = "input grows with the square of the turns" if plan.carried == 1 else "of each turn a part is carried on"
    words = [
        f"[bold]{len(turns)} turns[/]: {usd(without)} USD without cache, {usd(with_cache)} USD with it"
        + (f" ({float(1 - with_cache / without):.0%} less)" if without and with_cache is not None else ""),
        f"{sent:,} input tokens are sent for {said:,} that are said: {grows}",
        *_growth(turns),
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
