"""Decomposition: parts sum to the change, hand-worked figures, a driver that was planted alone is named alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ml.anomalies.decompose import DRIVERS, TOKENS, decompose, exact


def usage(*rows: tuple[str, str, float, float, float, float], prices: tuple[float, float, float]) -> pd.DataFrame:
    """Rows model, tier, requests, uncached, cached and output tokens, at prices of those three."""
    frame = pd.DataFrame(
        rows,
        columns=[
            "model_id",
            "service_tier",
            "request_count",
            "uncached_input_tokens",
            "cache_read_tokens",
            "output_tokens",
        ],
    )
    for name, price in zip(("uncached_input", "cache_read", "output"), prices, strict=True):
        frame[f"{name}_cost_usd"] = frame[f"{name}_tokens"] * price
    return frame.assign(cost_usd=frame[[c for c in frame if c.endswith("_cost_usd")]].sum(axis=1))


def random_usage(random: np.random.Generator) -> pd.DataFrame:
    count = int(random.integers(1, 12))
    frame = pd.DataFrame(
        {
            "model_id": random.choice(["a", "b", "c", "d"], count),
            "service_tier": random.choice(["standard", "batch"], count),
            "request_count": random.integers(0, 1000, count) * random.integers(0, 2, count),
        }
    )
    for name in TOKENS:
        frame[f"{name}_tokens"] = random.integers(0, 10**6, count) * random.integers(0, 2, count)
        frame[f"{name}_cost_usd"] = frame[f"{name}_tokens"] * random.uniform(0, 1e-5)
    extra = random.uniform(-5, 50, count) * random.integers(0, 2, count)
    return frame.assign(cost_usd=frame[[c for c in frame if c.endswith("_cost_usd")]].sum(axis=1) + extra)


@pytest.mark.parametrize("seed", range(30))
def test_drivers_sum_to_the_change_of_random_periods(seed: int):
    random = np.random.default_rng(seed)
    before, after, ratio = random_usage(random), random_usage(random), float(random.uniform(0.1, 5))
    found = decompose(before, after, ratio)
    change = after["cost_usd"].sum() - ratio * before["cost_usd"].sum()
    assert abs(sum(found.values()) - change) < 1e-9
    assert all(np.isfinite(value) for value in found.values())


def test_as_decimals_they_sum_exactly():
    found = exact({"volume": 1 / 3, "price": 1 / 3, "other": 1 / 3}, Decimal(1))
    assert sum(found.values()) == Decimal(1)


def test_a_worked_example_of_volume_and_price():
    # 100 calls at 2.00 USD become 150 at 3.00: 200 to 450 USD. Volume at the mean price 50 × 2.50 = 125; price at the
    # mean volume 125 × 1.00 = 125.
    before = usage(("a", "standard", 100, 100, 0, 0), prices=(2.0, 0.0, 0.0))
    after = usage(("a", "standard", 150, 150, 0, 0), prices=(3.0, 0.0, 0.0))
    found = decompose(before, after)
    assert found["volume"] == pytest.approx(125)
    assert found["price"] == pytest.approx(125)
    assert sum(abs(found[name]) for name in DRIVERS if name not in ("volume", "price")) == pytest.approx(0)


def test_a_worked_example_of_a_broken_cache():
    # 10 calls of 100 input tokens, 80 of them read at a tenth of 1 USD, then none: 28 to 100 USD a call over 10 calls.
    before = usage(("a", "standard", 10, 200, 800, 0), prices=(1.0, 0.1, 0.0))
    after = usage(("a", "standard", 10, 1000, 0, 0), prices=(1.0, 0.1, 0.0))
    found = decompose(before, after)
    assert found["cache_rate"] == pytest.approx(720)
    assert found["volume"] == pytest.approx(0)


def planted(driver: str, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two models in two tiers, then the same with one thing changed, and 2 % of noise in the number of calls."""
    calls = random.uniform(500, 1500, 4)
    tokens, cached, out = random.uniform(500, 3000), random.uniform(0.3, 0.7), random.uniform(100, 400)
    price = {"a": random.uniform(1e-6, 3e-6), "b": random.uniform(6e-6, 9e-6)}
    factor = random.uniform(1.3, 2.0)
    keys = [("a", "standard"), ("a", "batch"), ("b", "standard"), ("b", "batch")]

    def frame(n: np.ndarray, tokens: float, cached: float, price: dict[str, float]) -> pd.DataFrame:
        rows = pd.DataFrame(keys, columns=["model_id", "service_tier"]).assign(request_count=n)
        unit = rows["model_id"].map(price) * np.where(rows["service_tier"] == "batch", 0.5, 1.0)
        rows["uncached_input_tokens"] = n * tokens * (1 - cached)
        rows["cache_read_tokens"] = n * tokens * cached
        rows["output_tokens"] = n * out
        rows["uncached_input_cost_usd"] = rows["uncached_input_tokens"] * unit
        rows["cache_read_cost_usd"] = rows["cache_read_tokens"] * unit / 10
        rows["output_cost_usd"] = rows["output_tokens"] * unit * 4
        return rows.assign(cost_usd=rows[[c for c in rows if c.endswith("_cost_usd")]].sum(axis=1))

    before = frame(calls, tokens, cached, price)
    after = calls * random.normal(1, 0.02, 4)
    if driver == "volume":
        after = after * factor
    elif driver == "model_mix":
        after[2:] += 0.7 * after[:2]
        after[:2] *= 0.3
    elif driver == "tier_mix":
        after[[0, 2]] += 0.8 * after[[1, 3]]
        after[[1, 3]] *= 0.2
    now = {
        "tokens_per_request": (after, tokens * factor, cached, price),
        "cache_rate": (after, tokens, cached * 0.1, price),
        "price": (after, tokens, cached, {name: usd * factor for name, usd in price.items()}),
    }.get(driver, (after, tokens, cached, price))
    return before, frame(*now)


@pytest.mark.parametrize("driver", [name for name in DRIVERS if name != "other"])
def test_a_driver_that_changed_alone_is_named(driver: str):
    random = np.random.default_rng(3)
    hits = 0
    for _ in range(20):
        found = decompose(*planted(driver, random))
        hits += max(found, key=lambda name: abs(found[name])) == driver
    assert hits >= 19


def test_of_a_bill_quantity_and_price_are_told_apart():
    before = pd.DataFrame({"item_id": ["gb", "fee"], "quantity": [10.0, None], "cost_usd": [20.0, 5.0]})
    after = pd.DataFrame({"item_id": ["gb", "fee"], "quantity": [10.0, None], "cost_usd": [30.0, 9.0]})
    found = decompose(before, after)
    assert (found["price"], found["volume"], found["other"]) == (10.0, 0.0, 4.0)


def test_nothing_on_one_side():
    rows = usage(("a", "standard", 10, 200, 800, 0), prices=(1.0, 0.1, 0.0))
    assert decompose(rows.iloc[:0], rows)["volume"] == pytest.approx(280)
    assert decompose(rows, rows.iloc[:0])["volume"] == pytest.approx(-280)
    assert set(decompose(rows.iloc[:0], rows.iloc[:0]).values()) == {0.0}
