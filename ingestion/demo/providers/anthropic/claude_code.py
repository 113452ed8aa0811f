"""Anthropic's Claude Code report: what the coding assistant's keys used, per person and day.

It is another view of usage that the messages report has as well. Put here: the report. Keep out: other usage.
Figures that the sample company has no truth for (lines of code, commits) are made from a hash.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.company.company import ORGANISATION_ACCOUNTS
from ingestion.demo.company.text import hash_text
from ingestion.demo.providers.anthropic.dialect import PREFIX, AnthropicDialect, question_of
from ingestion.demo.providers.buckets import read_limit
from ingestion.demo.providers.endpoint import Refusal, number, route
from ingestion.demo.providers.moments import DAY, HOUR, microseconds, rfc3339
from ingestion.demo.providers.paging import UnusablePageToken, page_token, read_page_token
from ingestion.demo.providers.state import Simulator

CLAUDE_CODE_KEYS = ("apikey_code_assistant_cli",)
"""The key whose use this report shows."""
MAIL_DOMAIN = "sample-company.example"
_TERMINALS = ("vscode", "iTerm.app", "tmux")
_TOKENS = ["uncached_input_tokens", "output_tokens", "cache_read_tokens"]
_WRITES = ["cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"]


class ClaudeCodeReport:
    """Answers of the report."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        frame = simulator.company.requests("anthropic")
        frame = frame[frame["api_key_id"].isin(CLAUDE_CODE_KEYS)]
        frame = frame.assign(
            usage_date=frame["requested_at_utc"].dt.date,
            cache_creation=frame[_WRITES].sum(axis=1),
            user_id=frame["user_id"].where(frame["user_id"].notna(), ""),
        )
        self._days = dict(list(frame.groupby("usage_date")))
        self._none = frame.iloc[:0]

    def report(self, request: Request) -> dict[str, Any]:
        """One page of one UTC day."""
        day = self._day(request)
        limit = read_limit(request.query_params.get("limit"), 20, 1000)
        token = request.query_params.get("page")
        start = 0
        if token is not None:
            try:
                start = read_page_token(token, question_of(request), self._simulator.faults)
            except UnusablePageToken as problem:
                raise Refusal(400, f"page: {problem}") from problem
        rows = self._rows(day)
        stop = start + limit
        next_page = page_token(question_of(request), stop) if stop < len(rows) else None
        return {"data": rows[start:stop], "has_more": next_page is not None, "next_page": next_page}

    @staticmethod
    def _day(request: Request) -> date:
        text = request.query_params.get("starting_at")
        if text is None:
            raise Refusal(400, "starting_at: Field required")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Refusal(400, "starting_at: Input should be a date in the format YYYY-MM-DD") from None

    def _rows(self, day: date) -> list[dict[str, Any]]:
        own = self._days.get(day, self._none)
        moments = own["requested_at_utc"].to_numpy().astype("datetime64[us]").astype("int64")
        visibility = self._simulator.visibility
        is_old = moments < microseconds(self._simulator.now) - HOUR
        own = own[visibility.shows_usage(moments, own["chance"].to_numpy()) & is_old]
        return [self._row(day, str(user), part) for user, part in own.groupby("user_id", sort=True)]

    def _row(self, day: date, user: str, part: pd.DataFrame) -> dict[str, Any]:
        drawn = hash_text(f"{day}|{user}")
        key = str(part["api_key_id"].iloc[0])
        actor = (
            {"type": "user_actor", "email_address": f"{user}@{MAIL_DOMAIN}"}
            if user
            else {"type": "api_actor", "api_key_name": key}
        )
        tools = ("edit_tool", "multi_edit_tool", "write_tool", "notebook_edit_tool")
        return {
            "date": rfc3339(microseconds(day) // DAY * DAY),
            "actor": actor,
            "organization_id": ORGANISATION_ACCOUNTS["anthropic"],
            "customer_type": "api",
            "subscription_type": None,
            "terminal_type": _TERMINALS[drawn % len(_TERMINALS)],
            "is_remote": False,
            "core_metrics": {
                "num_sessions": 1 + len(part) // 8,
                "lines_of_code": {"added": drawn % 400, "removed": drawn // 400 % 150},
                "commits_by_claude_code": drawn // 7 % 6,
                "pull_requests_by_claude_code": drawn // 11 % 3,
            },
            "tool_actions": {
                tool: {"accepted": drawn // (13 + place) % 30, "rejected": drawn // (17 + place) % 5}
                for place, tool in enumerate(tools)
            },
            "model_breakdown": [self._model(str(model), rows) for model, rows in part.groupby("model", sort=True)],
        }

    @staticmethod
    def _model(model: str, rows: pd.DataFrame) -> dict[str, Any]:
        sums = rows[[*_TOKENS, "cache_creation"]].sum()
        cents = sum((cost for cost in rows["list_cost_usd"] if cost is not None), Decimal(0)) * 100
        return {
            "model": model,
            "tokens": {
                "input": int(sums["uncached_input_tokens"]),
                "output": int(sums["output_tokens"]),
                "cache_read": int(sums["cache_read_tokens"]),
                "cache_creation": int(sums["cache_creation"]),
            },
            "estimated_cost": {"currency": "USD", "amount": number(f"{cents:f}")},
        }


def claude_code_routes(simulator: Simulator) -> list[Route]:
    """The route of the report."""
    report, name = ClaudeCodeReport(simulator), "/v1/organizations/usage_report/claude_code"
    return [route(simulator, AnthropicDialect(), PREFIX + name, lambda request, _: report.report(request), name=name)]
