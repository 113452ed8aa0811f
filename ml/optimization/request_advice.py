"""Strategies on single requests: each finds something in their classes, the rest is alike.

Put here: what they share. Keep out: reading requests (`requests`), what is found (`strategies`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import Advice, frame_of
from ml.optimization.model_advice import Situation, situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.requests import REQUESTS, RequestClass, by_workload, no_requests, request_classes
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd

Find = Callable[[list[RequestClass], Situation], Iterable[Advice]]


def request_strategy(name: str, version: str, find: Find) -> Strategy:
    """A strategy that finds what could be done about the classes of requests that come again."""

    def recommend(
        inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
    ) -> pd.DataFrame:
        seen = situation(inputs, as_of, params)
        found = find(request_classes(inputs["requests"], seen.workloads), seen)
        return frame_of(found, name, version, scored_at_utc, params)

    return Strategy(
        name, version, {"usage": USAGE, "prices": PRICES_FROM_NOW, "requests": REQUESTS}, recommend, no_requests
    )


def each_workload(judge: Callable[[list[RequestClass], Situation], Advice | None]) -> Find:
    """Judges the classes of one workload together: at most one recommendation of each."""

    def find(classes: list[RequestClass], seen: Situation) -> list[Advice]:
        return [found for alike in by_workload(classes) if (found := judge(alike, seen)) is not None]

    return find
