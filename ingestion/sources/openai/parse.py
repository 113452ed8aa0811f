"""From OpenAI's results to rows of `raw_openai`: what was said, typed, with unknown fields kept.

Put here: fields. Keep out: requests, meaning (staging turns inclusive counts into disjoint meters).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from ingestion.api.buckets import instant_of, results_of
from ingestion.landing.model import ParsedBatch, Parser, QuarantinedRow, SourceFile
from ingestion.reading.spooled import Fields, Line, Refused, Row, parse_lines
from ingestion.reading.spooled.fields import extra_columns, json_text
from ingestion.reading.spooled.rows import each_part
from ingestion.sources.openai.spec import TABLES
from ingestion.vocabulary.raw_types import BIGINT, columns

DATASET = "raw_openai"
BUCKET_FIELDS = ("object", "end_time", "start_time_iso", "end_time_iso", "results", "result")
USAGE_TEXTS = (
    "project_id user_id api_key_id model service_tier size source context_level vector_store_id api_source".split()
)
USAGE_COUNTS = [name for name, kind in columns(TABLES["usage"].columns).items() if kind == BIGINT]
COST_TEXTS = ("project_id", "line_item", "api_key_id", "user_id", "api_source", "quantity_unit")
PART_OF = (
    ("input_tokens", ("input_cached_tokens", "input_cache_write_tokens", "input_audio_tokens", "input_image_tokens")),
    ("input_cached_tokens", ("input_cached_audio_tokens", "input_cached_image_tokens")),
    ("output_tokens", ("output_audio_tokens", "output_image_tokens")),
)
"""Totals and the disjoint parts they include."""


def usage(file: SourceFile) -> Iterator[ParsedBatch]:
    """Counts per hour and group, of every usage report."""
    yield from parse_lines(file, DATASET, partial(_bucket_rows, _usage_row))


def costs(file: SourceFile) -> Iterator[ParsedBatch]:
    """Charges per UTC day and group."""
    yield from parse_lines(file, DATASET, partial(_bucket_rows, _cost_row))


def _bucket_rows(row_of: Callable[..., Row], line: Line) -> Iterator[Row | QuarantinedRow]:
    """The results of one bucket, none for an empty one."""
    bucket = Fields(line.content)
    start, end = _instant(bucket, "start_time"), _instant(bucket, "end_time")
    if start is None:
        raise Refused("start_time", "missing_value", "the bucket has no start_time; report it to the provider")
    results = results_of(line.content)
    if results is None:
        raise Refused("results", "missing_value", "the bucket has no list of results; report it to the provider")
    for name in BUCKET_FIELDS:
        bucket.get(name)
    period = {"bucket_start_utc": start, "bucket_end_utc": end, "group_by": json.dumps(line.group_by)}
    yield from each_part(line, results, partial(row_of, line, period, bucket.rest()))


def _instant(fields: Fields, name: str) -> datetime | None:
    """A naive UTC instant from Unix seconds or ISO text."""
    value = fields.get(name)
    found = None if value is None else instant_of(value)
    if found is None and value is not None:
        raise Refused(name, "invalid_time", f"{name} is neither Unix seconds nor an ISO 8601 instant; report it")
    return found


def _usage_row(line: Line, period: dict[str, Any], unknown: dict[str, Any], part: Any) -> Row:
    result = Fields(part)
    result.get("object")
    row: dict[str, Any] = {
        "endpoint": str(line.request.get("endpoint")).removeprefix("usage_"),
        "is_batch": result.flag("batch"),
    }
    row |= {name: result.text(name) for name in USAGE_TEXTS}
    row |= {name: result.count(name) for name in USAGE_COUNTS}
    seconds = result.money("seconds")
    row["seconds"] = seconds.value if seconds else None
    for whole, parts in PART_OF:
        inside = sum(row[part] or 0 for part in parts)
        if row[whole] is not None and inside > row[whole]:
            message = f"{' + '.join(parts)} ({inside}) exceed {whole} ({row[whole]}), which includes them"
            raise Refused(whole, "parts_exceed_total", f"{message}; report it to the provider")
    return "usage", period | row | {"extra_columns": _extra(unknown, result)}


def _cost_row(line: Line, period: dict[str, Any], unknown: dict[str, Any], part: Any) -> Row:
    result = Fields(part)
    result.get("object")
    row: dict[str, Any] = {name: result.text(name) for name in COST_TEXTS}
    given = result.get("amount")
    amount = Fields(given if isinstance(given, Mapping) else {"value": given}, "amount")
    value, quantity = amount.money("value"), result.money("quantity")
    if value is None:
        raise Refused("amount", "missing_value", "the result has no amount; report it to the provider")
    row |= {"amount": value.value, "amount_text": value.printed, "currency": amount.text("currency")}
    row |= {"quantity": quantity and quantity.value, "quantity_text": quantity and quantity.printed}
    return "costs", period | row | {"extra_columns": _extra(unknown, result, amount)}


def _extra(unknown: dict[str, Any], *parts: Fields) -> str | None:
    """JSON of unknown fields; those of the bucket under 'bucket'."""
    return extra_columns(*parts, Fields({"bucket": unknown or None}))


NAMED: dict[str, tuple[tuple[str, ...], str]] = {
    "projects": ((), "created_at"),
    "users": (("email", "role"), "added_at"),
    "api_keys": (("project_id", "redacted_value"), "created_at"),
    "service_accounts": (("project_id", "role"), "created_at"),
}
"""Text fields beside id, name and status, and the instant of creation, in the lists that give names."""


def named(table: str) -> Parser:
    """The parser of one of `NAMED`: one row per listed thing."""
    return lambda file: parse_lines(file, DATASET, partial(_named_row, table))


def _named_row(table: str, line: Line) -> Iterator[Row]:
    record = Fields(line.content)
    texts, created = NAMED[table]
    row: dict[str, Any] = {name: record.text(name) for name in ("id", "name", "status", *texts)}
    if row["id"] is None:
        raise Refused("id", "missing_value", "the record has no id; report it to the provider")
    row |= {"created_at_utc": _instant(record, created), "is_listed": line.is_listed, "raw": json_text(line.content)}
    if table == "api_keys":
        row |= _owner(record.get("owner")) | {"last_used_at_utc": _instant(record, "last_used_at")}
    yield table, row


def _owner(owner: Any) -> dict[str, Any]:
    """Who holds a key: the person or service account that stands under the name of its type."""
    fields = Fields(owner if isinstance(owner, Mapping) else {}, "owner")
    kind = fields.text("type")
    someone = fields.get(kind) if kind else None
    holder = Fields(someone, "owner") if isinstance(someone, Mapping) else fields
    return {"owner_type": kind, "owner_id": holder.text("id")}
