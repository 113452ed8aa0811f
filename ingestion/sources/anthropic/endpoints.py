"""What is asked of the Admin API: reports in time buckets, one day of Claude Code per call, lists of names.

Put here: addresses, parameters, limits. Keep out: what the answers mean (`parse`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from ingestion.api import (
    ApiClient,
    BucketEndpoint,
    CursorPaginator,
    DateRange,
    DayPages,
    Endpoint,
    MalformedResponseError,
    Record,
    RequestInfo,
    SnapshotEndpoint,
    decimal_of,
)
from ingestion.api.buckets import instant_of
from ingestion.api.numbers import exact_sum
from ingestion.reading.spooled import EMPTY_PAGE
from ingestion.sources.anthropic.parse import SECRET_HINT

VERSION = "2023-06-01"
SPEED_BETA = "fast-mode-2026-02-01"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS_PER_PAGE, DAYS_PER_PAGE = 168, 31
RECORDS_PER_PAGE = 1000
ORGANIZATION = "v1/organizations"

_FIRST_GROUPS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
USAGE_GROUPINGS = (
    (*_FIRST_GROUPS, "inference_geo", "speed"),
    (*_FIRST_GROUPS, "inference_geo"),
    _FIRST_GROUPS,
    (),
)
"""From the finest on. `speed` is in beta, `inference_geo` is younger than the report itself."""
COST_GROUPINGS = (("workspace_id", "description"), ("description",), ())
_TOKEN_FIELDS = ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
_WRITE_FIELDS = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


class AdminAuth(AuthBase):
    """The admin key (or OAuth token) and the version; the beta header only where `speed` is asked for."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        is_token = self._key.startswith("sk-ant-oat")
        name, value = ("authorization", f"Bearer {self._key}") if is_token else ("x-api-key", self._key)
        request.headers[name] = value
        request.headers["anthropic-version"] = VERSION
        if ("group_by[]", "speed") in parse_qsl(urlsplit(str(request.url)).query):
            request.headers["anthropic-beta"] = SPEED_BETA
        return request


def time_params(bucket: timedelta) -> Any:
    """Parameters of a window in RFC 3339; its end, which is exclusive, lies at the end of a bucket."""

    def params(start: datetime, end: datetime) -> Mapping[str, Any]:
        over = (end - EPOCH) % bucket
        whole = end if not over else end - over + bucket
        return {"starting_at": f"{start.isoformat()}Z", "ending_at": f"{whole.isoformat()}Z"}

    return params


def _start_of(bucket: Mapping[str, Any]) -> datetime | None:
    return instant_of(bucket.get("starting_at"))


def _tokens(result: Mapping[str, Any]) -> Decimal | None:
    written = result.get("cache_creation")
    counts = [decimal_of(result.get(name)) for name in _TOKEN_FIELDS]
    if isinstance(written, Mapping):
        counts += [decimal_of(written.get(name)) for name in _WRITE_FIELDS]
    return exact_sum(counts)


def _usd(result: Mapping[str, Any]) -> Decimal | None:
    """Dollars from the report's cents."""
    cents = decimal_of(result.get("amount"))
    return None if cents is None else cents.scaleb(-2)


@dataclass
class ClaudeCodeEndpoint:
    """The Claude Code report: one UTC day per call, in pages."""

    name: str = "claude_code"
    path: str = f"{ORGANIZATION}/usage_report/claude_code"
    window_days: int = 31

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """Each day once all of its pages are there."""
        for day in days:
            start = datetime.combine(day, datetime.min.time())
            if start >= now:
                return
            params = {"starting_at": day.isoformat(), "limit": RECORDS_PER_PAGE}
            records: list[Record] = []
            rows = 0
            for page in client.pages(self.path, params, paginator=CursorPaginator()):
                window = (start.isoformat(), (start + DAY).isoformat())
                received = page.received_at_utc.isoformat()
                request = RequestInfo(self.name, params, *window, page.cursor, page.number, received)
                found = listed(page.body, self.path)
                rows += len(found)
                records += [Record(request, each, "record") for each in found] or [empty_page(request)]
            is_over = start + DAY + HOUR <= now
            reason = None if is_over else "the day is not over, and its last hour is not reported yet"
            yield DayPages(day, records, is_over, len(records), rows, reason=reason)


def listed(body: Any, path: str) -> list[Any]:
    """The items of an answer."""
    items = body.get("data") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise MalformedResponseError(f"{path}: the answer holds no list under 'data'")
    return items


def empty_page(request: RequestInfo) -> Record:
    """A line that says: asked, and there was nothing."""
    return Record(request, EMPTY_PAGE, "bucket")


@dataclass
class KeyEndpoint(SnapshotEndpoint):
    """The list of keys without the visible ends of them."""

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The whole list, at once."""
        for pages in super().pull(client, days, now=now):
            pages.records = [replace(record, payload=_without_hint(record.payload)) for record in pages.records]
            yield pages


def _without_hint(payload: Any) -> Any:
    if not isinstance(payload, dict):
        return payload
    return {name: value for name, value in payload.items() if name != SECRET_HINT}


def _list(kind: type[SnapshotEndpoint], name: str, path: str, **params: Any) -> SnapshotEndpoint:
    return kind(
        name,
        lambda client: [(f"{ORGANIZATION}/{path}", {})],
        params={"limit": RECORDS_PER_PAGE, **params},
        paginator=lambda: CursorPaginator("last_id", "after_id"),
        cursor_param="after_id",
    )


def endpoints() -> tuple[Endpoint, ...]:
    """Everything the source pulls; made anew for each run, because a run learns which groupings are refused."""
    return (
        BucketEndpoint(
            "messages_usage",
            f"{ORGANIZATION}/usage_report/messages",
            HOUR,
            HOURS_PER_PAGE,
            USAGE_GROUPINGS,
            time_params(HOUR),
            _start_of,
            params={"bucket_width": "1h"},
            quantity_of=_tokens,
        ),
        BucketEndpoint(
            "cost_report",
            f"{ORGANIZATION}/cost_report",
            DAY,
            DAYS_PER_PAGE,
            COST_GROUPINGS,
            time_params(DAY),
            _start_of,
            params={"bucket_width": "1d"},
            amount_of=_usd,
        ),
        ClaudeCodeEndpoint(),
        _list(SnapshotEndpoint, "workspaces", "workspaces", include_archived="true"),
        _list(KeyEndpoint, "api_keys", "api_keys"),
        _list(SnapshotEndpoint, "members", "users"),
    )
