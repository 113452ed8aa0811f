"""A smaller GPU, where neither its speed nor its memory is used.

Put here: the choice by price and memory. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate
from ml.optimization.params import OptimizationParams

MOST_USE = Decimal("0.5")
MOST_MEMORY = Decimal("0.6")
SPARE = Decimal("1.2")


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    used, memory = host.utilization, host.rate.memory_gib if host.rate else None
    if host.rate is None or used is None or memory is None or host.memory_mib <= 0:
        return None
    if used >= MOST_USE or host.memory_mib >= MOST_MEMORY * memory * 1024:
        return None
    options = [
        rate
        for rate in known
        if (rate.cloud, rate.purchase_option) == (host.rate.cloud, host.rate.purchase_option)
        and (rate.memory_gib or 0) * 1024 >= host.memory_mib * SPARE
        and used * host.usd_per_hour * SPARE <= rate.usd_per_hour < host.usd_per_hour
    ]
    best = min(options, key=lambda rate: (rate.usd_per_hour, rate.rate_id), default=None)
    if best is None:
        return None
    return gpu_advice(
        host,
        period,
        lever="gpu_type",
        title=f"{host.host}: {best.instance_type} instead of {host.rate.instance_type}",
        description=f"When it works, it is {used:.0%} full and uses {host.memory_mib / 1024:.0f} of {memory} GiB.",
        actions=(f"Try the work on {best.instance_type}", "Move it, when it is fast enough"),
        slices=host.cheaper(best.usd_per_hour),
        effort="medium",
        risk="low",
        saving_kind="price",
        evidence={"rate": best.rate_id, "assumption": "speed goes with price: never below the use times the rate"},
        assumed_share=Decimal("0.2"),
    )


STRATEGY = gpu_strategy("right_sizing", "1", _judge)
