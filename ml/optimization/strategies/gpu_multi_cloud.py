"""The same GPU in another cloud, where its hour costs less.

Put here: the comparison. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate, rate_for
from ml.optimization.params import OptimizationParams


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
    return gpu_advice(
        host,
        period,
        lever="gpu_price",
        title=f"{host.host}: {host.gpu_name} at {best.cloud} ({best.instance_type})",
        description=f"{best.usd_per_hour} USD an hour instead of {host.usd_per_hour}.",
        actions=("Count what moving the data costs, once and each month", "Move what needs no data of this cloud"),
        slices=host.cheaper(best.usd_per_hour),
        effort="high",
        risk="medium",
        saving_kind="price",
        evidence={"rate": best.rate_id, "not_counted": "data transfer"},
        assumed_share=Decimal("0.2"),
    )


STRATEGY = gpu_strategy("multi_cloud", "1", _judge)
