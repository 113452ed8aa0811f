"""Groq's metrics as series: per-second rates over the five minutes before each sample.

A series has samples while it had a request in the last hour, and a gap otherwise. Put here: series and samples.
Keep out: queries, HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingestion.demo.providers.ledger import TOKEN_COLUMNS, Integers
from ingestion.demo.providers.moments import HOUR, MINUTE, SECOND
from ingestion.demo.providers.visibility import Visibility

WINDOW = 5 * MINUTE
BOUNDS = (64, 256, 1024, 4096, 16_384, 65_536, 262_144)
_INPUT = [name for name in TOKEN_COLUMNS if name != "output_tokens"]


@dataclass(frozen=True)
class Series:
    """Labels (with `__name__`) and what happened when: counts at moments in microseconds since 1970."""

    labels: dict[str, str]
    moment: Integers
    count: Integers
    chance: npt.NDArray[np.uint64]

    def rates(self, times: Integers, visibility: Visibility) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        """Which of `times` have a sample, and all rates per second."""
        rows = slice(*np.searchsorted(self.moment, [times[0] - HOUR, times[-1] + 1]).tolist())
        moment = self.moment[rows]
        shown = visibility.shows_usage(moment, self.chance[rows])
        moment = moment[shown]
        running = np.concatenate([[0], np.cumsum(self.count[rows][shown])])
        until = np.searchsorted(moment, times, "right")
        sums = running[until] - running[np.searchsorted(moment, times - WINDOW, "right")]
        is_active = (until > np.searchsorted(moment, times - HOUR, "right")) & (times <= visibility.now_micros)
        return is_active, sums * SECOND / WINDOW


def _parts(frame: pd.DataFrame, by: list[str]) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    for values, part in frame.groupby(by, dropna=False, sort=True):
        named = zip(by, values, strict=True)
        yield {name: value for name, value in named if isinstance(value, str)}, part


def _series(name: str, labels: dict[str, str], part: pd.DataFrame, count: Integers) -> Series:
    moments = part["requested_at_utc"].to_numpy().astype("datetime64[us]").astype(np.int64)
    return Series({"__name__": name, **labels}, moments, count, part["chance"].to_numpy())


def _token_series(labels: dict[str, str], part: pd.DataFrame) -> Iterator[Series]:
    counts = {"tokens_in": part["tokens_in"].to_numpy(), "tokens_out": part["output_tokens"].to_numpy()}
    answered = part["status_code"].to_numpy() != "429"
    for name, count in counts.items():
        yield _series(f"model_project_id:{name}:rate5m", labels, part, count)
        for bound in (*BOUNDS, None):
            within = answered & (count <= bound) if bound is not None else answered
            le = {"le": "+Inf" if bound is None else str(bound)}
            yield _series(f"le_model_project_id:{name}_bucket:rate5m", le | labels, part, within.astype(np.int64))
    hits = (part["cache_read_tokens"].to_numpy() > 0).astype(np.int64)
    yield _series("model_project_id:prompt_cache_hits:rate5m", labels, part, hits)
    yield _series("model_project_id:prompt_cache_misses:rate5m", labels, part, answered.astype(np.int64) - hits)


def all_series(requests: pd.DataFrame) -> list[Series]:
    """Every series of the company's use of Groq. A request without a project has no `project_id` label."""
    if requests.empty:
        return []
    ordered = requests.sort_values("requested_at_utc", kind="stable")
    ordered = ordered.assign(tokens_in=ordered[_INPUT].sum(axis=1))
    found: list[Series] = []
    for labels, part in _parts(ordered, ["model", "project_id"]):
        found.extend(_token_series(labels, part))
    for labels, part in _parts(ordered, ["model", "project_id", "status_code"]):
        name = "model_project_id_status_code:requests:rate5m"
        found.append(_series(name, labels, part, np.ones(len(part), np.int64)))
    return found
