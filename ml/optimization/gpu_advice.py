"""Strategies on the GPUs of one host: each judges a host, the rest is alike.

Put here: what they share. Keep out: reading, rates (`gpus`), what is judged (`strategies`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.optimization.advice import Advice, Slice, frame_of
from ml.optimization.evidence import gpu_query
from ml.optimization.gpus import GPUS, RATES, GpuHost, Rate, gpu_hosts, no_gpus, period_of, rates
from ml.optimization.model_advice import TELL
from ml.optimization.params import OptimizationParams
from ml.optimization.recurring import Recurring
from ml.optimization.strategy import Lacking, Strategy

if TYPE_CHECKING:
    import pandas as pd

Judge = Callable[[GpuHost, Sequence[Rate], tuple[date, date], OptimizationParams], Advice | None]


def gpu_strategy(name: str, version: str, judge: Judge, lacking: Lacking = no_gpus) -> Strategy:
    """A strategy with at most one recommendation per host and kind of GPU."""

    def recommend(
        inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
    ) -> pd.DataFrame:
        period, known = period_of(as_of, params), rates(inputs)
        found = [judge(host, known, period, params) for host in gpu_hosts(inputs, as_of, params)]
        advice = [each for each in found if each is not None and each.is_worth_it(params)]
        return frame_of(advice, name, version, scored_at_utc, params)

    return Strategy(name, version, {"gpus": GPUS, "rates": RATES}, recommend, lacking)


def gpu_advice(
    host: GpuHost,
    period: tuple[date, date],
    *,
    lever: str,
    title: str,
    description: str,
    actions: Sequence[str],
    slices: Sequence[Slice],
    effort: str,
    risk: str,
    evidence: Mapping[str, Any],
    assumed_share: Decimal = Decimal(0),
    saving_kind: str = "volume",
) -> Advice:
    """Advice on the GPUs of one host."""
    saving = sum((each.saving_usd for each in slices), Decimal(0))
    width = host.outlook.relative_half_width if isinstance(host.outlook, Recurring) else Decimal(1)
    return Advice(
        identity=(host.gpu_name,),
        lever=lever,
        saving_kind=saving_kind,
        title=title,
        description=description,
        actions=(*actions, TELL),
        scope_type="host",
        scope_id=host.host,
        slices=tuple(each for each in slices if each.cost_usd > 0),
        half_width_usd=saving * (width + assumed_share),
        effort=effort,
        risk=risk,
        evidence={
            "gpus": len(host.gpu_ids),
            "busy_ratio": f"{host.busy_ratio:.4f}",
            "usd_per_hour": str(host.usd_per_hour),
            **evidence,
        },
        evidence_query=gpu_query(host=host.host, start=period[0], end=period[1]),
        period=period,
    )
