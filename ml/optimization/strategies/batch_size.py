"""Requests of one's own servers answered together: larger batches, where requests come faster than one is done.

Put here: how many come within a second, and what answering them together saves. Keep out: batch interfaces of
providers (`batch_tier`), several questions in one call (`small_requests`).

How many run at the same time is what a server's own clocks say (seconds of prefill and decode in an hour of work); a
server that batches as requests come is at its best already, and then nothing is recommended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.optimization.advice import Advice, frame_of
from ml.optimization.gpu_advice import gpu_advice
from ml.optimization.gpus import GPUS, RATES, GpuHost, gpu_hosts, no_gpus, period_of
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import clean_rows

if TYPE_CHECKING:
    import pandas as pd

NAME = "batch_size"
VERSION = "1"
SERVED = """
with served as (
    select host, hour_start_utc, request_count as requests, prefill_seconds + decode_seconds as running_seconds
    from staging.stg_gpu__served_tokens
    union all
    select
        host,
        hour_start_utc,
        case when metric = 'requests' then increase end,
        case when metric in ('prefill_seconds', 'decode_seconds') then increase end
    from staging.stg_prometheus__serving_metrics
)
select
    host,
    cast(count(distinct case when requests > 0 then hour_start_utc end) as bigint) as hours,
    cast(sum(requests) as decimal(38, 12)) as requests,
    cast(sum(running_seconds) as decimal(38, 12)) as running_seconds
from served
where host is not null and hour_start_utc >= $as_of - interval 30 day and hour_start_utc < $as_of
group by host
having sum(requests) > 0
order by host
"""
"""What servers answered by host: hours with requests, requests, seconds of all of them together."""


def lacking(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """That no server of one's own says how many requests it answers."""
    if lacks := no_gpus(inputs):
        return lacks
    known = set(inputs["gpus"]["host"])
    if inputs["served"].empty or not known & set(inputs["served"]["host"]):
        return "no measured host says how many requests it serves (served_tokens of GPU logs, metrics of its server)"
    return None


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per host and kind of GPU."""
    served = {str(row["host"]): row for row in clean_rows(inputs["served"])}
    found = [
        _judge(host, served[host.host], period_of(as_of, params), params)
        for host in gpu_hosts(inputs, as_of, params)
        if host.host in served
    ]
    advice = [each for each in found if each is not None and each.is_worth_it(params)]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(
    host: GpuHost, served: Mapping[str, Any], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    hours, requests, running = int(served["hours"] or 0), Decimal(served["requests"] or 0), served["running_seconds"]
    if not hours or requests <= 0:
        return None
    mean_ms = Decimal(hours) * 3_600_000 / requests
    now = Decimal(1) if running is None else max(Decimal(running) / (hours * 3_600), Decimal(1))
    size = min(params.most_requests_per_batch, int(1_000 / mean_ms) + 1)
    if size <= now * params.least_batch_growth:
        return None
    share = min(params.most_batch_saving, (size - now) * params.batch_saving_per_request)
    busy = host.ahead("busy")
    return gpu_advice(
        host,
        period,
        lever="batch_size",
        title=f"{host.host}: answer up to {size} requests together",
        description=f"A request comes every {mean_ms:,.0f} ms while it works, and {now:.1f} are answered at a time.",
        actions=(
            f"Set the largest batch to {size}, and wait {2 * mean_ms:,.0f} ms at most until it is full",
            "Look at how long the slowest requests take: a batch waits for its last",
        ),
        slices=(host.part("busy", busy, busy * share),),
        effort="low",
        risk="low",
        evidence={
            "mean_milliseconds_between_requests": f"{mean_ms:.3f}",
            "requests_at_a_time": f"{now:.2f}",
            "batch_size": str(size),
            "time_out_milliseconds": f"{2 * mean_ms:.3f}",
            "assumption": f"each more request in a batch saves {params.batch_saving_per_request:.0%} of the busy "
            f"hours, {params.most_batch_saving:.0%} at most (batch_saving_per_request)",
        },
        assumed_share=Decimal(1),
    )


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES, "served": SERVED}, recommend, lacking)
