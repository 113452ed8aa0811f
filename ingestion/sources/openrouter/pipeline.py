"""Data flow: OpenRouter's activity API -> spool -> `raw_openrouter`.

Run alone: `python -m ingestion.sources.openrouter`.

Put here: the description of the source. Keep out: addresses (`endpoints`), fields (`parse`).
"""

from __future__ import annotations

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiSource
from ingestion.api.provider import keyed_client, landing, routes
from ingestion.config import Settings
from ingestion.sources.openrouter import parse
from ingestion.sources.openrouter.endpoints import endpoints

VARIABLE = "OPENROUTER_API_KEY"
LOOKBACK_DAYS = 13
"""As far back as the other usage reports; one answer holds all of the 30 days that can be had."""
PARSERS = {"activity": parse.activity}


def source(settings: Settings) -> ApiSource:
    """OpenRouter as the framework sees it."""
    return ApiSource("openrouter", endpoints(), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, routes(PARSERS))


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key, address = (
        (VARIABLE, settings.api.openrouter_api_key),
        ("OPENROUTER_BASE_URL", settings.api.openrouter_base_url),
    )
    return keyed_client(settings, BearerTokenAuth, key, address)


land = landing(source, client)
