"""Estimates, worked out by hand. Requirement lines stand in the names: c02, c07, c08, d11, d12, d13."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ml.tco.estimate import HOURS_A_MONTH, Rate, compute, halves, priced, tokens, total

A100 = Rate("a100-40gb", "aws", "on_demand", "GPU-hour", Decimal("4.096"), "list of 2024")
RESERVED = Rate(
    "a100-40gb", "aws", "reserved_1y", "GPU-hour", Decimal(2), "list", upfront_usd=Decimal(8766), term_months=12
)


def gpus(discount: str | None, actual: Rate | None = None, assumed: str = "0.6", hours: str = "720"):
    return compute(
        "gpus",
        A100,
        actual,
        count=4,
        hours=Decimal(hours),
        discount=None if discount is None else Decimal(discount),
        assumed_discount=Decimal(assumed),
    )


def test_c07_gpu_cost_is_rate_times_hours_times_count_less_the_spot_discount() -> None:
    # 4.096 × 720 × 4 × 0.4 = 4,718.592
    assert gpus("0.6").cost_usd == Decimal("4718.592")
    assert gpus("0").cost_usd == Decimal("11796.48")
    assert gpus("1").cost_usd == 0


def test_c07_storage_network_and_api_are_quantity_times_rate() -> None:
    ssd = Rate("ssd", "aws", "on_demand", "GB-month", Decimal("0.08"), "")
    out = Rate("egress_internet", "aws", "on_demand", "GB", Decimal("0.09"), "")
    assert priced("storage", Decimal(1000), ssd).cost_usd == 80
    assert priced("egress", Decimal(500), out).cost_usd == 45
    # 250,000 in at 0.01 and 250,000 out at 0.03 per 1k: 2.50 + 7.50
    sent, received = halves(500_000)
    api = [tokens("in", sent, Decimal("0.01"), ""), tokens("out", received, Decimal("0.03"), "")]
    assert [line.cost_usd for line in api] == [Decimal("2.5"), Decimal("7.5")]
    assert halves(3) == (2, 1)


def test_c08_the_default_configuration_of_thirty_days_comes_to_4843_59() -> None:
    """GPUs 4,718.592 + storage 80 + egress 45, no tokens; the seed's month is 24 × 30 h."""
    ssd = Rate("ssd", "aws", "on_demand", "GB-month", Decimal("0.08"), "")
    out = Rate("egress_internet", "aws", "on_demand", "GB", Decimal("0.09"), "")
    lines = [gpus("0.6"), priced("storage", Decimal(1000), ssd), priced("egress", Decimal(500), out)]
    assert total(lines, Decimal(720)).total_usd == Decimal("4843.592")


def test_a_month_is_730_and_a_half_hours() -> None:
    """Answer: 30.4375 days × 24."""
    assert Decimal("30.4375") * 24 == HOURS_A_MONTH


def test_d11_a_real_rate_stands_before_the_assumption_which_says_so() -> None:
    # 2 + 8,766 / (12 × 730.5) = 2 + 1 = 3 an hour, upfront included.
    real = gpus(None, RESERVED, "0.4", "730.5")
    assert RESERVED.hourly() == 3
    assert (real.usd_per_unit, real.cost_usd, real.is_assumption) == (3, Decimal("8766"), False)
    guessed = gpus(None, None, "0.4", "730")
    # −40 %: 4.096 × 730 × 4 × 0.6
    assert guessed.cost_usd == Decimal("7176.192")
    assert guessed.is_assumption
    assert "assumption" in guessed.basis


def test_d11_utilization_says_what_an_hour_of_work_costs() -> None:
    # Half of the hours work, so one costs twice the rate.
    found = total([gpus("0")], Decimal(720), Decimal(720 * 4), Decimal("0.5"))
    assert found.cost_per_used_hour_usd == Decimal("8.192")


def test_d12_storage_is_gigabytes_and_iops() -> None:
    gb = Rate("ssd", "aws", "on_demand", "GB-month", Decimal("0.10"), "")
    iops = Rate("io2", "aws", "on_demand", "IOPS-month", Decimal("0.065"), "")
    lines = [priced("storage", Decimal(2000), gb), priced("IOPS", Decimal(3000), iops)]
    assert total(lines, HOURS_A_MONTH).total_usd == 200 + 195


def test_d13_named_services_are_monthly_amounts() -> None:
    named = Rate("cache", "aws", "on_demand", "month", Decimal("120.50"), "as given")
    assert priced("cache", Decimal(1), named).cost_usd == Decimal("120.50")


def test_c02_a_line_is_a_cost_record_of_a_component() -> None:
    """Component: name, unit, unit cost, where from; record: quantity, unit cost, total; currency is in the names."""
    ssd = Rate("ssd", "aws", "on_demand", "GB-month", Decimal("0.08"), "price list of 2024")
    line = priced("storage", Decimal(1000), ssd)
    assert (line.name, line.unit, line.quantity, line.usd_per_unit) == ("storage", "GB-month", 1000, Decimal("0.08"))
    assert (line.cost_usd, line.basis) == (80, "price list of 2024")


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_costs_nothing(count: int) -> None:
    line = compute("g", A100, None, count=count, hours=Decimal(0), discount=None, assumed_discount=Decimal(0))
    assert line.cost_usd == 0
