"""Many small requests of one purpose, several in one call: they then share their instructions.

Put here: which, and what sharing saves. Keep out: batch interfaces of providers (`batch_tier`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.model_advice import Situation, advise, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.requests import (
    INPUT_METERS,
    NOBODY_WAITS_SQL,
    REQUESTS,
    TINY_INPUT_TOKENS,
    RequestClass,
    by_workload,
    no_requests,
    request_classes,
)
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd

NAME = "small_request_batching"
VERSION = "1"


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model: where more than half of what nobody waits for is tiny."""
    seen = situation(inputs, as_of, params)
    classes = request_classes(inputs["requests"], seen.workloads)
    advice = [found for alike in by_workload(classes) if (found := _judge(alike, seen)) is not None]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(classes: list[RequestClass], seen: Situation) -> Advice | None:
    params, workload = seen.params, classes[0].workload
    requests = sum((each.requests_ahead for each in classes), Decimal(0))
    tiny = [each for each in classes if each.size == "tiny" and each.nobody_waits]
    count = sum((each.requests_ahead for each in tiny), Decimal(0))
    if not tiny or count * 2 <= requests:
        return None
    tokens = sum((each.tokens_ahead(meter) for each in tiny for meter in INPUT_METERS), Decimal(0))
    price = workload.unit_price_ahead("uncached_input")
    if price is None or tokens <= 0:
        return None
    calls = Decimal(params.small_requests_per_call)
    saving = tokens * params.small_request_shared_ratio * (1 - 1 / calls) * price
    cost = sum((each.cost_ahead_usd for each in tiny), Decimal(0))
    found = advise(
        workload,
        seen.period,
        lever="input",
        title=f"{workload.scope_id}: several small requests in one call of {workload.model_id}",
        description=f"{count / requests:.0%} of the requests have fewer than {TINY_INPUT_TOKENS} input tokens; "
        f"{params.small_requests_per_call} in one call share their instructions.",
        actions=("Collect small requests for a moment and ask them together", "Check that answers stay apart"),
        cost=cost,
        saving=min(saving, cost),
        effort="high",
        risk="medium",
        evidence={
            "tiny_requests_share": f"{count / requests:.4f}",
            "input_tokens_in_30_days": str(round(tokens)),
            "assumption": f"{params.small_request_shared_ratio:%} of their input are instructions they share "
            "(small_request_shared_ratio)",
        },
        saving_kind="volume",
        where=f"input_tokens < {TINY_INPUT_TOKENS} and {NOBODY_WAITS_SQL}",
        bounds=(Decimal(0), saving * 2),
    )
    return found if found.is_worth_it(params) else None


STRATEGY = Strategy(
    NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "requests": REQUESTS}, recommend, no_requests
)
