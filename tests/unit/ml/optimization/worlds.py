"""Small worlds to recommend in: thirty equal days of usage, requests, GPUs and prices, worked out by hand.

Put here: making frames. Keep out: what is expected of them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from ml.optimization import OptimizationParams, Strategy, strategies

AS_OF = date(2026, 3, 1)
SCORED = datetime(2026, 3, 1, 6)  # noqa: DTZ001
DAYS = [AS_OF - timedelta(days=back) for back in range(1, 31)]
PER_MILLION = Decimal("0.000001")
Row = dict[str, Any]


def prices(
    model: str, provider: str = "openai", variant: str = "standard", window: int = 400_000, **usd: str
) -> list[Row]:
    """USD per million units by meter."""
    return [
        {
            "provider_id": provider,
            "model_id": model,
            "meter": meter,
            "price_variant": variant,
            "price_usd_per_unit": Decimal(price) * PER_MILLION,
            "context_window": window,
            "is_deprecated": False,
        }
        for meter, price in usd.items()
    ]


def usage(listed: list[Row], model: str, provider: str = "openai", variant: str = "standard", days: list[date] = DAYS,
          project: str | None = "p", largest: int = 10_000, **quantity: int) -> list[Row]:  # fmt: skip
    """So many units a day by meter, at the listed price."""
    known = {(r["provider_id"], r["model_id"], r["price_variant"], r["meter"]): r["price_usd_per_unit"] for r in listed}
    return [
        {
            "usage_date": day,
            "provider_id": provider,
            "model_id": model,
            "price_variant": variant,
            "context_tier": "base",
            "meter": meter,
            "list_price_usd_per_unit": known[provider, model, variant, meter],
            "project_id": project,
            "team_id": None,
            "quantity": units,
            "cost_usd": units * known[provider, model, variant, meter],
            "max_input_tokens": largest,
        }
        for day in days
        for meter, units in quantity.items()
    ]


def requests(
    listed: list[Row],
    model: str,
    provider: str = "openai",
    size: str = "long",
    waits: bool = False,
    count: int = 100,
    feature: str | None = "chat",
    variant: str = "standard",
    **quantity: int,
) -> list[Row]:
    """The same as single requests of one class."""
    known = {(r["model_id"], r["price_variant"], r["meter"]): r["price_usd_per_unit"] for r in listed}
    meters = dict.fromkeys(
        ("uncached_input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "output"), 0
    )
    cost = sum(units * known[model, variant, meter] for meter, units in quantity.items())
    return [
        {
            "usage_date": day,
            "provider_id": provider,
            "model_id": model,
            "price_variant": variant,
            "project_id": "p",
            "team_id": None,
            "feature": feature,
            "size": size,
            "nobody_waits": not waits,
            "requests": count,
            "max_input_tokens": 3_000,
            **meters,
            **quantity,
            "cost_usd": cost,
        }
        for day in DAYS
    ]


def gpus(host: str, name: str, rate: str, rate_id: str, *, idle_hours: int, busy_hours: int, gpu_count: int = 1,
         spare: str = "0", used: str = "0.9", memory_gib: int = 10) -> list[Row]:  # fmt: skip
    """Hours a day and GPU."""
    usd = Decimal(rate)
    seconds = Decimal(busy_hours * gpu_count * 3600)
    return [
        {
            "host": host,
            "gpu_name": name,
            "gpu_rate_id": rate_id,
            "usage_date": day,
            "gpu_ids": " ".join(f"g{number}" for number in range(gpu_count)),
            "rate": usd,
            "idle_cost": usd * idle_hours * gpu_count,
            "busy_cost": usd * busy_hours * gpu_count,
            "spare_cost": Decimal(spare),
            "hours": (idle_hours + busy_hours) * gpu_count,
            "busy_hours": busy_hours * gpu_count,
            "hours_without_rate": 0,
            "busy_used_seconds": seconds * Decimal(used),
            "busy_known_seconds": seconds,
            "memory_mib": Decimal(memory_gib * 1024),
        }
        for day in DAYS
    ]


def rate(
    rate_id: str, pattern: str, usd: str, cloud: str, option: str, kind: str = "p5", *, recent: str | None = None
) -> Row:
    """A row of the rate list; `recent` are the prices of the last 30 days, else the one that holds."""
    return {"gpu_rate_id": rate_id, "gpu_name_pattern": pattern, "cloud": cloud, "purchase_option": option,
            "instance_type": kind, "usd_per_gpu_hour": Decimal(usd), "recent_prices": recent or usd}  # fmt: skip


RATES = [
    rate("big", "%H100%", "8", "aws", "on_demand"),
    rate("big-spot", "%H100%", "2", "aws", "spot"),
    rate("big-reserved", "%H100%", "4", "aws", "reserved"),
    rate("big-else", "%H100%", "6", "gcp", "on_demand", "a3"),
    rate("middle", "%A100%", "4", "aws", "on_demand", "p4"),
    rate("small", "%T4%", "1", "aws", "on_demand", "g4"),
]


def strategy(name: str) -> Strategy:
    return next(each for each in strategies() if each.name == name)


def recommend(name: str, params: OptimizationParams | None = None, **inputs: list[Row]) -> pd.DataFrame:
    """What a strategy says; None where it is skipped is an error of the test."""
    asked = strategy(name)
    frames = {key: pd.DataFrame(inputs.get(key, [])) for key in asked.inputs}
    assert asked.lacking is None or asked.lacking(frames) is None
    found = asked.recommend(frames, as_of=AS_OF, scored_at_utc=SCORED, params=params or OptimizationParams())
    return asked.checked(found)


def skipped(name: str, **inputs: list[Row]) -> str | None:
    asked = strategy(name)
    assert asked.lacking is not None
    return asked.lacking({key: pd.DataFrame(inputs.get(key, [])) for key in asked.inputs})


def everything() -> dict[str, list[Row]]:
    """Inputs in which every strategy that can recommend does."""
    gpt = prices("gpt-5", uncached_input="2", cache_read="0.2", output="10")
    listed = gpt + prices("gpt-5-mini", uncached_input="0.2", cache_read="0.02", output="1")
    listed += prices("gpt-5.1", uncached_input="1", cache_read="0.1", output="5")
    listed += prices("gpt-5", variant="processing=batch", uncached_input="1", cache_read="0.1", output="5")
    listed += prices("gpt-5", variant="service_tier=flex", uncached_input="1", cache_read="0.1", output="5")
    listed += prices("gpt-5", "azure", uncached_input="1.5", cache_read="0.1", output="8")
    head = {"provider_id": "openai", "model_id": "gpt-5", "project_id": "p", "team_id": None}
    lengths = {
        **{"feature": "chat", "usual_input": 1000, "usual_output": 1000, "requests": 100},
        **{"input_tokens": 10**8, "output_tokens": 10**7, "excess_input": 10**7, "excess_output": 10**6},
    }
    return {
        "usage": usage(listed, "gpt-5", uncached_input=10**8, output=10**7),
        "prices": listed,
        "others": prices("gemini-2.5-pro", "google", uncached_input="1.6", output="8"),
        "requests": requests(listed, "gpt-5", size="tiny", count=80, uncached_input=9 * 10**7, output=9 * 10**6),
        "repeats": [],
        "questions": [
            {"usage_date": day, **head, "requests": 100, "repeated_requests": 25, "repeated_cost_usd": Decimal(20)}
            for day in DAYS
        ],
        "lengths": [{"usage_date": day, **head, **lengths} for day in DAYS],
        "users": [
            {"usage_date": day, **head, "user_label": f"user-{number}", "cost_usd": Decimal(50 if number == 5 else 1)}
            for day in DAYS
            for number in range(6)
        ],
        "keys": [{"api_key_id": "it's", "api_key_name": "o", "team_id": None, "first_seen_date": DAYS[-1],
                  "last_seen_date": None}],
        "gpus": gpus("train-serve", "NVIDIA H100 80GB HBM3", "8", "big", idle_hours=4, busy_hours=20, gpu_count=2,
                     spare="100", used="0.3", memory_gib=20),
        "rates": RATES,
        "served": [{"host": "train-serve", "hours": 100, "requests": Decimal(10**7), "running_seconds": None}],
    }  # fmt: skip
