"""Events from model invocation logs of Amazon Bedrock.

Data flow: `<events folder>/bedrock/**` (the tree of the S3 bucket, `.json.gz`, or an export of the CloudWatch log
group) → `raw_events.requests`. `docs/sources/bedrock.md` has every rule.

Put here: invocation logs. Keep out: bills of AWS, results of batch jobs (`provider_bodies`), prompts and answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.landing.model import ParsedBatch, SourceFile
from ingestion.sources.events.bedrock.containers import read_log_records
from ingestion.sources.events.bedrock.invocation_logs import read_invocations
from ingestion.sources.events.usage_shapes.batches import to_batches

__all__ = ["parse"]


def parse(file: SourceFile) -> Iterator[ParsedBatch]:
    """The calls of one log file."""
    return to_batches(read_invocations(read_log_records(file)))
