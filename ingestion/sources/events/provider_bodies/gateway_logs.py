"""Logs of gateways as an envelope around a body: Azure API Management (`ApiManagementGatewayLlmLog`), Kong,
Cloudflare.

Put here: the names of their columns. Keep out: what counts mean.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingestion.sources.events.usage_shapes.values import dig, text

_COLUMNS = frozenset({"correlationid", "prompttokens", "completiontokens"})


def as_gateway_log(record: dict[str, Any]) -> dict[str, Any]:
    """The row as an envelope; any other record as it is.

    A call whose messages are long is several rows of one `CorrelationId`; those after the first repeat its tokens or
    have none, and are the same call.
    """
    if (found := _kong(record) or _cloudflare(record)) is not None:
        return found
    inner = record.get("properties")
    holder = inner if isinstance(inner, dict) else record
    row = {str(name).lower(): value for name, value in {**record, **holder}.items()}
    if not row.keys() >= _COLUMNS:
        return record
    if str(row.get("sequencenumber") or 0) != "0" and not any(
        str(row[name] or 0) != "0" for name in ("prompttokens", "completiontokens")
    ):
        return {"response": {"id": row["correlationid"], "status": "in_progress"}}
    names = {"prompt_tokens": "prompttokens", "completion_tokens": "completiontokens", "total_tokens": "totaltokens"}
    body = {
        "id": row["correlationid"],
        "model": row.get("modelname"),
        "usage": {name: row[column] for name, column in names.items() if row.get(column) is not None},
    }
    return {
        "timestamp": row.get("timegenerated") or _of_portal(row.get("timegenerated [utc]")) or row.get("time"),
        "provider": "azure",
        "model": row.get("deploymentname"),
        "region": row.get("region"),
        "response": body,
    }


def _of_portal(given: Any) -> str | None:
    """A time as the pages of Log Analytics export it: month first, on a clock of twelve hours."""
    try:
        return datetime.strptime(text(given) or "", "%m/%d/%Y, %I:%M:%S.%f %p").isoformat()  # noqa: DTZ007 UTC by its name
    except ValueError:
        return text(given)


def _cloudflare(record: dict[str, Any]) -> dict[str, Any] | None:
    """A log of Cloudflare's AI Gateway, as its API lists them; what its own cache answered costs nothing."""
    if not {"tokens_in", "tokens_out", "created_at", "provider"} <= record.keys():
        return None
    counted = {"prompt_tokens": record["tokens_in"], "completion_tokens": record["tokens_out"]}
    return {
        "timestamp": record["created_at"],
        "provider": record["provider"],
        "model": record.get("model"),
        "cost_usd": record.get("cost"),
        "duration_ms": record.get("duration"),
        "metadata": record.get("metadata"),
        "cache_hit": record.get("cached"),
        "error": None if record.get("success") in (None, True) else {"type": f"http_{record.get('status_code')}"},
        "response": {"id": record.get("id"), "usage": counted},
    }


def _is_hit(plugin: Any) -> bool:
    """Whether a cache of Kong answered."""
    return str(dig(plugin, "cache", "cache_status")).lower() == "hit"


def _kong(record: dict[str, Any]) -> dict[str, Any] | None:
    """A line of Kong's AI Gateway, which keeps usage and models below the name of its plugin."""
    plugins = record.get("ai")
    if not isinstance(plugins, dict):
        return None
    for told in plugins.values():
        usage, meta = (told.get("usage"), told.get("meta")) if isinstance(told, dict) else (None, None)
        if isinstance(usage, dict) and isinstance(meta, dict):
            request = record.get("request")
            counters = {name: item for name, item in usage.items() if name != "cost"}
            return {
                "timestamp": record.get("started_at"),
                "provider": meta.get("provider_name"),
                "model": meta.get("request_model"),
                "cost_usd": usage.get("cost"),
                "request_id": request.get("id") if isinstance(request, dict) else None,
                "cache_hit": any(map(_is_hit, plugins.values())),
                "response": {"model": meta.get("response_model"), "usage": counters},
            }
    return None
