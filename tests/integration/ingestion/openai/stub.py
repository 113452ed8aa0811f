"""A small organization API on loopback, written after the published OpenAPI file: paging, limits, arrays, faults."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOUR, DAY = 3600, 86400
KEY = "sk-admin-planted-for-tests-0123456789"
GROUPS = {
    "completions": {"project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"},
    "images": {"project_id", "user_id", "api_key_id", "model", "size", "source"},
    "vector_stores": {"project_id"},
    "code_interpreter_sessions": {"project_id"},
    "file_search_calls": {"project_id", "user_id", "api_key_id", "vector_store_id"},
    "web_search_calls": {"project_id", "user_id", "api_key_id", "model", "context_level", "api_source"},
    "costs": {"project_id", "user_id", "api_key_id", "line_item", "api_source"},
}
GROUPS["decisions"] = GROUPS["completions"]
USUAL = {"project_id", "user_id", "api_key_id", "model"}
LIMITS = {"1h": (HOUR, 24, 168), "1d": (DAY, 7, 31)}
Results = list[dict[str, Any]]


@dataclass
class Stub:
    """What the API answers. `results(endpoint, start, width, group_by)` gives the results of a bucket."""

    results: Callable[[str, int, int, tuple[str, ...]], Results] = lambda endpoint, start, width, group_by: []
    lists: dict[str, Results] = field(default_factory=dict)
    now: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    absent: set[str] = field(default_factory=set)
    """Endpoints that answer 404."""
    refused_fields: set[str] = field(default_factory=set)
    """Fields that `costs` refuses to group by."""
    results_name: str = "results"
    skipped_buckets: set[int] = field(default_factory=set)
    faults: list[Any] = field(default_factory=list)
    """Consumed one per request: a status, (status, headers), 'cut', 'html', 'lost cursor', or None."""
    rewrite: Callable[[str], str] = lambda body: body
    requests: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def paths(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(path for path, _ in self.requests)

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        name = path.removeprefix("/v1/organization/")
        if name in self.absent or name.removeprefix("usage/") in self.absent:
            return 404, {"error": {"message": f"Invalid URL (GET {path})"}}
        if name == "costs" or name.startswith("usage/"):
            return self._page(name.removeprefix("usage/"), query)
        if name in self.lists:
            return self._list(self.lists[name], query)
        return (200, {"object": "list", "data": [], "has_more": False}) if "/" not in name else (404, {"error": {}})

    def _page(self, name: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        group_by = tuple(query.get("group_by[]", []) + query.get("group_by", []))
        allowed = GROUPS.get(name, USUAL) - (self.refused_fields if name == "costs" else set())
        if not set(group_by) <= allowed:
            return 400, {"error": {"message": f"group_by {sorted(set(group_by) - allowed)} is not supported"}}
        width, default, most = LIMITS[query.get("bucket_width", ["1d"])[0]]
        if name == "costs":
            width, default, most = DAY, 7, 180
        limit = int(query.get("limit", [default])[0])
        if not 1 <= limit <= most:
            return 400, {"error": {"message": f"limit must be between 1 and {most}"}}
        start = int(query["start_time"][0]) // width * width
        end = min(int(query.get("end_time", [1 << 40])[0]), int(self.now.timestamp()))
        starts = [each for each in range(start, end, width) if each not in self.skipped_buckets]
        offset = int(query["page"][0].removeprefix("page_")) if "page" in query else 0
        data = [
            {
                "object": "bucket",
                "start_time": each,
                "end_time": each + width,
                self.results_name: self.results(name, each, width, group_by),
            }
            for each in starts[offset : offset + limit]
        ]
        more = offset + limit < len(starts)
        return 200, {
            "object": "page",
            "data": data,
            "has_more": more,
            "next_page": f"page_{offset + limit}" if more else None,
        }

    @staticmethod
    def _list(items: Results, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        limit, after = int(query.get("limit", ["20"])[0]), query.get("after", [None])[0]
        start = [item["id"] for item in items].index(after) + 1 if after else 0
        page = items[start : start + limit]
        last = page[-1]["id"] if page else None
        return 200, {"object": "list", "data": page, "last_id": last, "has_more": start + limit < len(items)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body of each answer waits 40 ms for the receipt of its head
    stub: Stub

    def log_message(self, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        """Answer, or fail as asked to."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        self.stub.requests.append((url.path, query))
        fault = self.stub.faults.pop(0) if self.stub.faults else None
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, b'{"error": {"message": "Incorrect API key provided: %s"}}' % KEY.encode())
        elif isinstance(fault, int | tuple):
            status, headers = fault if isinstance(fault, tuple) else (fault, {})
            self._send(status, b'{"error": {"message": "try later"}}', headers)
        elif fault == "html":
            self._send(200, b"<html><body>Bad gateway</body></html>")
        else:
            status, body = self.stub.answer(url.path, query)
            if fault == "lost cursor":
                body |= {"has_more": True, "next_page": None}
            self._send(status, self.stub.rewrite(json.dumps(body)).encode(), is_cut=fault == "cut")

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, is_cut: bool = False) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if is_cut else body)
        if is_cut:
            self.close_connection = True


@contextmanager
def serve(stub: Stub) -> Iterator[str]:
    """The stub's base URL while it is served."""
    handler = type("Handler", (_Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
