"""A provider of made-up answers on loopback in the shapes of OpenAI's and Anthropic's APIs, which keeps count itself.

Put here: answers, the count of what was billed. Keep out: expectations.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "the quick brown secret"
"""Stands in every prompt and every answer: it must be nowhere else."""


@dataclass
class FakeProvider:
    """What was billed, by counter; `faults`: status codes of the next answers, each used up by one request."""

    url: str
    billed: Counter[str] = field(default_factory=Counter)
    faults: list[int] = field(default_factory=list)
    delay: float = 0.0

    def bill(self, **counts: int) -> None:
        with _LOCK:
            self.billed.update({"calls": 1, **counts})


_LOCK = threading.Lock()
_NUMBERS = itertools.count(1)


def _events(*pieces: tuple[str | None, Any]) -> str:
    lines = []
    for name, data in pieces:
        lines.append(
            (f"event: {name}\n" if name else "") + f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
        )
    return "".join(lines)


def answer_of(provider: FakeProvider, path: str, asked: dict[str, Any]) -> tuple[str, str]:
    """Content type and content of the answer to a request, billed."""
    number = next(_NUMBERS)
    count = 10 + number % 7
    if path.endswith("/chat/completions"):
        usage = {
            "prompt_tokens": 2 * count,
            "completion_tokens": count,
            "total_tokens": 3 * count,
            "prompt_tokens_details": {"cached_tokens": count},
            "completion_tokens_details": {"reasoning_tokens": 1},
        }
        base = {"id": f"chatcmpl-{number}", "model": f"{asked['model']}-2024-08-06", "created": 1_790_000_000 + number}
        provider.bill(uncached_input_tokens=count, cache_read_tokens=count, output_tokens=count)
        message = {
            "role": "assistant",
            "content": SECRET,
            "tool_calls": [
                {"id": "t", "type": "function", "function": {"name": "f", "arguments": json.dumps({"q": SECRET})}}
            ],
        }
        if asked.get("stream"):
            chunk = {**base, "object": "chat.completion.chunk"}
            pieces: list[tuple[str | None, Any]] = [
                (None, chunk | {"choices": [{"index": 0, "delta": {"content": SECRET}}]}) for _ in range(3)
            ]
            if (asked.get("stream_options") or {}).get("include_usage"):
                pieces.append((None, chunk | {"choices": [], "usage": usage}))
            return "text/event-stream", _events(*pieces, (None, "[DONE]"))
        whole = base | {"object": "chat.completion", "usage": usage}
        return "application/json", json.dumps(
            whole | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        )
    if path.endswith("/responses"):
        usage = {
            "input_tokens": 2 * count,
            "input_tokens_details": {"cached_tokens": count},
            "output_tokens": count,
            "output_tokens_details": {"reasoning_tokens": 1},
            "total_tokens": 3 * count,
        }
        provider.bill(uncached_input_tokens=count, cache_read_tokens=count, output_tokens=count)
        output = [
            {
                "type": "message",
                "id": "m",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": SECRET, "annotations": []}],
            }
        ]
        whole = {
            "id": f"resp_{number}",
            "object": "response",
            "created_at": 1_790_000_000 + number,
            "model": asked["model"],
            "status": "completed",
            "usage": usage,
            "output": output,
            "parallel_tool_calls": True,
            "tools": [],
            "tool_choice": "auto",
        }
        if asked.get("stream"):
            begun = {
                "type": "response.created",
                "response": whole | {"usage": None, "status": "in_progress", "output": []},
                "sequence_number": 0,
            }
            delta = {
                "type": "response.output_text.delta",
                "delta": SECRET,
                "item_id": "m",
                "output_index": 0,
                "content_index": 0,
                "sequence_number": 1,
                "logprobs": [],
            }
            done = {"type": "response.completed", "response": whole, "sequence_number": 2}
            return "text/event-stream", _events(*((each["type"], each) for each in (begun, delta, done)))
        return "application/json", json.dumps(whole)
    if path.endswith("/embeddings"):
        provider.bill(uncached_input_tokens=count)
        usage = {"prompt_tokens": count, "total_tokens": count}
        data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}]
        return "application/json", json.dumps({"object": "list", "model": asked["model"], "data": data, "usage": usage})
    if path.endswith("/messages"):
        usage = {
            "input_tokens": count,
            "cache_read_input_tokens": count,
            "cache_creation_input_tokens": 0,
            "output_tokens": count,
        }
        provider.bill(uncached_input_tokens=count, cache_read_tokens=count, output_tokens=count)
        message = {
            "id": f"msg_{number}",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "content": [{"type": "text", "text": SECRET}],
            "usage": usage,
        }
        if not asked.get("stream"):
            return "application/json", json.dumps(message)
        begun = {"type": "message_start", "message": message | {"content": [], "usage": usage | {"output_tokens": 1}}}
        text = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SECRET}}
        stop = {"type": "content_block_stop", "index": 0}
        end = {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": count},
        }
        pieces = [(each["type"], each) for each in (begun, text, delta, stop, end, {"type": "message_stop"})]
        return "text/event-stream", _events(*pieces)
    return "application/json", json.dumps({"object": "list", "data": []})


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    """The provider for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
            with _LOCK:
                fault = provider.faults.pop(0) if provider.faults else 0
            kind, content = (
                ("application/json", json.dumps({"error": {"type": "x", "message": SECRET}}))
                if fault
                else answer_of(provider, self.path.split("?")[0], asked)
            )
            self.send_response(fault or 200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            if fault:
                self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = FakeProvider(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
