"""A conversation whose every turn sends all that was said before: cost by turn, with and without a cache.

Put here: how context grows and what of it can be cached. Keep out: tokenising, price lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ml.quotes.prices import Customer, ListPrice, MeterKinds, NegotiatedPrice
from ml.quotes.quote import Quote, quote_usage


@dataclass(frozen=True)
class ConversationPlan:
    """Tokens of the system prompt, of each user message and of each reply, and the number of turns.

    `carried` is the part of each turn that later ones send again: 1 where everything is, less where a summary is.
    """

    turns: int
    system_tokens: int
    user_tokens: int
    reply_tokens: int
    carried: Decimal = Decimal(1)

    def input_tokens(self, turn: int) -> int:
        """What turn `turn` (from 1) sends: system prompt, its message, what is carried of the turns before."""
        before = (turn - 1) * (self.user_tokens + self.reply_tokens)
        return self.system_tokens + self.user_tokens + int(before * self.carried)

    def cacheable_tokens(self, turn: int) -> int:
        """What turn `turn` sends as the one before did: all of that, or of a summary the system prompt alone."""
        if turn <= 1:
            return 0
        return self.input_tokens(turn - 1) if self.carried == 1 else self.system_tokens


@dataclass(frozen=True)
class Turn:
    """One turn. `cached_tokens` is what a cache holds of its input; costs are contracted USD, None unknown."""

    number: int
    input_tokens: int
    cached_tokens: int
    context_over_tokens: int | None
    cost_without_cache: Decimal | None
    cost_with_cache: Decimal | None


@dataclass(frozen=True)
class Conversation:
    """The turns that fit the window, and where limits are met (turn numbers, None: not within the plan)."""

    turns: tuple[Turn, ...]
    has_cache_price: bool
    step_turn: int | None
    step_over_tokens: int | None
    window_turn: int | None
    context_window: int | None
    cost_without_cache: Decimal | None
    cost_with_cache: Decimal | None


def project_conversation(
    prices: Sequence[ListPrice],
    plan: ConversationPlan,
    *,
    at: datetime,
    price_variant: str | None,
    kinds: MeterKinds,
    context_window: int | None,
    offers: Sequence[NegotiatedPrice] = (),
    customer: Customer | None = None,
) -> Conversation:
    """Price each turn twice: everything as fresh input, and with what the turn before sent read from a cache.

    With a cache, what is new in a turn is written to it where the list prices writes apart, and is ordinary input where
    not. The cache is taken to outlive the pause between turns. Turns whose input and reply exceed the window are left
    out.
    """
    rows = [price for price in prices if price.price_variant == price_variant]
    writes, reads = _own_price(rows, "cache_write", at), _own_price(rows, "cache_read", at)
    new_meter = "cache_write" if writes else "uncached_input"

    def cost(quantities: dict[str, int]) -> Quote:
        return quote_usage(
            prices,
            quantities,
            at=at,
            price_variant=price_variant,
            kinds=kinds,
            offers=offers,
            customer=customer,
        )

    turns: list[Turn] = []
    step_turn: int | None = None
    step_over: int | None = None
    window_turn: int | None = None
    for number in range(1, plan.turns + 1):
        sent = plan.input_tokens(number)
        if context_window is not None and sent + plan.reply_tokens > context_window:
            window_turn = number
            break
        cached = plan.cacheable_tokens(number) if reads else 0
        plain = cost({"uncached_input": sent, "output": plan.reply_tokens})
        new = {new_meter: sent - cached} if reads else {"uncached_input": sent}
        helped = cost({"cache_read": cached, **new, "output": plan.reply_tokens})
        over = max((line.row.context_over_tokens for line in plain.lines if line.row), default=-1)
        if over >= 0 and step_turn is None:
            step_turn, step_over = number, over
        turns.append(
            Turn(number, sent, cached, over if over >= 0 else None, plain.contracted_cost, helped.contracted_cost)
        )
    return Conversation(
        turns=tuple(turns),
        has_cache_price=reads,
        step_turn=step_turn,
        step_over_tokens=step_over,
        window_turn=window_turn,
        context_window=context_window,
        cost_without_cache=_sum([turn.cost_without_cache for turn in turns]),
        cost_with_cache=_sum([turn.cost_with_cache for turn in turns]),
    )


def _own_price(rows: Sequence[ListPrice], meter: str, at: datetime) -> bool:
    """Whether the list prices this meter otherwise than fresh input."""
    found = {price.meter: price.usd_per_unit for price in rows if price.applies(at, 1)}
    return meter in found and found[meter] != found.get("uncached_input")


def _sum(costs: list[Decimal | None]) -> Decimal | None:
    return None if any(cost is None for cost in costs) else sum((c for c in costs if c is not None), Decimal(0))
