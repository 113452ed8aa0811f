"""OpenAI's `/organization/usage/*`: requests of the sample company by bucket and group.

Put here: usage answers. Keep out: costs, names (`admin`), what an endpoint offers (`endpoints`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.providers.buckets import USAGE_WIDTHS, Page, cut_page, read_limit, read_width
from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.ledger import ChargeRows, UsageRows, Value, chances
from ingestion.demo.providers.moments import DAY, SECOND, microseconds, moment_of
from ingestion.demo.providers.openai.dialect import (
    PREFIX,
    OpenAIDialect,
    group_by,
    many,
    question_of,
    read_seconds,
)
from ingestion.demo.providers.openai.endpoints import USAGE_ENDPOINTS, UsageEndpoint
from ingestion.demo.providers.state import Simulator

BYTES_PER_GB = 2**30


def page_answer(page: Page, results: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """The envelope: every bucket of the page, empty ones included. `results` is by bucket number."""
    data = [
        {
            "object": "bucket",
            "start_time": start // SECOND,
            "end_time": (start + page.width) // SECOND,
            "start_time_iso": moment_of(start).isoformat(),
            "end_time_iso": moment_of(start + page.width).isoformat(),
            "results": results.get(number, []),
        }
        for number, start in enumerate(page.starts)
    ]
    return {"object": "page", "data": data, "has_more": page.next_page is not None, "next_page": page.next_page}


def read_page(request: Request, simulator: Simulator, limits: dict[str, Any] | None = None) -> Page:
    """The buckets asked for; without end_time, or with one to come, they end with the one of now."""
    start = read_seconds(request, "start_time")
    if start is None:
        raise Refusal(400, "Missing required parameter: 'start_time'.", "missing_required_parameter", "start_time")
    end = read_seconds(request, "end_time")
    if end is not None and end <= start:
        raise Refusal(400, "end_time must be after start_time.", "invalid_value", "end_time")
    now = microseconds(simulator.now)
    stop = now if end is None else min(end * SECOND, now)
    width = read_width(request.query_params.get("bucket_width"), limits or USAGE_WIDTHS)
    limit = read_limit(request.query_params.get("limit"), width.default, width.most)
    token = request.query_params.get("page")
    return cut_page(start * SECOND, stop, width, limit, token, question_of(request), simulator.faults)


def read_filters(request: Request, filters: dict[str, str]) -> dict[str, list[Value]]:
    """Field → wanted values."""
    found: dict[str, list[Value]] = {}
    for param, name in filters.items():
        values = many(request, param)
        if param == "batch" and values:
            if values[0] not in ("true", "false"):
                raise Refusal(400, "Invalid batch: expected a boolean.", "invalid_type", "batch")
            found[name] = [values[0] == "true"]
        elif values:
            found[name] = list(values)
    return found


class OpenAIUsage:
    """Answers of the usage endpoints."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._rows = self._all_rows()
        self._charges: ChargeRows = simulator.company.charges("openai")

    def _all_rows(self) -> dict[str, UsageRows]:
        requests = self._simulator.company.requests("openai").assign(api_source="unlabeled")
        is_embedding = requests["is_embedding"]
        frames = {"completions": requests[~is_embedding], "embeddings": requests[is_embedding]}
        rows = {}
        for name, endpoint in USAGE_ENDPOINTS.items():
            frame = frames.get(name)
            more = self._simulator.options.openai_usage.get(name)
            parts = [_complete(part, endpoint) for part in (frame, more) if part is not None]
            if not parts:
                parts = [_complete(pd.DataFrame({"requested_at_utc": []}), endpoint)]
            columns = ["requested_at_utc", "chance", *endpoint.fields, *endpoint.counts]
            both = pd.concat([part[columns] for part in parts], ignore_index=True) if parts[1:] else parts[0]
            rows[name] = UsageRows.of(both, endpoint.fields, endpoint.counts)
        return rows

    def usage(self, endpoint: UsageEndpoint, request: Request) -> dict[str, Any]:
        """One page of a usage endpoint."""
        grouped = group_by(request, endpoint.fields, self._simulator)
        page = read_page(request, self._simulator)
        groups = self._rows[endpoint.name].groups(
            page.start,
            page.end,
            page.width,
            self._simulator.visibility,
            fields=grouped,
            filters=read_filters(request, dict(endpoint.filters)),
        )
        results: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for group in groups:
            results[group.bucket].append(
                {
                    "object": f"organization.usage.{endpoint.result}.result",
                    **endpoint.figures(group.sums),
                    **dict.fromkeys(endpoint.fields),
                    **group.values,
                }
            )
        return page_answer(page, results)

    def vector_stores(self, request: Request) -> dict[str, Any]:
        """Bytes stored: the level of the day, the same in each of its buckets."""
        grouped = group_by(request, ("project_id",), self._simulator)
        page = read_page(request, self._simulator)
        filters: dict[str, list[Value]] = {"charge_kind": ["vector_storage"]}
        filters |= read_filters(request, {"project_ids": "sub_account_id"})
        first = page.start // DAY * DAY
        levels = self._charges.groups(
            first,
            page.end,
            DAY,
            self._simulator.visibility,
            fields=["sub_account_id"] if grouped else [],
            filters=filters,
        )
        by_day: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for group in levels:
            by_day[first // DAY + group.bucket].append(
                {
                    "object": "organization.usage.vector_stores.result",
                    "usage_bytes": group.sums["quantity"] * BYTES_PER_GB,
                    "project_id": group.values.get("sub_account_id"),
                }
            )
        return page_answer(page, {place: by_day.get(at // DAY, []) for place, at in enumerate(page.starts)})


def _complete(frame: pd.DataFrame, endpoint: UsageEndpoint) -> pd.DataFrame:
    """With every column the endpoint needs: unknown fields None, absent counts 0, and an id."""
    added: dict[str, Any] = {name: None for name in endpoint.fields if name not in frame}
    added |= {name: 0 for name in endpoint.counts if name not in frame}
    if "chance" not in frame:
        added["chance"] = chances([f"{endpoint.name}|{number}" for number in range(len(frame))])
    whole = frame.assign(**added)
    whole["requested_at_utc"] = pd.to_datetime(whole["requested_at_utc"])
    return whole.fillna(dict.fromkeys(endpoint.counts, 0))


def usage_routes(simulator: Simulator) -> list[Route]:
    """Routes of all usage endpoints."""
    usage, dialect = OpenAIUsage(simulator), OpenAIDialect()

    def one(endpoint: UsageEndpoint) -> Route:
        name = f"/organization/usage/{endpoint.name}"
        return route(simulator, dialect, PREFIX + name, lambda request, _: usage.usage(endpoint, request), name=name)

    stores = "/organization/usage/vector_stores"
    return [
        *(one(endpoint) for endpoint in USAGE_ENDPOINTS.values()),
        route(simulator, dialect, PREFIX + stores, lambda request, _: usage.vector_stores(request), name=stores),
    ]
