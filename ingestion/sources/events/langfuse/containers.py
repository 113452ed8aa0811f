"""Observations out of every file that Langfuse gives: API pages, blob exports (JSON, CSV, Parquet), downloads.

Put here: what wraps observations, and the one spelling of their field names. Keep out: what a field means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported, respelled, spellings

_NEVER_READ = ("input", "output")
_OF_THE_TRACE = ("userId", "sessionId", "environment", "tags", "projectId")
_NAMES = spellings(
    *"id traceId projectId environment type parentObservationId startTime endTime createdAt updatedAt name metadata "
    "level statusMessage version release tags userId sessionId model modelParameters providedModelName internalModelId "
    "usage usageDetails costDetails totalCost calculatedTotalCost usagePricingTierName promptName promptTokens "
    "completionTokens totalTokens inputTokens outputTokens inputUsage outputUsage totalUsage unit".split()
)


def read_records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    """Observations with names in camel case, as the API spells them."""
    for record in read_exported(file, "data", _NEVER_READ):
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        for value in _observations(record.value):
            yield Record(record.number, value, record.text)


def _observations(value: Any) -> Iterator[Any]:
    """The observations of a trace that was downloaded, each with who the trace was for, or the record itself."""
    given = value.get("observations") if isinstance(value, dict) else None
    inner = given if isinstance(given, list) else []
    if any(isinstance(item, dict) for item in inner) and "usageDetails" not in value:
        trace = _in_its_spelling(value["trace"] if isinstance(value.get("trace"), dict) else value)
        told = {name: trace[name] for name in _OF_THE_TRACE if trace.get(name) not in (None, "", [])}
        for item in map(_in_its_spelling, inner):
            own = {name: told[name] for name in told if not item.get(name)} if isinstance(item, dict) else {}
            yield {**item, **own} if own else item
    else:
        yield _in_its_spelling(value)


def _in_its_spelling(value: Any) -> Any:
    """`usage_details` and `USAGE_DETAILS` as `usageDetails`, as the API spells it."""
    return respelled(value, _NAMES) if isinstance(value, dict) else value
