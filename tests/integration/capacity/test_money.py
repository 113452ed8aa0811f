"""What a GPU-hour costs: by inventory, by list, over changes in mid-month, to the last decimal; and a million tokens.

Expected values are worked by hand; where a requirement gives the figure, its id stands beside it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.capacity.conftest import build, gpu_warehouse
from tests.support.warehouse import ScratchWarehouse

D = Decimal


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def gpu(host: str, row: int, option: str, begins: str, ends: str, **more: Any) -> dict[str, Any]:
    """A row of the inventory."""
    return {
        "host": host, "gpu_count": 1, "provider": "aws", "purchase_option": option, "currency": "USD",
        "valid_from_utc": at(begins), "valid_to_utc": at(ends), "_source_row": row, **more,
    }  # fmt: skip


def samples(host: str, gpu_id: str, start: str, hours: int, used: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"sampled_at_utc": at(start) + timedelta(hours=hour), "host": host, "gpu_id": gpu_id,
         "gpu_utilization_pct": D(used), "duration_seconds": D(3600), "_source_row": hour, **more}
        for hour in range(hours)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    warehouse = gpu_warehouse(tmp_path_factory.mktemp("money"))
    term = {"term_start_utc": at("2026-03-16"), "term_end_utc": at("2027-03-16")}
    warehouse.insert(
        "raw_org.gpu_inventory",
        [
            gpu("moved", 1, "on_demand", "2026-03-01", "2026-03-16", hourly_rate=D("12.29"), team_id="old"),
            gpu("moved", 2, "reserved_1y", "2026-03-16", "2026-04-01", hourly_rate=D("3.3"), upfront=D(10000), **term,
                team_id="old"),
            gpu("stepped", 3, "on_demand", "2025-06-04", "2025-06-07", gpu_count=8, gpu_type="h100-80gb",
                instance_type="p5.48xlarge"),
            gpu("handed", 4, "spot", "2026-03-10", "2026-03-10T13:00", hourly_rate=D("1.000000000001"), team_id="a"),
            gpu("handed", 5, "spot", "2026-03-10T13:00", "2026-03-11", hourly_rate=D("1.000000000001"), team_id="b"),
            gpu("bought", 6, "owned", "2026-01-01", "2026-03-02", gpu_count=3, purchase_price=D(100000),
                depreciation_months=1, term_start_utc=at("2026-01-01"), term_end_utc=at("2026-02-01")),
            gpu("odd", 7, "on_demand", "2026-03-10", "2026-03-11", gpu_type="abacus"),
            gpu("euro", 8, "on_demand", "2026-03-10", "2026-03-11", hourly_rate=D(2), currency="EUR"),
            gpu("own-rate", 9, "on_demand", "2026-03-10", "2026-03-11", gpu_type="a100-40gb"),
            gpu("three", 10, "on_demand", "2026-03-10", "2026-03-11", gpu_count=3, hourly_rate=D(10)),
        ],
    )  # fmt: skip
    warehouse.insert(
        "raw_org.infrastructure_rates",
        [{"resource_type": "gpu_hour", "sku": "a100-40gb", "gpu_type": "a100-40gb", "gpus_per_instance": 1,
          "provider": "aws", "purchase_option": "on_demand", "rate": D("1.5"), "currency": "USD", "_source_row": 1}],
    )  # fmt: skip
    warehouse.insert(
        "raw_org.fx_rates",
        [{"currency": "EUR", "usd_per_unit": D("1.25"), "units_per_usd": D("0.8"), "_source_row": 1}],
    )
    warehouse.insert(
        "raw_gpu.gpu_samples",
        [
            *samples("serve", "g", "2026-03-10", 24, 40, gpu_name="NVIDIA L4", workload="chat"),
            *samples("pods", "g", "2026-03-10", 24, 50, gpu_name="NVIDIA L4"),
            *samples("pods", "h", "2026-03-10", 24, 0, gpu_name="NVIDIA L4"),
        ],
    )
    warehouse.insert(
        "raw_gpu.gpu_allocations",
        [
            {"node": "pods", "gpu_id": "g", "pod": "a", "workload": "a", "gpu_fraction": D("0.25"), "_source_row": 1,
             "allocated_from_utc": at("2026-03-10"), "allocated_to_utc": at("2026-03-10T12:00")},
            {"node": "pods", "gpu_id": "g", "pod": "b", "workload": "b", "gpu_fraction": D("0.75"), "_source_row": 2,
             "allocated_from_utc": at("2026-03-10"), "allocated_to_utc": at("2026-03-10T06:30")},
        ],
    )  # fmt: skip
    warehouse.insert(
        "raw_gpu.served_tokens",
        [
            {"hour_start_utc": at("2026-03-10"), "host": "serve", "workload": "chat", "model_name": model,
             "prompt_tokens": D(prompt), "generation_tokens": D(answer), "prefill_seconds": D(1),
             "decode_seconds": D(3), "request_count": D(requests), "_source_row": 1}
            for model, prompt, answer, requests in (
                ("house", 20_000_000, 10_000_000, 600), ("tiny", 5_000_000, 5_000_000, 90)
            )
        ],
    )  # fmt: skip
    build(warehouse, "stg_gpu__served_tokens", "int_served_tokens_daily")
    return warehouse


def cost(warehouse: ScratchWarehouse, host: str, where: str = "true") -> Decimal | None:
    value: Decimal | None = warehouse.value(
        f"select sum(gpu_cost_usd) from intermediate.int_gpu_usage_hourly where host = '{host}' and {where}"
    )
    return value


def test_a_gpu_moved_from_on_demand_to_reserved_in_mid_month(hours: ScratchWarehouse) -> None:
    """15 days × 24 × 12.29, then 16 days × 24 × 3.3 and the upfront's hours: 384 of 8,760, in equal parts of 10^-12."""
    assert cost(hours, "moved", "usage_date < '2026-03-16'") == 360 * D("12.29")
    pico, left = divmod(10_000 * 10**12, 8760)
    upfront = D(384 * pico + min(384, left)).scaleb(-12)
    assert cost(hours, "moved", "usage_date >= '2026-03-16'") == 384 * D("3.3") + upfront


