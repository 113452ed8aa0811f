"""The types of raw columns and the words that raw tables are written in.

Put here: types and what every file table shares. Keep out: tables.
"""

from __future__ import annotations

import pyarrow as pa

BIGINT = pa.int64()
BOOLEAN = pa.bool_()
DATE = pa.date32()
INSTANT = pa.timestamp("us")
"""A UTC instant without a zone."""
MONEY = pa.decimal128(38, 12)
TEXT = pa.string()

DUCKDB_TYPES: dict[pa.DataType, str] = {
    BIGINT: "BIGINT",
    BOOLEAN: "BOOLEAN",
    DATE: "DATE",
    INSTANT: "TIMESTAMP",
    MONEY: "DECIMAL(38,12)",
    TEXT: "VARCHAR",
}

Columns = dict[str, pa.DataType]


def columns(text: str) -> Columns:
    """Columns in order from words; a word `name:kind` takes its type from `_KINDS`, a bare word is text."""
    found: Columns = {}
    for word in text.split():
        name, _, kind = word.partition(":")
        found[name] = _KINDS[kind] if kind else TEXT
    return found


_KINDS = {"int": BIGINT, "bool": BOOLEAN, "date": DATE, "at": INSTANT, "dec": MONEY}

PROVENANCE: Columns = {"_source_file_id": BIGINT, "_source_row": BIGINT, "_loaded_at_utc": INSTANT}
"""What every row that came out of a file carries."""

FILES = columns(
    "file_id:int path source_format size_bytes:int modified_at_utc:at content_hash row_count:int "
    "quarantined_row_count:int period_key is_superseded:bool landed_at_utc:at"
)
NOTES = columns(
    "source file_path _source_file_id:int row_number:int kind severity severity_rank:int title message remedy "
    "affected_count:int amount:dec amount_currency first_seen_at_utc:at last_seen_at_utc:at"
)
QUARANTINE = columns(
    "source file_path _source_file_id:int row_number:int field reason message original_record quarantined_at_utc:at"
)
PULLS = (
    columns(
        "endpoint usage_date:date status row_count:int bucket_count:int first_pulled_at_utc:at last_pulled_at_utc:at "
        "restatement_count:int restated_amount_change:dec restated_quantity_change:dec amount:dec quantity:dec reason"
    )
    | PROVENANCE
)
"""One row per endpoint and UTC day (NULL for what has no day: lists, and endpoints that cannot be pulled).
`status`: complete, partial, missing, not_entitled, skipped_404. Amounts are as delivered."""
SHARED: dict[str, Columns] = {"pulls": PULLS, "files": FILES, "quarantine": QUARANTINE}
"""Tables that many sources have, in one form."""
