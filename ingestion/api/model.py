"""The vocabulary of API sources: what an endpoint is asked and what it gives back.

Put here: plain types. Keep out: requests, files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ingestion.api.client import ApiClient
    from ingestion.api.windows import DateRange


@dataclass(frozen=True)
class RequestInfo:
    """The request that brought a record: nothing in it is secret. Instants are ISO text in UTC."""

    endpoint: str
    params: dict[str, Any]
    window_start: str | None
    window_end: str | None
    page_cursor: str | None
    page_number: int
    received_at_utc: str
    group_by: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The request as a spool line holds it."""
        return vars(self) | {"group_by": list(self.group_by)}


@dataclass(frozen=True)
class Record:
    """One bucket or record exactly as the provider said it. `kind` is 'bucket' or 'record'."""

    request: RequestInfo
    payload: Any
    kind: str = "bucket"
    is_listed: bool = True
    """False for a record of a list that the provider no longer lists."""


@dataclass
class DayPages:
    """Everything an endpoint says about one UTC day (None: a list without days).

    `is_complete` is False while the day still grows or when buckets of it are absent; a day without any
    bucket is missing. `amount` and `quantity` measure the content, so that restatements can be sized.
    """

    day: date | None
    records: list[Record] = field(default_factory=list)
    is_complete: bool = True
    bucket_count: int = 0
    row_count: int = 0
    amount: Decimal | None = None
    quantity: Decimal | None = None
    reason: str | None = None
    is_out_of_reach: bool = False
    """True for a day without records that is older than what the provider keeps: this says nothing about the day."""


class Endpoint(Protocol):
    """One endpoint of a provider."""

    @property
    def name(self) -> str:
        """Name of the endpoint: its folder in the spool."""

    @property
    def window_days(self) -> int | None:
        """Days that one pull may span at most, so that pages are full; None: a list without days."""

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """Pull some days; yields each day once, and only after every page of it was received. `now` is naive UTC."""


@dataclass(frozen=True)
class ApiSource:
    """A provider as the framework sees it: what to pull, how far to look back, from where on."""

    name: str
    endpoints: tuple[Endpoint, ...]
    lookback_days: int
    start_date: date
    credential_variable: str
    route: Any
    """`route(relative_path)` of the spool, as `DropFolderSource` has it; without `_pulls.jsonl`."""

    @property
    def dataset(self) -> str:
        """The raw schema the source lands in."""
        return f"raw_{self.name}"
