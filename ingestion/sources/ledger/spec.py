"""Closed months: the source in words. Put here: names, settings, columns. Keep out: how it is read."""

from __future__ import annotations

from ingestion.vocabulary.spec import Kind, RawTable, SourceSpec

TABLES = {
    "closed_lines": RawTable(
        "Lines of the statements of closed months, as frozen.",
        "statement_period_date:date line_number:int charge_period_date:date cost_center_id team_id provider_id "
        "category allocation_type line_type amount_usd:dec statement_amount_usd:dec request_count:int "
        "unknown_cost_item_count:int cost_kind",
    ),
}
SPEC = SourceSpec(
    name="ledger",
    kind=Kind.RECORD,
    purpose="statements of closed months",
    tables=TABLES,
)
