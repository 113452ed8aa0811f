"""Events from the spend logs of a LiteLLM proxy.

Data flow: `<events folder>/litellm/**.jsonl|.json|.csv[.gz]` → `raw_events.requests`. The rows are those of
table `LiteLLM_SpendLogs`, exported or fetched from `/spend/logs`. `docs/sources/litellm.md` has every rule.

Put here: spend log rows. Keep out: LiteLLM's daily rollups, which count a request several times.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.sources.events.csv_rows import read_csv_rows
from ingestion.sources.events.lines import Record, read_json_records
from ingestion.sources.events.litellm.spend_logs import read_spend_logs
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """Rows of one file; whatever is not a usable spend log row becomes a quarantine entry."""
    return to_batches(read_spend_logs(_records(file)))


def _records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    if file.relative_path.lower().removesuffix(".gz").endswith(".csv"):
        return read_csv_rows(file.path)
    return read_json_records(file.path, page_key="data")
