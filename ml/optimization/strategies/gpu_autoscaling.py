"""Fewer GPUs in hours in which fewer do the work, where the day has peaks and troughs.

Put here: how many are needed. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate
from ml.optimization.params import OptimizationParams


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    spare, busy = host.ahead("spare"), host.ahead("busy")
    if len(host.gpu_ids) < 2:
        return None
    return gpu_advice(
        host,
        period,
        lever="gpu_count",
        title=f"{host.host}: scale {len(host.gpu_ids)} × {host.gpu_name} with the load",
        description="In the hours in which it works, fewer of its GPUs would do, none of them more than 70 % full.",
        actions=(
            "Run each GPU as a replica of its own behind a queue or load balancer",
            "Scale by the load: at least one, and a fifth more than the peak seen",
        ),
        slices=(host.part("busy", busy, spare),),
        effort="medium",
        risk="low",
        evidence={"spare_usd_in_30_days": str(spare)},
        assumed_share=Decimal("0.2"),
    )


STRATEGY = gpu_strategy("auto_scaling", "1", _judge)
