"""Lines posted to `costops serve`.

Put here: one post, what its answers mean. Keep out: waiting and trying again (`recorder` keeps what was not taken).
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

PATH = "/api/v1/events"
SECONDS = 10.0
MOST_LINES = 500
FINAL = {400, 401, 403, 404, 405, 413, 415, 422}
"""Answers after which the same lines will not be taken either."""


class RefusedError(RuntimeError):
    """The server takes no such lines; trying again is of no use. `count`: how many were taken off the list for that."""

    def __init__(self, message: str, count: int = 0) -> None:
        super().__init__(message)
        self.count = count


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The key goes to the address it was given for and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer counts as it is."""


class Poster:
    """Posts to the server at an address."""

    def __init__(self, address: str, key: str | None) -> None:
        self._url = address.rstrip("/") + PATH
        self._key = key
        self._open = urllib.request.build_opener(_NoRedirects).open
        self._refused, self._why = 0, ""

    def write(self, lines: list[bytes]) -> None:
        """Post them in parts. See `recorder.Sink`."""
        while lines:
            self._note(self._post(lines[:MOST_LINES]))
            del lines[:MOST_LINES]
        if self._refused:
            count, self._refused = self._refused, 0
            raise RefusedError(f"the server refused {count} events: {self._why}", count)

    def settle(self, *, is_last: bool) -> None:
        """Nothing waits here."""

    def _note(self, said: Any) -> None:
        """Count the lines that the server set aside."""
        if isinstance(said, dict) and (count := said.get("rejected_count")):
            self._refused += int(count)
            first = (said.get("rejected") or [{}])[0]
            self._why = f"{first.get('field') or ''} {first.get('message') or ''}".strip()[:200]

    def _post(self, lines: list[bytes]) -> Any:
        body = b'{"events":[' + b",".join(line.rstrip(b"\n") for line in lines) + b"]}"
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with self._open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in FINAL:
                raise RefusedError(f"the server answered {error.code}") from None
            raise OSError(error.code, f"the server answered {error.code}") from None
        except ValueError:
            raise OSError(0, "the server's answer is no JSON") from None
