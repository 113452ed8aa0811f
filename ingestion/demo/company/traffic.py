"""Ordinary traffic: who asks what of which model, when, and with how many tokens.

Put here: rhythm, growth and the shape of a request. Keep out: incidents (`incidents`), money, files.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingestion.demo.company.company import KEYS, USER_NUMBERS_BY_TEAM
from ingestion.demo.company.dates import Calendar
from ingestion.demo.company.models import MODELS
from ingestion.demo.company.projects import PROJECTS, TIERS_OFFERED_FROM, Project, Tokens

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MICROSECONDS_PER_HOUR = 3_600_000_000
RAMP_DAYS = 14
"""A project moves to new models over this many days."""
BIGGEST_OUTPUT = 32_000

_HOURS = {
    "office": [1, 1, 1, 1, 1, 2, 5, 14, 30, 42, 46, 44, 32, 38, 44, 46, 42, 34, 22, 13, 8, 5, 3, 2],
    "always": [10, 8, 7, 6, 6, 8, 12, 18, 25, 30, 32, 33, 32, 32, 33, 34, 34, 33, 32, 31, 29, 25, 19, 14],
    "night": [30, 34, 36, 34, 30, 22, 10, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6, 8, 12, 18, 24, 28],
}
_QUIET_DAYS = {(1, 1): 0.25, (1, 2): 0.5, (5, 1): 0.4, **{(12, day): 0.3 for day in range(24, 32)}}
"""Shares of a working day that are left on holidays."""

ERROR_TYPES = ("", "rate_limit_error", "server_error", "timeout")
TIERS = ("", "default", "standard", "flex", "priority", "scale")
TIER_NUMBER = {name: number for number, name in enumerate(TIERS)}


def random_for(seed: int, *parts: int) -> np.random.Generator:
    """An independent stream of random numbers for a part of the company."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *parts])))


def _daily_level(project: Project, calendar: Calendar, first: date, scale: float) -> Floats:
    levels = np.zeros(calendar.days)
    for number in range(calendar.days):
        day = calendar.first + timedelta(days=number)
        if day < first:
            continue
        level = project.daily_requests * scale * project.yearly_growth ** (number / 365)
        level *= project.weekend_level if day.weekday() >= 5 else (1.0, 1.06, 1.08, 1.04, 0.92)[day.weekday()]
        quiet = _QUIET_DAYS.get((day.month, day.day), 1.0)
        levels[number] = level * (quiet if project.rhythm == "office" else (1 + quiet) / 2)
    return levels


def _model_weights(project: Project, calendar: Calendar) -> Floats:
    """Share of each model, one row per day, moving from stage to stage over `RAMP_DAYS`."""
    weights = np.zeros((calendar.days, len(MODELS)))
    for start, shares in project.stages:
        target = np.array([shares.get(model.raw_name, 0.0) for model in MODELS])
        since = np.array([(calendar.first + timedelta(days=day) - start).days for day in range(calendar.days)])
        arrived = np.clip((since + 1) / RAMP_DAYS, 0, 1)[:, None]
        weights = weights * (1 - arrived) + target * arrived
    return weights


def _pick(random: np.random.Generator, weights: Floats, rows: Integers) -> Integers:
    """One column of `weights` for each of `rows`, drawn by its share."""
    cumulative = np.cumsum(weights, axis=1)[rows]
    drawn = random.random(len(rows)) * cumulative[:, -1]
    return (drawn[:, None] >= cumulative).sum(axis=1)


def _share(random: np.random.Generator, mean: float, count: int) -> Floats:
    return random.beta(mean * 9, (1 - mean) * 9, count) if mean > 0 else np.zeros(count)


