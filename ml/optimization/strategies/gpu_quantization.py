"""A model in fewer bits needs less memory, and so a smaller GPU.

Put here: which precision, which GPU. Keep out: reading, rates (`gpus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml.optimization.advice import Advice
from ml.optimization.gpu_advice import gpu_advice, gpu_strategy
from ml.optimization.gpus import GpuHost, Rate, unnamed
from ml.optimization.params import OptimizationParams

SERVING = ("serve", "serving", "infer", "llm", "vllm", "tgi")
"""Words in the name of a host that say it serves a model."""
PRECISIONS = (("int8", Decimal("0.5"), Decimal("0.02")), ("int4", Decimal("0.25"), Decimal("0.05")))
"""Name, memory left of fp16, quality lost: usual figures, to be measured."""
LEAST_QUALITY = Decimal("0.95")
SPARE = Decimal("1.2")


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
    return gpu_advice(
        host,
        period,
        lever="gpu_type",
        title=f"{host.host}: serve in {name} on {best.instance_type}",
        description=f"It uses {host.memory_mib / 1024:.0f} GiB; in {name} it would fit {best.memory_gib} GiB.",
        actions=(f"Measure the quality in {name}", f"Move to {best.instance_type}, when it is good and fast enough"),
        slices=host.cheaper(usd),
        effort="medium",
        risk="medium",
        saving_kind="price",
        evidence={
            "rate": best.rate_id,
            "assumption": f"weights are fp16 today; {name} loses {lost:.0%} of the quality",
        },
        assumed_share=Decimal("0.3"),
    )


STRATEGY = gpu_strategy(
    "quantization", "1", _judge, unnamed(SERVING, "which GPUs serve a model is not known: no name of a host says so")
)
