"""Single requests, page by page: each page begins behind the last row of the one before, however the copy moves on.

Put here: the page and its cursor. Keep out: sums.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestration.serving.faults import AskedWrongly
from orchestration.serving.queries.answers import Answer
from orchestration.serving.questions import MOST_ROWS, between, span_of
from orchestration.serving.reading import Reading

MART = "fct_llm_requests"
PAGE = 1000
COLUMNS = {
    "id": "request_key", "created_at": "requested_at_utc", "date": "usage_date", "provider": "provider_id",
    "model": "model_id", "cost": "contracted_cost_usd", "list_cost": "list_cost_usd", "tokens_used": "total_tokens",
    "input_tokens": "input_tokens", "cache_read_tokens": "cache_read_tokens", "output_tokens": "output_tokens",
    "user_id": "user_id", "team_id": "team_id", "project_id": "project_id", "customer_id": "customer_id",
    "feature": "feature", "environment": "environment", "session_id": "session_id", "tags": "tags", "status": "status",
    "duration_ms": "duration_ms", "unpriced_reason": "unpriced_reason",
}  # fmt: skip
FILTERS = (
    "model", "provider", "team_id", "project_id", "user_id", "customer_id", "feature", "environment", "status",
)  # fmt: skip


def records(
    reading: Reading,
    start: str | None = None,
    end: str | None = None,
    time_range: str | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int = PAGE,
    offset: int = 0,
    cursor: str | None = None,
) -> Answer:
    """A page of requests, oldest first, and the cursor of the next; no cursor after the last.

    Raises:
        AskedWrongly: with the parameter.
    """
    between(limit, 1, MOST_ROWS, "limit")
    between(offset, 0, 10**9, "offset")
    if cursor and offset:
        raise AskedWrongly("offset goes with no cursor", remedy="leave offset out", field="offset")
    span = span_of(reading, start, end, time_range, names=("start_date", "end_date"))
    conditions = ["usage_date between ? and ?"]
    values: list[Any] = [span.first, span.last]
    for name, wanted in (filters or {}).items():
        if name not in FILTERS:
            raise AskedWrongly(
                f"filter {name[:60]!r} is not known", remedy=f"write {', '.join(FILTERS)}", field=name[:60]
            )
        conditions.append(f"{COLUMNS[name]} in ({', '.join('?' * len(wanted)) or 'null'})")
        values += wanted
    if cursor:
        at, key = _read(cursor)
        conditions.append("requested_at_utc >= ? and (requested_at_utc > ? or request_key > ?)")
        values += [at, at, key]
    names = ", ".join(f'{column} as "{name}"' for name, column in COLUMNS.items())
    found = f"from {reading.need(MART)} where {' and '.join(conditions)}"
    # Where the page ends is read from one column, so that of the others only the blocks up to there are: 11 ms, not 39.
    end_at = reading.one(
        f"select max(moment) as last from (select requested_at_utc as moment {found} order by moment limit ?)",
        [*values, offset + limit + 1],
    )["last"]
    rows = reading.rows(
        f"select {names} {found} and requested_at_utc <= ? order by requested_at_utc, request_key limit ? offset ?",
        [*values, end_at, limit + 1, offset],
    )
    shown = rows[:limit]
    next_cursor = _written(shown[-1]["created_at"], shown[-1]["id"]) if len(rows) > limit else None
    body = {"start_date": span.first, "end_date": span.last, "rows": shown, "next_cursor": next_cursor}
    return Answer(body, "rows", (MART,), {"usage_date": [span.first, span.last], **dict(filters or {})})


def _written(at: datetime, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)))
        at, key = content
        if not isinstance(key, str) or not isinstance(at, str):
            raise ValueError
        found = datetime.fromisoformat(at)
        if found.tzinfo is not None or not 1900 < found.year < 2300:
            raise ValueError
        return found, key
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise AskedWrongly(
            "cursor is none that a page gave", remedy="take next_cursor of the page before", field="cursor"
        ) from None
