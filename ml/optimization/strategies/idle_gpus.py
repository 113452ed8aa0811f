"""Hosts that run while none of their GPUs works: switched off in these hours.

Put here: which hours, what they cost. Keep out: reading, rates (`gpus`).
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
    idle = host.ahead("idle")
    always = host.busy_ratio <= Decimal("0.05")
    what = "release it" if always else "switch it off while nothing runs"
    return gpu_advice(
        host,
        period,
        lever="gpu_hours",
        title=f"{host.host}: {len(host.gpu_ids)} × {host.gpu_name} idle {1 - host.busy_ratio:.0%} of the time, {what}",
        description="In these hours not one of its GPUs works, and all are paid for.",
        actions=(
            ("Ask who needs it", "Release it")
            if always
            else ("Stop it after the last job and by a schedule at night and on weekends", "Start it with the next job")
        ),
        slices=(host.part("idle", idle, idle),),
        effort="low",
        risk="low",
        evidence={"idle_usd_in_30_days": str(idle), "hours": host.hours, "busy_hours": host.busy_hours},
    )


STRATEGY = gpu_strategy("idle_gpus", "1", _judge)
