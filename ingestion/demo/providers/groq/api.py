"""Groq's Prometheus API: range and instant queries, labels and series, for enterprise keys only.

Put here: answers. Keep out: reading queries (`promql`), samples (`series`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from starlette.requests import Request
from starlette.routing import Route

from ingestion.demo.providers.endpoint import Refusal, route
from ingestion.demo.providers.groq.promql import BAD_DATA, EXECUTION, Query, read_query, read_selector, read_step
from ingestion.demo.providers.groq.series import Series, all_series
from ingestion.demo.providers.ledger import Integers
from ingestion.demo.providers.moments import HOUR, SECOND, microseconds, read_rfc3339
from ingestion.demo.providers.state import Simulator

PREFIX = "/groq/v1/metrics/prometheus"
MOST_POINTS = 11_000


class GroqDialect:
    """Bearer keys; Prometheus errors for queries, Groq's own for keys."""

    name = "groq"

    def authorise(self, request: Request, simulator: Simulator) -> None:
        """A key without an enterprise plan hears 404, a wrong one 401."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key == simulator.keys.groq_developer_key:
            raise Refusal(404, f"Unknown request URL: {request.method} {request.url.path}.", "unknown_url")
        if key != simulator.keys.groq_api_key:
            raise Refusal(401, "Invalid API Key", "invalid_api_key")

    def refuse(self, refusal: Refusal) -> tuple[Any, dict[str, str]]:
        """Prometheus' error body where the query is at fault."""
        if refusal.code in (BAD_DATA, EXECUTION):
            return {"status": "error", "errorType": refusal.code, "error": refusal.message}, {}
        error = {"message": refusal.message, "type": "invalid_request_error", "code": refusal.code}
        return {"error": error}, {}

    def throttle(self, simulator: Simulator) -> Refusal:
        """429 with `retry-after`."""
        wait = {"retry-after": str(simulator.faults.retry_after_seconds)}
        return Refusal(429, "Rate limit reached", "rate_limit_exceeded", headers=wait)


Params = dict[str, list[str]]


def _params(request: Request, body: bytes) -> Params:
    found: Params = {}
    for name, value in [*request.query_params.multi_items(), *parse_qsl(body.decode("utf-8", "replace"))]:
        found.setdefault(name, []).append(value)
    return found


def _moment(params: Params, name: str, default: int) -> int:
    text = params.get(name, [""])[0]
    if not text:
        return default
    try:
        return round(float(text) * SECOND)
    except (ValueError, OverflowError):
        pass
    try:
        return read_rfc3339(text)
    except ValueError:
        raise Refusal(
            400, f"invalid parameter {name!r}: cannot parse {text!r} to a valid timestamp", BAD_DATA
        ) from None


def _printed(rate: float) -> str:
    return np.format_float_positional(rate, trim="-")


class GroqMetrics:
    """Answers of the Prometheus endpoints."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._series = all_series(simulator.company.requests("groq"))

    def _chosen(self, query: Query) -> list[Series]:
        return [one for one in self._series if all(matcher.matches(one.labels) for matcher in query.matchers)]

    def _samples(self, query: Query, times: Integers) -> Iterable[tuple[dict[str, str], list[tuple[int, str]]]]:
        """Labels and (microseconds, printed value) of each series with samples."""
        visibility = self._simulator.visibility
        found: dict[tuple[tuple[str, str], ...], tuple[Any, Any]] = {}
        for one in self._chosen(query):
            labels = one.labels
            if query.summed_by is not None:
                labels = {name: one.labels[name] for name in query.summed_by if name in one.labels}
            has, rates = one.rates(times, visibility)
            key = tuple(labels.items())
            if key in found:
                has, rates = found[key][0] | has, found[key][1] + np.where(has, rates, 0)
            found[key] = (has, np.where(has, rates, 0))
        for key, (has, rates) in found.items():
            places = np.flatnonzero(has)
            values = list(zip(times[places].tolist(), map(_printed, rates[places]), strict=True))
            if values:
                yield dict(key), values

    def query_range(self, request: Request, body: bytes) -> dict[str, Any]:
        """A matrix; start and end are both included."""
        params = _params(request, body)
        query = read_query(params.get("query", [""])[0])
        now = microseconds(self._simulator.now)
        start, end = _moment(params, "start", now - HOUR), _moment(params, "end", now)
        step = round(read_step(params.get("step", [None])[0]) * SECOND)
        if end < start:
            raise Refusal(400, "invalid parameter 'end': end timestamp must not be before start time", BAD_DATA)
        if (end - start) // step + 1 > MOST_POINTS:
            message = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution"
            raise Refusal(400, f"{message} (?step=XX)", BAD_DATA)
        times = np.arange(start, end + 1, step, dtype=np.int64)
        result = [
            {"metric": labels, "values": [[at / SECOND, value] for at, value in values]}
            for labels, values in self._samples(query, times)
        ]
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}

    def query(self, request: Request, body: bytes) -> dict[str, Any]:
        """A vector at one moment."""
        params = _params(request, body)
        query = read_query(params.get("query", [""])[0])
        at = _moment(params, "time", microseconds(self._simulator.now))
        result = [
            {"metric": labels, "value": [values[0][0] / SECOND, values[0][1]]}
            for labels, values in self._samples(query, np.array([at], np.int64))
        ]
        return {"status": "success", "data": {"resultType": "vector", "result": result}}

    def series(self, request: Request, body: bytes) -> dict[str, Any]:
        """Labels of the series that match."""
        wanted = [read_selector(text) for text in _params(request, body).get("match[]", [])]
        if not wanted:
            raise Refusal(400, "no match[] parameter provided", BAD_DATA)
        found = [one.labels for one in self._series for some in wanted if all(m.matches(one.labels) for m in some)]
        return {"status": "success", "data": found}

    def labels(self) -> dict[str, Any]:
        """Names of labels."""
        return {"status": "success", "data": sorted({name for one in self._series for name in one.labels})}

    def label_values(self, name: str) -> dict[str, Any]:
        """Values of a label."""
        return {"status": "success", "data": sorted({one.labels[name] for one in self._series if name in one.labels})}

    def status(self) -> dict[str, Any]:
        """How many series there are."""
        return {"status": "success", "data": {"headStats": {"numSeries": len(self._series)}}}


def groq_routes(simulator: Simulator) -> list[Route]:
    """Every endpoint."""
    metrics, dialect = GroqMetrics(simulator), GroqDialect()
    both = ("GET", "POST")

    def one(path: str, tell: Any, methods: tuple[str, ...] = ("GET",)) -> Route:
        return route(simulator, dialect, PREFIX + path, tell, name=path, methods=methods)

    return [
        one("/api/v1/query_range", metrics.query_range, both),
        one("/api/v1/query", metrics.query, both),
        one("/api/v1/series", metrics.series, both),
        one("/api/v1/labels", lambda _, __: metrics.labels(), both),
        one("/api/v1/label/{name}/values", lambda request, _: metrics.label_values(request.path_params["name"])),
        one("/api/v1/status/tsdb", lambda _, __: metrics.status()),
    ]
