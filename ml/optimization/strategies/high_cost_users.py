"""People who cost far more than others who do the same: worth a talk, not a rule.

Put here: who, and how much beyond the usual. Keep out: names (a stable label stands for a person).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, Slice, frame_of
from ml.optimization.evidence import quoted
from ml.optimization.model_advice import TELL, Situation, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE, Workload, clean_rows, scope_of, workload_key

if TYPE_CHECKING:
    import pandas as pd

NAME = "high_cost_users"
VERSION = "1"
FEWEST_PEERS = 5
FAR_BEYOND = 3
"""So many times the median of a scope's users is far beyond it."""

USERS = """
select
    hourly.usage_date,
    hourly.provider_id,
    hourly.model_id,
    hourly.project_id,
    hourly.team_id,
    users.user_label,
    cast(sum(hourly.contracted_cost_usd) as decimal(38, 12)) as cost_usd
from marts.fct_llm_usage_hourly as hourly
inner join marts.dim_users as users on users.user_id = hourly.user_id
where hourly.is_billable and users.user_type is distinct from 'service_account'
    and hourly.usage_date >= $as_of - interval 30 day and hourly.usage_date < $as_of
group by all
order by all
"""


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × user."""
    seen = situation(inputs, as_of, params)
    known = {each.key: each for each in seen.workloads}
    paid: dict[tuple[str, str], dict[str, dict[Workload, dict[date, Decimal]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for row in clean_rows(inputs["users"]):
        workload = known.get(workload_key(row))
        if workload is not None and row["cost_usd"] is not None:
            day = row["usage_date"]
            by_day = paid[scope_of(row)][str(row["user_label"])][workload]
            by_day[day] = by_day.get(day, Decimal(0)) + row["cost_usd"]
    advice = []
    for scope in sorted(paid):
        costs = {
            user: {workload: workload.usd_ahead(by_day) for workload, by_day in paid[scope][user].items()}
            for user in sorted(paid[scope])
        }
        advice += _far_beyond(scope, costs, seen)
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def no_users(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why it is skipped."""
    return "no usage of the last 30 days names a user" if inputs["users"].empty else None


def _far_beyond(
    scope: tuple[str, str], costs: Mapping[str, Mapping[Workload, Decimal]], seen: Situation
) -> list[Advice]:
    totals = {user: sum(parts.values(), Decimal(0)) for user, parts in costs.items()}
    if len(totals) < FEWEST_PEERS:
        return []
    usual = median(totals.values())
    found = []
    for user, total in totals.items():
        beyond = total - FAR_BEYOND * usual
        if beyond <= 0:
            continue
        slices = tuple(
            Slice(workload.slice_id, cost, cost * beyond / total) for workload, cost in costs[user].items() if cost > 0
        )
        advice = Advice(
            identity=(user,),
            lever="user",
            saving_kind="volume",
            title=f"{scope[1]}: talk with {user}, who costs {total / usual:.0f} times the usual" if usual else user,
            description=f"{len(totals)} people use it; half of them cost at most {usual:.2f} USD in 30 days, this one "
            f"{total:.2f}.",
            actions=("Ask what it is for: it may be worth it", "Show how others do it, or set a budget", TELL),
            scope_type=scope[0],
            scope_id=scope[1],
            slices=slices,
            half_width_usd=beyond,
            effort="low",
            risk="high",
            evidence={"user": user, "peers": len(totals), "median_usd": str(usual), "usd_in_30_days": str(total)},
            evidence_query="select users.user_label, sum(hourly.contracted_cost_usd) as cost_usd from "
            "fct_llm_usage_hourly as hourly inner join dim_users as users on users.user_id = hourly.user_id where "
            f"hourly.is_billable and {_scope(scope)} and hourly.usage_date between date '{seen.period[0]}' and "
            f"date '{seen.period[1]}' group by users.user_label order by cost_usd desc nulls last",
            period=seen.period,
            bounds_usd=(Decimal(0), beyond),
        )
        if advice.is_worth_it(seen.params):
            found.append(advice)
    return found


def _scope(scope: tuple[str, str]) -> str:
    if scope[0] == "project":
        return f"hourly.project_id = {quoted(scope[1])}"
    return f"hourly.project_id is null and coalesce(hourly.team_id, 'unallocated') = {quoted(scope[1])}"


STRATEGY = Strategy(NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "users": USERS}, recommend, no_users)
