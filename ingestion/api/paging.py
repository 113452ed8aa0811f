"""dlt's cursor paginator, made strict: a page that cannot be followed is an error, never the end.

Put here: paging. Keep out: what pages hold.
"""

from __future__ import annotations

from typing import Any

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from ingestion.api.errors import MalformedResponseError


class CursorPaginator(JSONResponseCursorPaginator):
    """Follows `cursor_path` while `has_more_path` says so; refuses absent, null and repeated cursors."""

    def __init__(
        self,
        cursor_path: str = "next_page",
        cursor_param: str = "page",
        has_more_path: str = "has_more",
        *,
        is_has_more_required: bool = True,
    ) -> None:
        super().__init__(cursor_path=cursor_path, cursor_param=cursor_param)
        self._cursor_key = cursor_path
        self._more_key = has_more_path
        self._is_required = is_has_more_required
        self._seen: set[str] = set()

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Decide whether there is another page and which."""
        body = response.json()
        more, cursor = body.get(self._more_key), body.get(self._cursor_key)
        if more is None and not self._is_required:
            more = cursor is not None
        if not isinstance(more, bool):
            raise MalformedResponseError(f"{self._more_key} is {more!r} where true or false is due")
        if not more:
            self._next_reference = None
            return
        if not isinstance(cursor, str) or not cursor:
            raise MalformedResponseError(f"{self._more_key} is true and {self._cursor_key} names no page")
        if cursor in self._seen:
            raise MalformedResponseError(f"{self._cursor_key} names the same page again; the paging would never end")
        self._seen.add(cursor)
        self._next_reference = cursor
