"""Single requests page by page: each row once, in order, as SQL has them, whatever is published in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyarrow as pa
import pytest

from costops_client import AsyncCostOps, CostOps, Record
from tests.support.live_server import live
from tests.support.served_home import Served, publish, served_home

DAYS = {"start_date": "2026-02-01", "end_date": "2026-03-31"}
SQL = "select request_key, contracted_cost_usd from fct_llm_requests order by requested_at_utc, request_key"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pages_hold_every_row_once_in_order(served: Served, costs: CostOps, size: int) -> None:
    with served.marts as marts:
        rows = marts.execute(SQL).fetchall()
    assert len(rows) == 7
    asked = costs.records(**DAYS, page_size=size)
    assert [(each.id, each.cost) for each in asked] == rows
    assert [len(page) for page in asked.pages()][:-1] == [size] * (len(rows) // size - (len(rows) % size == 0))
    table = asked.to_arrow()
    assert list(zip(table["id"].to_pylist(), table["cost"].to_pylist(), strict=True)) == rows
    assert table.schema.field("cost").type == pa.decimal128(38, 12)
    assert table.schema.field("customer_id").type == pa.string()


def test_pages_are_fetched_as_they_are_needed(costs: CostOps, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = costs.ask
    monkeypatch.setattr(costs, "ask", lambda call: asked.append(call) or ask(call))
    found = iter(costs.records(**DAYS, page_size=2))
    assert isinstance(next(found), Record)
    assert len(asked) == 1


def test_awaited_pages_hold_the_same(served: Served, costs: CostOps, url: str) -> None:
    async def every() -> tuple[list[Record], pa.Table]:
        async with AsyncCostOps(served.keys["ann"], url) as client:
            asked = client.records(filters={"team_id": "alpha"}, **DAYS, page_size=2)
            return [each async for each in asked], await asked.to_arrow()

    rows, table = asyncio.run(every())
    assert rows == list(costs.records(filters={"team_id": "alpha"}, **DAYS))
    assert table["id"].to_pylist() == [each.id for each in rows]
    assert len(rows) == 4


def test_no_row_comes_twice_or_is_left_out_while_a_copy_is_published(tmp_path: Path) -> None:
    served = served_home(tmp_path / "home")
    with live(served) as url, CostOps(served.keys["ann"], url) as client:
        found, publications = [], set()
        for page in client.records(**DAYS, page_size=2).pages():
            found += [each.id for each in page]
            publications.add(page.publication.id)
            publish(served.settings.home)
    with served.marts as marts:
        assert found == [key for key, _ in marts.execute(SQL).fetchall()]
    assert len(publications) > 1


def test_no_rows_make_an_empty_table_of_the_same_columns(costs: CostOps) -> None:
    empty = costs.records(filters={"team_id": "nobody"}, **DAYS).to_arrow()
    full = costs.records(**DAYS).to_arrow()
    assert (empty.num_rows, empty.schema) == (0, full.schema)
    assert str(costs.records(**DAYS).to_pandas().dtypes["tokens_used"]) == "Int64"
