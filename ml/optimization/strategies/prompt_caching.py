"""More of the input read from the provider's cache: where little is, though the model has a price for it.

Put here: how much could be read. Keep out: the cache of a gateway (`semantic_caching`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.model_advice import Situation, advise, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW, PriceCard
from ml.optimization.requests import INPUT_METERS
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE, Workload, WorkloadKey, clean_rows, workload_key

if TYPE_CHECKING:
    import pandas as pd

NAME = "prompt_caching"
VERSION = "1"
WRITES = ("cache_write_5m", "cache_write", "cache_write_1h")

REPEATS = """
with turns as (
    select
        provider_id,
        model_id,
        project_id,
        team_id,
        input_tokens,
        cache_read_tokens,
        lag(input_tokens) over one as input_before,
        requested_at_utc - lag(requested_at_utc) over one <= interval 5 minute as is_in_time
    from intermediate.int_requests_priced
    where is_billable and session_id is not null and input_tokens > 0
        and usage_date >= $as_of - interval 30 day and usage_date < $as_of
    window one as (partition by session_id, provider_id, model_id order by requested_at_utc, event_id)
)
select
    provider_id,
    model_id,
    project_id,
    team_id,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(case when is_in_time then least(input_before, input_tokens) else 0 end) as bigint) as repeated_tokens
from turns
group by all
having repeated_tokens > 0
order by all
"""
"""What turns of a conversation within five minutes repeat: the input of the turn before, where it grew."""


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model."""
    seen = situation(inputs, as_of, params)
    repeated = {
        workload_key(row): Decimal(row["repeated_tokens"]) / Decimal(row["input_tokens"])
        for row in clean_rows(inputs["repeats"])
        if row["input_tokens"]
    }
    advice = [found for each in seen.workloads if (found := _judge(each, seen, repeated)) is not None]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(workload: Workload, seen: Situation, repeated: Mapping[WorkloadKey, Decimal]) -> Advice | None:
    params, card = seen.params, seen.card_of(workload)
    total, read = workload.ahead(INPUT_METERS), workload.ahead(("cache_read",))
    fresh = workload.unit_price_ahead("uncached_input")
    if card is None or total <= 0 or fresh is None:
        return None
    cached = card.price("cache_read", "standard", workload.max_input_tokens)
    ratio = read / total
    target, basis = _target(workload, ratio, seen, repeated)
    uncached = workload.ahead(("uncached_input",))
    moved = min((target - ratio) * total, uncached)
    if cached is None or cached >= fresh or moved <= 0:
        return None
    written = moved * _writes_per_read(workload, params)
    dearer = max((_write_price(card, workload) or fresh) - fresh, Decimal(0))
    saving = moved * (fresh - cached) - written * dearer
    found = advise(
        workload,
        seen.period,
        lever="cache",
        title=f"{workload.scope_id}: read more of {workload.model_id}'s input from its cache",
        description=f"{ratio:.0%} of the input is read from the cache; {basis['words']}.",
        actions=(
            "Put what stays the same (instructions, tools, documents) first and what changes last",
            "Mark the end of what stays for the cache, where the provider asks for it",
            "Watch the ratio of cache reads: it falls when a prefix changes, say by a date in it",
        ),
        cost=uncached * fresh,
        saving=saving,
        effort="medium",
        risk="low",
        evidence={
            "cache_read_ratio": f"{ratio:.4f}",
            "target_ratio": f"{target:.4f}",
            "basis": basis["words"],
            "fresh_usd_per_token": str(fresh),
            "cached_usd_per_token": str(cached),
        },
        bounds=(saving * Decimal(basis["low"]), saving * Decimal(basis["high"])),
    )
    return found if found.is_worth_it(params) else None


def _target(
    workload: Workload, ratio: Decimal, seen: Situation, repeated: Mapping[WorkloadKey, Decimal]
) -> tuple[Decimal, dict[str, str]]:
    """The ratio it could reach: that of its own best week, what its sessions repeat, else an assumption."""
    params = seen.params
    best = _best_week(workload, seen.period[1])
    if best is not None and ratio < best * params.cache_fall_ratio:
        return best, {"words": f"in its best week of the window it was {best:.0%}", "low": "0.6", "high": "1.2"}
    if workload.key in repeated:
        share = repeated[workload.key]
        words = f"turns of its sessions repeat {share:.0%} within five minutes"
        return share, {"words": words, "low": "0.5", "high": "1"}
    target = params.target_cache_read_ratio if ratio < params.target_cache_read_ratio else ratio
    return target, {
        "words": f"{target:.0%} is assumed to be within reach (target_cache_read_ratio), as no prefix is known",
        "low": "0",
        "high": "2",
    }


def _best_week(workload: Workload, end: date) -> Decimal | None:
    """The highest ratio of a whole week; None where no week has input."""
    ratios = []
    for number in range(4):
        days = {end - timedelta(days=7 * number + back) for back in range(7)}
        counts = {
            part.meter: sum(quantity for day, quantity in part.quantities.items() if day in days)
            for part in workload.parts
            if part.meter in INPUT_METERS
        }
        if total := sum(counts.values()):
            ratios.append(Decimal(counts.get("cache_read", 0)) / total)
    return max(ratios, default=None)


def _writes_per_read(workload: Workload, params: OptimizationParams) -> Decimal:
    """Tokens written for one that is read: its own figure, where it has reads and writes."""
    read, written = workload.ahead(("cache_read",)), workload.ahead(WRITES)
    return min(written / read, Decimal(1)) if read and written else params.cache_writes_per_read


def _write_price(card: PriceCard, workload: Workload) -> Decimal | None:
    prices = [card.price(meter, "standard", workload.max_input_tokens) for meter in WRITES]
    return next((price for price in prices if price is not None), None)


STRATEGY = Strategy(NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "repeats": REPEATS}, recommend)
