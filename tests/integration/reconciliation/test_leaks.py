"""Each leak class, alone and in all pairs, in one warehouse: 79 accounts, dollars against what was planted."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from ingestion.demo.company.leak_accounts import Account
from ingestion.demo.company.leaks import CLASSES, accounts
from tests.integration.reconciliation.conftest import SEED
from tests.integration.reconciliation.scoring import Score, found_cells, score
from tests.support.warehouse import ScratchWarehouse


@pytest.fixture(scope="module")
def scores(warehouse: ScratchWarehouse, planted: list[Account]) -> list[Score]:
    found = found_cells(warehouse)
    assert {account.account_id for account in planted} <= set(found)
    return [score(account, found[account.account_id]) for account in planted]


def test_classes_sum_to_the_gap_to_the_last_decimal(warehouse: ScratchWarehouse, planted: list[Account]) -> None:
    """The gap is computed here from what was written to the files, not from the marts."""
    rows = warehouse.rows(
        "select account_id, stage, sum(amount_usd) from marts.fct_reconciliation_monthly group by 1, 2"
    )
    sums = {(account_id, stage): amount for account_id, stage, amount in rows}
    for account in planted:
        billed = sum(line.cost_pico for line in account.lines)
        invoiced = sum(pico for _, pico in account.invoice)
        metered = billed - sum(pico for (stage, _, _), pico in account.truth.items() if stage == "metered_to_billed")
        assert sums[account.account_id, "metered_to_billed"] == Decimal(billed - metered).scaleb(-12)
        assert sums[account.account_id, "billed_to_invoiced"] == Decimal(invoiced - billed).scaleb(-12)


def test_leaked_dollars_are_in_the_right_class(scores: list[Score]) -> None:
    """At least 99 % of each scenario's dollars, by day and class, and no more than 1 % in a class without a leak."""
    assert len(scores) == 1 + 12 + 66
    worst = {one.account.leaks: one.right_share for one in scores if one.right_share < Decimal("0.99")}
    assert worst == {}
    assert {one.account.leaks: one.wrong for one in scores if one.wrong * 100 > one.leaked} == {}


def test_every_class_is_found_where_it_leaks(scores: list[Score]) -> None:
    """Over all scenarios: a class that is small beside another must not hide behind it."""
    planted: dict[str, Decimal] = defaultdict(Decimal)
    for one in scores:
        for leak in one.account.leaks:
            planted[leak] += sum(
                (abs(Decimal(pico)) for (_, _, name), pico in one.account.truth.items() if name == leak), Decimal(0)
            )
    assert set(planted) == set(CLASSES)
    assert all(planted.values())
    for leak in CLASSES:
        own = [one for one in scores if one.account.leaks == (leak,)]
        assert [one.right_share >= Decimal("0.99") for one in own] == [True], leak


def test_unknown_is_next_to_nothing_when_nothing_leaks(scores: list[Score]) -> None:
    (clean,) = (one for one in scores if not one.account.leaks)
    assert clean.billed > 100
    assert clean.unknown * 1000 <= clean.billed
    elsewhere = [one for one in scores if "unknown" not in one.account.leaks]
    assert sum(one.unknown for one in elsewhere) * 1000 <= sum(one.billed for one in elsewhere)


def test_conservation_holds(warehouse: ScratchWarehouse) -> None:
    warehouse.dbt("test", "--select", "path:tests/reconciliation", "path:models/marts/reconciliation")


def test_the_statement_adds_up_and_tells_open_months(warehouse: ScratchWarehouse, planted: list[Account]) -> None:
    rows = warehouse.rows(
        "select account_id, line_type, sum(amount_usd) from marts.rpt_reconciliation_monthly group by 1, 2"
    )
    statement: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for account_id, line_type, amount in rows:
        statement[account_id][line_type] = amount
    for account in planted:
        lines = statement[account.account_id]
        assert lines["contracted"] + lines.get("metered_to_billed", 0) == lines["billed"]
        assert lines["billed"] + lines.get("billed_to_invoiced", 0) == lines["invoiced"]
    status = dict(warehouse.rows("select distinct account_id, status from marts.rpt_reconciliation_monthly"))
    for account in planted:
        expected = "open" if {"unknown", "late_arrival"} & set(account.leaks) else "reconciled"
        assert status[account.account_id] == expected, account.leaks


def test_the_same_seed_leaks_the_same_and_another_does_not(planted: list[Account]) -> None:
    assert accounts(SEED, [("cut_off",)])[0].truth == accounts(SEED, [("cut_off",)])[0].truth
    assert accounts(SEED + 1, [("cut_off",)])[0].truth != accounts(SEED, [("cut_off",)])[0].truth
