"""What the Admin API answers, after its published examples."""

from __future__ import annotations

from typing import Any

from tests.unit.ingestion.reading.spooled.spooling import spooled

USAGE_GROUP_BY = ("api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo")
COST_GROUP_BY = ("workspace_id", "description")


def usage_result(**changes: Any) -> dict[str, Any]:
    """The published example of a usage result."""
    return {
        "uncached_input_tokens": 1500,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "cache_read_input_tokens": 200,
        "output_tokens": 500,
        "server_tool_use": {"web_search_requests": 10},
        "account_id": None,
        "api_key_id": "apikey_01",
        "workspace_id": "wrkspc_01",
        "service_account_id": None,
        "model": "claude-sonnet-4",
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "global",
    } | changes


def cost_result(**changes: Any) -> dict[str, Any]:
    """The published example of a cost result."""
    return {
        "currency": "USD",
        "amount": "123.78912",
        "workspace_id": "wrkspc_01",
        "description": "Claude Sonnet 4 Usage - Input Tokens",
        "cost_type": "tokens",
        "context_window": "0-200k",
        "model": "claude-sonnet-4",
        "service_tier": "standard",
        "token_type": "uncached_input_tokens",
        "inference_geo": "global",
    } | changes


def bucket(start: str, end: str, *results: Any) -> dict[str, Any]:
    return {"starting_at": start, "ending_at": end, "results": list(results)}


def hour(number: int, *results: Any) -> dict[str, Any]:
    """An hourly bucket of 1 August 2026."""
    ends = f"2026-08-01T{number + 1:02}:00:00Z" if number < 23 else "2026-08-02T00:00:00Z"
    return bucket(f"2026-08-01T{number:02}:00:00Z", ends, *results)


def usage_line(content: Any, group_by: tuple[str, ...] = USAGE_GROUP_BY, **request: Any) -> str:
    return spooled(content, "bucket", {"bucket_width": "1h", "group_by[]": list(group_by)}, **request)


def cost_line(content: Any, group_by: tuple[str, ...] = COST_GROUP_BY, **request: Any) -> str:
    return spooled(content, "bucket", {"bucket_width": "1d", "group_by[]": list(group_by)}, **request)


def day(*results: Any) -> dict[str, Any]:
    """The daily bucket of 1 August 2026."""
    return bucket("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z", *results)


def claude_code_record(**changes: Any) -> dict[str, Any]:
    return {
        "date": "2026-08-01T00:00:00Z",
        "actor": {"type": "user_actor", "email_address": "developer@example.com"},
        "organization_id": "org_01",
        "customer_type": "api",
        "terminal_type": "vscode",
        "core_metrics": {
            "num_sessions": 5,
            "lines_of_code": {"added": 1543, "removed": 892},
            "commits_by_claude_code": 12,
            "pull_requests_by_claude_code": 2,
        },
        "tool_actions": {"edit_tool": {"accepted": 45, "rejected": 5}},
        "model_breakdown": [
            {
                "model": "claude-opus-4-1",
                "tokens": {"input": 100000, "output": 35000, "cache_read": 10000, "cache_creation": 5000},
                "estimated_cost": {"currency": "USD", "amount": 1025},
            }
        ],
    } | changes
