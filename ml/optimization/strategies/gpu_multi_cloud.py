"""The same GPU in another cloud, where its hour costs less.

Put here: the comparison. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.gpus import GPUS, RATES, GpuHost, Rate, gpu_advice, gpu_hosts, no_gpus, period_of, rate_for, rates
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME = "multi_cloud"
VERSION = "1"


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per host and kind of GPU."""
    period, known = period_of(as_of, params), rates(inputs)
    found = [_judge(host, known, period, params) for host in gpu_hosts(inputs, as_of, params)]
    advice = [each for each in found if each is not None and each.is_worth_it(params)]
    return frame_of(advice, NAME, VERSION, scored_at_utc, params)


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    if host.rate is None:
        return None
    clouds = {rate.cloud for rate in known} - {host.rate.cloud}
    options = [rate_for(host.gpu_name, known, cloud, host.rate.purchase_option) for cloud in sorted(clouds)]
    cheaper = [rate for rate in options if rate is not None and rate.usd_per_hour < host.usd_per_hour]
    best = min(cheaper, key=lambda rate: (rate.usd_per_hour, rate.rate_id), default=None)
    if best is None:
        return None
    share = 1 - best.usd_per_hour / host.usd_per_hour
    parts = [(part, host.ahead(part)) for part in ("busy", "idle")]
    return gpu_advice(
        host,
        period,
        lever="gpu_price",
        title=f"{host.host}: {host.gpu_name} at {best.cloud} ({best.instance_type})",
        description=f"{best.usd_per_hour} USD an hour instead of {host.usd_per_hour}.",
        actions=("Count what moving the data costs, once and each month", "Move what needs no data of this cloud"),
        slices=[host.part(part, cost, cost * share) for part, cost in parts],
        effort="high",
        risk="medium",
        saving_kind="price",
        evidence={"rate": best.rate_id, "not_counted": "data transfer"},
        assumed_share=Decimal("0.2"),
    )


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, no_gpus)
