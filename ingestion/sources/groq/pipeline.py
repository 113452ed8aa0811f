"""Data flow: Groq's Prometheus API -> spool -> `raw_groq`. Run alone: `python -m ingestion.sources.groq`.

Put here: the description of the source. Keep out: addresses (`endpoints`), fields (`parse`).
"""

from __future__ import annotations

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiSource
from ingestion.api.provider import keyed_client, landing, routes
from ingestion.config import Settings
from ingestion.sources.groq import parse
from ingestion.sources.groq.endpoints import METRICS, endpoints

VARIABLE = "GROQ_API_KEY"
LOOKBACK_DAYS = 13
"""As far back as the other usage reports; one request holds 38 days."""
PARSERS = dict.fromkeys(METRICS, parse.rates)


def source(settings: Settings) -> ApiSource:
    """Groq as the framework sees it."""
    return ApiSource("groq", endpoints(), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, routes(PARSERS))


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key, address = (VARIABLE, settings.api.groq_api_key), ("GROQ_BASE_URL", settings.api.groq_base_url)
    return keyed_client(settings, BearerTokenAuth, key, address)


land = landing(source, client)
