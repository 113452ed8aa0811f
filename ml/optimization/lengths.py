"""How long inputs and outputs are for one purpose, and how much is far beyond the usual.

Put here: the query, reading it. Keep out: what could be done about it (`strategies`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.optimization.workloads import Workload, clean_rows, workload_key

if TYPE_CHECKING:
    import pandas as pd

FAR_BEYOND = 3
"""So many times the median of its purpose a request is far beyond the usual."""

LENGTHS = f"""
with requests as (
    select usage_date, provider_id, model_id, project_id, team_id, feature, input_tokens,
        coalesce(output_tokens, 0) as output_tokens
    from intermediate.int_requests_priced
    where is_billable and status is distinct from 'error' and contracted_cost_usd is not null and input_tokens > 0
        and usage_date >= $as_of - interval 30 day and usage_date < $as_of
),
usual as (
    select provider_id, model_id, project_id, team_id, feature,
        cast(median(input_tokens) as bigint) as usual_input, cast(median(output_tokens) as bigint) as usual_output
    from requests
    group by all
    having count(*) >= 50
)
select
    requests.usage_date,
    requests.provider_id,
    requests.model_id,
    requests.project_id,
    requests.team_id,
    requests.feature,
    usual.usual_input,
    usual.usual_output,
    cast(count(*) as bigint) as requests,
    cast(sum(requests.input_tokens) as bigint) as input_tokens,
    cast(sum(requests.output_tokens) as bigint) as output_tokens,
    cast(sum(greatest(requests.input_tokens - {FAR_BEYOND} * usual_input, 0)) as bigint) as excess_input,
    cast(sum(greatest(requests.output_tokens - {FAR_BEYOND} * usual_output, 0)) as bigint) as excess_output
from requests
inner join usual
    on usual.provider_id is not distinct from requests.provider_id
    and usual.model_id is not distinct from requests.model_id
    and usual.project_id is not distinct from requests.project_id
    and usual.team_id is not distinct from requests.team_id
    and usual.feature is not distinct from requests.feature
group by all
order by all
"""


@dataclass
class Lengths:
    """One purpose of a workload: the usual length of input and output, and tokens beyond `FAR_BEYOND` times it."""

    workload: Workload
    feature: str | None
    usual: dict[str, int]
    excess: dict[str, dict[date, int]] = field(default_factory=lambda: {"input": {}, "output": {}})
    total: dict[str, dict[date, int]] = field(default_factory=lambda: {"input": {}, "output": {}})

    def excess_ahead(self, side: str) -> Decimal:
        """Tokens far beyond the usual, in the days ahead."""
        return self.workload.quantity_ahead(self.excess[side])

    def total_ahead(self, side: str) -> Decimal:
        """All tokens of the purpose, in the days ahead."""
        return self.workload.quantity_ahead(self.total[side])


def lengths(frame: pd.DataFrame, found: Sequence[Workload]) -> list[Lengths]:
    """Of the workloads that come again, by purpose."""
    known = {each.key: each for each in found if each.is_live}
    result: dict[tuple[Any, ...], Lengths] = {}
    for row in [] if frame.empty else clean_rows(frame):
        key = workload_key(row)
        if key not in known:
            continue
        usual = {"input": int(row["usual_input"]), "output": int(row["usual_output"])}
        each = result.setdefault((*key, row["feature"]), Lengths(known[key], row["feature"], usual))
        day = row["usage_date"]
        for side in ("input", "output"):
            for by_day, column in ((each.excess, f"excess_{side}"), (each.total, f"{side}_tokens")):
                by_day[side][day] = by_day[side].get(day, 0) + int(row[column] or 0)
    return [result[key] for key in sorted(result, key=str)]


def no_lengths(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why strategies on lengths are skipped."""
    if inputs["lengths"].empty:
        return "no purpose has 50 single requests with a known cost in the last 30 days"
    return None
