"""Observations out of every file that Langfuse gives: API pages, blob exports (JSON, CSV, Parquet), downloads.

Put here: what wraps observations, and the one spelling of their field names. Keep out: what a field means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingestion.landing.model import QuarantinedRow, SourceFile
from ingestion.reading.lines import Record
from ingestion.sources.events.containers import read_exported

_NEVER_READ = ("input", "output")
_RENAMED = {"traceID": "traceId"}


def read_records(file: SourceFile) -> Iterator[Record | QuarantinedRow]:
    """Observations with names in camel case, as the API spells them."""
    for record in read_exported(file, "data", _NEVER_READ):
        if isinstance(record, QuarantinedRow):
            yield record
            continue
        for value in _observations(record.value):
            yield Record(record.number, value, record.text)


def _observations(value: Any) -> Iterator[Any]:
    """The observations of a trace that was downloaded, or the record itself."""
    inner = value.get("observations") if isinstance(value, dict) else None
    if isinstance(inner, list) and "usageDetails" not in value:
        yield from map(_camel_case, inner)
    else:
        yield _camel_case(value)


def _camel_case(value: Any) -> Any:
    """`usage_details` as `usageDetails`; of an export that has both the first one that says something."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, item in value.items():
        plain = re.sub(r"_([a-z])", lambda match: match[1].upper(), str(name))
        plain = _RENAMED.get(plain, plain)
        if found.get(plain) is None:
            found[plain] = item
    return found