def _draw_tokens(random: np.random.Generator, tokens: Tokens, model: Integers) -> dict[str, Integers]:
    """Disjoint token counts of requests to `model`, only of the meters its provider reports."""
    count = len(model)
    limit = np.array([one.max_input_tokens for one in MODELS])[model]
    total = np.minimum(random.lognormal(np.log(tokens.input_median), tokens.spread, count).astype(np.int64) + 20, limit)
    output = random.lognormal(np.log(tokens.output_median), tokens.spread, count).astype(np.int64) + 5
    output = np.minimum(output, BIGGEST_OUTPUT)
    read_share = _share(random, tokens.cache_read_share, count)
    write_share = np.minimum(_share(random, tokens.cache_write_share, count), 1 - read_share)
    one_hour = random.random(count) < tokens.one_hour_share
    reasoning_share = _share(random, tokens.reasoning_share, count)
    searches = random.poisson(tokens.web_search_rate, count)

    cache = np.array([one.cache for one in MODELS])[model]
    is_embedding = np.array([one.is_embedding for one in MODELS])[model]
    has_reasoning = np.array([one.has_reasoning for one in MODELS])[model]
    read = np.where(cache == "none", 0, (total * read_share).astype(np.int64))
    write = np.where(np.isin(cache, ["ttl", "write"]), (total * write_share).astype(np.int64), 0)
    output = np.where(is_embedding, 0, output)
    return {
        "uncached_input_tokens": total - read - write,
        "cache_read_tokens": read,
        "cache_write_tokens": np.where(cache == "write", write, 0),
        "cache_write_5m_tokens": np.where((cache == "ttl") & ~one_hour, write, 0),
        "cache_write_1h_tokens": np.where((cache == "ttl") & one_hour, write, 0),
        "output_tokens": output,
        "reasoning_tokens": np.where(has_reasoning, (output * reasoning_share).astype(np.int64), 0),
        "web_searches": searches.astype(np.int64),
    }


def _draw_users(random: np.random.Generator, project: Project, count: int) -> Integers:
    """User numbers, few of them frequent; -1 where a service asks for itself."""
    people = [number for team in project.user_teams for number in USER_NUMBERS_BY_TEAM[team]]
    if not people:
        return np.full(count, -1)
    order = random.permutation(len(people))
    weights = 1 / (1 + order) ** 0.7
    users = random.choice(people, count, p=weights / weights.sum())
    return np.where(random.random(count) < project.user_share, users, -1)


def _draw_keys(random: np.random.Generator, project_number: int, model: Integers) -> Integers:
    keys = np.zeros(len(model), dtype=np.int64)
    providers = np.array([one.provider for one in MODELS])[model]
    for provider in sorted(set(providers)):
        own = [
            (number, key.weight)
            for number, key in enumerate(KEYS)
            if key.project_number == project_number and key.provider == provider
        ]
        rows = providers == provider
        weights = np.array([weight for _, weight in own])
        keys[rows] = random.choice([number for number, _ in own], rows.sum(), p=weights / weights.sum())
    return keys


def _draw_tiers(
    random: np.random.Generator, project: Project, model: Integers, is_offered: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers, Integers]:
    """(requested tier, served tier, is batch): the evaluation lab saves, the review of code is in a hurry."""
    provider = np.array([one.provider for one in MODELS])[model]
    served = np.select(
        [provider == "openai", provider == "anthropic"], [TIER_NUMBER["default"], TIER_NUMBER["standard"]], 0
    )
    requested = np.zeros(len(model), dtype=np.int64)
    is_batch = np.zeros(len(model), dtype=np.int64)
    drawn = random.random(len(model))
    if project.id == "proj_evaluation_lab":
        is_batch = (is_offered & (drawn < 0.45)).astype(np.int64)
        flex = is_offered & (drawn >= 0.45) & (drawn < 0.62)
        requested[flex] = served[flex] = TIER_NUMBER["flex"]
    if project.id == "proj_ci_review":
        urgent = is_offered & (drawn < 0.06)
        requested[urgent] = TIER_NUMBER["priority"]
        served[is_offered & (drawn < 0.036)] = TIER_NUMBER["priority"]
    return requested, served, is_batch


