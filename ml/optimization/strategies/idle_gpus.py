"""Hosts that run while none of their GPUs works: switched off in these hours.

Put here: which hours, what they cost. Keep out: reading, rates (`gpus`).
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

NAME = "idle_gpus"
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


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, no_gpus)
