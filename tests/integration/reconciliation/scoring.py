"""How well found classes agree with planted dollars.

Put here: the comparison. Keep out: building the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingestion.demo.company.leak_accounts import Account
from tests.support.warehouse import ScratchWarehouse

Cell = tuple[str, date, str]
"""Stage, day (first of the month for invoices), class."""
PICO = Decimal("1e-12")


@dataclass(frozen=True)
class Score:
    """US dollars of one account: planted, found where and as planted, and found where nothing was planted."""

    account: Account
    leaked: Decimal
    right: Decimal
    wrong: Decimal
    unknown: Decimal
    billed: Decimal

    @property
    def right_share(self) -> Decimal:
        return self.right / self.leaked if self.leaked else Decimal(1)


def found_cells(warehouse: ScratchWarehouse) -> dict[str, dict[Cell, Decimal]]:
    """Amounts by account and cell, as the marts have them."""
    rows = warehouse.rows(
        "select account_id, stage, usage_date, residual_class, amount_usd from marts.fct_reconciliation_daily "
        "union all select account_id, stage, month_date, residual_class, amount_usd from "
        "marts.fct_reconciliation_monthly where stage = 'billed_to_invoiced'"
    )
    found: dict[str, dict[Cell, Decimal]] = {}
    for account_id, stage, day, residual_class, amount in rows:
        if amount:
            found.setdefault(account_id, {})[stage, day, residual_class] = amount
    return found


def score(account: Account, found: dict[Cell, Decimal]) -> Score:
    """Dollars are right as far as the same stage, day and class has them with the same sign."""
    truth = {cell: pico * PICO for cell, pico in account.truth.items() if pico}
    right = wrong = Decimal(0)
    for cell in truth.keys() | found.keys():
        planted, seen = truth.get(cell, Decimal(0)), found.get(cell, Decimal(0))
        right += max(abs(planted) - abs(planted - seen), Decimal(0))
        if not planted:
            wrong += abs(seen)
    return Score(
        account=account,
        leaked=sum((abs(amount) for amount in truth.values()), Decimal(0)),
        right=right,
        wrong=wrong,
        unknown=sum((abs(amount) for cell, amount in found.items() if cell[2] == "unknown"), Decimal(0)),
        billed=sum((line.cost_pico * PICO for line in account.lines), Decimal(0)),
    )
