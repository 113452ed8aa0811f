"""Questions that were asked before, answered from a cache of one's own.

Put here: how much of a workload repeats, and what a cache would save of it. Keep out: caches of providers
(`prompt_caching`).

Repeats are seen where events bring a digest of the prompt (`prompt_hash`); a share of repeats is never guessed. Calls
that a gateway already answers from its cache are not billed and take no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.money import to_decimal
from ml.optimization.advice import Advice, frame_of
from ml.optimization.model_advice import Situation, advise, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE, Workload, WorkloadKey, clean_rows, workload_key

if TYPE_CHECKING:
    import pandas as pd

NAME = "semantic_caching"
VERSION = "2"
REASON = "whether questions repeat is not known: no event of the last 30 days has a prompt_hash"
QUESTIONS = """
with asked as (
    select
        usage_date,
        provider_id,
        model_id,
        project_id,
        case when project_id is null then team_id end as team_id,
        prompt_hash,
        contracted_cost_usd,
        requested_at_utc,
        event_id
    from intermediate.int_requests_priced
    where is_billable and prompt_hash is not null and contracted_cost_usd is not null
        and usage_date >= $as_of - interval 30 day and usage_date < $as_of
),

told as (
    select
        *,
        row_number() over (
            partition by provider_id, model_id, project_id, team_id, prompt_hash order by requested_at_utc, event_id
        ) > 1 as is_repeated
    from asked
)

select
    usage_date,
    provider_id,
    model_id,
    project_id,
    team_id,
    cast(count(*) as bigint) as requests,
    cast(sum(case when is_repeated then 1 else 0 end) as bigint) as repeated_requests,
    cast(sum(case when is_repeated then contracted_cost_usd else 0 end) as decimal(38, 12)) as repeated_cost_usd
from told
group by all
order by all
"""
"""Calls whose prompt has a digest, and those of them that ask what the same scope asked the same model before."""


def lacking(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """That no event says which prompts are alike."""
    return REASON if inputs["questions"].empty else None


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model: where more than a tenth of the calls repeat another."""
    seen = situation(inputs, as_of, params)
    asked = defaultdict[WorkloadKey, list[dict[str, Any]]](list)
    for row in clean_rows(inputs["questions"]):
        asked[workload_key(row)].append(row)
    advice = [found for each in seen.workloads if (found := _judge(each, asked[each.key], seen)) is not None]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(workload: Workload, days: Sequence[Mapping[str, Any]], seen: Situation) -> Advice | None:
    params = seen.params
    requests = sum(int(day["requests"] or 0) for day in days)
    share = Decimal(sum(int(day["repeated_requests"] or 0) for day in days)) / requests if requests else Decimal(0)
    if share <= params.least_repeat_share:
        return None
    repeated = workload.usd_ahead(_repeated_by_day(days))
    saving = repeated * params.cache_answer_ratio
    is_exact = share >= params.exact_cache_share
    found = advise(
        workload,
        seen.period,
        lever="answers",
        title=f"{workload.scope_id}: answer from a cache what {workload.model_id} was asked before",
        description=f"{share:.0%} of {requests:,} calls ask what was asked before within 30 days.",
        actions=(
            "Keep answers by the whole prompt, for as long as they stay true"
            if is_exact
            else "Keep answers by meaning (a semantic cache), as few repeat word by word; check what is alike enough",
            "Leave out what depends on who asks or when",
            "Log hits with is_billable false, so that they count as calls without cost",
        ),
        cost=repeated,
        saving=saving,
        effort="medium",
        risk="low",
        evidence={
            "calls_with_digest": str(requests),
            "repeat_share": f"{share:.4f}",
            "repeated_usd_in_30_days": str(repeated),
            "cache": "exact" if is_exact else "semantic",
            "assumption": f"{params.cache_answer_ratio:.0%} of what repeats can be answered so (cache_answer_ratio)",
        },
        saving_kind="volume",
        where="prompt_hash is not null",
        bounds=(Decimal(0), repeated),
    )
    return found if found.is_worth_it(params) else None


def _repeated_by_day(days: Sequence[Mapping[str, Any]]) -> dict[date, Decimal]:
    return {day["usage_date"]: to_decimal(day["repeated_cost_usd"]) or Decimal(0) for day in days}


INPUTS = {"usage": USAGE, "prices": PRICES_FROM_NOW, "questions": QUESTIONS}
STRATEGY = Strategy(NAME, VERSION, INPUTS, recommend, lacking)
