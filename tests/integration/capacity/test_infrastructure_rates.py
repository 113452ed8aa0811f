"""The list that ships and the organisation's rates become one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from tests.support.warehouse import ScratchWarehouse

OWN = {"resource_type": "instance_hour", "sku": "P5.48xlarge", "gpu_type": "H100-80GB", "gpus_per_instance": 8,
       "provider": "AWS", "purchase_option": "on_demand", "unit": "instance-hour", "currency": "USD"}  # fmt: skip


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    warehouse = ScratchWarehouse.create(tmp_path_factory.mktemp("rates"))
    summer = {"valid_from_utc": datetime(2025, 6, 1), "valid_to_utc": datetime(2025, 9, 1)}  # noqa: DTZ001
    warehouse.insert(
        "raw_org.infrastructure_rates",
        [
            OWN | summer | {"rate": Decimal(50), "_source_row": 1},
            OWN | {"purchase_option": "reserved_1y", "rate": Decimal(20), "upfront": Decimal("87660"),
                   "term_months": 12, "_source_row": 2},
        ],
    )  # fmt: skip
    warehouse.dbt(
        "build", "--select", "infrastructure_rates gpu_types stg_org__infrastructure_rates int_infrastructure_rates"
    )
    return warehouse


def test_the_organisations_rate_holds_in_its_time_and_the_shipped_one_around_it(rates: ScratchWarehouse) -> None:
    found = rates.rows(
        "select cast(valid_from_utc as date), cast(valid_to_utc as date), rate, is_own "
        "from intermediate.int_infrastructure_rates "
        "where sku = 'p5.48xlarge' and purchase_option = 'on_demand' order by 1"
    )
    assert [(str(start), str(stop), float(rate), own) for start, stop, rate, own in found] == [
        ("2023-07-26", "2025-06-01", 98.32, False),
        ("2025-06-01", "2025-06-05", 50.0, True),
        ("2025-06-05", "2025-09-01", 50.0, True),
        ("2025-09-01", "2200-01-01", 55.04, False),
    ]


def test_a_reservation_compares_with_its_upfront(rates: ScratchWarehouse) -> None:
    """87,660 USD over 12 × 730.5 hours is 10 USD an hour: (20 + 10) / 8 GPUs."""
    value = rates.value(
        "select rate_per_gpu_hour from intermediate.int_infrastructure_rates where purchase_option = 'reserved_1y' "
        "and sku = 'p5.48xlarge'"
    )
    assert value == Decimal("3.75")
