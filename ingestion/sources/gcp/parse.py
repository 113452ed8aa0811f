"""One export file to rows, each with an id by which a row that two files hold counts once.

Google only ever appends: corrections and late usage are new rows with a new export time, and two exports of one table
may overlap. Put here: what of a row is its own. Keep out: columns, ids (`billing.row_ids`).
"""

from __future__ import annotations

from ingestion.sources.billing.row_ids import parser_with_row_ids
from ingestion.sources.gcp.export import FORMAT

billing_export = parser_with_row_ids(
    FORMAT,
    without=("export_kind", "cost_text", "credits_amount_text", "credits"),
    own=lambda table, file: None,
)
"""Batches of a standard or detailed export."""
