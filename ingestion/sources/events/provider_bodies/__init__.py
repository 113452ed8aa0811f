"""Events from raw API response bodies: one call per line, in an envelope or bare.

Data flow: `<events folder>/provider_bodies/**.jsonl|.json|.csv|.parquet` → `raw_events.requests`.
`docs/sources/provider_bodies.md` describes the envelope and every rule.

JSON of other tools that shows what it is (`recognition`) is read as such here too.

Put here: bodies as providers send them. Keep out: logs of gateways and tracing tools, which have their own
source each.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

import pyarrow as pa

from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.reading.json_records import read_json_records
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported
from ingestion.sources.events.provider_bodies.calls import read_calls
from ingestion.sources.events.routing import READERS, TABLES, data_extension
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


_LOOKED_AT = 20
"""Records at the start of a file that tell what kind of log it is."""


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file; whatever is not a usable call becomes a quarantine entry."""
    from ingestion.sources.events.recognition import reader_of  # which knows readers that read bodies

    records = _records(file)
    start: list[Record | QuarantinedRow] = list(islice(records, _LOOKED_AT))
    values = [record.value for record in start if isinstance(record, Record)]
    other = reader_of(values)
    if other is not None:
        parser: Parser = importlib.import_module(READERS[other]).parse
        return map(_as_of_this_folder, parser(file))
    return to_batches(read_calls(chain(start, records), file.modified_at_utc))


def _records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    if data_extension(file.relative_path) in TABLES:
        return read_exported(file)
    return read_json_records(file.path)


def _as_of_this_folder(batch: ParsedBatch) -> ParsedBatch:
    """The source of rows is the folder of their file, which is what reports of freshness go by."""
    if batch.table is not None:
        place = batch.table.schema.get_field_index("event_source")
        names = pa.repeat("provider_bodies", batch.table.num_rows)
        batch.table = batch.table.set_column(place, "event_source", names)
    batch.joints = [replace(joint, event_source="provider_bodies") for joint in batch.joints]
    return batch
