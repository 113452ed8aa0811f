"""The first line of a run's summary: what is unknown is in no sum, and the sum says so."""

from __future__ import annotations

import duckdb
import pytest
from rich.console import Console

from orchestration.running.summary import _print_heading


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("llm", "billed", "91", 0)],
            "Spend from 2026-11-01 to 2026-11-01: $91.00 = $91.00 LLM + $0.00 infrastructure + $0.00 own costs",
        ),
        (
            [("llm", "billed", "91", 0), ("own", "declared", None, 30)],
            "Spend from 2026-11-01 to 2026-11-01: at least $91.00 = "
            "$91.00 LLM + $0.00 infrastructure + at least $0.00 own costs",
        ),
        (
            [("llm", "contracted", "5", 0), ("llm", "billed", None, 1)],
            "Spend from 2026-11-01 to 2026-11-01: at least $5.00 = "
            "at least $5.00 LLM + $0.00 infrastructure + $0.00 own costs",
        ),
    ],
)
def test_a_sum_that_lacks_what_is_unknown_is_at_least(
    rows: list[tuple[str, str, str | None, int]], expected: str
) -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table fct_allocated_costs_daily (usage_date date, cost_kind text, cost_basis text, "
        "spend_item_type text, allocated_cost_usd decimal(38, 12), unknown_cost_item_count bigint)"
    )
    for row in rows:
        connection.execute(
            "insert into fct_allocated_costs_daily values (date '2026-11-01', $1, $2, 'charge', $3, $4)", list(row)
        )
    console = Console(width=300)
    with console.capture() as capture:
        _print_heading(connection, console)
    assert capture.get().splitlines()[1] == expected
