"""Work that can be interrupted, on spot capacity.

Put here: which hosts, what share. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.gpus import GPUS, RATES, GpuHost, Rate, gpu_advice, gpu_hosts, no_gpus, period_of, rate_for, rates
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME = "spot_instances"
VERSION = "1"
INTERRUPTIBLE = ("train", "batch", "eval", "finetune", "fine-tune")
"""Words in the name of a host whose work is taken to be able to go on after an interruption."""


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


def nothing_interruptible(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why it is skipped."""
    if lacks := no_gpus(inputs):
        return lacks
    if not any(word in str(host).lower() for host in inputs["gpus"]["host"] for word in INTERRUPTIBLE):
        return "which work can be interrupted is not known: no name of a host says so"
    return None


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, nothing_interruptible)
