"""What goes wrong and what changes: the events planted in the ordinary traffic.

Put here: each planted event's effect on requests. Keep out: their dates (`dates`), how files show them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from ingestion.demo.company.company import KEY_NUMBER
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.models import MODEL_NUMBER, MODELS, UNKNOWN_MODEL
from ingestion.demo.company.projects import PROJECT_NUMBER
from ingestion.demo.company.traffic import (
    ERROR_TYPES,
    MICROSECONDS_PER_HOUR,
    TIER_NUMBER,
    Integers,
    random_for,
)

DAY = 24 * MICROSECONDS_PER_HOUR
RUNAWAY_HOURS = 14
RUNAWAY_FACTOR = 60
RUNAWAY_KEY = "apikey_research_agents_auto"
RUNAWAY_FIRST_HOUR = 8
CACHE_BREAK_PROJECT = "proj_support_bot"
LITELLM_PROJECT = "proj_campaign_copy"
ITERATING_PROJECT = "proj_research_agents"


def _between(requests: pd.DataFrame, calendar: Calendar, first: date, last: date) -> pd.Series:
    start = (first - calendar.first).days * DAY
    end = ((last - calendar.first).days + 1) * DAY
    return (requests["moment"] >= start) & (requests["moment"] < end)


def _break_cache(requests: pd.DataFrame, calendar: Calendar, random: np.random.Generator) -> None:
    """A changed prompt prefix: what used to be read from the cache is written to it anew each time."""
    rows = _between(requests, calendar, *calendar.cache_break) & (
        requests["project"] == PROJECT_NUMBER[CACHE_BREAK_PROJECT]
    )
    read = requests.loc[rows, "cache_read_tokens"].to_numpy()
    lost = (read * random.uniform(0.92, 0.99, len(read))).astype(np.int64)
    written = (lost * 0.8).astype(np.int64)
    requests.loc[rows, "cache_read_tokens"] = read - lost
    requests.loc[rows, "cache_write_5m_tokens"] += written
    requests.loc[rows, "uncached_input_tokens"] += lost - written


def _run_away(requests: pd.DataFrame, calendar: Calendar, random: np.random.Generator, scale: float) -> pd.DataFrame:
    """An agent that loops: its key asks `RUNAWAY_FACTOR` times as much for `RUNAWAY_HOURS` hours."""
    own = requests[requests["key"] == KEY_NUMBER[RUNAWAY_KEY]]
    usual_per_day = max(len(own) / calendar.days, 12 * scale)
    count = max(20, round(usual_per_day / 24 * RUNAWAY_FACTOR * RUNAWAY_HOURS))
    extra = own.iloc[random.integers(0, len(own), count)].copy()
    start = (calendar.runaway_day - calendar.first).days * DAY + RUNAWAY_FIRST_HOUR * MICROSECONDS_PER_HOUR
    extra["moment"] = start + random.integers(0, RUNAWAY_HOURS * MICROSECONDS_PER_HOUR, count)
    extra["user"] = -1
    newest = own.sort_values("moment")["model"].tail(40).to_numpy()
    extra["model"] = random.choice(newest, count)
    limit = np.array([model.max_input_tokens for model in MODELS])[extra["model"].to_numpy()]
    total = extra[["uncached_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"]].sum(
        axis=1
    )
    shrink = np.minimum(1.0, limit / total.to_numpy())
    for column in ("uncached_input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"):
        extra[column] = (extra[column] * shrink).astype("int64")
    return extra


def _use_unknown_model(requests: pd.DataFrame, calendar: Calendar, random: np.random.Generator) -> None:
    """Part of ticket triage moves to a fine-tuned model on Azure that no price list knows."""
    rows = _between(requests, calendar, calendar.unknown_model_start, calendar.last) & (
        requests["project"] == PROJECT_NUMBER["proj_ticket_triage"]
    )
    chosen = requests.index[rows][random.random(rows.sum()) < 0.12]
    requests.loc[chosen, "model"] = MODEL_NUMBER[UNKNOWN_MODEL]
    requests.loc[chosen, "key"] = KEY_NUMBER["key_ticket_triage_azure"]
    requests.loc[chosen, "reasoning_tokens"] = 0


def _use_unknown_tier(requests: pd.DataFrame, calendar: Calendar, random: np.random.Generator) -> None:
    rows = _between(requests, calendar, *calendar.unknown_tier) & (
        requests["project"] == PROJECT_NUMBER["proj_evaluation_lab"]
    )
    candidates = requests.index[rows & ~requests["is_batch"]]
    chosen = random.choice(candidates, min(len(candidates), max(3, len(candidates) // 9)), replace=False)
    requests.loc[chosen, ["requested_tier", "served_tier"]] = TIER_NUMBER["scale"]


def _fail_and_retry(requests: pd.DataFrame, calendar: Calendar, random: np.random.Generator) -> pd.DataFrame:
    """Some calls fail and are asked again with an id of their own; a call that timed out was charged nonetheless."""
    drawn = random.random(len(requests))
    kinds = np.select([drawn < 0.006, drawn < 0.010, drawn < 0.0125], [1, 2, 3], 0)
    kinds = np.where(requests["moment"] < calendar.days * DAY - 120_000_000, kinds, 0)
    failed = requests.index[kinds > 0]
    retries = requests.loc[failed].copy()
    retries["moment"] += random.integers(2_000_000, 60_000_000, len(retries))
    retries["retry_of"] = failed.to_numpy()
    requests["error"] = kinds
    assert ERROR_TYPES[3] == "timeout"
    lost = requests.index[(kinds == 1) | (kinds == 2)]
    for column in [name for name in requests.columns if name.endswith("_tokens")] + ["web_searches"]:
        requests.loc[lost, column] = 0
    requests.loc[lost, "duration_ms"] = random.integers(40, 900, len(lost))
    requests.loc[kinds == 3, "duration_ms"] = 120_000
    return retries


def _hit_gateway_cache(requests: pd.DataFrame, random: np.random.Generator) -> None:
    """A few answers of the LiteLLM gateway come from its own cache and never reach a provider."""
    rows = (requests["project"] == PROJECT_NUMBER[LITELLM_PROJECT]) & (requests["error"] == 0)
    chosen = requests.index[rows][random.random(rows.sum()) < 0.03]
    requests.loc[chosen, "is_billable"] = False
    requests.loc[chosen, "duration_ms"] = 6


def _iterate(requests: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Answers the provider worked out in two iterations, the second by another model (an advisor).

    The row becomes the first iteration; the second comes back. `parent` is the number of the call.
    """
    rows = (requests["project"] == PROJECT_NUMBER[ITERATING_PROJECT]) & (requests["error"] == 0)
    is_sonnet = requests["model"].isin([n for n, model in enumerate(MODELS) if "sonnet" in model.raw_name])
    chosen = requests.index[rows & is_sonnet][random.random((rows & is_sonnet).sum()) < 0.05]
    requests.loc[chosen, "parent"] = chosen
    requests.loc[chosen, "iteration"] = 0
    advice = requests.loc[chosen].copy()
    advice["iteration"] = 1
    advice["retry_of"] = -1
    advice["web_searches"] = 0
    is_new = advice["model"] == MODEL_NUMBER["claude-sonnet-4-6"]
    advice["model"] = np.where(is_new, MODEL_NUMBER["claude-opus-4-6"], MODEL_NUMBER["claude-haiku-4-5-20251001"])
    for column in ("uncached_input_tokens", "output_tokens", "reasoning_tokens"):
        advice[column] = advice[column] // 3
    for column in ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"):
        advice[column] = 0
    return advice


