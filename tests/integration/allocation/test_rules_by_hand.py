"""Rules of attribution whose result is worked out by hand: c09, c11 in the names.

Each company spends 1,000 USD on machines in one day on which three tenants have 50, 30 and 20 % of the tokens and 10,
60 and 30 % of the requests.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.integration.allocation.conftest import Allocated

PARTS = """
select coalesce(customer_id, feature, team_id, cost_center_id) as whose, sum(allocated_cost_usd) as usd,
    sum(allocated_ratio) as ratio
from marts.fct_allocated_costs_daily where provider_id = '{}' and spend_item_type = 'charge'
    and allocated_ratio <> 0 group by 1 order by 1
"""


def parts(allocated: Allocated, company: str) -> dict[str, Decimal]:
    rows = allocated.rows(PARTS.format(company))
    assert sum(row["ratio"] for row in rows) == 1, "shares are never more and never less than all of it"
    return {row["whose"].removeprefix(f"{company}-"): row["usd"] for row in rows}


@pytest.mark.parametrize(
    ("company", "expected"),
    [
        ("hand-direct", {"a": 1000}),
        ("hand-fixed", {"customer": 500, "feature": 300, "team": 200}),
        ("hand-share", {"a": 500, "b": 300, "c": 200}),
    ],
)
def test_c09_direct_fixed_and_proportional(allocated: Allocated, company: str, expected: dict[str, int]) -> None:
    assert parts(allocated, company) == expected


def test_c11_a_tenant_has_its_share_of_the_infrastructure(allocated: Allocated) -> None:
    """500 of 1,000 tokens × 1,000 USD; nothing of it is lost, the three shares are 100 %."""
    found = parts(allocated, "hand-share")
    assert found["a"] == Decimal(500) / 1000 * 1000
    assert sum(found.values()) == 1000


def test_c11_slip_shares_of_two_metrics_never_add_past_a_hundred_percent(allocated: Allocated) -> None:
    """Added up, tokens and requests would give 60 + 90 + 50 = 200 %, 2,000 USD. One metric decides, by priority."""
    assert parts(allocated, "hand-metrics") == {"a": 500, "b": 300, "c": 200}
