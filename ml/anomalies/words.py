"""Incidents and changes in sentences.

Put here: wording. Keep out: numbers that are not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ml.anomalies.kinds import KINDS, Signs

SMALL = Decimal("0.1")
NAMES = {
    "volume": "volume",
    "model_mix": "model mix",
    "tier_mix": "tier mix",
    "tokens_per_request": "tokens per request",
    "cache_rate": "cache rate",
    "price": "price",
    "other": "charges that nothing counts",
}


def incident_sentence(
    kind: str,
    scope_type: str,
    scope_id: str,
    first: date,
    last: date,
    signs: Signs,
    drivers: Mapping[str, Decimal],
) -> str:
    """Kind, slice, days, amounts, then the drivers that make most of the change."""
    when = f"on {first}" if first == last else f"from {first} to {last}"
    change = signs.actual - signs.expected
    parts = [
        f"{kind.replace('_', ' ')} in {scope_type} {scope_id} {when}: {amount(signs.actual)} USD against "
        f"{amount(signs.expected)} before ({signed(change)}{_times(signs)}); {KINDS[kind]}"
    ]
    if drivers_told := main_drivers(drivers, change):
        parts.append(drivers_told)
    return ". ".join(parts)


def main_drivers(drivers: Mapping[str, Decimal], change: float) -> str:
    """The drivers of at least a twentieth of what moved, largest first."""
    moved = sum(abs(float(v)) for v in drivers.values())
    told = [
        f"{NAMES[name]} {signed(float(value))}"
        for name, value in sorted(drivers.items(), key=lambda item: -abs(item[1]))
        if value and abs(float(value)) >= 0.05 * moved
    ]
    return "By cause: " + ", ".join(told) if told and change else ""


def amount(usd: float | Decimal, sign: str = "") -> str:
    """USD with two places (`1,234.50`), below ten cents with four digits that say something; `sign` as in a format."""
    exact = Decimal(str(usd))
    if not 0 < abs(exact) < SMALL:
        return f"{exact:{sign},.2f}"
    places = max(2, 3 - exact.adjusted())
    return f"{exact:{sign}.{places}f}".rstrip("0")


def signed(usd: float | Decimal) -> str:
    """A change in USD: `+1,234.50` or `-3.20`."""
    return amount(usd, "+")


def _times(signs: Signs) -> str:
    return f", ×{signs.actual / signs.expected:.1f}" if signs.expected > 0 and signs.actual >= 0 else ""
