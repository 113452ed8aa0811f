"""A smaller GPU, where neither its speed nor its memory is used.

Put here: the choice by price and memory. Keep out: reading, rates (`gpus`).
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

NAME = "right_sizing"
VERSION = "1"
MOST_USE = Decimal("0.5")
MOST_MEMORY = Decimal("0.6")
SPARE = Decimal("1.2")


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
    share = 1 - best.usd_per_hour / host.usd_per_hour
    parts = [(part, host.ahead(part)) for part in ("busy", "idle")]
    return gpu_advice(
        host,
        period,
        lever="gpu_type",
        title=f"{host.host}: {best.instance_type} instead of {host.rate.instance_type}",
        description=f"When it works, it is {used:.0%} full and uses {host.memory_mib / 1024:.0f} of {memory} GiB.",
        actions=(f"Try the work on {best.instance_type}", "Move it, when it is fast enough"),
        slices=[host.part(part, cost, cost * share) for part, cost in parts],
        effort="medium",
        risk="low",
        saving_kind="price",
        evidence={"rate": best.rate_id, "assumption": "speed goes with price: never below the use times the rate"},
        assumed_share=Decimal("0.2"),
    )


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, no_gpus)
