"""A made-up year of usage by leaf with nine kinds of planted events, each with its days and the leaves it touched.

Put here: the company, its noise, what each kind of event does to requests, tokens, cache and prices.
Keep out: detection, scores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

FIRST_DAY = date(2025, 1, 6)
KINDS = (
    "retry_storm",
    "runaway_agent",
    "cache_break",
    "model_swap",
    "price_change",
    "level_shift",
    "slow_leak",
    "missing_data",
    "longer_prompts",
)
MODELS = (
    ("openai", "gpt-large", 2.5, 10.0),
    ("openai", "gpt-mini", 0.4, 1.6),
    ("anthropic", "claude-large", 3.0, 15.0),
    ("anthropic", "claude-small", 0.8, 4.0),
    ("groq", "llama", 0.6, 0.8),
)
"""Provider, model, USD per million tokens in and out; reading a cache costs a tenth of the input price."""
WATCHED_DAYS = 7
"""An event that stays is found when it is flagged within these days; a slow leak within its whole ramp."""
WARM_UP_DAYS = 70


@dataclass(frozen=True)
class Event:
    """One planted event on days `first` to `last` (numbers from 0). `leaves`: the changed ones; `truth`: its cause."""

    kind: str
    first: int
    last: int
    leaves: np.ndarray
    truth: dict[str, str]
    usd: float = 0.0


@dataclass
class Company:
    """Arrays of (days, leaves) before cost is known."""

    leaves: pd.DataFrame
    requests: np.ndarray
    input_per_request: np.ndarray
    output_per_request: np.ndarray
    cache_share: np.ndarray
    input_price: np.ndarray
    output_price: np.ndarray
    error_share: np.ndarray
    events: list[Event] = field(default_factory=list)


def make_cube(
    seed: int, days: int = 365, teams: int = 6, kinds: tuple[str, ...] = KINDS
) -> tuple[pd.DataFrame, list[Event]]:
    """Rows by day and leaf as the detector reads them, and what was planted in them."""
    random = np.random.default_rng(seed)
    company = _company(random, days, teams)
    room = (days - WARM_UP_DAYS - 10) // max(1, len(kinds))
    for number, kind in enumerate(random.permutation(np.array(kinds))):
        first = WARM_UP_DAYS + number * room + int(random.integers(0, max(1, room // 5)))
        before = _costs(company)
        event = PLANTED[kind](company, random, first, min(days - 1, first + room - 2))
        window = slice(event.first, event.last + 1)
        usd = float((_costs(company) - before)[window].sum())
        company.events.append(Event(event.kind, event.first, event.last, event.leaves, event.truth, usd))
    return _rows(company), company.events


def _company(random: np.random.Generator, days: int, teams: int) -> Company:
    records = []
    for team in range(teams):
        for project in range(2):
            for model in random.choice(len(MODELS), 2, replace=False):
                for key in range(int(random.integers(1, 3))):
                    for tier in ("standard", "batch")[: int(random.integers(1, 3))]:
                        records.append(
                            {
                                "provider_id": MODELS[model][0],
                                "model_id": MODELS[model][1],
                                "team_id": f"team_{team}",
                                "project_id": f"project_{team}_{project}",
                                "api_key_id": f"key_{team}_{project}_{key}",
                                "service_tier": tier,
                                "_model": int(model),
                            }
                        )
    leaves = pd.DataFrame(records)
    count = len(leaves)
    calendar = np.arange(days)
    weekend = random.uniform(0.25, 1.0, count)
    weekday = np.where((calendar % 7 >= 5)[:, None], weekend, 1.0)
    trend = random.uniform(0.8, 1.6, count) ** (calendar[:, None] / 365)
    noise = np.exp(random.normal(0, random.uniform(0.08, 0.2, count), (days, count)))
    _, team_number = np.unique(leaves["team_id"], return_inverse=True)
    shared = np.exp(random.normal(0, 0.06, (days, teams)))[:, team_number]
    bursts = np.where(random.random((days, count)) < 0.004, random.uniform(1.3, 1.9, (days, count)), 1.0)
    level = np.exp(random.normal(6.5, 0.8, count))
    requests = np.round(level * weekday * trend * noise * shared * bursts)

    def around(middle: np.ndarray, noise: float) -> np.ndarray:
        return middle * np.exp(random.normal(0, noise, (days, count)))

    discount = np.where(leaves["service_tier"] == "batch", 0.5, 1.0)
    models = leaves["_model"].to_numpy()
    ones = np.ones((days, 1))
    return Company(
        leaves,
        requests,
        around(np.exp(random.normal(7.5, 0.5, count)), 0.05),
        around(np.exp(random.normal(5.8, 0.5, count)), 0.05),
        np.clip(random.uniform(0.2, 0.8, count) + random.normal(0, 0.02, (days, count)), 0, 0.95),
        ones * (np.array([MODELS[m][2] for m in models]) * discount / 1e6),
        ones * (np.array([MODELS[m][3] for m in models]) * discount / 1e6),
        np.full((days, count), 0.01),
    )


def _measures(company: Company) -> dict[str, np.ndarray]:
    tokens_in = company.requests * company.input_per_request
    cached = np.round(tokens_in * company.cache_share)
    fresh = np.round(tokens_in - cached)
    out = np.round(company.requests * company.output_per_request)
    return {
        "request_count": company.requests,
        "error_count": np.round(company.requests * company.error_share),
        "uncached_input_tokens": fresh,
        "cache_read_tokens": cached,
        "cache_write_tokens": np.zeros_like(fresh),
        "output_tokens": out,
        "uncached_input_cost_usd": fresh * company.input_price,
        "cache_read_cost_usd": cached * company.input_price * 0.1,
        "cache_write_cost_usd": np.zeros_like(fresh),
        "output_cost_usd": out * company.output_price,
    }


def _costs(company: Company) -> np.ndarray:
    found = _measures(company)
    return np.sum([values for name, values in found.items() if name.endswith("_cost_usd")], axis=0)


def _rows(company: Company) -> pd.DataFrame:
    days, count = company.requests.shape
    leaves = company.leaves.drop(columns="_model")
    rows = leaves.loc[np.tile(np.arange(count), days)].reset_index(drop=True)
    rows.insert(0, "usage_date", np.repeat([date.fromordinal(FIRST_DAY.toordinal() + d) for d in range(days)], count))
    for name, values in _measures(company).items():
        rows[name] = values.reshape(-1)
    rows["cost_usd"] = _costs(company).reshape(-1)
    return rows[rows["request_count"] > 0].reset_index(drop=True)


def _where(company: Company, **values: str) -> np.ndarray:
    return np.logical_and.reduce([company.leaves[name].to_numpy() == value for name, value in values.items()])


def _heavy(company: Company, random: np.random.Generator, *columns: str, least: float = 0.02) -> dict[str, str]:
    """A slice by these columns with at least this share of the spend."""
    costs = pd.Series(_costs(company).sum(axis=0)).groupby([company.leaves[c] for c in columns]).sum()
    able = costs[costs >= least * costs.sum()]
    chosen = able.index[int(random.integers(0, len(able)))]
    return dict(zip(columns, chosen if isinstance(chosen, tuple) else (chosen,), strict=True))


def _retry_storm(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "project_id", "model_id", least=0.01)
    leaves, last = _where(company, **truth), first + int(random.integers(0, 2))
    part = np.ix_(range(first, last + 1), np.flatnonzero(leaves))
    company.requests[part] = np.round(company.requests[part] * random.uniform(2.5, 5))
    company.output_per_request[part] *= random.uniform(0.2, 0.5)
    company.error_share[part] = 0.5
    return Event("retry_storm", first, last, leaves, truth)


def _runaway_agent(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "api_key_id", least=0.005)
    leaves, last = _where(company, **truth), first + int(random.integers(0, 3))
    part = np.ix_(range(first, last + 1), np.flatnonzero(leaves))
    company.requests[part] = np.round(company.requests[part] * random.uniform(3, 8))
    company.input_per_request[part] *= random.uniform(1.4, 2.5)
    return Event("runaway_agent", first, last, leaves, truth)


def _cache_break(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "project_id")
    leaves, last = _where(company, **truth), first + int(random.integers(2, 8))
    company.cache_share[first : last + 1, leaves] *= 0.05
    return Event("cache_break", first, last, leaves, truth)


def _model_swap(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    """The requests of one model of a project move to its other model."""
    costs = _costs(company).sum(axis=0)
    best: tuple[float, dict[str, str], np.ndarray, np.ndarray] | None = None
    for project in random.permutation(company.leaves["project_id"].unique())[:4]:
        inside = _where(company, project_id=project)
        models = company.leaves.loc[inside, "_model"].unique()
        cheap, dear = sorted(models, key=lambda m: MODELS[m][2] + MODELS[m][3])
        source = inside & (company.leaves["_model"] == cheap).to_numpy()
        target = inside & (company.leaves["_model"] == dear).to_numpy()
        gain = costs[source].sum() * (MODELS[dear][2] / MODELS[cheap][2])
        if best is None or gain > best[0]:
            best = (gain, {"project_id": project}, source, target)
    if best is None:
        raise AssertionError("a company without projects")
    _, truth, source, target = best
    moved = company.requests[first:, source].sum(axis=1, keepdims=True)
    shares = company.requests[:first, target].sum(axis=0)
    company.requests[first:, target] = np.round(company.requests[first:, target] + moved * shares / shares.sum())
    company.requests[first:, source] = 0
    return Event("model_swap", first, min(first + WATCHED_DAYS, last), source | target, truth)


def _price_change(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "model_id")
    leaves = _where(company, **truth)
    factor = random.choice([random.uniform(0.6, 0.8), random.uniform(1.2, 1.5)])
    company.input_price[first:, leaves] *= factor
    company.output_price[first:, leaves] *= factor
    return Event("price_change", first, min(first + WATCHED_DAYS, last), leaves, truth)


def _level_shift(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "team_id")
    leaves = _where(company, **truth)
    company.requests[first:, leaves] = np.round(company.requests[first:, leaves] * random.uniform(1.4, 2.0))
    return Event("level_shift", first, min(first + WATCHED_DAYS, last), leaves, truth)


def _slow_leak(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    """A ramp to twice or three times the requests, repaired on the day after its last."""
    truth = _heavy(company, random, "project_id")
    leaves, last = _where(company, **truth), min(last, first + int(random.integers(25, 35)))
    ramp = np.linspace(1, random.uniform(1.8, 3.0), last - first + 1)[:, None]
    part = np.ix_(range(first, last + 1), np.flatnonzero(leaves))
    company.requests[part] = np.round(company.requests[part] * ramp)
    return Event("slow_leak", first, last, leaves, truth)


def _missing_data(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "provider_id")
    leaves, last = _where(company, **truth), first + int(random.integers(0, 3))
    company.requests[first : last + 1, leaves] = 0
    return Event("missing_data", first, last, leaves, truth)


def _longer_prompts(company: Company, random: np.random.Generator, first: int, last: int) -> Event:
    truth = _heavy(company, random, "project_id")
    leaves = _where(company, **truth)
    company.input_per_request[first:, leaves] *= random.uniform(1.5, 2.5)
    return Event("longer_prompts", first, min(first + WATCHED_DAYS, last), leaves, truth)


PLANTED = {
    "retry_storm": _retry_storm,
    "runaway_agent": _runaway_agent,
    "cache_break": _cache_break,
    "model_swap": _model_swap,
    "price_change": _price_change,
    "level_shift": _level_shift,
    "slow_leak": _slow_leak,
    "missing_data": _missing_data,
    "longer_prompts": _longer_prompts,
}