def _lose_logs(requests: pd.DataFrame, calendar: Calendar, is_canonical: pd.Series) -> None:
    """OpenAI's log files of two days never arrive; the bill covers them."""
    provider = np.array([model.provider for model in MODELS])[requests["model"]]
    rows = _between(requests, calendar, *calendar.missing_days) & (provider == "openai") & is_canonical
    requests.loc[rows, "is_logged"] = False


def _mix(numbers: Integers, seed: int) -> np.ndarray:
    """Distinct 64-bit ids from distinct numbers (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def with_incidents(
    requests: pd.DataFrame,
    calendar: Calendar,
    seed: int,
    scale: float,
    find_canonical: Callable[[pd.DataFrame], pd.Series],
) -> pd.DataFrame:
    """The company's requests with everything planted, in order of time.

    Adds `id` (64-bit, distinct), `day` (days after the window's start) and turns `retry_of` and `parent`
    into `retry_of_id` and `parent_id` (0: none).
    """
    random = random_for(seed, 3)
    _break_cache(requests, calendar, random)
    _use_unknown_model(requests, calendar, random)
    _use_unknown_tier(requests, calendar, random)
    requests = pd.concat([requests, _run_away(requests, calendar, random, scale)], ignore_index=True)
    retries = _fail_and_retry(requests, calendar, random)
    requests = pd.concat([requests, retries], ignore_index=True)
    _hit_gateway_cache(requests, random)
    requests = pd.concat([requests, _iterate(requests, random)], ignore_index=True)
    _lose_logs(requests, calendar, find_canonical(requests))

    numbers = np.arange(len(requests), dtype=np.int64)
    requests["id"] = _mix(numbers + 1, seed)
    for column in ("retry_of", "parent"):
        known = requests[column].to_numpy()
        shift = 1 if column == "retry_of" else 10_000_001
        requests[f"{column}_id"] = np.where(known >= 0, _mix(known + shift, seed), np.uint64(0))
    requests["day"] = requests["moment"] // DAY
    requests = requests.drop(columns=["retry_of", "parent"])
    return requests.sort_values(["moment", "id"], kind="stable", ignore_index=True)
