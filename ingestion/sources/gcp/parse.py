"""One export file to rows, each with an id by which a row that two files hold counts once.

Google only ever appends: corrections and late usage are new rows with a new export time. Two exports of one table
may overlap, so equal rows of different files are one row, while equal rows within a file stay as many as they are.
Put here: row ids. Keep out: columns.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.billing.charges import parse as parse_charges
from ingestion.sources.gcp.export import FORMAT

_UNSEEN = "\x1e"
_JOIN = "\x1f"


def billing_export(file: SourceFile) -> Iterator[ParsedBatch]:
    """Batches of a standard or detailed export."""
    seen: Counter[bytes] = Counter()
    for batch in parse_charges(FORMAT, file):
        if batch.table is None or not batch.table.num_rows:
            yield batch
            continue
        yield replace(batch, table=batch.table.append_column("row_id", pa.array(_ids(batch.table, seen), pa.string())))


def _ids(table: pa.Table, seen: Counter[bytes]) -> Iterator[str]:
    """A digest of each row's content and of how many equal rows came before it in the file.

    The numbers themselves count, not how a format prints them: a CSV and a Parquet copy of one table agree.
    """
    names = [name for name in sorted(FORMAT.columns) if name in table.column_names and not _is_left_out(name)]
    parts = [
        pc.binary_join_element_wise(name, pc.fill_null(table[name].cast(pa.string()), _UNSEEN), "=") for name in names
    ]
    for text in pc.binary_join_element_wise(*parts, _JOIN).to_pylist():
        stated = _JOIN.join(part for part in text.split(_JOIN) if not part.endswith(f"={_UNSEEN}"))
        digest = hashlib.blake2b(stated.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        seen[digest] += 1
        yield f"{digest.hex()}-{seen[digest]}"


def _is_left_out(name: str) -> bool:
    return name.startswith("_") or name in ("row_id", "export_kind", "cost_text", "credits_amount_text", "credits")
