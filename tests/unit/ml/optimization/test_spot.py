"""Spot capacity by hand, as arithmetic and as a strategy: c28, d48 in the names."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ml.optimization.params import OptimizationParams
from ml.optimization.spot import spot_advice
from tests.unit.ml.optimization.worlds import gpus, rate, recommend, skipped

H100 = "NVIDIA H100 80GB HBM3"


@pytest.mark.parametrize(
    ("work", "rate", "fits"),
    [("batch", "0.5", True), ("stateless", "0.05", True), ("stateless", "0.1", False), ("stateful", "0", False)],
)
def test_d48_spot_by_kind_of_work(work: str, rate: str, fits: bool) -> None:
    found = spot_advice([Decimal(1), Decimal("1.4")], Decimal(4), work, Decimal(rate))
    # Mean 1.20 of 4.00 saves 70 %; the bid is 1.1 × the highest, 1.54.
    assert (found.is_advised, found.saving_pct, found.bid_cap_usd_per_hour) == (fits, 70, Decimal("1.54"))


def test_d48_nothing_is_known_of_interruptions() -> None:
    assert spot_advice([Decimal(1)], Decimal(4), "stateless").reason == "5% interrupted, below 10%"


def test_d48_spot_that_costs_more_is_not_advised() -> None:
    assert not spot_advice([Decimal(5)], Decimal(4), "batch").is_advised


@pytest.mark.parametrize("work", ["", "gaming"])
def test_d48_a_kind_of_work_that_is_none_of_the_three_is_an_error(work: str) -> None:
    with pytest.raises(ValueError, match="none of batch, stateless, stateful"):
        spot_advice([Decimal(1)], Decimal(4), work)


RATES = [
    rate("big", "%H100%", "8", "aws", "on_demand"),
    rate("big-spot", "%H100%", "2", "aws", "spot", recent="1.6 2 2.4"),
]


def strategy(host: str, **params: Decimal):
    rows = gpus(host, H100, "8", "big", idle_hours=12, busy_hours=12)
    return recommend("spot_instances", params=replace(OptimizationParams(), **params), gpus=rows, rates=RATES)


def test_c28_batch_work_goes_by_the_mean_price_and_bids_by_the_highest() -> None:
    """12 × 8 = 96 USD a day, 70 % of it at a quarter of the price: 96 × 0.7 × 0.75 × 30 = 1,512; 2.4 × 1.1 = 2.64."""
    [row] = strategy("gpu-train-01").to_dict("records")
    assert (row["saving_usd"], row["effort"], row["risk"]) == (Decimal(1512), "medium", "medium")
    assert "2.64" in row["evidence"]
    assert "bid at most 2.64 USD an hour" in row["actions"]


def test_c28_stateless_work_moves_a_smaller_share_while_little_is_interrupted() -> None:
    """96 × 0.3 × 0.75 × 30 = 648."""
    [row] = strategy("gpu-worker-01").to_dict("records")
    assert row["saving_usd"] == Decimal(648)
    assert strategy("gpu-worker-01", spot_interruption_ratio=Decimal("0.1")).empty


def test_c28_stateful_work_stays_even_where_its_name_says_batch() -> None:
    assert strategy("train-db-01").empty


def test_c28_what_serves_people_is_not_guessed() -> None:
    rows = gpus("gpu-web-01", H100, "8", "big", idle_hours=12, busy_hours=12)
    reason = skipped("spot_instances", gpus=rows, rates=RATES)
    assert reason == "which work can be interrupted is not known: no name of a host says so"
