"""What OpenAI's organization API offers, as the vendor publishes it.

Put here: paths, groupings, page limits. Keep out: requests, typing of results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from ingestion.api import ApiClient, BucketEndpoint, CursorPaginator, Endpoint, SnapshotEndpoint, decimal_of
from ingestion.api.buckets import instant_of
from ingestion.api.numbers import exact_sum

HOURLY_PAGE = 168
DAILY_COST_PAGE = 180
NAMES_PAGE = 100
USAGE_LOOKBACK_DAYS = 13
"""Two full pages: buckets are seen to grow for about two days; a restated week is caught as well."""
COST_LOOKBACK_DAYS = 35
"""One page holds 180 days, so a whole closed month is read again for the price of one request."""

Grouping = tuple[str, ...]
WHO_AND_MODEL: Grouping = ("project_id", "user_id", "api_key_id", "model")


@dataclass(frozen=True)
class UsageReport:
    """One usage report. Its figures are told by `quantities`, of which the first ones measure restatements."""

    name: str
    grouping: Grouping
    quantities: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name in the spool."""
        return f"usage_{self.name}"

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """Ever smaller groupings: without users, without keys, without projects, by model alone, none at all."""
        found = [self.grouping]
        for field in ("user_id", "api_key_id", "project_id"):
            smaller = tuple(each for each in found[-1] if each != field)
            if smaller != found[-1]:
                found.append(smaller)
        last = [("model",)] if "model" in self.grouping and found[-1] != ("model",) else []
        return tuple(dict.fromkeys([*found, *last, ()]))


TOKENS = ("input_tokens", "output_tokens")
USAGE_REPORTS: tuple[UsageReport, ...] = (
    UsageReport("completions", (*WHO_AND_MODEL, "batch", "service_tier"), TOKENS),
    UsageReport("embeddings", WHO_AND_MODEL, ("input_tokens",)),
    UsageReport("moderations", WHO_AND_MODEL, ("input_tokens",)),
    UsageReport("images", (*WHO_AND_MODEL, "size", "source"), ("images",)),
    UsageReport("audio_speeches", WHO_AND_MODEL, ("characters",)),
    UsageReport("audio_transcriptions", WHO_AND_MODEL, ("seconds",)),
    UsageReport("vector_stores", ("project_id",), ("usage_bytes",)),
    UsageReport("code_interpreter_sessions", ("project_id",), ("num_sessions",)),
    UsageReport("file_search_calls", ("project_id", "user_id", "api_key_id", "vector_store_id"), ("num_requests",)),
    UsageReport("web_search_calls", (*WHO_AND_MODEL, "context_level"), ("num_requests",)),
)
"""A report that an organization does not have answers 404 and is skipped."""
DECISIONS = UsageReport("decisions", (*WHO_AND_MODEL, "batch", "service_tier"), TOKENS)

COST_GROUPINGS: tuple[Grouping, ...] = (
    ("project_id", "line_item", "api_key_id"),
    ("project_id", "line_item"),
    ("line_item",),
    (),
)
"""Some organizations are refused `api_key_id` although it is documented."""


def endpoints(extra_reports: Iterable[str] = ()) -> tuple[Endpoint, ...]:
    """Every endpoint, fresh for one run; `extra_reports` names usage reports that are newer than this list."""
    newer = [
        DECISIONS if name == DECISIONS.name else UsageReport(name, WHO_AND_MODEL, TOKENS) for name in extra_reports
    ]
    return (*map(_usage, [*USAGE_REPORTS, *newer]), _costs(), *_names())


def _seconds(start: datetime, end: datetime) -> Mapping[str, Any]:
    """A window without an end would reach into a bucket that is still open: both ends are always given."""
    return {
        "start_time": int(start.replace(tzinfo=UTC).timestamp()),
        "end_time": int(end.replace(tzinfo=UTC).timestamp()),
    }


def _start(bucket: Mapping[str, Any]) -> datetime | None:
    return instant_of(bucket.get("start_time"))


def _quantity(names: tuple[str, ...], result: Mapping[str, Any]) -> Decimal | None:
    return exact_sum(decimal_of(result.get(name)) for name in names)


def _amount(result: Mapping[str, Any]) -> Decimal | None:
    amount = result.get("amount")
    return decimal_of(amount.get("value")) if isinstance(amount, dict) else None


def _usage(report: UsageReport) -> BucketEndpoint:
    return BucketEndpoint(
        report.folder,
        f"/organization/usage/{report.name}",
        timedelta(hours=1),
        HOURLY_PAGE,
        report.groupings,
        _seconds,
        _start,
        params={"bucket_width": "1h"},
        quantity_of=partial(_quantity, report.quantities),
        lookback_days=USAGE_LOOKBACK_DAYS,
    )


def _costs() -> BucketEndpoint:
    return BucketEndpoint(
        "costs",
        "/organization/costs",
        timedelta(days=1),
        DAILY_COST_PAGE,
        COST_GROUPINGS,
        _seconds,
        _start,
        params={"bucket_width": "1d"},
        amount_of=_amount,
        lookback_days=COST_LOOKBACK_DAYS,
    )


def _names() -> Iterator[SnapshotEndpoint]:
    limit = {"limit": NAMES_PAGE}
    archived = limit | {"include_archived": "true"}
    yield SnapshotEndpoint("projects", lambda client: [("/organization/projects", {})], archived)
    yield SnapshotEndpoint("users", lambda client: [("/organization/users", {})], limit)
    for name in ("api_keys", "service_accounts"):
        yield SnapshotEndpoint(name, partial(_of_every_project, name), limit)


def _of_every_project(name: str, client: ApiClient) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The addresses of a list that exists once per project."""
    params = {"limit": NAMES_PAGE, "include_archived": "true"}
    pages = client.pages(
        "/organization/projects", params, paginator=CursorPaginator("last_id", "after"), cursor_param="after"
    )
    for page in pages:
        projects = page.body.get("data") if isinstance(page.body, dict) else None
        for project in projects or []:
            if isinstance(project, dict) and isinstance(project.get("id"), str):
                yield f"/organization/projects/{project['id']}/{name}", {"project_id": project["id"]}
