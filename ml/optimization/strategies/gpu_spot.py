"""Work that can be interrupted, on spot capacity.

Put here: which hosts, what share. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate, rate_for, unnamed
from ml.optimization.params import OptimizationParams

INTERRUPTIBLE = ("train", "batch", "eval", "finetune", "fine-tune")
"""Words in the name of a host whose work is taken to be able to go on after an interruption."""


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    spot = rate_for(host.gpu_name, known, host.rate.cloud, "spot") if host.rate else None
    if spot is None or not host.is_named(*INTERRUPTIBLE) or spot.usd_per_hour >= host.usd_per_hour:
        return None
    busy = host.ahead("busy")
    share = params.spot_share
    cheaper = 1 - spot.usd_per_hour / host.usd_per_hour
    return gpu_advice(
        host,
        period,
        lever="gpu_price",
        title=f"{host.host}: {share:.0%} of its work on spot capacity",
        description=f"{spot.usd_per_hour} USD an hour instead of {host.usd_per_hour}; the name says work that can be "
        "interrupted.",
        actions=(
            "Write checkpoints often enough to lose little",
            "Run on spot capacity, and on demand where there is none",
        ),
        slices=(host.part("busy", busy, busy * share * cheaper),),
        effort="medium",
        risk="medium",
        saving_kind="price",
        evidence={
            "spot_rate": spot.rate_id,
            "assumption": f"{share:.0%} of the work can be interrupted (spot_share); the owner knows",
        },
        assumed_share=Decimal("0.3"),
    )


STRATEGY = gpu_strategy(
    "spot_instances",
    "1",
    _judge,
    unnamed(INTERRUPTIBLE, "which work can be interrupted is not known: no name of a host says so"),
)
