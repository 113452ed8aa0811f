"""Events from model invocation logs of Amazon Bedrock.

Data flow: `<events folder>/bedrock/**` (the tree of the S3 bucket, `.json.gz`, or an export of the CloudWatch log
group) → `raw_events.requests`. `docs/sources/bedrock.md` has every rule.

Results of batch jobs (`recordId`) that lie here are read as `provider_bodies` reads them.

Put here: invocation logs. Keep out: bills of AWS, prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from ingestion.landing.model import ParsedBatch, QuarantinedRow, SourceFile
from ingestion.landing.notes import Note
from ingestion.reading.lines import Record
from ingestion.sources.events.bedrock.containers import read_log_records
from ingestion.sources.events.bedrock.invocation_logs import EVENT_SOURCE, read_invocations
from ingestion.sources.events.provider_bodies.calls import read_calls
from ingestion.sources.events.usage_shapes.batches import Row, to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one log file."""
    records = read_log_records(file)
    start = list(islice(records, _LOOKED_AT))
    values = [record.value for record in start if isinstance(record, Record)]
    if values and all(isinstance(value, dict) and "recordId" in value for value in values):
        return to_batches(_of_batch(read_calls(chain(start, records), file.modified_at_utc)))
    return to_batches(read_invocations(chain(start, records)))


_LOOKED_AT = 20


def _of_batch(items: Iterable[Row | QuarantinedRow | Note]) -> Iterator[Row | QuarantinedRow | Note]:
    """Results of a batch job, under the name of this folder and without what was asked and answered."""
    for item in items:
        if isinstance(item, dict):
            yield {**item, "event_source": EVENT_SOURCE}
        else:
            yield replace(item, original_record=None) if isinstance(item, QuarantinedRow) else item
