"""What is kept of a call: who asked for what, and of the answer what it was billed by. No prompt, no answer.

Put here: the closed list of what may be kept, pieces of streams. Keep out: SDKs (`sdk`), files (`recorder`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

ANSWER = ("id", "object", "type", "model", "created", "created_at", "service_tier", "status", "usage", "role", "speed",
          "provider")  # fmt: skip
"""Fields of an answer that are kept."""
ASKED = ("model", "service_tier")
"""Fields of a request that are kept."""
QUESTION = ("messages", "input", "prompt", "system", "instructions", "tools")
"""What is asked: nothing but a digest of it is kept, and only where the application gives a key."""
NEVER = ("user", "input", "output", "content", "messages", "prompt", "text", "instructions", "metadata", "arguments")
"""Never within what is kept, however deep."""
LONGEST = 300
DEEPEST = 8
_NUMBERS = (bool, int, float)
_MAPPINGS = (dict, Mapping)
"""What nearly all are is asked for first."""
MOST = 200
"""So many members of an object are kept."""
KNOWN_BY_USAGE = ("usage", "usageMetadata", "usage_metadata")
BILLED_PATHS = ("/chat/completions", "/completions", "/responses", "/embeddings", "/images/", "/audio/", "/messages",
                "/rerank", "/moderations")  # fmt: skip
UNBILLED_PATHS = ("/count_tokens", "/batches", "/messages/batches", "/input_tokens")


def counts(value: Any, depth: int = 0) -> Any:
    """Counters and names as they are; anything long, deep or of people's words is left out."""
    if value is None or isinstance(value, _NUMBERS):
        return value
    if isinstance(value, str):
        return value if len(value) <= LONGEST else None
    if depth > DEEPEST:
        return None
    if isinstance(value, _MAPPINGS):
        return {
            str(name)[:LONGEST]: counts(each, depth + 1)
            for name, each in list(value.items())[:MOST]
            if str(name).lower() not in NEVER
        }
    if isinstance(value, list | tuple):
        return [counts(each, depth + 1) for each in value[:MOST]]
    return None


def prompt_hash(body: Mapping[str, Any], key: str) -> str:
    """The same for requests of a model that ask the same, and without the key nothing that could be guessed from."""
    asked_for = {name: body.get(name) for name in (*QUESTION, "model") if body.get(name) is not None}
    told = json.dumps(asked_for, sort_keys=True, default=str)
    return hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an answer."""
    return {name: counts(body[name]) for name in ANSWER if body.get(name) is not None}


def asked(body: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of a request."""
    return {name: body[name] for name in ASKED if isinstance(body.get(name), str)}


def address(url: str) -> str:
    """An address without its query and whatever stands before the host."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def is_billed(path: str, body: Mapping[str, Any] | None) -> bool:
    """Whether a call is one that costs: its answer has usage, or its address is known for it."""
    is_never, is_always = _known(path)
    if is_never:
        return False
    return is_always or (body is not None and any(body.get(name) is not None for name in KNOWN_BY_USAGE))


@lru_cache(maxsize=256)
def _known(path: str) -> tuple[bool, bool]:
    """Whether an address says that a call costs nothing, or that it costs."""
    place = path.split("?")[0].rstrip("/")
    is_never = any(place.endswith(each.rstrip("/")) or f"{each}/" in f"{place}/" for each in UNBILLED_PATHS)
    return is_never, any(each in f"{place}/" for each in BILLED_PATHS)


class Pieces:
    """What the pieces of a stream come to, piece by piece; holds the newest of each that counts."""

    def __init__(self) -> None:
        self._start: dict[str, Any] | None = None
        self._last: dict[str, Any] | None = None
        self._whole: dict[str, Any] | None = None
        self.count = 0

    def add(self, piece: Mapping[str, Any]) -> None:
        """One piece as the provider sent it."""
        self.count += 1
        kind = piece.get("type")
        if kind == "message_start":  # Anthropic
            self._start = {"type": kind, "message": answer(piece.get("message") or {})}
        elif kind == "message_delta":
            self._last = {"type": kind, "usage": counts(piece.get("usage"))}
        elif isinstance(piece.get("response"), Mapping):  # OpenAI's responses: the last one is whole
            self._whole = answer(piece["response"])
        elif piece.get("usage") is not None or self._whole is None:
            self._whole = {**(self._whole or {}), **answer(piece)}

    @property
    def body(self) -> Any:
        """The pieces that count, as the reader takes a stream, or one answer; None where nothing came."""
        if self._start is not None:
            return [self._start, *([self._last] if self._last else [])]
        return self._whole


def envelope(
    *,
    url: str,
    provider: str | None,
    whom: Mapping[str, Any],
    request: Mapping[str, Any] | None,
    started_at: float,
    seconds: float,
) -> dict[str, Any]:
    """The line of a call, without its answer. `url` loses its query and whatever stands before the host."""
    line: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(started_at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "url": address(url),
        "duration_ms": int(seconds * 1000),
        "request": asked(request or {}),
        **whom,
    }
    if provider:
        line["provider"] = provider
    return line
