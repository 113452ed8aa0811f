"""Spend rolls up the tree of its own day, whatever moves within a month, and nothing is lost at any level."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal

from tests.integration.budgets.trees import tree_rows, tree_spend
from tests.support.warehouse import ScratchWarehouse


def _path(center: str, day: date) -> list[str]:
    """Root to center on a day, by walking up the rows."""
    moment = datetime.combine(day, time())
    valid = {
        row["cost_center_id"]: row["parent_cost_center_id"]
        for row in tree_rows()
        if row["valid_from_utc"] <= moment < row["valid_to_utc"]
    }
    path = [center]
    while (parent := valid.get(path[0])) in valid:
        path.insert(0, parent)
    return path


def test_totals_of_a_tree_that_moves_equal_a_walk_up_every_day(warehouse: ScratchWarehouse) -> None:
    totals: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    own: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    paths: dict[tuple[str, date], list[str]] = {}
    for row in tree_spend():
        month = row["usage_date"].replace(day=1)
        key = row["cost_center_id"], row["usage_date"]
        path = paths.setdefault(key, _path(*key))
        own[month, " > ".join(path)] += row["spend_usd"]
        for depth in range(len(path)):
            totals[month, " > ".join(path[: depth + 1])] += row["spend_usd"]
    rows = warehouse.rows(
        "select month_start_date, path, own_spend_usd, total_spend_usd from marts.rpt_cost_center_monthly"
    )
    assert {(month, path): total for month, path, _, total in rows} == totals
    assert {(month, path): mine for month, path, mine, _ in rows if (month, path) in own} == own
    assert any(len({path for m, path, *_ in rows if path.endswith("c20") and m == month}) > 1 for month, *_ in rows)


def test_parents_are_their_children_and_roots_are_everything(warehouse: ScratchWarehouse) -> None:
    rows = warehouse.rows(
        "select month_start_date, path, parent_path, own_spend_usd, total_spend_usd, depth "
        "from marts.rpt_cost_center_monthly"
    )
    below: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for month, _, parent, _, total, _ in rows:
        below[month, parent] += total
    assert all(total == mine + below[month, path] for month, path, _, mine, total, _ in rows)
    assert max(depth for *_, depth in rows) >= 3
    everything = sum((row["spend_usd"] for row in tree_spend()), Decimal())
    assert sum(total for *_, total, depth in rows if depth == 0) == everything


def test_the_history_of_a_cost_center_has_a_row_per_move(warehouse: ScratchWarehouse) -> None:
    rows = warehouse.rows(
        "select path, cast(valid_from_utc as date), cast(valid_to_utc as date) from marts.dim_cost_center_history "
        "where cost_center_id = 'leaf' order by 2"
    )
    assert rows == [
        ("root > mid > leaf", date(1900, 1, 1), date(2026, 5, 20)),
        ("root > other > leaf", date(2026, 5, 20), date(2200, 1, 1)),
    ]
