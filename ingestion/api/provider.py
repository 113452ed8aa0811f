"""What a provider's `pipeline` says in words of its own, put together: who reads a spooled file, a client, `land`.

Put here: what is the same for every provider that is asked by one key or address. Keep out: any one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Protocol

from requests.auth import AuthBase

from ingestion.api.client import ApiClient
from ingestion.api.model import ApiSource
from ingestion.api.session import RetryPolicy
from ingestion.api.source import pull_and_land
from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.model import Parser
from ingestion.landing.source import Route


class Land(Protocol):
    """Pull what is due (or the days asked for, both included) and land it; `force` asks for every day again.

    Off where there is no client. Raises an `ApiError` that says what to do, after landing what was received.
    """

    def __call__(
        self,
        settings: Settings,
        *,
        now: datetime,
        progress: Callable[[str], None] | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
        force: bool = False,
    ) -> LandingReport: ...


def landing(
    source: Callable[[Settings], ApiSource],
    client: Callable[[Settings], ApiClient | None],
    off_reason: Callable[[Settings], str | None] = lambda settings: None,
) -> Land:
    """`land` of a source; `off_reason` says why there is no client where not one variable alone is missing."""

    def land(
        settings: Settings,
        *,
        now: datetime,
        progress: Callable[[str], None] | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
        force: bool = False,
    ) -> LandingReport:
        return pull_and_land(
            source(settings),
            settings,
            client(settings),
            now=now,
            from_date=from_date,
            to_date=to_date,
            force=force,
            progress=progress,
            off_reason=off_reason(settings),
        )

    return land


def routes(parsers: Mapping[str, Parser]) -> Callable[[str], Route]:
    """The parser of a spooled file, by its folder, which is the endpoint's name."""

    def route(relative_path: str) -> Route:
        endpoint = PurePosixPath(relative_path).parts[0]
        return (endpoint, parsers[endpoint]) if endpoint in parsers else None

    return route


def keyed_client(
    settings: Settings, auth: Callable[[str], AuthBase], key: tuple[str, str | None], address: tuple[str, str]
) -> ApiClient | None:
    """A client with the key on the wire and nowhere else, None without one; key and address each with its variable."""
    (key_variable, value), (address_variable, base_url) = key, address
    if not value:
        return None
    return ApiClient(
        base_url,
        auth=auth(value),
        secrets=(value,),
        address_variable=address_variable,
        credential_variable=key_variable,
        policy=RetryPolicy.of(settings.api),
    )
