"""Endpoints that list what there is now (projects, users, keys): names for ids, without days.

Put here: lists. Keep out: reports by time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dlt.sources.helpers.rest_client.paginators import BasePaginator

from ingestion.api.client import ApiClient
from ingestion.api.errors import MalformedResponseError, NotFoundError
from ingestion.api.model import DayPages, Record, RequestInfo
from ingestion.api.paging import CursorPaginator
from ingestion.api.windows import DateRange

NO_CONTEXT: Mapping[str, Any] = {}


@dataclass
class SnapshotEndpoint:
    """One list. `paths(client)` gives the addresses to read, each with fields that its records get beside their own.

    Lists below a parent (keys of a project) pass a parent over that answers 404.
    """

    name: str
    paths: Callable[[ApiClient], Iterable[tuple[str, Mapping[str, Any]]]]
    params: Mapping[str, Any] = field(default_factory=dict)
    paginator: Callable[[], BasePaginator] = lambda: CursorPaginator("last_id", "after")
    cursor_param: str = "after"
    id_field: str = "id"
    window_days: None = None

    def key_of(self, payload: Any) -> str | None:
        """What tells records apart."""
        return str(payload.get(self.id_field)) if isinstance(payload, dict) else None

    def pull(self, client: ApiClient, days: DateRange, *, now: datetime) -> Iterator[DayPages]:
        """The whole list, at once."""
        records: list[Record] = []
        for path, context in self.paths(client):
            try:
                records += list(self._read(client, path, context))
            except NotFoundError:
                if not context:
                    raise
        yield DayPages(None, records, row_count=len(records), bucket_count=1)

    def _read(self, client: ApiClient, path: str, context: Mapping[str, Any]) -> Iterator[Record]:
        pages = client.pages(path, dict(self.params), paginator=self.paginator(), cursor_param=self.cursor_param)
        for page in pages:
            items = page.body.get("data") if isinstance(page.body, dict) else None
            if not isinstance(items, list):
                raise MalformedResponseError(f"{path}: the answer holds no list under 'data'")
            request = RequestInfo(
                self.name, dict(self.params), None, None, page.cursor, page.number, page.received_at_utc.isoformat()
            )
            for item in items:
                known = item if not context or not isinstance(item, dict) else {**context, **item}
                yield Record(request, known, "record")
