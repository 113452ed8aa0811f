"""Prompts far longer than usual for their purpose, cut.

Put here: words. Keep out: what inputs and outputs share (`shorter`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import frame_of
from ml.optimization.lengths import LENGTHS, lengths, no_lengths
from ml.optimization.model_advice import situation
from ml.optimization.params import OptimizationParams
from ml.optimization.price_cards import PRICES_FROM_NOW
from ml.optimization.shorter import shorten
from ml.optimization.strategy import Strategy
from ml.optimization.workloads import USAGE

if TYPE_CHECKING:
    import pandas as pd

NAME = "prompt_length"
VERSION = "1"
ACTIONS = (
    "Look at the longest requests of this purpose: whole documents, old turns, tool results that nobody reads",
    "Cut them: retrieve parts, summarise old turns, limit tool results",
)


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """At most one per scope × provider × model × purpose."""
    seen = situation(inputs, as_of, params)
    found = [
        advice
        for each in lengths(inputs["lengths"], seen.workloads)
        if (advice := shorten(each, "input", seen, "shorter prompts", ACTIONS)) is not None
    ]
    return frame_of(found, NAME, VERSION, scored_at_utc, params)


STRATEGY = Strategy(
    NAME, VERSION, {"usage": USAGE, "prices": PRICES_FROM_NOW, "lengths": LENGTHS}, recommend, no_lengths
)
