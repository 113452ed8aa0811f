"""Charges split in the words of FOCUS: exact by charge and by owner on random companies."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.allocation.bills import COSTS, QUANTITIES, billed_warehouse
from tests.integration.allocation.conftest import Allocated
from tests.integration.allocation.oracle import split, units
from tests.support.warehouse import ScratchWarehouse

MODELS = (
    *("focus_cost_and_usage", "int_focus_charge_lines", "int_focus_allocated_shares", "int_focus_allocated_amounts"),
    "focus_allocated_cost_and_usage",
)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def billed(allocated: Allocated, tmp_path_factory: pytest.TempPathFactory) -> ScratchWarehouse:
    """The companies with bills, split; the dbt tests of both sums and of the standard pass on them."""
    made = billed_warehouse(tmp_path_factory.mktemp("bills"), allocated.warehouse)
    made.dbt("build", "--select", *MODELS, "assert_focus_allocation*", "--indirect-selection", "empty")
    return made


def rows_of(made: ScratchWarehouse, sql: str) -> list[Row]:
    with made.connection() as connection:
        return connection.execute(sql).to_arrow_table().to_pylist()


def test_every_amount_of_a_charge_is_split_by_largest_remainder(billed: ScratchWarehouse) -> None:
    """Against the slow way; dollars of a line's largest charge may differ by what makes the line's sums hold."""
    shares = defaultdict(list)
    for row in rows_of(
        billed,
        "select spend_item_key, allocated_cost_key, allocated_ratio, is_largest "
        "from intermediate.int_focus_allocated_shares where is_split order by allocated_cost_key",
    ):
        shares[row["spend_item_key"]].append(row)
    parts = defaultdict(dict)
    for row in rows_of(billed, "select * from intermediate.int_focus_allocated_amounts"):
        parts[row["charge_key"]][row["allocated_cost_key"]] = row
    made_up = Counter[bool]()
    for charge in rows_of(
        billed,
        "select spend_item_key, charges.*, row_number() over (partition by spend_item_key "
        "order by abs(coalesce(billed_cost_usd, 0)) desc, charge_key) = 1 as is_largest_charge "
        "from intermediate.int_focus_charges as charges join intermediate.int_focus_charge_lines using (charge_key)",
    ):
        line = shares[charge["spend_item_key"]]
        if not line:
            continue
        keys = [share["allocated_cost_key"] for share in line]
        weights = [units(share["allocated_ratio"]) for share in line]
        own = parts[charge["charge_key"]]
        assert set(own) == set(keys)
        for column in ("billed_cost_usd", *COSTS):
            found = [units(own[key][column]) for key in keys]
            total = units(charge[column])
            if total is None:
                assert found == [None] * len(keys)
                continue
            assert sum(found) == total
            if charge["is_largest_charge"] and charge[column] == charge["billed_cost_usd"]:
                made_up[found != split(total, weights, keys)] += 1
                continue
            assert found == split(total, weights, keys), column
        for column in QUANTITIES:
            if charge[column] is None:
                assert {own[key][column] for key in keys} == {None}
                continue
            assert [own[key][column] for key in keys] == _quantities(charge[column], weights, keys, line)
    assert made_up[True] > 500
    assert made_up[False] > 500


def _quantities(quantity: Decimal, weights: list[int], keys: list[str], line: list[Row]) -> list[Decimal]:
    """To 12 places below 10^13; above, to whole units, and the fraction goes with the largest part."""
    if abs(quantity) < 10**13:
        return [Decimal(part).scaleb(-12) for part in split(units(quantity), weights, keys)]
    whole = quantity // 1 - (1 if quantity % 1 < 0 else 0)
    found = split(int(whole), weights, keys)
    return [part + (quantity - whole if share["is_largest"] else 0) for part, share in zip(found, line, strict=True)]


def test_details_follow_the_schema_of_the_standard(billed: ScratchWarehouse) -> None:
    """One element with a ratio from 0 to 1 and a unit where there is a quantity; ratios of a charge sum to 1."""
    ratios: dict[str, Decimal] = defaultdict(Decimal)
    used = Counter[str | None]()
    for row in rows_of(
        billed, "select x_ChargeKey, AllocatedMethodDetails from marts.focus_allocated_cost_and_usage where x_IsSplit"
    ):
        details = json.loads(row["AllocatedMethodDetails"], parse_float=Decimal, parse_int=Decimal)
        assert set(details) == {"Elements"}
        (element,) = details["Elements"]
        assert {"AllocatedRatio"} <= set(element) <= {"AllocatedRatio", "UsageUnit", "UsageQuantity"}
        assert isinstance(element["AllocatedRatio"], Decimal)
        assert 0 <= element["AllocatedRatio"] <= 1
        assert isinstance(element.get("UsageUnit", ""), str)
        assert "UsageQuantity" not in element or "UsageUnit" in element
        used[element.get("UsageUnit")] += 1
        ratios[row["x_ChargeKey"]] += element["AllocatedRatio"]
    assert set(ratios.values()) == {Decimal(1)}
    assert set(used) == {"USD", "Tokens", "Input Tokens", "Output Tokens", "Requests", "Percent", "Shares", None}


def test_who_carries_a_part_is_named_and_tagged(billed: ScratchWarehouse) -> None:
    kinds = Counter[str | None]()
    for row in rows_of(billed, "select * from marts.focus_allocated_cost_and_usage where x_IsSplit"):
        resource, tags = row["AllocatedResourceId"], json.loads(row["AllocatedTags"] or "{}")
        kind, _, subject = (resource or "").partition("/")
        kinds[kind] += 1
        columns = {"project": "x_ProjectId", "team": "x_TeamId", "feature": "x_Feature", "customer": "x_CustomerId"}
        assert tags == {
            f"costops/{name}": row[column]
            for name, column in {**columns, "cost_center": "x_CostCenterId"}.items()
            if row[column] not in (None, "unallocated")
        }
        if resource:
            assert tags[f"costops/{kind}"] == subject
            assert row["AllocatedResourceName"] == (f"Team {subject}" if kind == "team" else subject)
    assert set(kinds) == {"project", "team", "cost_center", "feature", "customer", ""}


def test_methods_are_rules_or_usage_evidence_and_never_overhead(billed: ScratchWarehouse) -> None:
    found = rows_of(
        billed,
        "select x_AllocationStage as stage, x_IsSplit as is_split, AllocatedMethodId as method, count(*) as n "
        "from marts.focus_allocated_cost_and_usage group by all",
    )
    assert {row["stage"] for row in found} == {"ownership", "usage_evidence", "shared", "unallocated"}
    assert {row["method"] for row in found if row["stage"] == "usage_evidence"} == {"usage_evidence"}
    assert "usage_evidence" not in {row["method"] for row in found if row["stage"] == "shared"}
    assert {row["method"] for row in found if not row["is_split"]} == {None, "the provider's own"}
