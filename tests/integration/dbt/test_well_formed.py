"""The check of a table's own rows says which column breaks which rule in how many rows, and no value of them."""

from __future__ import annotations

import pytest

from tests.support.warehouse import ScratchWarehouse, failures_of

CHECKED = "infrastructure_rates int_fx_rates"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """Two tables of the project in the shape that their checks read, without a row."""
    made = ScratchWarehouse.create(tmp_path_factory.mktemp("well_formed"))
    made.execute("create schema seeds; create schema intermediate")
    made.execute(
        "create table seeds.infrastructure_rates (rate_id text, resource_type text, sku text, provider text, rate int, "
        "source_url text, purchase_option text)"
    )
    made.execute("create table intermediate.int_fx_rates (currency text, usd_per_unit int, valid_from_utc timestamp)")
    return made


@pytest.mark.parametrize(
    ("rates", "fx", "said"),
    [
        ("", "", []),
        (
            "('a', 'gpu', 's', 'p', 1, 'u', 'spot'), ('b', 'gpu', 's', 'p', 1, 'u', null)",
            "('EUR', 1, '2026-01-01'), ('EUR', 1, '2026-02-01'), ('CHF', 1, '2026-01-01')",
            [],
        ),
        (
            "(null, 'gpu', 's', 'p', null, 'u', 'secret'), (null, 'gpu', 's', 'p', 1, 'u', 'own''ed')",
            "('EUR', null, null), ('EUR', 1, null), ('EUR', 1, null), ('CHF', 1, null), ('CHF', 1, null)",
            [
                "rows without rate_id: 2; rows without rate: 1; rows whose purchase_option is none of its values: 2",
                "rows without usd_per_unit: 1; combinations of currency, valid_from_utc in more than one row: 2",
            ],
        ),
        (
            "('a', 'gpu', 's', 'p', 1, 'u', 'spot'), ('a', 'gpu', 's', 'p', 1, 'u', 'spot'), "
            "('b', 'gpu', 's', 'p', 1, 'u', 'spot'), ('b', 'gpu', 's', 'p', 1, 'u', 'spot'), "
            "('c', 'gpu', 's', 'p', 1, 'u', 'spot')",
            "",
            ["values of rate_id in more than one row: 2"],
        ),
    ],
)
def test_it_says_what_is_wrong(warehouse: ScratchWarehouse, rates: str, fx: str, said: list[str]) -> None:
    for table, rows in (("seeds.infrastructure_rates", rates), ("intermediate.int_fx_rates", fx)):
        warehouse.execute(f"truncate {table}" + (f"; insert into {table} values {rows}" if rows else ""))
    result = warehouse.dbt("test", "--select", *CHECKED.split(), expect_success=False)
    assert sum(node.node.resource_type == "test" for node in result.result.results) == 2
    told = failures_of(result)
    assert [words for words in said if f"Error: {words}\n" not in told + "\n"] == []
    assert told.count("Invalid Input Error") == len(said)
    assert "secret" not in told
