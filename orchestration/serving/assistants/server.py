"""The tools as a server of the Model Context Protocol, by its official SDK.

Put here: names, descriptions and types that an assistant is told. Keep out: answering (`tools`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orchestration.serving.assistants import tools
from orchestration.serving.assistants.desk import Desk

if TYPE_CHECKING:
    from mcp.server import MCPServer

INSTRUCTIONS = """\
Cost of LLMs and of what runs them, as it was published last. Money is US dollars as text with all decimals; unknown is
null and never zero. Every answer names its marts, filters and publication (source): quote them with the figure. Find a
metric with list_metrics before query_metric; group_by takes a grain of time (day, week, month) or a dimension that
list_metrics names. Everything is read-only. An answer with "error" says the remedy."""


def server_of(desk: Desk, version: str) -> MCPServer:
    """The server for one viewer's desk."""
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    server: MCPServer = MCPServer("costops", instructions=INSTRUCTIONS, version=version, log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

    @server.tool(annotations=reads, structured_output=False)
    def list_metrics(about: str = "") -> str:
        """Metrics by words such as "cost per request" or "gpu"; without words the first ones."""
        return said(tools.list_metrics(desk, about))

    @server.tool(annotations=reads, structured_output=False)
    def query_metric(
        name: str, group_by: list[str] | None = None, filters: dict[str, list[str]] | None = None,
        start_date: str | None = None, end_date: str | None = None, time_range: str | None = None, limit: int = 20,
    ) -> str:  # fmt: skip
        """A metric over days (2026-01-31), or a time_range such as 30d or last_month; default the last 30 days."""
        return said(tools.query_metric(desk, name, group_by, filters, start_date, end_date, time_range, limit))

    @server.tool(annotations=reads, structured_output=False)
    def explain_change(
        first_day: str, last_day: str | None = None, against_first_day: str | None = None,
        against_last_day: str | None = None, only: dict[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Why cost of these days changed: by volume, price, model mix, cache, tokens. Without days to compare with, the
        same weekdays before. only: {"team": "search"}, also provider, model, project, key, feature, customer."""
        return said(tools.explain_change(desk, first_day, last_day, against_first_day, against_last_day, only))

    @server.tool(annotations=reads, structured_output=False)
    def budget_status(name: str | None = None) -> str:
        """A budget by name or id, or all: limit, spent, projected, status."""
        return said(tools.budget_status(desk, name))

    @server.tool(annotations=reads, structured_output=False)
    def price(
        model: str, input_tokens: int = 0, output_tokens: int = 0, cached_tokens: int = 0, provider: str = "",
        is_batch: bool = False,
    ) -> str:  # fmt: skip
        """What a request would cost. cached_tokens are read from a cache, besides input_tokens."""
        return said(tools.price(desk, model, input_tokens, output_tokens, cached_tokens, provider, is_batch))

    @server.tool(annotations=reads, structured_output=False)
    def find_in_catalogue(about: str) -> str:
        """Published tables by words, with their columns."""
        return said(tools.find_in_catalogue(desk, about))

    return server


def said(answer: dict[str, Any]) -> str:
    """An answer as text that has no blank it does not need."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
