"""Azure OpenAI usage and Azure cost -> `raw_azure`. Alone: `python -m ingestion.sources.azure`.

Put here: which endpoints a configuration asks for. Keep out: everything they do.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from ingestion.api.model import ApiSource, Endpoint
from ingestion.api.provider import landing
from ingestion.api.spool import folder_name
from ingestion.config import ApiSettings, Settings
from ingestion.landing.source import Route
from ingestion.sources.azure import parse
from ingestion.sources.azure import requests as ask
from ingestion.sources.azure.access import connect
from ingestion.sources.azure.endpoints import CostQueryEndpoint, MetricsEndpoint
from ingestion.sources.azure.spec import missing_variables

LOOKBACK_DAYS = 38
"""A month closes up to five days after its end, and until then its first day may still change."""
TAG_PREFIX = "cost_query_tag_"


def source(api: ApiSettings) -> ApiSource:
    """Azure as the configuration describes it."""
    return ApiSource("azure", endpoints(api), LOOKBACK_DAYS, api.backfill_from, "AZURE_CLIENT_SECRET", route)


def endpoints(api: ApiSettings) -> tuple[Endpoint, ...]:
    """Metrics where there are accounts to ask about, costs where there is a scope, one more for every tag."""
    found: list[Endpoint] = []
    subscriptions = tuple(each.strip() for each in (api.azure_subscription_id or "").split(",") if each.strip())
    if api.azure_openai_resource_ids or subscriptions:
        found.append(MetricsEndpoint(api.azure_openai_resource_ids, subscriptions))
    scopes = api.azure_cost_scopes or tuple(f"subscriptions/{each}" for each in subscriptions)
    if scopes:
        pace = api.requests_per_minute or ask.COST_REQUESTS_PER_MINUTE
        services = api.azure_cost_services
        found.append(CostQueryEndpoint(scopes, services=services, requests_per_minute=pace))
        found += [
            CostQueryEndpoint(
                scopes,
                TAG_PREFIX + folder_name(tag),
                partial(_by_tag, tag),
                services=services,
                requests_per_minute=pace,
            )
            for tag in api.azure_cost_tags
        ]
    return tuple(found)


def _by_tag(tag: str, scope: str) -> tuple[ask.Grouping, ...]:
    return ask.tag_groupings(tag)


def route(relative_path: str) -> Route:
    """Who reads a spooled file."""
    endpoint = PurePosixPath(relative_path).parts[0]
    if endpoint == "metrics":
        return "metrics", parse.metrics
    if endpoint == "cost_query" or endpoint.startswith(TAG_PREFIX):
        return endpoint, parse.cost_query
    return None


def _off_reason(settings: Settings) -> str | None:
    missing = missing_variables(settings.api)
    return f"{missing[0]} is not set" if missing else None


land = landing(
    lambda settings: source(settings.api),
    lambda settings: None if missing_variables(settings.api) else connect(settings.api),
    _off_reason,
)
