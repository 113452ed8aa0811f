"""Work that can be interrupted, on spot capacity.

Put here: which hosts do which work, what share of it moves. Keep out: rates (`gpus`), whether it fits (`spot`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate, rate_for, unnamed
from ml.optimization.params import OptimizationParams
from ml.optimization.spot import spot_advice

WORK = (
    ("stateful", ("stateful", "database", "-db")),
    ("batch", ("train", "batch", "eval", "finetune", "fine-tune")),
    ("stateless", ("stateless", "worker")),
)
"""Kinds of work by words in the name of a host, first match; what serves people is not guessed."""
NAMED = tuple(word for _, words in WORK for word in words)


def _work(host: GpuHost) -> str | None:
    return next((kind for kind, words in WORK if host.is_named(*words)), None)


def _judge(
    host: GpuHost, known: Sequence[Rate], period: tuple[date, date], params: OptimizationParams
) -> Advice | None:
    spot = rate_for(host.gpu_name, known, host.rate.cloud, "spot") if host.rate else None
    work = _work(host)
    if spot is None or work is None or host.usd_per_hour <= 0:
        return None
    found = spot_advice(spot.recent_prices, host.usd_per_hour, work, params.spot_interruption_ratio)
    if not found.is_advised:
        return None
    share = params.spot_share if work == "batch" else params.spot_share_stateless
    busy = host.ahead("busy")
    bid = f"{found.bid_cap_usd_per_hour.normalize():f}"
    return gpu_advice(
        host,
        period,
        lever="gpu_price",
        title=f"{host.host}: {share:.0%} of its work on spot capacity",
        description=f"{found.mean_usd_per_hour:.4f} USD an hour instead of {host.usd_per_hour:.4f}; the name says "
        f"{work} work: {found.reason}.",
        actions=(
            "Write checkpoints often enough to lose little",
            f"Run on spot capacity, bid at most {bid} USD an hour, and on demand where there is none",
        ),
        slices=(host.part("busy", busy, busy * share * found.saving_pct / 100),),
        effort="medium",
        risk="medium",
        saving_kind="price",
        evidence={
            "spot_rate": spot.rate_id,
            "spot_prices": " ".join(f"{price.normalize():f}" for price in spot.recent_prices),
            "bid_cap_usd_per_hour": bid,
            "work": work,
            "interruption_ratio": str(params.spot_interruption_ratio),
            "assumption": f"{share:.0%} of the work can be interrupted (spot_share); the owner knows",
        },
        assumed_share=Decimal("0.3"),
    )


STRATEGY = gpu_strategy(
    "spot_instances",
    "2",
    _judge,
    unnamed(NAMED, "which work can be interrupted is not known: no name of a host says so"),
)
