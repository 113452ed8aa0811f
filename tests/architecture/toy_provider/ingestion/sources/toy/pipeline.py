"""Data flow: Toy's activity API -> spool -> `raw_toy`. Put here: the parts put together. Keep out: what they do."""

from __future__ import annotations

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from ingestion.sources.toy import parse
from ingestion.sources.toy.endpoints import Activity
from ingestion.sources.toy.spec import SPEC

from ingestion.api import ApiClient, ApiSource
from ingestion.api.provider import keyed_client, landing, routes
from ingestion.config import Settings

VARIABLE = str(SPEC.switch)
LOOKBACK_DAYS = 3
PARSERS = {"activity": parse.activity}


def source(settings: Settings) -> ApiSource:
    """Toy as the framework sees it."""
    return ApiSource(SPEC.name, (Activity(),), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, routes(PARSERS))


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key, address = (VARIABLE, settings.api.toy_api_key), ("TOY_BASE_URL", settings.api.toy_base_url)
    return keyed_client(settings, BearerTokenAuth, key, address)


land = landing(source, client)
