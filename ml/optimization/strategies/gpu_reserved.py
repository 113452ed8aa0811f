"""GPUs that work most of the time, reserved.

Put here: when it pays. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.gpus import GPUS, RATES, GpuHost, Rate, gpu_advice, gpu_hosts, no_gpus, period_of, rate_for, rates
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME = "reserved_capacity"
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


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, no_gpus)
