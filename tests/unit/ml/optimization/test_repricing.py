"""Requests served since a change at the prices of before: worked out by hand, to the last decimal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from ml.optimization.verification.repricing import (
    DatedPrices,
    reprice_cache,
    reprice_gpus,
    reprice_model,
    reprice_tier,
)

SINCE = date(2026, 3, 1)
EVER = (datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
OLD, NEW = ("openai", "gpt-5"), ("openai", "gpt-5.1")


def price(model: str, meter: str, per_million: str, variant: str = "standard", valid: tuple = EVER) -> dict:
    return {
        "provider_id": "openai", "model_id": model, "meter": meter, "price_variant": variant,
        "valid_from_utc": valid[0], "valid_to_utc": valid[1],
        "price_usd_per_unit": Decimal(per_million) / 1_000_000,
    }  # fmt: skip


def used(back: int, model: str, meter: str, quantity: int, cost: str | None, listed: str, variant: str = "standard"):
    """`back` days after the change; before it where negative."""
    return {
        "usage_date": SINCE + timedelta(days=back), "provider_id": "openai", "model_id": model, "meter": meter,
        "price_variant": variant, "quantity": quantity, "cost_usd": None if cost is None else Decimal(cost),
        "list_price_usd_per_unit": Decimal(listed) / 1_000_000,
    }  # fmt: skip


PRICES = DatedPrices([price("gpt-5", "uncached_input", "3"), price("gpt-5", "output", "15")])


def sums(found) -> tuple[Decimal, Decimal]:
    assert found.why_not is None
    return (
        sum((before for before, _ in found.days.values()), Decimal(0)),
        sum((actual for _, actual in found.days.values()), Decimal(0)),
    )


def test_a_model_is_repriced_at_the_old_card():
    """1,234,567 tokens in at 3 and 76,543 out at 15 USD a million are 3.703701 + 1.148145; 1.5 were paid."""
    rows = [used(0, "gpt-5.1", "uncached_input", 1_234_567, "1.2", "1"),
            used(3, "gpt-5.1", "output", 76_543, "0.3", "5"),
            used(4, "gpt-5.1", "request", 10, None, "0")]  # fmt: skip
    assert sums(reprice_model(rows, PRICES, SINCE, OLD, NEW)) == (Decimal("4.851846"), Decimal("1.5"))


def test_a_contract_of_before_counts():
    """A tenth off until the change: 1 M tokens at 2.70."""
    rows = [used(-5, "gpt-5", "uncached_input", 1_000_000, "2.7", "3"),
            used(1, "gpt-5.1", "uncached_input", 1_000_000, "1", "1")]  # fmt: skip
    assert sums(reprice_model(rows, PRICES, SINCE, OLD, NEW)) == (Decimal("2.7"), Decimal(1))


def test_the_old_card_of_the_day_counts():
    """3 USD until the third day, 2 from then on: a cut of the old model is no saving of the new one."""
    cut = datetime(2026, 3, 3)  # noqa: DTZ001
    prices = DatedPrices([price("gpt-5", "uncached_input", "3", valid=(EVER[0], cut)),
                          price("gpt-5", "uncached_input", "2", valid=(cut, EVER[1]))])  # fmt: skip
    rows = [used(day, "gpt-5.1", "uncached_input", 1_000_000, "1", "1") for day in (0, 1, 2)]
    assert sums(reprice_model(rows, prices, SINCE, OLD, NEW)) == (Decimal(8), Decimal(3))


def test_what_the_new_model_served_before_is_not_counted():
    """500,000 tokens a day before, a million a day since: half is moved."""
    rows = [used(-day, "gpt-5.1", "uncached_input", 500_000, "0.5", "1") for day in range(1, 29)]
    rows += [used(day, "gpt-5.1", "uncached_input", 1_000_000, "1", "1") for day in range(10)]
    found = reprice_model(rows, PRICES, SINCE, OLD, NEW)
    assert sums(found) == (Decimal(15), Decimal(5))
    assert "50% of it was served so before" in found.remark


def test_a_dearer_model_is_a_negative_saving():
    rows = [used(0, "gpt-5.1", "uncached_input", 1_000_000, "4", "4")]
    before, actual = sums(reprice_model(rows, PRICES, SINCE, OLD, NEW))
    assert before - actual == -1


def test_what_is_not_known_is_said():
    lacking = reprice_model([used(0, "gpt-5.1", "cache_read", 5, "1", "1")], PRICES, SINCE, OLD, NEW)
    assert lacking.why_not == "the old prices have no cache_read on 2026-03-01"
    unknown = reprice_model([used(0, "gpt-5.1", "output", 5, None, "1")], PRICES, SINCE, OLD, NEW)
    assert unknown.why_not == "the cost of gpt-5.1 on 2026-03-01 is not known"


def test_a_batch_is_repriced_without_it():
    """2 M tokens as a batch at 1.50 instead of 3: 3 USD saved; in Europe the price without a batch is Europe's."""
    batch, europe = "processing=batch", "processing=batch;region=eu"
    prices = DatedPrices([price("gpt-5", "uncached_input", "3"),
                          price("gpt-5", "uncached_input", "4", "region=eu")])  # fmt: skip
    rows = [used(0, "gpt-5", "uncached_input", 2_000_000, "3", "1.5", batch),
            used(0, "gpt-5", "uncached_input", 1_000_000, "2", "2", europe),
            used(0, "gpt-5", "uncached_input", 9_000_000, "27", "3")]  # fmt: skip
    assert sums(reprice_tier(rows, prices, SINCE, OLD, batch)) == (Decimal(10), Decimal(5))


def test_a_cache_is_compared_with_its_ratio_of_before():
    """A tenth was read before; of 10 M now 6 M are. Then 9 × 3 + 1 × 0.30 = 27.30; now 4 × 3 + 6 × 0.30 = 13.80."""
    prices = DatedPrices([price("gpt-5", "uncached_input", "3"), price("gpt-5", "cache_read", "0.3")])
    rows = [used(-3, "gpt-5", "uncached_input", 900_000, "2.7", "3"),
            used(-3, "gpt-5", "cache_read", 100_000, "0.03", "0.3"),
            used(2, "gpt-5", "uncached_input", 4_000_000, "12", "3"),
            used(2, "gpt-5", "cache_read", 6_000_000, "1.8", "0.3")]  # fmt: skip
    assert sums(reprice_cache(rows, prices, SINCE, OLD)) == (Decimal("27.3"), Decimal("13.8"))
    assert "how much was cached is not known" in (reprice_cache(rows[2:], prices, SINCE, OLD).why_not or "")


def test_gpu_hours_at_the_rate_of_before():
    """Ten hours at 8 USD; 5 are paid now. While the rate list says 8, nothing is claimed."""
    row = {"usage_date": SINCE, "host": "h", "seconds": Decimal(36_000), "cost_usd": Decimal(50)}
    assert sums(reprice_gpus([row], SINCE, "h", Decimal(8))) == (Decimal(80), Decimal(50))
    same = reprice_gpus([row | {"cost_usd": Decimal(80)}], SINCE, "h", Decimal(8))
    assert "put what is paid now into infrastructure_rates.csv" in (same.why_not or "")
