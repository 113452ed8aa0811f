"""Data flow: Groq's Prometheus API -> spool -> `raw_groq`. Run alone: `python -m ingestion.sources.groq`.

Put here: the description of the source. Keep out: addresses (`endpoints`), fields (`parse`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import PurePosixPath

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiSource, RetryPolicy, pull_and_land
from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.source import Route
from ingestion.sources.groq import parse
from ingestion.sources.groq.endpoints import METRICS, endpoints

VARIABLE = "GROQ_API_KEY"
LOOKBACK_DAYS = 13
"""As far back as the other usage reports; one request holds 38 days."""
PARSERS = dict.fromkeys(METRICS, parse.rates)


def route(relative_path: str) -> Route:
    """The parser of a spooled file."""
    endpoint = PurePosixPath(relative_path).parts[0]
    return (endpoint, PARSERS[endpoint]) if endpoint in PARSERS else None


def source(settings: Settings) -> ApiSource:
    """Groq as the framework sees it."""
    return ApiSource("groq", endpoints(), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, route)


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key = settings.api.groq_api_key
    if not key:
        return None
    return ApiClient(
        settings.api.groq_base_url,
        auth=BearerTokenAuth(key),
        secrets=(key,),
        address_variable="GROQ_BASE_URL",
        credential_variable=VARIABLE,
        policy=RetryPolicy.of(settings.api),
    )


def land(
    settings: Settings,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    force: bool = False,
) -> LandingReport:
    """Pull what is due (or the days asked for) and land it; `force` asks for every day again."""
    return pull_and_land(
        source(settings),
        settings,
        client(settings),
        now=now,
        from_date=from_date,
        to_date=to_date,
        force=force,
        progress=progress,
    )
