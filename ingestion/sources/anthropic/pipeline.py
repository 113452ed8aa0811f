"""Data flow: Anthropic's Admin API -> spool -> `raw_anthropic`. Run alone: `python -m ingestion.sources.anthropic`.

Put here: the description of the source. Keep out: addresses (`endpoints`), fields (`parse`).
"""

from __future__ import annotations

from ingestion.api import ApiClient, ApiSource
from ingestion.api.provider import keyed_client, landing, routes
from ingestion.config import Settings
from ingestion.sources.anthropic import parse
from ingestion.sources.anthropic.endpoints import AdminAuth, endpoints

VARIABLE = "ANTHROPIC_ADMIN_KEY"
LOOKBACK_DAYS = 13
"""Two full pages of hours: late usage, and a week that is restated within a week."""
PARSERS = {
    "messages_usage": parse.messages_usage,
    "cost_report": parse.cost_report,
    "claude_code": parse.claude_code,
} | {name: parse.entities(name) for name in parse.ENTITIES}


def source(settings: Settings) -> ApiSource:
    """Anthropic as the framework sees it."""
    return ApiSource("anthropic", endpoints(), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, routes(PARSERS))


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key, address = (VARIABLE, settings.api.anthropic_admin_key), ("ANTHROPIC_BASE_URL", settings.api.anthropic_base_url)
    return keyed_client(settings, AdminAuth, key, address)


land = landing(source, client)
