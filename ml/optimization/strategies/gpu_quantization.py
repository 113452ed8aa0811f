"""A model in fewer bits needs less memory, and so a smaller GPU.

Put here: which precision, which GPU. Keep out: reading, rates (`gpus`).
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

NAME = "quantization"
VERSION = "1"
SERVING = ("serve", "serving", "infer", "llm", "vllm", "tgi")
"""Words in the name of a host that say it serves a model."""
PRECISIONS = (("int8", Decimal("0.5"), Decimal("0.02")), ("int4", Decimal("0.25"), Decimal("0.05")))
"""Name, memory left of fp16, quality lost: usual figures, to be measured."""
LEAST_QUALITY = Decimal("0.95")
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
    if host.rate is None or not host.is_named(*SERVING) or host.memory_mib <= 0 or host.utilization is None:
        return None
    options = [
        (rate.usd_per_hour, lost, name, rate)
        for name, left, lost in PRECISIONS
        if 1 - lost >= LEAST_QUALITY
        for rate in known
        if (rate.cloud, rate.purchase_option) == (host.rate.cloud, host.rate.purchase_option)
        and rate.usd_per_hour < host.usd_per_hour
        and (rate.memory_gib or 0) * 1024 >= host.memory_mib * left * SPARE
        and rate.usd_per_hour >= host.utilization * host.usd_per_hour
    ]
    if not options:
        return None
    usd, lost, name, best = min(options, key=lambda option: (option[0], option[1], option[3].rate_id))
    share = 1 - usd / host.usd_per_hour
    parts = [(part, host.ahead(part)) for part in ("busy", "idle")]
    return gpu_advice(
        host,
        period,
        lever="gpu_type",
        title=f"{host.host}: serve in {name} on {best.instance_type}",
        description=f"It uses {host.memory_mib / 1024:.0f} GiB; in {name} it would fit {best.memory_gib} GiB.",
        actions=(f"Measure the quality in {name}", f"Move to {best.instance_type}, when it is good and fast enough"),
        slices=[host.part(part, cost, cost * share) for part, cost in parts],
        effort="medium",
        risk="medium",
        saving_kind="price",
        evidence={
            "rate": best.rate_id,
            "assumption": f"weights are fp16 today; {name} loses {lost:.0%} of the quality",
        },
        assumed_share=Decimal("0.3"),
    )


def nothing_served(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Why it is skipped."""
    if lacks := no_gpus(inputs):
        return lacks
    if not any(word in str(host).lower() for host in inputs["gpus"]["host"] for word in SERVING):
        return "which GPUs serve a model is not known: no name of a host says so"
    return None


STRATEGY = Strategy(NAME, VERSION, {"gpus": GPUS, "rates": RATES}, recommend, nothing_served)
