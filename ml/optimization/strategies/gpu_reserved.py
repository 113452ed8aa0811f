"""GPUs that work most of the time, reserved.

Put here: when it pays. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate, rate_for
from ml.optimization.params import OptimizationParams


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    reserved = rate_for(host.gpu_name, known, host.rate.cloud, "reserved") if host.rate else None
    if reserved is None or host.usd_per_hour <= 0 or host.hours < 24 * params.min_days_with_usage:
        return None
    if host.rate is not None and host.rate.purchase_option != "on_demand":
        return None
    pays_from = reserved.usd_per_hour / host.usd_per_hour
    busy = host.ahead("busy")
    all_hours = reserved.usd_per_hour * 24 * params.window_days * len(host.gpu_ids)
    if host.busy_ratio < pays_from or all_hours >= busy:
        return None
    return gpu_advice(
        host,
        period,
        lever="gpu_price",
        title=f"{host.host}: reserve {len(host.gpu_ids)} × {host.gpu_name}",
        description=f"It works {host.busy_ratio:.0%} of the time; a reservation pays from {pays_from:.0%}.",
        actions=("Reserve for a year what will be used that long", "Watch how much of the reservation is used"),
        slices=(host.part("busy", busy, busy - all_hours),),
        effort="low",
        risk="medium",
        saving_kind="price",
        evidence={"reserved_rate": reserved.rate_id, "pays_from_busy_ratio": f"{pays_from:.4f}"},
    )


STRATEGY = gpu_strategy("reserved_capacity", "1", _judge)