def test_a_price_step_on_one_date(hours: ScratchWarehouse) -> None:
    """C03 beside published prices: p5.48xlarge costs 98.32 an hour until 2025-06-05, then 55.04."""
    assert cost(hours, "stepped", "usage_date = '2025-06-04'") == 24 * D("98.32")
    assert cost(hours, "stepped", "usage_date >= '2025-06-05'") == 48 * D("55.04")


def test_an_owner_changes_at_an_hour(hours: ScratchWarehouse) -> None:
    found = hours.rows(
        "select team_id, sum(gpu_cost_usd) from intermediate.int_gpu_usage_hourly where host = 'handed' "
        "group by all order by all"
    )
    assert found == [("a", 13 * D("1.000000000001")), ("b", 11 * D("1.000000000001"))]


def test_a_purchase_is_spread_over_its_hours_and_gpus_to_the_last_decimal_and_then_over(
    hours: ScratchWarehouse,
) -> None:
    """100,000 USD over 31 × 24 hours of 3 GPUs divides by nothing; afterwards the machine is paid off."""
    assert cost(hours, "bought", "usage_date < '2026-02-01'") == D(100_000)
    assert cost(hours, "bought", "usage_date >= '2026-02-01'") == 0


def test_a_gpu_without_a_rate_has_no_cost_and_is_named(hours: ScratchWarehouse) -> None:
    assert cost(hours, "odd") is None
    assert hours.rows("select rate_method, unrated_hour_count from intermediate.int_gpus where host = 'odd'") == [
        ("no_rate", 24)
    ]


def test_other_currencies_own_rates_and_machines_that_do_not_divide(hours: ScratchWarehouse) -> None:
    assert cost(hours, "euro") == 24 * D(2) * D("1.25")
    assert cost(hours, "own-rate") == 24 * D("1.5"), "the organisation's row wins over the list"
    assert cost(hours, "three") == 240, "ten dollars over three GPUs"


def test_seconds_sum_to_the_hour_everywhere(hours: ScratchWarehouse) -> None:
    assert (
        hours.rows(
            "select host, gpu_id, usage_hour_utc from intermediate.int_gpu_usage_hourly group by all "
            "having sum(used_seconds + idle_seconds + no_telemetry_seconds) <> 3600"
        )
        == []
    )


def test_allocation_files_say_who_held_a_gpu(hours: ScratchWarehouse) -> None:
    """Hour 0: a holds a quarter, b three quarters, half is used. Hour 6: b holds it for half an hour only.
    Hour 7: a alone, so what is used is a's. Hour 13: nobody."""
    found = hours.rows(
        "select hour(usage_hour_utc), workload, used_seconds, allocated_idle_seconds, unallocated_seconds "
        "from intermediate.int_gpu_usage_hourly where host = 'pods' and gpu_id = 'g' "
        "and hour(usage_hour_utc) in (0, 6, 7, 13) order by 1, 2"
    )
    rounded = [(row[0], row[1], *(round(float(value), 3) for value in row[2:])) for row in found]
    assert rounded == [
        (0, "a", 450.0, 450.0, 0.0),
        (0, "b", 1350.0, 1350.0, 0.0),
        (6, "a", 720.0, 180.0, 0.0),
        (6, "b", 1080.0, 270.0, 0.0),
        (6, None, 0.0, 0.0, 1350.0),
        (7, "a", 1800.0, 0.0, 0.0),
        (7, None, 0.0, 0.0, 1800.0),
        (13, None, 1800.0, 0.0, 1800.0),
    ]


def test_tokens_of_two_models_share_the_cost_of_their_server_by_tokens(hours: ScratchWarehouse) -> None:
    """24 hours of an L4 at 0.8048 are 19.3152 USD: 30 of 40 million tokens carry three quarters."""
    found = hours.rows(
        "select model_name, gpu_cost_usd, used_seconds from intermediate.int_served_tokens_daily order by all"
    )
    assert found == [("house", D("14.4864"), D("25920")), ("tiny", D("4.8288"), D("8640"))]


def test_c12_requests_tokens_and_gpu_seconds_of_a_model(hours: ScratchWarehouse) -> None:
    """A day of one GPU has 86,400 seconds, 40 % used: three quarters of either go with the tokens."""
    found = hours.rows(
        "select model_name, request_count, prompt_tokens + generation_tokens, used_seconds, gpu_seconds "
        "from intermediate.int_served_tokens_daily order by all"
    )
    assert found == [("house", 600, 30_000_000, 25_920, 64_800), ("tiny", 90, 10_000_000, 8_640, 21_600)]
