"""Which slice is to blame: what the cache saved is sought by itself, dollars that always sway explain nothing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ml.anomalies.cache import SAVABLE, SAVED, with_cache_savings
from ml.anomalies.describe import _clear_days
from ml.anomalies.incidents import leaf_changes, paid_changes
from ml.anomalies.rootcause import Leaves, blame

DAYS = 60


def leaves(**arrays: np.ndarray) -> Leaves:
    codes = {
        "project_id": np.array([0, 0, 1, 1]),
        "model_id": np.array([0, 1, 0, 1]),
    }
    values = {"project_id": ["chat", "search"], "model_id": ["dear", "cheap"]}
    return Leaves(codes, values, **arrays)


def steady(random: np.random.Generator, *levels: float, noise: float) -> np.ndarray:
    return np.array(levels) * np.exp(random.normal(0, noise, (DAYS, len(levels))))


def test_a_broken_cache_is_found_by_what_it_saved_however_many_factors_the_costs_moved_by():
    """The models of one project lose 95 % of what their cache saved; their costs rise by 15 and by 63 %."""
    random = np.random.default_rng(1)
    requests = steady(random, 1000, 1000, 1000, 1000, noise=0.1)
    savable = requests * np.array([0.010, 0.004, 0.010, 0.004])
    share = np.clip(np.array([0.3, 0.8, 0.6, 0.5]) + random.normal(0, 0.01, (DAYS, 4)), 0, 1)
    share[-1, :2] *= 0.05
    rest = requests * np.array([0.012, 0.004, 0.02, 0.004]) * np.exp(random.normal(0, 0.05, (DAYS, 4)))
    cost = rest + savable * (1 - share)
    found = leaves(cost=cost, requests=requests, saved=savable * share, savable=savable)
    measure, suspects = blame(found, 1)
    assert (measure, suspects[0].where) == ("cache", {"project_id": "chat"})
    lost = float((savable[-1, :2] * np.array([0.3, 0.8]) * 0.95).sum())
    assert suspects[0].change_usd == pytest.approx(lost, rel=0.1)


def test_dollars_that_always_sway_do_not_hide_what_clearly_moved():
    """Search sways by hundreds of dollars a day; the calls of chat triple from 4 dollars to 12."""
    random = np.random.default_rng(3)
    requests = np.hstack([steady(random, 200, 200, noise=0.03), steady(random, 40_000, 40_000, noise=0.5)])
    requests[-1, :2] = 600
    requests[-1, 2:] = np.median(requests[:-1, 2:], axis=0) * 0.7
    found = leaves(cost=requests * 0.01, requests=requests)
    _, suspects = blame(found, 1)
    assert suspects[0].where == {"project_id": "chat"}


def test_what_explains_an_incident_moved_mostly_within_it():
    random = np.random.default_rng(5)
    requests = steady(random, 1000, 1000, 1000, 1000, noise=0.05)
    requests[-1] *= np.array([0.7, 0.7, 3.0, 3.0])
    found = leaves(cost=requests * 0.01, requests=requests)
    assert blame(found, 1)[1][0].where == {"project_id": "search"}
    about = found.inside({"project_id": "chat"})
    suspects = blame(found, 1, about=about)[1]
    assert suspects[0].where == {"project_id": "chat"}
    assert {} not in [each.where for each in suspects]


def test_the_days_of_a_price_are_those_on_which_its_effect_is_known():
    """Dollars move most on the sixth day; the price was news on the first three."""
    effect, cost = np.zeros((DAYS, 4)), np.full((DAYS, 4), 10.0)
    effect[50:53, 0] = -2
    cost[50:56, 0] = 8
    cost[55, 0] = 30
    found = leaves(cost=cost, requests=np.ones((DAYS, 4)), price=effect)
    days = range(50, 56)
    assert _clear_days([abs(float(leaf_changes(found, day)[0])) for day in days], 50) == (55, 55)
    assert _clear_days([abs(float(paid_changes(found, day)[0])) for day in days], 50) == (50, 52)


def test_savings_of_the_cache_by_hand():
    """Input at 1 USD, reads at 0.1: 50 of 150 read save 45 of 135; without reads the price of the day before holds."""
    first = date(2026, 1, 1)
    row = {"provider_id": "p", "model_id": "m", "service_tier": "standard", "cost_usd": 1.0}
    rows = pd.DataFrame(
        [
            row
            | {"usage_date": first, "uncached_input_tokens": 100, "uncached_input_cost_usd": 100.0}
            | {"cache_read_tokens": 50, "cache_read_cost_usd": 5.0},
            row
            | {"usage_date": first + timedelta(days=1), "uncached_input_tokens": 150, "uncached_input_cost_usd": 150.0}
            | {"cache_read_tokens": 0, "cache_read_cost_usd": 0.0},
            row
            | {"usage_date": first, "model_id": "uncached", "uncached_input_tokens": 7, "uncached_input_cost_usd": 7.0}
            | {"cache_read_tokens": None, "cache_read_cost_usd": None},
        ]
    )
    found = with_cache_savings(rows)
    assert list(found[SAVED]) == pytest.approx([45, 0, 0])
    assert list(found[SAVABLE]) == pytest.approx([135, 135, 0])
    bare = rows.drop(columns="cache_read_tokens")
    assert with_cache_savings(bare) is bare
