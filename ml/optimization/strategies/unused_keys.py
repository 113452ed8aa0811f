"""Keys that nobody has used for a month and that still work: no dollars, a door less.

Put here: which. Keep out: what keys spent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.contracts import UNOWNED_SCOPE_ID
from ml.optimization.advice import Advice, frame_of
from ml.optimization.evidence import quoted
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import clean_rows

if TYPE_CHECKING:
    import pandas as pd

NAME = "unused_keys"
VERSION = "1"

KEYS = """
select api_key_id, api_key_name, team_id, first_seen_date, last_seen_date
from marts.dim_api_keys
where api_key_status = 'active'
order by api_key_id
"""


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per team."""
    start, end = as_of - timedelta(days=params.window_days), as_of - timedelta(days=1)
    by_team: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in clean_rows(inputs["keys"]):
        last = row["last_seen_date"]
        if last is None or last < start:
            by_team[str(row["team_id"] or UNOWNED_SCOPE_ID)].append(row)
    advice = [_advice(team, by_team[team], (start, end), params) for team in sorted(by_team)]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def no_listing(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why it is skipped."""
    return "no provider says which keys are active" if inputs["keys"].empty else None


def _advice(team: str, keys: list[dict[str, Any]], period: tuple[date, date], params: OptimizationParams) -> Advice:
    ids = [str(key["api_key_id"]) for key in keys]
    return Advice(
        identity=("keys",),
        lever="keys",
        saving_kind="none",
        title=f"{team}: revoke {len(keys)} unused key{'s' if len(keys) > 1 else ''}",
        description=f"Active at the provider, and not used for {params.window_days} days or ever.",
        actions=("Ask the owner whether it is still needed", "Revoke it at the provider"),
        scope_type="team",
        scope_id=team,
        slices=(),
        half_width_usd=Decimal(0),
        effort="low",
        risk="low",
        evidence={"keys": [{"api_key_id": k["api_key_id"], "last_used": str(k["last_seen_date"])} for k in keys]},
        evidence_query="select api_key_id, api_key_name, api_key_status, last_seen_date from dim_api_keys where "
        f"api_key_id in ({', '.join(quoted(each) for each in ids)}) order by api_key_id",
        period=period,
    )


STRATEGY = Strategy(NAME, VERSION, {"keys": KEYS}, recommend, no_listing)
