"""The name of an incident, from what moved, how long and in which direction.

Put here: kinds and the rule that names them. Keep out: detection, numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "retry_storm": "calls that fail and are made again",
    "runaway_agent": "one caller asks far more than usual",
    "cache_break": "the prompt cache stopped hitting",
    "cache_gain": "the prompt cache hits more",
    "model_swap": "calls moved to another model",
    "tier_change": "calls moved to another service tier",
    "price_change": "the same usage costs another price",
    "longer_prompts": "each call uses more tokens",
    "shorter_prompts": "each call uses fewer tokens",
    "level_shift": "usage stays at a new level",
    "slow_leak": "usage creeps up",
    "missing_data": "usage or bills are missing",
    "spike": "more usage for a short time",
    "drop": "less usage",
    "charge": "a charge beside metered usage",
}
LASTING_DAYS = 4
GONE = 0.2


@dataclass(frozen=True)
class Signs:
    """What is known of an incident. Ratios compare it with its baseline; None where not known.

    `lowest_day`: of its day with the least spend, that spend over what was expected. `elsewhere`: `model_swap` or
    `tier_change` where its calls came from or went to other models or tiers of the same callers.
    """

    drivers: dict[str, float]
    actual: float
    expected: float
    days: int
    is_slow: bool
    request_ratio: float | None = None
    output_ratio: float | None = None
    error_share_change: float | None = None
    lowest_day: float | None = None
    elsewhere: str | None = None


def kind_of(signs: Signs) -> str:
    """A key of `KINDS`."""
    change = signs.actual - signs.expected
    driver = max(signs.drivers, key=lambda name: signs.drivers[name] * (1 if change >= 0 else -1))
    if signs.elsewhere is not None and driver == "volume":
        return signs.elsewhere
    requests = signs.request_ratio
    if change < 0 and signs.lowest_day is not None and signs.lowest_day <= GONE:
        return "missing_data"
    if requests is not None and requests >= 1.5 and change > 0:
        if (signs.error_share_change or 0.0) > 0.1 or (signs.output_ratio is not None and signs.output_ratio < 0.65):
            return "retry_storm"
        grows = signs.drivers["tokens_per_request"] > 0.15 * change
        if (requests >= 2.2 and signs.days < LASTING_DAYS) and (grows or requests >= 4):
            return "runaway_agent"
    return _by_driver(driver, change, signs)


def _by_driver(driver: str, change: float, signs: Signs) -> str:
    plain = {
        "price": "price_change",
        "model_mix": "model_swap",
        "tier_mix": "tier_change",
        "cache_rate": "cache_break" if change > 0 else "cache_gain",
        "tokens_per_request": "longer_prompts" if change > 0 else "shorter_prompts",
        "other": "charge",
    }
    is_uncounted = driver == "other" and not any(v for name, v in signs.drivers.items() if name != "other")
    if driver in plain and not is_uncounted:
        return plain[driver]
    if signs.is_slow and change > 0:
        return "slow_leak"
    if signs.days >= LASTING_DAYS:
        return "level_shift"
    return "spike" if change > 0 else "drop"
