"""Data flow: https://api.openai.com/v1/organization/{usage/*,costs,projects,users,…} → spool → `raw_openai`.

Alone: `python -m ingestion.sources.openai`. Hourly usage and daily costs since `COSTOPS_BACKFILL_FROM`; newest days
are pulled again because OpenAI restates them. Put here: putting the parts together. Keep out: fields, paths.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiSource, RetryPolicy, pull_and_land
from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.model import Parser
from ingestion.sources.openai import parse
from ingestion.sources.openai.endpoints import USAGE_LOOKBACK_DAYS, endpoints

CREDENTIAL = "OPENAI_ADMIN_KEY"
Progress = Callable[[str], None]
PARSERS: dict[str, Parser] = {
    "usage": parse.usage,
    "costs": parse.costs,
    **{table: parse.named(table) for table in parse.NAMED},
}


def land(
    settings: Settings,
    *,
    now: datetime,
    progress: Progress | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
    **client_options: Any,
) -> LandingReport:
    """Pull what is due within the days (both included) and land it; `force` asks for every day again.

    Off without `OPENAI_ADMIN_KEY`. Raises an `ApiError` that says what to do, after landing what was received.
    """
    return pull_and_land(
        source(settings),
        settings,
        client(settings, **client_options) if settings.api.openai_admin_key else None,
        now=now,
        from_date=from_date,
        to_date=to_date,
        force=force,
        progress=progress,
    )


def backfill(
    settings: Settings,
    *,
    now: datetime,
    from_date: date | None = None,
    to_date: date | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> LandingReport:
    """Pull the days that are not complete yet; goes on where an interrupted backfill stopped."""
    return land(settings, now=now, from_date=from_date, to_date=to_date, progress=progress, force=force)


def source(settings: Settings) -> ApiSource:
    """The source as the framework sees it."""
    pulled = endpoints(settings.api.openai_extra_usage_reports)
    return ApiSource("openai", pulled, USAGE_LOOKBACK_DAYS, settings.api.backfill_from, CREDENTIAL, _route)


def client(settings: Settings, **options: Any) -> ApiClient:
    """A client with the admin key on the wire and nowhere else."""
    key = settings.api.openai_admin_key or ""
    return ApiClient(
        settings.api.openai_base_url,
        auth=BearerTokenAuth(key),
        secrets=(key,),
        address_variable="OPENAI_BASE_URL",
        credential_variable=CREDENTIAL,
        policy=RetryPolicy.of(settings.api),
        **options,
    )


def _route(relative_path: str) -> Any:
    folder = PurePosixPath(relative_path).parts[0]
    name = "usage" if folder.startswith("usage_") else folder
    return (folder, PARSERS[name]) if name in PARSERS else None
