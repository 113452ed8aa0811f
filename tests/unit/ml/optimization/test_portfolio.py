"""What recommendations bring together: hand-worked, and for random ones never more than is spent."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import columns_of
from ml.optimization.advice import Slice
from ml.optimization.portfolio import in_order, incremental
from ml.optimization.return_on_investment import return_of


def part(cost: str, saving: str, name: str = "a") -> Slice:
    return Slice(name, Decimal(cost), Decimal(saving))


def test_the_second_half_is_of_what_the_first_left():
    """A model at half the price, then a batch at half the price: 50, then 25 of 100 USD."""
    assert incremental([("model", [part("100", "50")]), ("tier", [part("100", "50")])]) == [50, 25]


def test_two_other_models_for_the_same_requests_are_one_saving():
    assert incremental([("model", [part("100", "60")]), ("model", [part("100", "50")])]) == [60, 0]


def test_what_the_first_did_not_cover_is_left_to_the_second():
    """The first moves requests of 30 USD and saves 20; of the other's 100 USD 70 are left: half of these."""
    assert incremental([("model", [part("30", "20")]), ("model", [part("100", "50")])]) == [20, 35]


def test_parts_may_be_the_same_part():
    """Two that each spare the same 50 of 100 USD: only one can."""
    assert incremental([("hours", [part("50", "50")]), ("type", [part("50", "50")])]) == [50, 0]


def test_what_makes_all_cheaper_makes_each_part_cheaper():
    """Half the price for all 100 USD; a cache that saves 15 of an input of 20 USD then saves 7.50."""
    assert incremental([("model", [part("100", "50")]), ("cache", [part("20", "15")])]) == [50, Decimal("7.5")]


def test_other_money_is_not_touched():
    assert incremental([("model", [part("100", "50")]), ("model", [part("100", "50", "b")])]) == [50, 50]


MONEY = st.decimals("0", "1000", places=2)


@st.composite
def recommendations(draw: st.DrawFn) -> tuple[str, list[Slice]]:
    slices = []
    for name in draw(st.sets(st.sampled_from("abc"), min_size=1)):
        cost = draw(MONEY)
        slices.append(Slice(name, cost, draw(st.decimals("-10", "1100", places=2))))
    return draw(st.sampled_from(["model", "tier", "hours"])), slices


@settings(max_examples=100, deadline=None)
@given(st.lists(recommendations(), max_size=8))
def test_nothing_is_promised_twice(ordered: list[tuple[str, list[Slice]]]):
    """Of any slice no more than its dearest view; of those who touch it in any part, no more than the largest part."""
    brought = incremental(ordered)
    assert all(amount >= 0 for amount in brought)
    assert all(
        amount <= sum(min(max(each.saving_usd, Decimal(0)), each.cost_usd) for each in slices)
        for amount, (_, slices) in zip(brought, ordered, strict=True)
    )
    for name in "abc":
        alone = [(lever, [each for each in slices if each.slice_id == name]) for lever, slices in ordered]
        spent = max((each.cost_usd for _, slices in alone for each in slices), default=Decimal(0))
        assert sum(incremental(alone)) <= spent
    for size in range(1, min(len(ordered), 3) + 1):
        for chosen in combinations(range(len(ordered)), size):
            touched = {each.slice_id: Decimal(0) for i in chosen for each in ordered[i][1]}
            for i in chosen:
                for each in ordered[i][1]:
                    touched[each.slice_id] = max(touched[each.slice_id], each.cost_usd)
            assert sum(brought[i] for i in chosen) <= sum(touched.values())


def test_rows_are_ordered_by_score_and_closed_ones_stand_aside():
    rows = [
        {"recommendation_id": "1", "lever": "model", "score": 5.0, "status": "proposed", "saving_usd": Decimal(50),
         "current_cost_usd": Decimal(100), "slices": '[["a", "100", "50"]]'},
        {"recommendation_id": "2", "lever": "tier", "score": 9.0, "status": "accepted", "saving_usd": Decimal(50),
         "current_cost_usd": Decimal(100), "slices": '[["a", "100", "50"]]'},
        {"recommendation_id": "3", "lever": "tier", "score": 99.0, "status": "rejected", "saving_usd": Decimal(90),
         "current_cost_usd": Decimal(100), "slices": '[["a", "100", "90"]]'},
        {"recommendation_id": "4", "lever": None, "score": 1.0, "status": "proposed", "saving_usd": Decimal(7)},
    ]  # fmt: skip
    found = in_order(pd.DataFrame(rows, columns=columns_of("recommendations")))
    assert found["portfolio_order"].tolist() == [2, 1, pd.NA, 3]
    assert found["incremental_saving_usd"].tolist() == [25, 50, None, 7]


def test_a_return_is_months_until_it_has_paid():
    """304.375 USD in 30.4375 days; 500 USD and 5 days: 5/30.4375 + 500/304.375 = 1.807 months."""
    found = return_of(Decimal(300))
    assert found.monthly_saving_usd == Decimal("304.375")
    assert found.break_even_months == Decimal("1.81")
    assert found.first_year_usd == Decimal("3102.50")  # 304.375 × 12 − 50 of the 5 days − 500
    assert found.roi_pct == Decimal("620.5")
    assert found.verdict.startswith("do it")
    assert return_of(Decimal(0)).break_even_months is None
    assert return_of(Decimal(10)).verdict.startswith("not worth it")
