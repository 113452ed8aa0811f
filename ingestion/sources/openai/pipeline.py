"""Data flow: https://api.openai.com/v1/organization/{usage/*,costs,projects,users,…} → spool → `raw_openai`.

Alone: `python -m ingestion.sources.openai`. Hourly usage and daily costs since `COSTOPS_BACKFILL_FROM`; newest days
are pulled again because OpenAI restates them. Put here: putting the parts together. Keep out: fields, paths.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiSource
from ingestion.api.provider import keyed_client, landing
from ingestion.config import Settings
from ingestion.landing.model import Parser
from ingestion.landing.source import Route
from ingestion.sources.openai import parse
from ingestion.sources.openai.endpoints import USAGE_LOOKBACK_DAYS, endpoints

VARIABLE = "OPENAI_ADMIN_KEY"
PARSERS: dict[str, Parser] = {
    "usage": parse.usage,
    "costs": parse.costs,
    **{table: parse.named(table) for table in parse.NAMED},
}


def source(settings: Settings) -> ApiSource:
    """The source as the framework sees it."""
    pulled = endpoints(settings.api.openai_extra_usage_reports)
    return ApiSource("openai", pulled, USAGE_LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, _route)


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key, address = (VARIABLE, settings.api.openai_admin_key), ("OPENAI_BASE_URL", settings.api.openai_base_url)
    return keyed_client(settings, BearerTokenAuth, key, address)


def _route(relative_path: str) -> Route:
    folder = PurePosixPath(relative_path).parts[0]
    name = "usage" if folder.startswith("usage_") else folder
    return (folder, PARSERS[name]) if name in PARSERS else None


land = landing(source, client)
