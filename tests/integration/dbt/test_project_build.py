"""The whole project as a user builds it: every model, data test and unit test; what is incremental, twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.warehouse import ScratchWarehouse


@pytest.mark.slow
def test_everything_builds_and_passes_twice_on_an_empty_warehouse(tmp_path: Path) -> None:
    warehouse = ScratchWarehouse.create(tmp_path)
    first = warehouse.dbt("build")
    kinds = [str(node.node.resource_type) for node in first.result.results]
    assert sum("unit" in kind for kind in kinds) >= 30, "the unit tests of the rules run with the build"
    # What is not incremental is built the second time as it was the first.
    warehouse.dbt("build", "--select", "config.materialized:incremental", "--exclude-resource-type", "unit_test")
    for table in ("fct_llm_requests", "fct_llm_usage_hourly", "fct_charges", "fct_allocated_costs_daily"):
        assert warehouse.value(f"select count(*) from marts.{table}") == 0
    assert warehouse.rows("select cost_center_id from marts.dim_cost_centers") == [("unallocated",)]
