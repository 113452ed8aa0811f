"""Each strategy on GPUs: what it saves by the rate list, worked out by hand; what it leaves alone."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ml.optimization.gpus import Rate, rate_for
from ml.optimization.portfolio import in_order
from tests.unit.ml.optimization.worlds import RATES, gpus, recommend, skipped

H100 = "NVIDIA H100 80GB HBM3"


def one(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def ask(name: str, *hosts):
    return recommend(name, gpus=[row for host in hosts for row in host], rates=RATES)


def big(host: str = "gpu-train-01", **more):
    """8 USD an hour."""
    return gpus(host, H100, "8", "big", **({"idle_hours": 12, "busy_hours": 12} | more))


def test_hours_in_which_nothing_works_are_switched_off():
    """Twelve idle hours a day of two GPUs at 8 USD: 192 USD a day, 5,760 in 30 days."""
    row = one(ask("idle_gpus", big(gpu_count=2)))
    assert (row["saving_usd"], row["effort"], row["risk"], row["priority"]) == (Decimal(5760), "low", "low", 1)
    assert "switch it off" in row["title"]
    assert "release it" in one(ask("idle_gpus", big(idle_hours=24, busy_hours=0)))["title"]
    assert ask("idle_gpus", big(idle_hours=0, busy_hours=24)).empty


def test_fewer_gpus_where_fewer_do():
    """100 of 192 USD a day are spent on GPUs that the load does not need."""
    row = one(ask("auto_scaling", big(gpu_count=2, spare="100")))
    assert (row["current_cost_usd"], row["saving_usd"]) == (Decimal(5760), Decimal(3000))
    assert ask("auto_scaling", big(spare="50")).empty, "one GPU cannot be fewer"


def test_spot_for_what_can_be_interrupted():
    """12 × 8 = 96 USD a day, 70 % of it at a quarter of the price: 96 × 0.7 × 0.75 × 30 = 1,512 USD."""
    assert one(ask("spot_instances", big()))["saving_usd"] == Decimal(1512)
    reason = skipped("spot_instances", gpus=big("gpu-web-01"), rates=RATES)
    assert reason == "which work can be interrupted is not known: no name of a host says so"


def test_a_reservation_pays_from_its_share_of_the_time():
    """20 of 24 hours at 8 USD are 160 a day; all 24 at 4 USD: 96; 64 × 30 = 1,920. At half the time nothing."""
    row = one(ask("reserved_capacity", big(idle_hours=4, busy_hours=20)))
    assert row["saving_usd"] == Decimal(1920)
    assert ask("reserved_capacity", big(idle_hours=12, busy_hours=12)).empty
    assert ask("reserved_capacity", big(idle_hours=13, busy_hours=11)).empty


def test_the_same_gpu_in_another_cloud():
    """6 instead of 8 USD for all 24 hours: 48 a day, 1,440."""
    row = one(ask("multi_cloud", big()))
    assert (row["saving_usd"], row["effort"]) == (Decimal(1440), "high")


def test_a_smaller_gpu_where_speed_and_memory_are_spare():
    """30 % full, 20 of 80 GiB: the A100 at 4 USD has 40 GiB and is not below 0.3 × 8 × 1.2; half of 192 a day."""
    row = one(ask("right_sizing", big(used="0.3", memory_gib=20)))
    assert (row["saving_usd"], row["risk"]) == (Decimal(2880), "low")
    assert ask("right_sizing", big(used="0.3", memory_gib=60)).empty
    assert ask("right_sizing", big(used="0.8", memory_gib=20)).empty


def test_fewer_bits_on_a_smaller_gpu():
    """60 GiB in fp16 are 30 in int8, 36 with room: the A100 at 4 USD; with 20 GiB at 10 % use the T4 at 1 USD."""
    row = one(ask("quantization", big("gpu-serve-01", used="0.4", memory_gib=60)))
    assert row["saving_usd"] == Decimal(2880)
    row = one(ask("quantization", big("gpu-serve-01", used="0.1", memory_gib=20)))
    assert row["saving_usd"] == Decimal(5040)
    assert "no name of a host" in (skipped("quantization", gpus=big(), rates=RATES) or "")


@pytest.mark.parametrize(
    ("a_second", "at_a_time", "size", "saving"),
    [
        ("5", None, "6", "720"), ("5", 1, "6", "720"), ("5", 3, "6", "432"), ("5", 4, None, "0"),
        ("100", None, "32", "1440"), ("0.4", None, None, "0"),
    ],
)  # fmt: skip
def test_requests_that_come_faster_than_one_is_done_are_answered_together(
    a_second: str, at_a_time: int | None, size: str | None, saving: str
):
    """Twelve busy hours a day at 8 USD are 2,880 in 30 days; of them 5 % for each request more, at most half."""
    seconds = 360 * 3_600
    served = {
        "host": "gpu-serve-01", "hours": 360, "requests": seconds * Decimal(a_second),
        "running_seconds": None if at_a_time is None else Decimal(seconds * at_a_time),
    }  # fmt: skip
    advice = recommend("batch_size", gpus=big("gpu-serve-01"), rates=RATES, served=[served])
    if size is None:
        assert advice.empty
        return
    row = one(advice)
    evidence = json.loads(row["evidence"])
    assert (row["saving_usd"], evidence["batch_size"]) == (Decimal(saving), size)
    assert Decimal(evidence["time_out_milliseconds"]) == 2_000 / Decimal(a_second)
    assert (row["effort"], row["risk"]) == ("low", "low")


def test_servers_that_tell_no_requests_are_skipped():
    assert "no measured host says how many requests" in (skipped("batch_size", gpus=big(), rates=RATES) or "")
    other = [{"host": "elsewhere", "hours": 1, "requests": Decimal(1), "running_seconds": None}]
    assert skipped("batch_size", gpus=big(), rates=RATES, served=other) is not None


def test_idle_gpus_come_first_and_nothing_is_promised_twice():
    import pandas as pd

    host = big(gpu_count=2, spare="100")
    names = ("spot_instances", "idle_gpus", "auto_scaling", "multi_cloud", "reserved_capacity")
    found = in_order(pd.concat([ask(name, host) for name in names if not ask(name, host).empty], ignore_index=True))
    found = found.sort_values("portfolio_order")
    assert found["strategy"].iloc[0] == "idle_gpus"
    assert sum(found["incremental_saving_usd"]) <= Decimal(24 * 2 * 8 * 30)
    assert sum(found["saving_usd"]) > sum(found["incremental_saving_usd"])


def test_without_rates_or_gpus_strategies_are_skipped():
    assert skipped("idle_gpus") == "no GPU was measured in the last 30 days"
    unrated = [row | {"rate": None} for row in big()]
    assert "no rate is known" in (skipped("idle_gpus", gpus=unrated, rates=RATES) or "")


@pytest.mark.parametrize(
    ("name", "expected"), [("NVIDIA A100-SXM4-80GB", "long"), ("A100 40GB", "short"), ("B200", None)]
)
def test_the_longest_pattern_wins(name: str, expected: str | None):
    known = [Rate(rate_id, pattern, "aws", "on_demand", "", Decimal(1))
             for rate_id, pattern in (("short", "%A100%"), ("long", "%A100%80GB%"))]  # fmt: skip
    found = rate_for(name, known, "aws", "on_demand")
    assert (found.rate_id if found else None) == expected
