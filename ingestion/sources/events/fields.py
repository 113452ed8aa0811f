"""The columns a canonical event file may have: kinds, limits, aliases, and names that say too little.

Put here: names and their kinds. Keep out: conversion. `docs/sources/events.md` lists the same.
"""

from __future__ import annotations

from enum import Enum

from ingestion.raw_schemas import REQUESTS
from ingestion.vocabulary.raw_types import PROVENANCE
from ingestion.vocabulary.usage_columns import INFORMATION_COLUMNS, OTHER_METER_COLUMNS, TOKEN_COLUMNS


class Kind(Enum):
    """How a column's values are checked and typed."""

    TEXT = "text"
    COUNT = "count"
    FLAG = "flag"
    INSTANT = "instant"
    MONEY = "money"
    OBJECT = "object"


COUNTS = (*TOKEN_COLUMNS, *OTHER_METER_COLUMNS, *INFORMATION_COLUMNS, "duration_ms", "recorded_cost_decimals")
KINDS: dict[str, Kind] = {
    name: Kind.COUNT
    if name in COUNTS
    else {
        "requested_at_utc": Kind.INSTANT,
        "tags": Kind.OBJECT,
        "is_batch": Kind.FLAG,
        "is_billable": Kind.FLAG,
        "recorded_cost_usd": Kind.MONEY,
    }.get(name, Kind.TEXT)
    for name in REQUESTS
    if name not in PROVENANCE
    and name not in ("event_source", "recorded_cost_text", "unknown_usage_reason", "unresolved_usage", "containers")
}
"""Every column a file may bring, in the order of the raw table."""

ALIASES = {
    "id": "event_id",
    "request_id": "event_id",
    "timestamp": "requested_at_utc",
    "requested_at": "requested_at_utc",
    "created_at": "requested_at_utc",
    "provider": "provider_name",
    "model": "requested_model",
    "model_id": "requested_model",
    "response_model": "served_model",
    "service_tier": "served_service_tier",
    "account": "account_id",
    "project": "project_id",
    "workspace": "workspace_id",
    "api_key": "api_key_id",
    "user": "user_id",
    "team": "team_id",
    "customer": "customer_id",
    "tenant_id": "customer_id",
    "feature_id": "feature",
    "input_tokens_uncached": "uncached_input_tokens",
    "completion_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
    "cost_usd": "recorded_cost_usd",
    "latency_ms": "duration_ms",
}
"""Friendly names; a canonical column beside its alias wins."""

AMBIGUOUS = {
    "input_tokens": "uncached_input_tokens",
    "prompt_tokens": "uncached_input_tokens",
    "cached_tokens": "cache_read_tokens",
}
"""Names that do not say whether cached tokens are inside. A row that uses one without the clear column is refused."""

LONGEST_TEXT = 4_096
LONGEST_OBJECT = 65_536
LARGEST_COUNT = 10**12
"""Characters and units; more than that in one event is a mistake."""
