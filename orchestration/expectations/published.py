"""Suites on marts as they were published: ways to the same total that agree, amounts that can be, shares that stay.

dbt's tests have held back what they found wrong before; these look at what readers have, all of one publication.
Put here: those suites. Keep out: trying them (`validation`), suites on what lands (`landed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from orchestration.expectations.library import expectation_types
from orchestration.expectations.suite import Frame, Suite

MARTS = ("published", "marts")
MOST_UNPRICED, MOST_UNALLOCATED = 0.05, 0.30
SHARE_DRIFT = 0.5
LEAST_DAYS = 28
"""So many days before the newest 28 have spend, or nothing is said of shares that moved: a home that began has none."""


def _totals(_: Frame, now: datetime) -> Sequence[Any]:
    """One row per month and kind of money."""
    gxe = expectation_types()

    del now
    return [
        gxe.ExpectColumnPairValuesToBeEqual(column_A="spend_daily", column_B="spend_monthly"),
        gxe.ExpectColumnPairValuesToBeEqual(column_A="spend_daily", column_B="spend_allocated"),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="total_tokens", column_B="unpriced_tokens", or_equal=True),
        gxe.ExpectColumnValuesToBeBetween(column="request_count", min_value=0),
        gxe.ExpectColumnValuesToBeBetween(column="unpriced_tokens", min_value=0),
    ]


def _shares(frame: Frame, now: datetime) -> Sequence[Any]:
    """One row: parts of the newest 28 days."""
    gxe = expectation_types()

    del frame, now
    return [
        gxe.ExpectColumnValuesToBeBetween(column="unpriced_share", max_value=MOST_UNPRICED),
        gxe.ExpectColumnValuesToBeBetween(column="unallocated_share", max_value=MOST_UNALLOCATED),
        gxe.ExpectColumnValuesToBeBetween(column="provider_divergence", max_value=SHARE_DRIFT),
    ]


SUITES = (
    Suite(
        "published_totals_suite",
        MARTS,
        "By month and kind of money: daily, monthly and allocated spend agree to the last decimal; counts can be.",
        """
with daily as (
    select date_trunc('month', usage_date)::date as month, cost_kind, sum(spend_usd) as spend,
        sum(request_count)::bigint as request_count, sum(total_tokens)::bigint as total_tokens,
        sum(unpriced_tokens)::bigint as unpriced_tokens
    from marts.rpt_cost_daily group by all
), monthly as (
    select month_start_date as month, cost_kind, sum(spend_usd) as spend from marts.rpt_cost_monthly group by all
), allocated as (
    select date_trunc('month', usage_date)::date as month, cost_kind, sum(allocated_cost_usd) as spend
    from marts.fct_allocated_costs_daily group by all
)
select month, cost_kind, coalesce(daily.spend::varchar, 'unknown') as spend_daily,
    coalesce(monthly.spend::varchar, 'unknown') as spend_monthly,
    coalesce(allocated.spend::varchar, 'unknown') as spend_allocated,
    coalesce(request_count, 0) as request_count, coalesce(total_tokens, 0) as total_tokens,
    coalesce(unpriced_tokens, 0) as unpriced_tokens
from daily full join monthly using (month, cost_kind) full join allocated using (month, cost_kind) order by all""",
        _totals,
        key=("month", "cost_kind"),
        is_error=True,
        remedy="A mart stands at another version than the others: rpt_mart_status says which, costops run --full "
        "builds all.",
    ),
    Suite(
        "published_shares_suite",
        MARTS,
        "Parts of the newest 28 days: tokens without a price, spend without a team, how far providers' shares moved "
        "from the 84 days before.",
        f"""
with days as (
    select *, usage_date > max(usage_date) over () - 28 as is_new from marts.rpt_cost_daily
    where cost_kind = 'llm' and usage_date > $now::timestamp::date - 113 and usage_date < $now::timestamp::date
), shares as (
    select provider_id,
        greatest(sum(spend_usd) filter (where is_new), 0) / nullif(sum(sum(spend_usd) filter (where is_new)) over (), 0)
            as newest,
        greatest(sum(spend_usd) filter (where not is_new), 0)
            / nullif(sum(sum(spend_usd) filter (where not is_new)) over (), 0) as before
    from days group by all
)
select
    (select sum(unpriced_tokens) / nullif(sum(total_tokens), 0) from days where is_new)::double as unpriced_share,
    (select sum(spend_usd) filter (where team_id is null) / nullif(sum(spend_usd), 0) from days where is_new)::double
        as unallocated_share,
    (select sum(newest * ln(newest / greatest(before, 0.001))) from shares
        where newest > 0 and before is not null
            and (select count(distinct usage_date) from days where not is_new) >= {LEAST_DAYS})::double
        as provider_divergence""",
        _shares,
        remedy="See which: fct_unpriced_usage_daily, rpt_unallocated, rpt_cost_daily by provider; then a price, an "
        "owner, or nothing where it is so.",
    ),
)
