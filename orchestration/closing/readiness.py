"""Whether a month may be closed, check by check.

Put here: the checks that need today's date, the order of months or the ledger, beside those that dbt measures in
`rpt_close_readiness`. Keep out: closing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from ingestion.config import Settings
from ingestion.sources.ledger.records import Ledger
from orchestration.closing.periods import name_of, next_period, parse_period
from orchestration.publishing.query import open_published
from orchestration.text.figures import plain

STATEMENT_MARTS = (
    "fct_allocated_costs_daily",
    "fct_chargeback_lines",
    "rpt_close_readiness",
    "rpt_cost_center_statements",
)


UNFORCED = {
    "ledger_verifies": "put back what was changed, from a copy of the ledger (docs/closing.md)",
    "month_is_next": "close that month first",
}
"""Checks that no reason passes over, and what to do."""


@dataclass(frozen=True)
class Check:
    """One check: what was measured, the most that is allowed, and whether a failure keeps the month open."""

    name: str
    is_passed: bool
    is_blocking: bool = True
    measured: Decimal | None = None
    maximum: Decimal | None = None
    detail: str = ""

    @property
    def words(self) -> str:
        """The check in one line."""
        figures = f"{_figure(self.measured)} (at most {_figure(self.maximum)})" if self.maximum is not None else ""
        return ": ".join(part for part in (self.name, figures, self.detail) if part)


def check_period(settings: Settings, period: date, ledger: Ledger, now: datetime) -> list[Check]:
    """All checks of a month, those about the books first.

    Raises:
        NothingPublishedError: no run has published yet.
    """
    return [*_about_the_books(period, ledger, now), *_measured(settings, period)]


def blocking(checks: Iterable[Check]) -> list[Check]:
    """The failed checks that keep a month open."""
    return [check for check in checks if check.is_blocking and not check.is_passed]


def may_be_forced(checks: Iterable[Check]) -> bool:
    """Whether a reason closes a month in spite of them."""
    return all(check.is_passed for check in checks if check.name in UNFORCED)


def _about_the_books(period: date, ledger: Ledger, now: datetime) -> list[Check]:
    due = _due(ledger)
    ends = next_period(period)
    return [
        Check("ledger_verifies", not ledger.faults, detail="; ".join(ledger.faults[:3])),
        Check(
            "month_is_over",
            now.date() >= ends,
            detail="" if now.date() >= ends else f"{name_of(period)} ends on {ends} (UTC)",
        ),
        Check(
            "month_is_next",
            due is None or period == due,
            detail="" if due is None or period == due else f"{name_of(due)} is the next month to close",
        ),
    ]


def _due(ledger: Ledger) -> date | None:
    """The month to close next: the one after the last that is closed, else the first of those that were opened again.
    None where none was ever closed."""
    closed = [parse_period(name) for name in ledger.closed]
    if closed:
        return next_period(closed[-1])
    return min((parse_period(record.period) for record in ledger.records), default=None)


def _measured(settings: Settings, period: date) -> list[Check]:
    connection = open_published(settings)
    try:
        rows = connection.execute(
            "select check_name, is_passed, is_blocking, measured, maximum, coalesce(detail, '') "
            "from rpt_close_readiness where period_date = ? order by is_blocking desc, check_name",
            [period],
        ).fetchall()
        stale = _held_back(connection)
    finally:
        connection.close()
    has_spend = Check(
        "month_has_charges", bool(rows), detail="" if rows else f"nothing is known of {name_of(period)} yet"
    )
    current = Check("statement_is_current", not stale, detail="; ".join(stale))
    return [has_spend, current, *(Check(*row) for row in rows)]


def _held_back(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What a statement is made of and shows an older version, with the reason."""
    try:
        rows = connection.execute(
            "select mart, reason from rpt_mart_status "
            f"where status <> 'current' and mart in {STATEMENT_MARTS} order by 1"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    return [f"{mart} is held back ({reason})" for mart, reason in rows]


def _figure(value: Decimal | None) -> str:
    return "unknown" if value is None else plain(value)
