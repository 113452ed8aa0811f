"""Prices inferred from bills against the prices the bills were made from."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd
import pytest

from ml.implied_prices import CLASSIFICATIONS, IMPLIED_PRICE_COLUMNS, ImpliedPriceParams, infer_prices
from tests.unit.ml.billed_worlds import FIRST_DAY, Planted, make_world

NOW = datetime(2026, 11, 1, 12)  # noqa: DTZ001
LIST = Decimal("0.0000025")
SEEDS = [11, 12, random.SystemRandom().randrange(10**6)]
"""Two to compare runs by, and another one every time; a failure prints it."""


@pytest.fixture(scope="module", params=SEEDS, ids=["seed11", "seed12", "new_seed"])
def world(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, list[Planted], pd.DataFrame]:
    print(f"seed {request.param}")
    billed, planted = make_world(request.param)
    return billed, planted, infer_prices(billed, scored_at_utc=NOW)


def newest(rows: pd.DataFrame, sku_id: str) -> pd.DataFrame:
    own = rows[rows["sku_id"] == sku_id]
    return own[own["stretch_to_date"] == own["stretch_to_date"].max()]


def relative_error(row: pd.Series, truth: Decimal) -> float:
    price = row["snapped_price_usd_per_unit"]
    estimate = row["fitted_price_usd_per_unit"] if pd.isna(price) else price
    return abs(float(estimate) / float(truth) - 1)


def test_hidden_changes_and_discounts_are_recovered_with_their_dates(
    world: tuple[pd.DataFrame, list[Planted], pd.DataFrame],
) -> None:
    _, planted, found = world
    hidden = [truth for truth in planted if truth.kind in ("change", "discount")]
    assert len(hidden) == 40
    for truth in hidden:
        rows = newest(found, truth.sku_id)
        assert set(rows["meter"]) == set(truth.billed_price), truth
        assert rows["is_drift"].any(), truth
        for _, row in rows.iterrows():
            assert relative_error(row, truth.billed_price[row["meter"]]) <= 1e-6, (truth, row["snap_rule"])
            assert row["changed_on_date"] == truth.changed_on, truth
            if truth.kind == "discount":
                assert row["classification"] == "hidden_discount", (truth, row["reason"])


def test_what_did_not_change_raises_no_alarm(world: tuple[pd.DataFrame, list[Planted], pd.DataFrame]) -> None:
    _, planted, found = world
    unchanged = {truth.sku_id: truth for truth in planted if truth.kind == "unchanged"}
    rows = found[found["sku_id"].isin(unchanged)]
    assert rows["sku_id"].nunique() == 200
    assert not rows["is_drift"].any()
    for sku_id, own in rows.groupby("sku_id"):
        expected = "matches_contract" if unchanged[str(sku_id)].contracted else "matches_list"
        assert set(own["classification"]) == {expected}, unchanged[str(sku_id)]


def test_meters_that_move_together_are_named(world: tuple[pd.DataFrame, list[Planted], pd.DataFrame]) -> None:
    _, planted, found = world
    for truth in (one for one in planted if one.kind == "collinear"):
        own = found[found["sku_id"] == truth.sku_id]
        assert set(own["classification"]) == {"not_identifiable"}, truth
        for _, row in own.iterrows():
            others = set(truth.billed_price) - {row["meter"]}
            assert set(row["collinear_meters"].split(", ")) == others
        assert not own["is_drift"].any()


def test_a_change_shows_from_its_first_full_billed_day(
    world: tuple[pd.DataFrame, list[Planted], pd.DataFrame],
) -> None:
    billed, planted, _ = world
    changed = {truth.sku_id: truth.changed_on for truth in planted if truth.kind == "change"}
    known_then = billed[
        [sku in changed and day <= changed[sku] for sku, day in billed[["sku_id", "usage_date"]].values]
    ]
    found = infer_prices(known_then, scored_at_utc=NOW)
    for sku_id, changed_on in changed.items():
        rows = newest(found, sku_id)
        assert rows["is_drift"].any(), sku_id
        assert set(rows["changed_on_date"]) == {changed_on}, sku_id


def test_dividing_monthly_totals_is_worse(world: tuple[pd.DataFrame, list[Planted], pd.DataFrame]) -> None:
    """The baseline: cost ÷ quantity per SKU and month, an alarm at 1 % off the agreed price, dated the first.

    A last month that is long and whole after the change can give the baseline each price in some world; the days of
    the changes it never can.
    """
    billed, planted, found = world
    single = billed[billed.groupby("sku_id")["meter"].transform("nunique") == 1].copy()
    single["month"] = [day.replace(day=1) for day in single["usage_date"]]
    for column in ("quantity", "billed_cost_usd", "contracted_price_usd_per_unit"):
        single[column] = single[column].astype(float)
    single["expected"] = single["quantity"] * single["contracted_price_usd_per_unit"]
    monthly = single.groupby(["sku_id", "month"], as_index=False)[["quantity", "billed_cost_usd", "expected"]].sum()
    monthly["price"] = monthly["billed_cost_usd"] / monthly["quantity"]
    monthly["is_alarm"] = (monthly["billed_cost_usd"] / monthly["expected"] - 1).abs() > 0.01
    ours = theirs = dated = 0
    changed = [t for t in planted if t.kind == "change" and t.sku_id in set(single["sku_id"])]
    for truth in changed:
        own = monthly[monthly["sku_id"] == truth.sku_id]
        price = float(next(iter(truth.billed_price.values())))
        theirs += abs(own["price"].iloc[-1] / price - 1) <= 1e-6
        dated += bool(own["is_alarm"].any()) and own.loc[own["is_alarm"], "month"].iloc[0] == truth.changed_on
        ours += relative_error(newest(found, truth.sku_id).iloc[0], next(iter(truth.billed_price.values()))) <= 1e-6
    assert ours == len(changed) >= theirs
    assert dated < len(changed)


# One SKU at a time -------------------------------------------------------------------------------------------


def bill(
    price_on: Callable[[int], Decimal],
    *,
    days: int = 30,
    decimals: int = 6,
    units: Callable[[int], int] = lambda day: 3_000_000 + 171_717 * (day % 7),
    listed_on: Callable[[int], Decimal | None] = lambda day: LIST,
) -> pd.DataFrame:
    """A SKU with one line a day, its price by day number."""
    rows = [
        {
            "provider_id": "p",
            "charge_source": "focus",
            "billing_account_id": None,
            "sku_id": "sku",
            "model_id": "m",
            "usage_date": FIRST_DAY + timedelta(days=day),
            "billed_line_id": str(day),
            "meter": "output",
            "price_variant": "standard",
            "context_tier": "base",
            "quantity": Decimal(units(day)),
            "quantity_source": "bill",
            "billed_cost_usd": (units(day) * price_on(day)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN),
            "charge_count": 1,
            "list_price_usd_per_unit": listed_on(day),
            "contracted_price_usd_per_unit": listed_on(day),
        }
        for day in range(days)
    ]
    return pd.DataFrame(rows).astype("object")


def infer(billed: pd.DataFrame, listed: pd.DataFrame | None = None) -> pd.DataFrame:
    return infer_prices(billed, listed, scored_at_utc=NOW)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def test_a_day_that_changed_at_noon_is_not_the_date_of_the_change() -> None:
    found = infer(bill(lambda d: LIST if d < 10 else LIST * Decimal("0.9") if d == 10 else LIST * Decimal("0.8")))
    assert found["classification"].tolist() == ["matches_list", "price_changed"]
    assert found["changed_on_date"].iloc[1] == day(11)
    assert found["snapped_price_usd_per_unit"].iloc[1] == Decimal("0.000002")


def test_one_odd_day_is_counted_and_is_no_change() -> None:
    found = infer(bill(lambda d: LIST * 2 if d == 12 else LIST))
    assert found["classification"].tolist() == ["matches_list"]
    assert found["irregular_day_count"].tolist() == [1]


def test_the_last_day_may_be_the_change() -> None:
    found = infer(bill(lambda d: LIST if d < 29 else LIST * Decimal("1.1")))
    assert found["classification"].tolist() == ["matches_list", "price_changed"]
    assert found["changed_on_date"].iloc[1] == day(29)


def test_a_bill_that_follows_a_list_change_is_no_drift_and_one_that_does_not_is() -> None:
    def listed(d: int) -> Decimal:
        return LIST if d < 15 else LIST / 2

    follows = infer(bill(listed, listed_on=listed))
    assert follows["classification"].tolist() == ["matches_list"]
    stays = infer(bill(lambda d: LIST, listed_on=listed))
    assert stays["classification"].tolist() == ["matches_list", "price_changed"]
    assert stays["is_drift"].tolist() == [False, True]
    assert stays["price_ratio"].iloc[1] == pytest.approx(2)


def test_a_price_that_goes_back_is_a_change_that_ends() -> None:
    found = infer(bill(lambda d: LIST * Decimal("0.7") if 10 <= d < 20 else LIST))
    assert found["classification"].tolist() == ["matches_list", "price_changed", "matches_list"]
    assert found["changed_on_date"].tolist() == [None, day(10), day(20)]
    effect = found["monthly_effect_usd"].iloc[1]
    due = sum((3_000_000 + 171_717 * (d % 7)) * LIST for d in range(10, 20)) / 10
    assert float(effect) == pytest.approx(float(due) * -0.3 * 30.4375, rel=1e-6)


def test_the_price_of_another_variant_is_an_unknown_tier() -> None:
    batch = pd.DataFrame(
        [["p", "m", "output", "processing=batch", "base", LIST / 2]],
        columns=["provider_id", "model_id", "meter", "price_variant", "context_tier", "list_price_usd_per_unit"],
    )
    found = infer(bill(lambda d: LIST / 2), batch)
    assert found["classification"].tolist() == ["unknown_tier"]
    assert found["snap_rule"].tolist() == ["list price of processing=batch"]
    assert infer(bill(lambda d: LIST / 2))["classification"].tolist() == ["hidden_discount"]
    assert infer(bill(lambda d: LIST * 2))["classification"].tolist() == ["unknown_tier"]


def test_a_contract_that_is_not_applied_is_drift() -> None:
    billed = bill(lambda d: LIST)
    billed["contracted_price_usd_per_unit"] = LIST * Decimal("0.95")
    found = infer(billed)
    assert found[["classification", "is_drift"]].values.tolist() == [["matches_list", True]]


def test_a_model_without_a_list_price_gets_the_price_its_bill_implies() -> None:
    found = infer(bill(lambda d: Decimal("0.00000035"), listed_on=lambda d: None))
    assert found["classification"].tolist() == ["not_listed"]
    assert found["snapped_price_usd_per_unit"].tolist() == [Decimal("0.000000350000")]
    assert not found["is_drift"].any()


def test_quantities_that_do_not_explain_the_bill_claim_nothing() -> None:
    rng = np.random.default_rng(5)
    noise = rng.lognormal(0, 0.2, 60)
    found = infer(bill(lambda d: LIST * Decimal(str(noise[d])), days=60))
    assert found["classification"].tolist() == ["not_identifiable"]
    assert not found["is_drift"].any()


def test_amounts_too_small_for_their_cents_are_not_snapped_to_a_wrong_price() -> None:
    rng = np.random.default_rng(8)
    snapped = 0
    for _ in range(200):
        truth = Decimal(f"{rng.uniform(0.5, 20):.4g}") / 1_000_000
        units = int(float(rng.uniform(0.02, 3.0)) / float(truth))
        found = infer(bill(lambda d, p=truth: p, decimals=2, days=20, units=lambda d, u=units: u + u * (d % 5) // 9))
        price = found["snapped_price_usd_per_unit"].iloc[-1]
        if not pd.isna(price):
            snapped += 1
            assert price in (truth, LIST)
            lower, upper = found[["lower_price_usd_per_unit", "upper_price_usd_per_unit"]].iloc[-1]
            assert lower <= price <= upper
    assert snapped < 100


def test_truncating_instead_of_rounding_is_no_drift() -> None:
    billed = bill(lambda d: LIST)
    exact = billed["quantity"] * LIST
    billed["billed_cost_usd"] = [amount.quantize(Decimal("0.01"), rounding="ROUND_DOWN") for amount in exact]
    assert infer(billed)["classification"].tolist() == ["matches_list"]


def test_the_result_does_not_depend_on_the_order_of_rows() -> None:
    billed, _ = make_world(3, unchanged=6, changes=4, discounts=2, collinear=1, days=48)
    shuffled = billed.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(infer(billed), infer(shuffled))


def test_columns_and_classes_are_the_declared_ones() -> None:
    found = infer(bill(lambda d: LIST))
    assert list(found.columns) == IMPLIED_PRICE_COLUMNS
    assert set(found["classification"]) <= set(CLASSIFICATIONS)
    assert list(infer(bill(lambda d: LIST).iloc[:0]).columns) == IMPLIED_PRICE_COLUMNS
    with pytest.raises(ValueError, match="charge_count"):
        infer(bill(lambda d: LIST).drop(columns="charge_count"))
    assert ImpliedPriceParams().days_per_month == Decimal("30.4375")
