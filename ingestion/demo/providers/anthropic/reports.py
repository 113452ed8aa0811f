"""Anthropic's messages usage report and cost report.

Null has two meanings in each of `workspace_id` (not grouped, default workspace) and `api_key_id` (not grouped,
Console). Put here: the two reports. Keep out: Claude Code, names.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.text import decimal_text
from ingestion.demo.providers.anthropic.dialect import (
    PREFIX,
    AnthropicDialect,
    group_by,
    many,
    question_of,
    read_moment,
)
from ingestion.demo.providers.anthropic.wording import context_window, cost_type, description, inference_geo, token_type
from ingestion.demo.providers.buckets import USAGE_WIDTHS, Page, Width, cut_page, read_limit, read_width
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.ledger import USAGE_SUMS, ChargeRows, Group, UsageRows, Value, texts
from ingestion.demo.providers.moments import DAY, microseconds, rfc3339
from ingestion.demo.providers.state import Simulator

USAGE_FIELDS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
USAGE_FILTERS = {
    "account_ids": "account_id",
    "api_key_ids": "api_key_id",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "models": "model",
    "service_account_ids": "service_account_id",
    "service_tiers": "service_tier",
    "speeds": "speed",
    "workspace_ids": "workspace_id",
}
COST_WIDTHS = {"1d": Width(DAY, 7, 31)}
PARSED_FIELDS = ("cost_type", "context_window", "model", "service_tier", "token_type", "inference_geo")
"""Fields of a cost row that the provider reads out of its description."""


def read_page(request: Request, simulator: Simulator, widths: dict[str, Width]) -> Page:
    """The buckets asked for; without ending_at, or with one to come, they end with the one of now."""
    start = read_moment(request, "starting_at")
    if start is None:
        raise Refusal(400, "starting_at: Field required")
    end = read_moment(request, "ending_at")
    if end is not None and end <= start:
        raise Refusal(400, "ending_at: must be after starting_at")
    now = microseconds(simulator.now)
    width = read_width(request.query_params.get("bucket_width"), widths)
    limit = read_limit(request.query_params.get("limit"), width.default, width.most)
    stop = now if end is None else min(end, now)
    token = request.query_params.get("page")
    return cut_page(start, stop, width, limit, token, question_of(request), simulator.faults)


def page_answer(page: Page, results: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """The envelope: every bucket of the page, oldest first, empty ones included."""
    data = [
        {
            "starting_at": rfc3339(start),
            "ending_at": rfc3339(start + page.width),
            "results": results.get(number, []),
        }
        for number, start in enumerate(page.starts)
    ]
    return {"data": data, "has_more": page.next_page is not None, "next_page": page.next_page}


def usage_frame(simulator: Simulator) -> pd.DataFrame:
    """Requests as the report knows them."""
    frame, options = simulator.company.requests("anthropic").copy(), simulator.options
    frame["workspace_id"] = _without(frame["workspace_id"], {options.anthropic_default_workspace_id})
    frame["api_key_id"] = _without(frame["api_key_id"], set(options.anthropic_console_key_ids))
    frame["account_id"], frame["service_account_id"], frame["speed"] = None, None, "standard"
    frame["inference_geo"] = [inference_geo(model) for model in frame["model"]]
    return frame


def _without(column: pd.Series, hidden: set[str | None]) -> list[str | None]:
    return [None if value in hidden else value for value in texts(column)]


def _charge_rows(simulator: Simulator) -> ChargeRows:
    lines = simulator.company.charge_lines("anthropic")
    facts = [
        (kind, model, meter, is_long)
        for kind, model, meter, is_long in zip(
            lines["charge_kind"], texts(lines["model"]), texts(lines["meter"]), lines["is_long_context"], strict=True
        )
    ]
    own: dict[str, list[str | bool | None]] = {
        "workspace_id": list(_without(lines["sub_account_id"], {simulator.options.anthropic_default_workspace_id})),
        "description": [description(*fact) for fact in facts],
        "cost_type": [cost_type(kind, meter) for kind, _, meter, _ in facts],
        "token_type": [token_type(meter) for _, _, meter, _ in facts],
        "context_window": [context_window(is_long) if model else None for _, model, _, is_long in facts],
        "service_tier": ["standard" if model else None for _, model, _, _ in facts],
        "inference_geo": [inference_geo(model) if model else None for _, model, _, _ in facts],
        "model": [model for _, model, _, _ in facts],
    }
    return simulator.company.charges("anthropic", own)


class AnthropicReports:
    """Answers of the two reports."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._usage = UsageRows.of(usage_frame(simulator), USAGE_FIELDS, USAGE_SUMS)
        self._charges = _charge_rows(simulator)

    def messages(self, request: Request) -> dict[str, Any]:
        """One page of usage."""
        grouped = group_by(request, USAGE_FIELDS, self._simulator)
        page = read_page(request, self._simulator, USAGE_WIDTHS)
        filters: dict[str, list[Value]] = {
            name: list(many(request, param)) for param, name in USAGE_FILTERS.items() if many(request, param)
        }
        results: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for group in self._usage.groups(
            page.start, page.end, page.width, self._simulator.visibility, fields=grouped, filters=filters
        ):
            results[group.bucket].append(_usage_result(group))
        return page_answer(page, results)

    def costs(self, request: Request) -> dict[str, Any]:
        """One page of daily costs."""
        grouped = group_by(request, ("description", "workspace_id"), self._simulator)
        page = read_page(request, self._simulator, COST_WIDTHS)
        parsed = PARSED_FIELDS if "description" in grouped else ()
        results: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for group in self._charges.groups(
            page.start, page.end, page.width, self._simulator.visibility, fields=[*grouped, *parsed]
        ):
            results[group.bucket].append(
                {
                    "currency": "USD",
                    "amount": decimal_text(group.sums["amount"], 10),
                    "workspace_id": None,
                    "description": None,
                    **dict.fromkeys(PARSED_FIELDS),
                    **group.values,
                }
            )
        return page_answer(page, results)


def _usage_result(group: Group) -> dict[str, Any]:
    sums = group.sums
    return {
        "uncached_input_tokens": sums["uncached_input_tokens"],
        "cache_creation": {
            "ephemeral_1h_input_tokens": sums["cache_write_1h_tokens"],
            "ephemeral_5m_input_tokens": sums["cache_write_5m_tokens"],
        },
        "cache_read_input_tokens": sums["cache_read_tokens"],
        "output_tokens": sums["output_tokens"],
        "server_tool_use": {"web_search_requests": sums["web_searches"]},
        **dict.fromkeys(name for name in USAGE_FIELDS if name != "speed"),
        **group.values,
    }


def report_routes(simulator: Simulator) -> list[Route]:
    """Routes of the two reports."""
    reports, dialect = AnthropicReports(simulator), AnthropicDialect()
    usage, costs = "/v1/organizations/usage_report/messages", "/v1/organizations/cost_report"
    return [
        route(simulator, dialect, PREFIX + usage, lambda request, _: reports.messages(request), name=usage),
        route(simulator, dialect, PREFIX + costs, lambda request, _: reports.costs(request), name=costs),
    ]
