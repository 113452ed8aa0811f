"""Data flow: Toy's activity API -> spool -> `raw_toy`. Put here: the parts put together. Keep out: what they do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from ingestion.sources.toy import parse
from ingestion.sources.toy.endpoints import Activity
from ingestion.sources.toy.spec import SPEC

from ingestion.api import ApiClient, ApiSource, RetryPolicy, pull_and_land
from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.source import Route

LOOKBACK_DAYS = 3


def _route(relative_path: str) -> Route:
    return ("activity", parse.activity) if relative_path.startswith("activity/") else None


def land(settings: Settings, *, now: datetime, **options: Any) -> LandingReport:
    """Pull what is due and land it."""
    key, variable = settings.api.toy_api_key, str(SPEC.switch)
    source = ApiSource(SPEC.name, (Activity(),), LOOKBACK_DAYS, settings.api.backfill_from, variable, _route)
    client = ApiClient(
        settings.api.toy_base_url,
        auth=BearerTokenAuth(key or ""),
        secrets=(key or "",),
        address_variable="TOY_BASE_URL",
        credential_variable=variable,
        policy=RetryPolicy.of(settings.api),
    )
    return pull_and_land(source, settings, client if key else None, now=now, **options)
