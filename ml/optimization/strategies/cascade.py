"""A small model answers first, and the large one what it cannot: where many requests are simple.

Put here: which workloads, what a try costs. Keep out: moving requests for good (`smaller_model`).
"""

from __future__ import annotations

from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.model_advice import Situation, advise
from ml.optimization.request_advice import each_workload, request_strategy
from ml.optimization.requests import (
    SHORT_INPUT_TOKENS,
    SHORT_OUTPUT_TOKENS,
    RequestClass,
)
from ml.optimization.strategies.smaller_model import smaller_cards


def _judge(classes: list[RequestClass], seen: Situation) -> Advice | None:
    params, workload = seen.params, classes[0].workload
    simple = [each for each in classes if each.size in ("tiny", "short")]
    requests = sum((each.requests_ahead for each in classes), Decimal(0))
    share = sum((each.requests_ahead for each in simple), Decimal(0)) / requests if requests else Decimal(0)
    if share <= params.cascade_simple_share:
        return None
    cost = sum((each.cost_ahead_usd for each in simple), Decimal(0))
    options = []
    for card in smaller_cards(seen, workload.model_id, workload.provider_id, max(e.max_input_tokens for e in simple)):
        tries = [each.cost_ahead_at(card) for each in simple]
        if all(amount is not None for amount in tries):
            options.append((sum(amount for amount in tries if amount is not None), card.model_id))
    if not options:
        return None
    tried, model_id = min(options)
    again = params.cascade_escalation_ratio
    found = advise(
        workload,
        seen.period,
        lever="model",
        title=f"{workload.scope_id}: a cascade, {model_id} before {workload.model_id}",
        description=f"{share:.0%} of the requests are short; {model_id} tries these, and what it is unsure of "
        f"{workload.model_id} answers as today.",
        actions=(
            f"Let {model_id} answer short requests and say how sure it is",
            f"Ask {workload.model_id} again below a threshold, and measure how often that is",
        ),
        cost=cost,
        saving=cost * (1 - again) - tried,
        effort="high",
        risk="medium",
        evidence={
            "simple_requests_share": f"{share:.4f}",
            "asked_again_ratio": str(again),
            "assumption": "the share asked again is assumed until measured (cascade_escalation_ratio)",
        },
        where=f"input_tokens <= {SHORT_INPUT_TOKENS} and output_tokens <= {SHORT_OUTPUT_TOKENS}",
        suggested_model_id=model_id,
        bounds=(cost * (1 - 2 * again) - tried, cost - tried),
    )
    return found if found.is_worth_it(params) else None


STRATEGY = request_strategy("model_cascade", "1", each_workload(_judge))
