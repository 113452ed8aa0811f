"""Conversations and models by hand: c22, c23, c24 in the names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ml.quotes import (
    ConversationPlan,
    ListPrice,
    MeterKinds,
    ModelOffer,
    compare_models,
    project_conversation,
    quote_usage,
)

AT = datetime(2026, 10, 1)  # noqa: DTZ001 - naive UTC
KINDS = MeterKinds(
    frozenset({"uncached_input", "cache_read", "output"}),
    frozenset({"uncached_input", "cache_read"}),
    frozenset({"request"}),
    frozenset(),
)


def prices(model: str, per_1k: dict[str, str]) -> list[ListPrice]:
    return [
        ListPrice(
            "self", model, meter, "standard", datetime(1900, 1, 1), datetime(2200, 1, 1), 0, 86_400, -1, 2**63 - 1,  # noqa: DTZ001
            Decimal(usd) / 1000, None, "test", "1",
        )
        for meter, usd in per_1k.items()
    ]  # fmt: skip


OWN = prices("own", {"uncached_input": "0.001", "output": "0.002"})
"""C22: what a self-hosted model is taken to cost where nothing is known, 0.001 and 0.002 per 1k."""


def test_c22_a_request_with_cached_input_at_a_tenth() -> None:
    """2,000 of 10,000 input tokens cached at 90 % off: 8,000 × 0.001 + 2,000 × 0.0001 + 1,000 × 0.002 = 0.0102."""
    listed = [*OWN, *prices("own", {"cache_read": "0.0001"})]
    used = {"uncached_input": 8000, "cache_read": 2000, "output": 1000}
    found = quote_usage(listed, used, at=AT, price_variant="standard", kinds=KINDS)
    assert found.contracted_cost == Decimal("0.0102")
    without = quote_usage(
        listed, {"uncached_input": 10_000, "output": 1000}, at=AT, price_variant="standard", kinds=KINDS
    )
    assert without.contracted_cost is not None
    assert without.contracted_cost - found.contracted_cost == Decimal("0.0018")


def test_c23_a_third_of_each_turn_is_carried_on() -> None:
    """50 a message, 200 a reply, 0.3 of each turn of 250 carried: 50, 125, 200 in; 0.00045, 0.000525, 0.0006."""
    plan = ConversationPlan(3, 0, 50, 200, Decimal("0.3"))
    found = project_conversation(OWN, plan, at=AT, price_variant="standard", kinds=KINDS, context_window=None)
    assert [turn.input_tokens for turn in found.turns] == [50, 125, 200]
    costs = [Decimal("0.00045"), Decimal("0.000525"), Decimal("0.0006")]
    assert [turn.cost_without_cache for turn in found.turns] == costs
    assert found.cost_without_cache == Decimal("0.001575")


def test_c23_everything_carried_is_the_default() -> None:
    assert [ConversationPlan(3, 10, 50, 200).input_tokens(turn) for turn in (1, 2, 3)] == [60, 310, 560]
    assert ConversationPlan(3, 10, 50, 200, Decimal("0.3")).cacheable_tokens(3) == 10


def test_c24_models_are_ranked_for_a_workload() -> None:
    """100 in, 500 out: 0.0011 own and 0.016 gpt-4-turbo at 0.01 and 0.03; a thousand of them 1.10 and 16."""
    turbo = prices("gpt-4-turbo", {"uncached_input": "0.01", "output": "0.03"})
    models = [ModelOffer("self", name, name, None, listed) for name, listed in (("gpt-4-turbo", turbo), ("own", OWN))]
    ranked = compare_models(models, {"uncached_input": 100, "output": 500}, requests_per_day=1000, at=AT, kinds=KINDS)
    assert [(each.rank, each.model.model_id, each.cost_per_request) for each in ranked] == [
        (1, "own", Decimal("0.0011")),
        (2, "gpt-4-turbo", Decimal("0.016")),
    ]
    assert [each.cost_per_month for each in ranked] == [Decimal("33.48125"), Decimal("487")]
