"""A scratch warehouse with the models of GPU time and what they read of other subjects, empty.

Put here: that. Keep out: telemetry, expectations.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.warehouse import ScratchWarehouse

MODELS = (
    "infrastructure_rates gpu_types stg_org__infrastructure_rates stg_org__gpu_inventory stg_org__fx_rates "
    "int_fx_rates int_infrastructure_rates stg_gpu__gpu_samples stg_gpu__gpu_sample_hours "
    "stg_gpu__gpu_allocations stg_prometheus__gpu_samples "
    "stg_prometheus__gpu_metrics stg_prometheus__serving_metrics int_gpu_measured_hours int_gpu_presence int_gpu_hours "
    "int_gpu_bills_daily int_gpu_usage_hourly int_gpus"
)
STUBS = (
    "create schema if not exists intermediate",
    "create table intermediate.int_dates as select cast(d as date) as date_day "
    "from range(date '2025-01-01', date '2027-12-31', interval 1 day) as days(d)",
    "create table intermediate.int_charges (charge_key varchar, charge_date date, charge_period_end_utc timestamp, "
    "provider_id varchar, resource_id varchar, billed_cost_usd decimal(38,12), charge_category varchar, "
    "cost_kind varchar, service_name varchar, charge_description varchar, sku_id varchar, sku_meter varchar)",
    "create table intermediate.int_tco_item_days (usage_date date, item_id varchar, item_name varchar, "
    "category varchar, "
    "standing_cost decimal(38,12), usd_per_unit decimal(38,12), rate decimal(38,12), has_driver boolean, "
    "driver varchar, rate_currency varchar)",
)
Maker = Callable[[Path], ScratchWarehouse]


def gpu_warehouse(folder: Path) -> ScratchWarehouse:
    """A warehouse with everything that the models read."""
    warehouse = ScratchWarehouse.create(folder)
    for statement in STUBS:
        warehouse.execute(statement)
    return warehouse


def build(warehouse: ScratchWarehouse, *more: str, variables: str | None = None) -> None:
    """Build the models of GPU time, without their tests."""
    given = ("--vars", variables) if variables else ()
    warehouse.dbt("build", *given, "--select", MODELS, *more, "--exclude", "resource_type:test")


@pytest.fixture
def warehouse(tmp_path: Path) -> ScratchWarehouse:
    return gpu_warehouse(tmp_path)
