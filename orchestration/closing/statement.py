"""One month's statement as it is published: lines, cost centers, totals; and as CSV.

Put here: reading and rendering. Keep out: deciding whether it may be closed (`readiness`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ingestion.config import Settings
from ingestion.sources.ledger.lines import COLUMNS
from ingestion.sources.ledger.records import LINES, STATEMENT, csv_bytes
from orchestration.publishing.query import open_published
from orchestration.warehouse.connection import rows_of

CENTER_COLUMNS = (
    "cost_center_id",
    "cost_center_name",
    "owner",
    "direct_usd",
    "shared_usd",
    "overhead_usd",
    "correction_usd",
    "statement_amount_usd",
    "amount_usd",
    "request_count",
    "average_cost_usd_per_request",
    "unknown_cost_item_count",
)
ZERO = Decimal(0)
EMPTY_LINE = {
    "cost_center_id": "unallocated",
    "category": "Usage",
    "cost_kind": "llm",
    "allocation_type": "direct",
    "line_type": "direct",
}


@dataclass(frozen=True)
class Statement:
    """A month: its lines and cost centers, in order, as columns to values."""

    period: date
    status: str
    lines: list[dict[str, Any]]
    cost_centers: list[dict[str, Any]]

    @property
    def amount_usd(self) -> Decimal:
        """Exact total of what is known."""
        return sum((line["amount_usd"] or ZERO for line in self.lines), ZERO)

    @property
    def statement_amount_usd(self) -> Decimal:
        """Total in whole cents."""
        return sum((line["statement_amount_usd"] or ZERO for line in self.lines), ZERO)

    @property
    def correction_usd(self) -> Decimal:
        """What of the exact total corrects months that were closed before."""
        return sum((line["amount_usd"] or ZERO for line in self.lines if line["line_type"] == "correction"), ZERO)

    @property
    def unknown_cost_item_count(self) -> int:
        """Items of unknown cost that the total lacks."""
        return sum(line["unknown_cost_item_count"] or 0 for line in self.lines)

    @property
    def digest(self) -> str:
        """Hash of its files: two statements with the same one freeze the same bytes."""
        hashes = (hashlib.sha256(content).digest() for _, content in sorted(self.files().items()))
        return hashlib.sha256(b"".join(hashes)).hexdigest()

    def files(self) -> dict[str, bytes]:
        """The files of its record, byte for byte the same for the same figures."""
        lines = self.lines or [dict.fromkeys(COLUMNS) | self._empty_line()]
        return {
            LINES: csv_bytes(COLUMNS, ([_text(line[name]) for name in COLUMNS] for line in lines)),
            STATEMENT: csv_bytes(
                CENTER_COLUMNS, ([_text(row[name]) for name in CENTER_COLUMNS] for row in self.cost_centers)
            ),
        }

    def _empty_line(self) -> dict[str, Any]:
        return EMPTY_LINE | {
            "statement_period_date": self.period,
            "charge_period_date": self.period,
            "line_number": 1,
            "amount_usd": ZERO,
            "statement_amount_usd": ZERO,
            "unknown_cost_item_count": 0,
        }


def read_statement(settings: Settings, period: date) -> Statement:
    """The statement of a month, from the published marts.

    Raises:
        NothingPublishedError: no run has published yet.
    """
    with open_published(settings) as connection:
        lines = rows_of(
            connection.execute(
                f"select {', '.join(COLUMNS)}, period_status from fct_chargeback_lines "
                "where statement_period_date = ? order by line_number",
                [period],
            )
        )
        centers = rows_of(
            connection.execute(
                f"select {', '.join(CENTER_COLUMNS)} from rpt_cost_center_statements "
                "where statement_period_date = ? order by cost_center_id",
                [period],
            )
        )
    return Statement(period, lines[0]["period_status"] if lines else "open", lines, centers)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
