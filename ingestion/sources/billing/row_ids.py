"""Ids of rows by what they say, by which a row that two files hold counts once.

For exports whose files add up and may overlap or be copied: equal rows of different files are one row, while equal rows
within a file stay as many as they are. Put here: the ids. Keep out: which exports add up.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.landing.model import ParsedBatch, Parser, SourceFile
from ingestion.sources.billing.charges import parse
from ingestion.sources.billing.model import BillingFormat

_UNSEEN = "\x1e"
_JOIN = "\x1f"


def parser_with_row_ids(
    billing_format: BillingFormat, without: Collection[str], own: Callable[[pa.Table, SourceFile], pa.Array | None]
) -> Parser:
    """The landing parser of a format with a `row_id` for each row.

    `without` are columns that say how a file prints a row, not what the row is. `own` gives a text for rows that are of
    their file alone, null for the others.
    """
    return partial(_parse, billing_format, frozenset(without) | {"row_id"}, own)


def _parse(
    billing_format: BillingFormat,
    without: frozenset[str],
    own: Callable[[pa.Table, SourceFile], pa.Array | None],
    file: SourceFile,
) -> Iterator[ParsedBatch]:
    seen: Counter[bytes] = Counter()
    for batch in parse(billing_format, file):
        if batch.table is None or not batch.table.num_rows:
            yield batch
            continue
        ids = _ids(batch.table, [name for name in billing_format.columns if name not in without], own, file, seen)
        yield replace(batch, table=batch.table.append_column("row_id", pa.array(ids, pa.string())))


def _ids(
    table: pa.Table,
    names: list[str],
    own: Callable[[pa.Table, SourceFile], pa.Array | None],
    file: SourceFile,
    seen: Counter[bytes],
) -> Iterator[str]:
    """A digest of each row's content and of how many equal rows came before it in the file.

    The numbers themselves count, not how a format prints them: a CSV and a Parquet copy of one table agree.
    """
    names = [name for name in sorted(names) if name in table.column_names and not name.startswith("_")]
    parts = [
        pc.binary_join_element_wise(name, pc.fill_null(table[name].cast(pa.string()), _UNSEEN), "=") for name in names
    ]
    alone = own(table, file)
    whose = [None] * table.num_rows if alone is None else alone.to_pylist()
    for text, its_own in zip(pc.binary_join_element_wise(*parts, _JOIN).to_pylist(), whose, strict=True):
        stated = _JOIN.join(part for part in text.split(_JOIN) if not part.endswith(f"={_UNSEEN}"))
        stated += "" if its_own is None else f"{_JOIN}{its_own}"
        digest = hashlib.blake2b(stated.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        seen[digest] += 1
        yield f"{digest.hex()}-{seen[digest]}"
