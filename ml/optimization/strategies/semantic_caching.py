"""Questions that were asked before, answered from a cache of one's own.

Put here: why it is skipped, until something says which prompts are alike. Keep out: caches of providers
(`prompt_caching`).

How many questions repeat can only be seen in prompts or hashes of prompts, and neither is landed: text from outside
stays outside. So nothing is recommended; a share of repeats is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from ml.optimization.advice import frame_of
from ml.optimization.params import OptimizationParams
from ml.optimization.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NAME = "semantic_caching"
VERSION = "1"
REASON = "whether questions repeat is not known: no source lands prompts or hashes of prompts"


def lacking(inputs: Mapping[str, pd.DataFrame]) -> str | None:
    """Always, as the warehouse stands."""
    return REASON


def recommend(
    inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime, params: OptimizationParams
) -> pd.DataFrame:
    """Nothing."""
    return frame_of((), NAME, VERSION, scored_at_utc, params)


STRATEGY = Strategy(NAME, VERSION, {}, recommend, lacking)
