"""Requests page by page through dlt's REST client, by a session that insists (`session`).

Nothing is sent unencrypted. Put here: asking for pages. Keep out: what is asked and what is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator, SinglePagePaginator
from requests.auth import AuthBase

from ingestion.api.bounds import PAGES_VARIABLE, require_encryption
from ingestion.api.errors import TooMuchError
from ingestion.api.session import PatientSession, RetryPolicy


@dataclass(frozen=True)
class Page:
    """One parsed answer. `cursor` is the page cursor it was asked with."""

    body: Any
    cursor: str | None
    number: int
    received_at_utc: datetime
    headers: Any = None


class ApiClient:
    """One provider's API. `auth` puts the secret on the wire; the secret itself is known only for redaction. Where no
    credential is sent at all, an address inside one's own network may be plain http."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: AuthBase | None = None,
        headers: dict[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        credential_variable: str = "the credential",
        address_variable: str = "the base URL",
        policy: RetryPolicy | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
        carries_credential: bool = True,
    ) -> None:
        self.policy = policy or RetryPolicy()
        self.now = now
        require_encryption(base_url, address_variable, carries_credential=carries_credential)
        self._session = PatientSession(base_url, self.policy, secrets, credential_variable)
        self._rest = RESTClient(
            base_url=base_url.rstrip("/"),
            headers=headers,
            auth=auth,
            session=self._session,
            config=RuntimeConfiguration(http_show_error_body=False),
        )

    @property
    def request_count(self) -> int:
        """Requests sent so far, repeated ones included."""
        return self._session.request_count

    def pages(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        paginator: BasePaginator | None = None,
        cursor_param: str = "page",
        method: Any = "GET",
        json: dict[str, Any] | None = None,
    ) -> Iterator[Page]:
        """Every page of an answer, parsed. Raises an `ApiError`."""
        answers = self._rest.paginate(
            path,
            method=method,
            params=dict(params or {}),
            json=json,
            paginator=paginator or SinglePagePaginator(),
            data_selector="$",
            hooks={"response": []},
            allow_redirects=False,
        )
        for number, data in enumerate(answers, 1):
            if number > self.policy.max_pages:
                raise TooMuchError(
                    f"{path}: more than {self.policy.max_pages:,} pages, the limit; if the provider has that many, "
                    f"raise {PAGES_VARIABLE}"
                )
            response = data.response
            yield Page(response.json(), _asked(response, cursor_param), number, self.now(), response.headers)

    def get(self, path: str, params: dict[str, Any] | None = None) -> Page:
        """A single answer."""
        return next(self.pages(path, params))


def _asked(response: requests.Response, cursor_param: str) -> str | None:
    query = parse_qs(urlsplit(response.request.url or "").query)
    return query.get(cursor_param, [None])[0]
