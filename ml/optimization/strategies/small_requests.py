"""Many small requests of one purpose, several in one call: they then share their instructions.

Put here: which, and what sharing saves. Keep out: batch interfaces of providers (`batch_tier`).
"""

from __future__ import annotations

from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.model_advice import Situation, advise
from ml.optimization.request_advice import each_workload, request_strategy
from ml.optimization.requests import (
    INPUT_METERS,
    NOBODY_WAITS_SQL,
    TINY_INPUT_TOKENS,
    RequestClass,
)


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


STRATEGY = request_strategy("small_request_batching", "1", each_workload(_judge))
