"""From OpenAI's results to rows of `raw_openai`: what was said, typed, with unknown fields kept.

Put here: fields. Keep out: requests, meaning (staging turns inclusive counts into disjoint meters).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ingestion.api import Record, Rejected, RowReader, decimal_of, dumps
from ingestion.api.buckets import results_of
from ingestion.api.numbers import landable, money, text_of
from ingestion.api.rows import Row, request_columns
from ingestion.raw_schemas_api import OPENAI
from ingestion.raw_types import BIGINT

BUCKET_FIELDS = frozenset({"object", "start_time", "end_time", "start_time_iso", "end_time_iso", "results", "result"})
USAGE_TEXTS = (
    "project_id user_id api_key_id model service_tier size source context_level vector_store_id api_source".split()
)
USAGE_COUNTS = [name for name, kind in OPENAI["usage"].items() if kind == BIGINT and not name.startswith("_")]
COST_TEXTS = ("project_id", "line_item", "api_key_id", "user_id", "api_source", "quantity_unit")
PART_OF = (
    ("input_tokens", ("input_cached_tokens", "input_cache_write_tokens", "input_audio_tokens", "input_image_tokens")),
    ("input_cached_tokens", ("input_cached_audio_tokens", "input_cached_image_tokens")),
    ("output_tokens", ("output_audio_tokens", "output_image_tokens")),
)
"""Totals and the disjoint parts they include."""


def usage_rows(record: Record) -> Iterator[Row | Rejected]:
    """Rows of `usage` from one bucket."""
    yield from _bucket_rows(record, _usage_row)


def cost_rows(record: Record) -> Iterator[Row | Rejected]:
    """Rows of `costs` from one bucket."""
    yield from _bucket_rows(record, _cost_row)


def _bucket_rows(record: Record, row_of: Any) -> Iterator[Row | Rejected]:
    bucket = record.payload
    if not isinstance(bucket, dict):
        raise Rejected(None, "not_a_bucket", "the bucket is no JSON object; report it to the provider", bucket)
    reader = RowReader(bucket)
    start, end = reader.instant("start_time"), reader.instant("end_time")
    if start is None:
        raise Rejected("start_time", "missing_start", "the bucket has no start_time; report it to the provider", bucket)
    results = results_of(bucket)
    if results is None:
        raise Rejected("results", "missing_results", "the bucket has no list of results; report it", bucket)
    unknown = {name: value for name, value in bucket.items() if name not in BUCKET_FIELDS}
    shared = request_columns(record.request) | {
        "bucket_start_utc": start,
        "bucket_end_utc": end,
        "group_by": json.dumps(record.request.group_by),
    }
    for result in results:
        if not isinstance(result, dict):
            yield Rejected("results", "not_a_result", "the result is no JSON object; report it to the provider", result)
            continue
        try:
            yield shared | row_of(record, RowReader(result, {"object"}), unknown)
        except Rejected as rejected:
            rejected.original = {"bucket_start": bucket.get("start_time"), "result": result}
            yield rejected


def _usage_row(record: Record, reader: RowReader, unknown: dict[str, Any]) -> Row:
    row: Row = {"endpoint": record.request.endpoint.removeprefix("usage_"), "is_batch": reader.boolean("batch")}
    row |= {name: reader.text(name) for name in USAGE_TEXTS}
    row |= {name: reader.integer(name) for name in USAGE_COUNTS}
    row["seconds"] = reader.decimal("seconds")
    for whole, parts in PART_OF:
        inside = sum(row[part] or 0 for part in parts)
        if row[whole] is not None and inside > row[whole]:
            message = f"{' + '.join(parts)} ({inside}) exceed {whole} ({row[whole]}), which includes them"
            raise Rejected(whole, "parts_exceed_total", f"{message}; report it to the provider")
    row["extra_columns"] = _extra(reader, unknown)
    return row


def _cost_row(record: Record, reader: RowReader, unknown: dict[str, Any]) -> Row:
    row: Row = {name: reader.text(name) for name in COST_TEXTS}
    amount = reader.raw("amount")
    given = amount if isinstance(amount, dict) else {"value": amount}
    number = decimal_of(given.get("value"))
    fitting = None if number is None else money(number)
    if fitting is None:
        shown = dumps(amount)[:100]
        raise Rejected("amount", "missing_amount", f"amount is {shown} where a sum of money is due; report it")
    row |= {"amount": fitting, "amount_text": _text(given["value"]), "currency": _text(given.get("currency"))}
    row |= {"quantity_text": reader.printed("quantity"), "quantity": reader.decimal("quantity")}
    more = {name: value for name, value in given.items() if name not in ("value", "currency")}
    row["extra_columns"] = _extra(reader, unknown | ({"amount": more} if more else {}))
    return row


def _extra(reader: RowReader, unknown: dict[str, Any]) -> str | None:
    """JSON of unknown fields; those of the bucket under 'bucket'."""
    rest = {name: value for name, value in reader.payload.items() if name not in reader.taken}
    return dumps(rest | ({"bucket": unknown} if unknown else {})) if rest or unknown else None


def _text(value: Any) -> str | None:
    text = text_of(value)
    return None if text is None else landable(text)


def project_rows(record: Record) -> Iterator[Row | Rejected]:
    """A row of `projects`."""
    yield from _named(record, {})


def user_rows(record: Record) -> Iterator[Row | Rejected]:
    """A row of `users`."""
    yield from _named(record, {"email": "email", "role": "role"}, created="added_at")


def service_account_rows(record: Record) -> Iterator[Row | Rejected]:
    """A row of `service_accounts`."""
    yield from _named(record, {"project_id": "project_id", "role": "role"})


def api_key_rows(record: Record) -> Iterator[Row | Rejected]:
    """A row of `api_keys`."""
    for row in _named(record, {"project_id": "project_id", "redacted_value": "redacted_value"}):
        if isinstance(row, dict):
            owner = record.payload.get("owner")
            owner = owner if isinstance(owner, dict) else {}
            kind = _text(owner.get("type"))
            someone = owner.get(kind) if kind else None
            row["owner_type"] = kind
            row["owner_id"] = _text(someone.get("id")) if isinstance(someone, dict) else _text(owner.get("id"))
            row["last_used_at_utc"] = RowReader(record.payload).instant("last_used_at")
        yield row


def _named(record: Record, texts: dict[str, str], created: str = "created_at") -> Iterator[Row | Rejected]:
    payload = record.payload
    if not isinstance(payload, dict):
        raise Rejected(None, "not_a_record", "the record is no JSON object; report it to the provider", payload)
    reader = RowReader(payload)
    row = request_columns(record.request) | {
        "id": reader.text("id"),
        "name": reader.text("name"),
        "status": reader.text("status"),
        "created_at_utc": reader.instant(created),
        "is_listed": record.is_listed,
        "raw": dumps(payload),
    }
    if row["id"] is None:
        raise Rejected("id", "missing_id", "the record has no id; report it to the provider", payload)
    yield row | {column: reader.text(name) for column, name in texts.items()}
