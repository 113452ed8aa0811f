"""A home without any data builds, twice, and says so with empty tables."""

from __future__ import annotations

from pathlib import Path

from tests.support.warehouse import ScratchWarehouse

NO_UNIT_TESTS = ("--exclude", "resource_type:unit_test")


def test_warehouse_without_data_builds_twice(tmp_path: Path) -> None:
    warehouse = ScratchWarehouse.create(tmp_path / "empty")
    warehouse.dbt("build", *NO_UNIT_TESTS)
    warehouse.dbt("build", *NO_UNIT_TESTS, "--exclude-resource-type", "seed")
    for table in ("fct_llm_requests", "fct_llm_usage_hourly", "fct_charges", "fct_allocated_costs_daily"):
        assert warehouse.value(f"select count(*) from marts.{table}") == 0
    assert warehouse.rows("select cost_center_id from marts.dim_cost_centers") == [("unallocated",)]
