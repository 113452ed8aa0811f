"""Data flow: Anthropic's Admin API -> spool -> `raw_anthropic`. Run alone: `python -m ingestion.sources.anthropic`.

Put here: the description of the source. Keep out: addresses (`endpoints`), fields (`parse`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import PurePosixPath

from ingestion.api import ApiClient, ApiSource, RetryPolicy, pull_and_land
from ingestion.config import Settings
from ingestion.landing import LandingReport
from ingestion.landing.source import Route
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


def route(relative_path: str) -> Route:
    """The parser of a spooled file."""
    endpoint = PurePosixPath(relative_path).parts[0]
    return (endpoint, PARSERS[endpoint]) if endpoint in PARSERS else None


def source(settings: Settings) -> ApiSource:
    """Anthropic as the framework sees it."""
    return ApiSource("anthropic", endpoints(), LOOKBACK_DAYS, settings.api.backfill_from, VARIABLE, route)


def client(settings: Settings) -> ApiClient | None:
    """A client, None without a key."""
    key = settings.api.anthropic_admin_key
    if not key:
        return None
    return ApiClient(
        settings.api.anthropic_base_url,
        auth=AdminAuth(key),
        secrets=(key,),
        address_variable="ANTHROPIC_BASE_URL",
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
