"""Tokens far beyond the usual of their purpose, left out: what the strategies for inputs and outputs share.

Put here: the loop, saving and row. Keep out: their words (`strategies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.money import to_decimal
from ml.optimization.advice import Advice, frame_of
from ml.optimization.evidence import quoted
from ml.optimization.lengths import FAR_BEYOND, LENGTHS, Lengths, lengths, no_lengths
from ml.optimization.model_advice import Situation, advise, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.requests import INPUT_METERS
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd


def length_strategy(name: str, version: str, side: str, words: str, actions: tuple[str, ...]) -> Strategy:
    """A strategy with at most one recommendation per scope × provider × model × purpose."""

    def recommend(
        inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
    ) -> pd.DataFrame:
        seen = situation(inputs, as_of, params)
        found = [shorten(each, side, seen, words, actions) for each in lengths(inputs["lengths"], seen.workloads)]
        return frame_of([each for each in found if each is not None], name, version, scored_at_utc, params)

    return Strategy(
        name, version, {"usage": USAGE, "prices": PRICES_FROM_NOW, "lengths": LENGTHS}, recommend, no_lengths
    )


def shorten(each: Lengths, side: str, seen: Situation, words: str, actions: tuple[str, ...]) -> Advice | None:
    """Bring requests of one purpose down to `FAR_BEYOND` times their usual length, on one side."""
    workload = each.workload
    excess, total = each.excess_ahead(side), each.total_ahead(side)
    cost_per_token = _cost_per_token(each, side)
    if excess <= 0 or total <= 0 or cost_per_token is None:
        return None
    saving = to_decimal(excess * cost_per_token) or Decimal(0)
    cost = to_decimal(total * cost_per_token) or Decimal(0)
    purpose = each.feature
    limit = FAR_BEYOND * each.usual[side]
    found = advise(
        workload,
        seen.period,
        lever=side,
        title=f"{workload.scope_id}: {words}{f' of {purpose}' if purpose else ''} on {workload.model_id}",
        description=f"Half of these requests have at most {each.usual[side]:,} {side} tokens; {excess / total:.0%} of "
        f"all tokens lie beyond {limit:,}.",
        actions=actions,
        cost=min(cost, workload.cost_ahead_usd),
        saving=min(saving, workload.cost_ahead_usd),
        effort="medium",
        risk="medium",
        evidence={
            "usual_tokens": each.usual[side],
            "limit_tokens": limit,
            "excess_tokens_in_30_days": str(round(excess)),
            "usd_per_token": str(cost_per_token),
        },
        identity=(str(purpose),),
        saving_kind="volume",
        where=f"{side}_tokens > {limit} and feature " + ("is null" if purpose is None else f"= {quoted(purpose)}"),
        bounds=(saving / 3, saving),
    )
    return found if found.is_worth_it(seen.params) else None


def _cost_per_token(each: Lengths, side: str) -> Decimal | None:
    """What a token of the workload costs on average from now on, read from a cache or not."""
    meters = ("output",) if side == "output" else INPUT_METERS
    parts = [part for part in each.workload.parts if part.meter in meters]
    quantity = sum(sum(part.quantities.values()) for part in parts)
    cost = sum((sum(part.costs.values(), Decimal(0)) for part in parts), Decimal(0))
    return cost / quantity if quantity else None
