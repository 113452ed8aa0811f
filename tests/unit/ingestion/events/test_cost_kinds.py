"""What a recorded cost is: who says it decides, and the first row of a call pays for all of it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources.events.langfuse.observations import read_observation
from ingestion.sources.events.litellm.spend_logs import read_spend_log
from ingestion.sources.events.provider_bodies.calls import read_call
from ingestion.sources.events.usage_shapes.cost_kinds import SAYERS

AT = "2026-11-10T10:00:00Z"
CHAT = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def rows(usage: dict[str, Any], outer: dict[str, Any] | None = None, **body: Any) -> list[dict[str, Any]]:
    record = {"timestamp": AT, "response": {"model": "m", "usage": usage, **body}} | (outer or {})
    return read_call(record, Counter())


def recorded(*given: Any, **body: Any) -> tuple[Any, Any]:
    (row,) = rows(*given, **body)
    return row.get("recorded_cost_usd"), row.get("recorded_cost_kind")


@pytest.mark.parametrize(
    ("usage", "outer", "body", "expected"),
    [
        (CHAT | {"cost": "0.25", "is_byok": False}, {}, {"id": "gen-1"}, ("0.25", "charge")),
        (CHAT | {"cost": "0.25"}, {"provider": "openrouter"}, {}, ("0.25", "charge")),
        (CHAT | {"cost_in_usd_ticks": 37_756_000}, {"provider": "xai"}, {}, ("0.0037756", "charge")),
        (CHAT | {"cost": {"total_cost": "0.006"}}, {"provider": "perplexity"}, {}, ("0.006", "charge")),
        # A proxy that computes a cost of its own is no provider, and an envelope is somebody's sum.
        (CHAT | {"cost": "0.25"}, {"provider": "openai"}, {}, ("0.25", "estimate")),
        (CHAT, {"cost_usd": "0.5"}, {}, ("0.5", "estimate")),
        # What the seller took beats what the envelope says.
        (CHAT | {"cost": "0.25"}, {"provider": "openrouter", "cost_usd": "0.5"}, {}, ("0.25", "charge")),
        (CHAT | {"cost": "0.25"}, {"provider": "openai", "cost_usd": "0.5"}, {}, ("0.5", "estimate")),
        # With an own key OpenRouter takes its fee, and the upstream provider bills the rest.
        (
            CHAT | {"cost": "0.01", "is_byok": True, "cost_details": {"upstream_inference_cost": "0.2"}},
            {},
            {"id": "gen-2"},
            ("0.21", "estimate"),
        ),
    ],
)
def test_who_says_it_decides(
    usage: dict[str, Any], outer: dict[str, Any], body: dict[str, Any], expected: tuple[str, str]
) -> None:
    found, kind = recorded(usage, outer, **body)
    assert (found, kind) == (Decimal(expected[0]), expected[1])


def test_a_charge_without_a_token_lands() -> None:
    assert recorded({"cost_in_usd_ticks": 200_000_000}, {"provider": "xai"}) == (Decimal("0.02"), "charge")
    assert recorded({"cost": "0.04", "is_byok": False}, id="gen-3") == (Decimal("0.04"), "charge")


def test_a_charge_of_several_models_stands_on_the_first_and_pays_for_all() -> None:
    models = [{"model": name, "usage": CHAT} for name in ("a", "b", "c")]
    found = rows(CHAT | {"cost": "0.3", "is_byok": False}, id="gen-4", usage_breakdown={"models": models})
    assert [(row["recorded_cost_usd"], row["recorded_cost_kind"]) for row in found] == [
        (Decimal("0.3"), "charge"),
        (0, "charge"),
        (0, "charge"),
    ]


def test_an_estimate_of_several_models_is_known_of_the_first_only() -> None:
    models = [{"model": name, "usage": CHAT} for name in ("a", "b")]
    found = rows(CHAT, {"cost_usd": "0.3"}, usage_breakdown={"models": models})
    assert [(row.get("recorded_cost_usd"), row.get("recorded_cost_kind")) for row in found] == [
        (Decimal("0.3"), "estimate"),
        (None, None),
    ]


def test_tools_estimate() -> None:
    spend_log = {
        "request_id": "r",
        "startTime": AT,
        "model": "m",
        "spend": "0.5",
        "prompt_tokens": 1,
        "total_tokens": 1,
    }
    assert read_spend_log(spend_log)[0]["recorded_cost_kind"] == "estimate"
    observation = {
        "id": "o",
        "type": "GENERATION",
        "startTime": AT,
        "model": "m",
        "totalCost": "0.5",
        "usageDetails": {"input": 1},
    }
    assert read_observation(observation)[0]["recorded_cost_kind"] == "estimate"


def test_the_documentation_names_every_source() -> None:
    text = (Path(__file__).parents[4] / "docs/sources/recorded_cost.md").read_text()
    for sayer in SAYERS:
        assert f"| {sayer.source} | {sayer.field} | {sayer.kind} | {sayer.why} |" in text
