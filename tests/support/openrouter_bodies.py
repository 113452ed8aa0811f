"""Answers of OpenRouter with what it took for them: plugins, own keys, images without tokens, models nobody prices.

Put here: made-up calls whose charge is known. The charge is reckoned from prices written down here, not by our code.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

FIRST = datetime.fromisoformat("2026-11-09T00:00:00")
PRICES = {
    "openai/gpt-4o": (Decimal("2.5"), Decimal(10)),
    "anthropic/claude-sonnet-4.5": (Decimal(3), Decimal(15)),
}
"""USD per million input and output tokens, as OpenRouter publishes them."""
WEB_RESULT = Decimal("0.004")
"""USD per result of the web plugin: 4 per thousand."""


@dataclass(frozen=True)
class Call:
    """One record of a log, and what is known of it from how it was made."""

    record: dict[str, Any]
    day: str
    kind: str
    charge: Decimal
    listed: Decimal
    """What its tokens come to at the prices above."""


def calls(number: int, seed: int = 11) -> list[Call]:
    """Calls of two days, each kind among them."""
    dice = random.Random(seed)
    kinds = ("plain", "web", "cheap_route", "unlisted", "image", "own_key", "free_error")
    return [_call(index, kinds[index % len(kinds)], dice) for index in range(number)]


def _call(index: int, kind: str, dice: random.Random) -> Call:
    at = FIRST + timedelta(days=index % 2, seconds=dice.randrange(86_000))
    model = dice.choice(list(PRICES))
    tokens = dice.randint(10, 5_000), dice.randint(1, 2_000)
    listed = sum(count * price for count, price in zip(tokens, PRICES[model], strict=True)) / Decimal(1_000_000)
    usage: dict[str, Any] = {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": sum(tokens),
        "is_byok": False,
    }
    body: dict[str, Any] = {"id": f"gen-{index}", "object": "chat.completion", "provider": "Up", "choices": []}
    charge = listed
    if kind == "web":
        charge += WEB_RESULT * dice.randint(1, 10)
    elif kind == "cheap_route":
        charge = listed * Decimal("0.8")
    elif kind == "unlisted":
        model = f"acme/unlisted-{index % 3}"
    elif kind == "image":
        model, charge = "acme/painter", Decimal(dice.randint(1, 9)) / 100
        usage = {"is_byok": False}
    elif kind == "own_key":
        usage |= {"is_byok": True, "cost_details": {"upstream_inference_cost": f"{listed:f}"}}
        charge = listed * Decimal("0.05")
    elif kind == "free_error":
        charge = Decimal(0)
        body["error"] = {"code": 502, "message": "Provider returned error"}
    usage["cost"] = f"{charge:f}"
    record = {"timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "response": body | {"model": model, "usage": usage}}
    return Call(record, f"{at:%Y-%m-%d}", kind, charge, listed)
