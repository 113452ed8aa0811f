"""Fewer GPUs in hours in which fewer do the work, where the day has peaks and troughs.

Put here: how many are needed. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.gpus import GPUS, RATES, GpuHost, Rate, gpu_advice, gpu_hosts, no_gpus, period_of, rates
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME = "auto_scaling"
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


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, no_gpus)