def _project_requests(number: int, calendar: Calendar, seed: int, scale: float) -> pd.DataFrame:
    project = PROJECTS[number]
    random = random_for(seed, 1, number)
    first = calendar.new_project if project.id == "proj_lead_enrichment" else calendar.first
    level = _daily_level(project, calendar, first, scale) * random.lognormal(0, 0.07, calendar.days)
    day = np.repeat(np.arange(calendar.days), random.poisson(level))
    count = len(day)
    hours = np.array(_HOURS[project.rhythm], dtype=float)
    hour = random.choice(24, count, p=hours / hours.sum())
    moment = (day * 24 + hour) * MICROSECONDS_PER_HOUR + random.integers(0, MICROSECONDS_PER_HOUR, count)
    model = _pick(random, _model_weights(project, calendar), day)
    is_offered = day >= (TIERS_OFFERED_FROM - calendar.first).days
    requested, served, is_batch = _draw_tiers(random, project, model, is_offered)
    frame = pd.DataFrame(
        {
            "moment": moment,
            "project": number,
            "key": _draw_keys(random, number, model),
            "user": _draw_users(random, project, count),
            "model": model,
            "requested_tier": requested,
            "served_tier": served,
            "is_batch": is_batch.astype(bool),
            "feature": random.integers(0, len(project.features), count),
            "customer": random.integers(1, 121, count) if project.has_customers else np.full(count, -1),
            **_draw_tokens(random, project.tokens, model),
        }
    )
    speed = random.lognormal(0, 0.25, count)
    frame["duration_ms"] = ((350 + frame["output_tokens"] * 11) * speed).astype("int64")
    return frame


def _untagged_requests(calendar: Calendar, seed: int, scale: float) -> pd.DataFrame:
    """Use of the keys nobody owns: a trial here, a sandbox there."""
    frames = []
    for number, key in enumerate(KEYS):
        if key.project_number >= 0:
            continue
        random = random_for(seed, 2, number)
        day = np.repeat(np.arange(calendar.days), random.poisson(7 * scale, calendar.days))
        name = "gpt-5-mini-2025-08-07" if key.provider == "openai" else "llama-3.3-70b-versatile"
        model = np.full(len(day), next(n for n, one in enumerate(MODELS) if one.raw_name == name))
        tier = TIER_NUMBER["default"] if key.provider == "openai" else 0
        frame = pd.DataFrame(
            {
                "moment": day * 24 * MICROSECONDS_PER_HOUR + random.integers(0, 24 * MICROSECONDS_PER_HOUR, len(day)),
                "project": -1,
                "key": number,
                "user": -1,
                "model": model,
                "requested_tier": 0,
                "served_tier": tier,
                "is_batch": False,
                "feature": -1,
                "customer": -1,
                **_draw_tokens(random, Tokens(2_500, 500, 0.7, 0.1, 0, 0, 0.4), model),
            }
        )
        frame["duration_ms"] = (300 + frame["output_tokens"] * 10).astype("int64")
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def ordinary_requests(calendar: Calendar, seed: int, scale: float) -> pd.DataFrame:
    """All requests without any incident, by project and time; `moment` is microseconds after the window's start.

    Columns are numbers into `PROJECTS`, `KEYS`, `USERS`, `MODELS` and `TIERS` (-1: none), and token counts.
    """
    frames = [_project_requests(number, calendar, seed, scale) for number in range(len(PROJECTS))]
    frames.append(_untagged_requests(calendar, seed, scale))
    requests = pd.concat(frames, ignore_index=True)
    requests["error"] = 0
    requests["is_billable"] = True
    requests["is_logged"] = True
    for column in ("retry_of", "parent", "iteration"):
        requests[column] = -1
    return requests.astype({name: "int64" for name in requests.columns if requests[name].dtype.kind == "i"})
