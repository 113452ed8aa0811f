"""The tools as a server of the Model Context Protocol, by its official SDK.

Put here: names, descriptions and types that an assistant is told. Keep out: answering (`tools`), HTTP (`http`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations

from orchestration.serving.assistants import tools
from orchestration.serving.assistants.desk import Desk

INSTRUCTIONS = """\
Cost of LLMs and of what runs them, as it was published last. Money is US dollars as text with all decimals; unknown is
null and never zero. Every answer names its marts, filters and publication (source): quote them with the figure. Find a
metric with list_metrics before query_metric; group_by takes a grain of time (day, week, month) or a dimension that
list_metrics names. By user, feature, customer or tag: query_spend. What no metric says is in a table:
find_in_catalogue, then read_table. Everything is read-only. An answer with "error" says the remedy."""
DeskOf = Callable[[Context], Desk]
"""Whose desk answers a request."""


def server_of(desk_of: DeskOf, version: str) -> MCPServer:
    """The server; each request is answered from the desk of whoever asks."""
    server: MCPServer = MCPServer("costops", instructions=INSTRUCTIONS, version=version, log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

    @server.tool(annotations=reads, structured_output=False)
    def list_metrics(ctx: Context, about: str = "") -> str:
        """Metrics by words such as "cost per request" or "gpu"; without words the first ones."""
        return said(tools.list_metrics(desk_of(ctx), about))

    @server.tool(annotations=reads, structured_output=False)
    def query_metric(
        ctx: Context, name: str, group_by: list[str] | None = None, filters: dict[str, list[str]] | None = None,
        start_date: str | None = None, end_date: str | None = None, time_range: str | None = None,
        order_by: str | None = None, limit: int = 20,
    ) -> str:  # fmt: skip
        """A metric over days (2026-01-31), or a time_range such as 30d or last_month; default the last 30 days.
        order_by: a group or the metric's name, - before it for descending."""
        return said(tools.query_metric(
            desk_of(ctx), name, group_by, filters, start_date, end_date, time_range, order_by, limit
        ))  # fmt: skip

    @server.tool(annotations=reads, structured_output=False)
    def query_spend(
        ctx: Context, group_by: list[str] | None = None, filters: dict[str, list[str]] | None = None,
        start_date: str | None = None, end_date: str | None = None, time_range: str | None = None,
        metrics: list[str] | None = None, order_by: str | None = "-sum", limit: int = 20, of: str = "spend",
        cost_kind: str = "llm",
    ) -> str:  # fmt: skip
        """Money (sum) and requests (count) by date, week, month, model, provider, team_id, project_id, user_id,
        customer_id, feature, environment, api_key_id or tag:KEY. metrics: sum, count, tokens, avg, min, max, stddev,
        p50, p75, p90, p95, p99.
        of: spend (what was paid; bills name no users, customers or features), usage (of LLMs at contracted prices: for
        users, customers and features), requests (single calls at contracted prices: for percentiles of calls).
        notes in the answer say what the figures do not tell. cost_kind: llm, infrastructure, own, total."""
        return said(tools.query_spend(
            desk_of(ctx), group_by, filters, start_date, end_date, time_range, metrics, order_by, limit, of, cost_kind
        ))  # fmt: skip

    @server.tool(annotations=reads, structured_output=False)
    def explain_change(
        ctx: Context, first_day: str, last_day: str | None = None, against_first_day: str | None = None,
        against_last_day: str | None = None, only: dict[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Why cost of these days changed: by volume, price, model mix, cache, tokens. Without days to compare with, the
        same weekdays before. only: {"team": "search"}, also provider, model, project, key, feature, customer."""
        return said(tools.explain_change(
            desk_of(ctx), first_day, last_day, against_first_day, against_last_day, only
        ))  # fmt: skip

    @server.tool(annotations=reads, structured_output=False)
    def budget_status(ctx: Context, name: str | None = None) -> str:
        """A budget by name or id, or all: limit, spent, projected, status."""
        return said(tools.budget_status(desk_of(ctx), name))

    @server.tool(annotations=reads, structured_output=False)
    def price(
        ctx: Context, model: str = "", input_tokens: int = 0, output_tokens: int = 0, cached_tokens: int = 0,
        provider: str = "", is_batch: bool = False,
    ) -> str:  # fmt: skip
        """What a request would cost; without a model, the models that do it cheapest. cached_tokens are read from a
        cache, besides input_tokens."""
        return said(tools.price(
            desk_of(ctx), model, input_tokens, output_tokens, cached_tokens, provider, is_batch
        ))  # fmt: skip

    @server.tool(annotations=reads, structured_output=False)
    def find_in_catalogue(ctx: Context, about: str) -> str:
        """Published tables by words, with their columns."""
        return said(tools.find_in_catalogue(desk_of(ctx), about))

    @server.tool(annotations=reads, structured_output=False)
    def read_table(
        ctx: Context, mart: str, columns: list[str] | None = None, filters: dict[str, list[str]] | None = None,
        order_by: str | None = None, limit: int = 20,
    ) -> str:  # fmt: skip
        """Rows of a table that find_in_catalogue names. filters: {"column": ["value"]}; order_by: a column, - before it
        for descending. Name the columns you need: an answer has 4,000 characters."""
        return said(tools.read_table(desk_of(ctx), mart, columns, filters, order_by, limit))

    return server


def said(answer: dict[str, Any]) -> str:
    """An answer as text that has no blank it does not need."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
