"""A session that is patient and polite, and how long it insists.

Failures that may pass (429, 5xx, time-outs, cut or garbled answers) are tried again with growing, jittered
pauses or after the pause the provider asks for; all others are errors that say what to do. Redirects are not
followed and no other host is asked, so a credential goes nowhere else. Answers and pulls are bounded (`bounds`).
Numbers keep their printed text.

Put here: sending one request until its answer counts. Keep out: pages of an answer (`client`).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from ingestion.api.bounds import PULL_VARIABLE, answer_of
from ingestion.api.errors import (
    ApiError,
    BadRequestError,
    MalformedResponseError,
    NotFoundError,
    TooMuchError,
    TransportError,
    WrongCredentialError,
    redact,
)
from ingestion.api.numbers import loads
from ingestion.config import ApiSettings

log = logging.getLogger(__name__)
CONNECT_SECONDS = 10.0
SHOWN_BODY = 300
CUT_OR_UNREACHABLE = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


@dataclass(frozen=True)
class RetryPolicy:
    """How long to insist. `longest_wait_seconds` bounds the pause a provider may ask for."""

    max_attempts: int = 8
    base_seconds: float = 0.5
    max_seconds: float = 60.0
    longest_wait_seconds: float = 600.0
    timeout_seconds: float = 120.0
    """Between two pieces of an answer; a whole answer may take `request_seconds`, all of them `pull_seconds`."""
    request_seconds: float = 600.0
    pull_seconds: float = 21_600.0
    answer_bytes: int = 64 << 20
    max_pages: int = 10_000
    requests_per_minute: float | None = None
    retry_after_headers: tuple[str, ...] = ("retry-after",)
    """The longest pause among these headers is kept."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, settings: ApiSettings, **overrides: Any) -> RetryPolicy:
        """The policy that the configuration asks for."""
        return cls(
            **{
                "max_attempts": settings.max_attempts,
                "base_seconds": settings.retry_base_seconds,
                "max_seconds": settings.retry_max_seconds,
                "timeout_seconds": settings.timeout_seconds,
                "request_seconds": settings.request_seconds,
                "pull_seconds": settings.pull_seconds,
                "answer_bytes": settings.answer_bytes,
                "max_pages": settings.max_pages,
                "requests_per_minute": settings.requests_per_minute,
                **overrides,
            }
        )


class PatientSession(requests.Session):
    """A session whose `send` insists, and whose answers are parsed JSON objects or an error."""

    def __init__(self, base_url: str, policy: RetryPolicy, secrets: tuple[str, ...], variable: str) -> None:
        super().__init__()
        self.request_count = 0
        self._origin = urlsplit(base_url)[:2]
        self._policy = policy
        self._secrets = secrets
        self._variable = variable
        self._jitter = random.Random()
        self._next_at = 0.0
        self._ends_at: float | None = None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send until there is an answer that counts."""
        address = urlsplit(request.url or "")
        if address[:2] != self._origin:
            raise MalformedResponseError(f"refused to follow an address on another host ({address.netloc})")
        kwargs |= {"timeout": (CONNECT_SECONDS, self._policy.timeout_seconds), "allow_redirects": False}
        where = f"{request.method} {address.path}"
        problem: ApiError
        for attempt in range(1, self._policy.max_attempts + 1):
            self._keep_time(where)
            self._keep_rate()
            self.request_count += 1
            wait = None
            try:
                response = answer_of(
                    super().send,
                    request,
                    kwargs,
                    seconds=self._policy.request_seconds,
                    most=self._policy.answer_bytes,
                    what=where,
                )
                error, wait = self._judge(response, where)
                if error is None:
                    return response
                problem = error
            except CUT_OR_UNREACHABLE as cause:
                problem = TransportError(f"{where}: {type(cause).__name__}")
            except (requests.RequestException, UnicodeError) as cause:
                raise ApiError(self._clean(f"{where}: {type(cause).__name__}: {cause}")) from None
            if attempt == self._policy.max_attempts:
                break
            self._pause(attempt, wait, problem)
        tried = f"tried {self._policy.max_attempts} times; what was received stays, run again to go on"
        raise type(problem)(f"{problem} ({tried})") from None

    def _judge(self, response: requests.Response, where: str) -> tuple[ApiError | None, float | None]:
        """None when the answer counts; an error to be tried again with the pause asked for. Others are raised."""
        status = response.status_code
        if status == 200:
            try:
                body = loads(response.content.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                shown = response.content[:80].decode("utf-8", "replace")
                return MalformedResponseError(self._clean(f"{where}: the answer is no JSON: {shown!r}")), None
            if not isinstance(body, dict | list):
                return MalformedResponseError(f"{where}: the answer is {type(body).__name__}, no JSON object"), None
            response.__dict__["json"] = lambda **_: body
            return None, None
        said = self._clean(f"{where}: {status}: {_message(response)}")
        if status in (401, 403):
            raise WrongCredentialError(f"{said}. The value of {self._variable} is not accepted; set a valid one")
        if status in (404, 410):
            raise NotFoundError(said)
        if status in (408, 425, 429) or status >= 500:
            return TransportError(said), self._asked_pause(response)
        if 300 <= status < 400:
            target = urlsplit(response.headers.get("location") or "").netloc or "another address"
            said = self._clean(f"{where}: {status}: sent on to {target}, which is not followed; correct the base URL")
        raise BadRequestError(said)

    def _asked_pause(self, response: requests.Response) -> float | None:
        named = [response.headers.get(name) for name in self._policy.retry_after_headers]
        pauses = [pause for pause in map(_seconds, named) if pause is not None]
        return max(pauses) if pauses else None

    def _pause(self, attempt: int, wait: float | None, problem: ApiError) -> None:
        if wait is not None and wait > self._policy.longest_wait_seconds:
            raise type(problem)(f"{problem} (the provider asks to wait {wait:.0f} s; run again later)") from None
        if wait is None:
            ceiling = min(self._policy.max_seconds, self._policy.base_seconds * 2 ** (attempt - 1))
            wait = ceiling * self._jitter.uniform(0.5, 1.0)
        log.info("%s; attempt %d, next in %.1f s", problem, attempt, wait)
        self._policy.sleep(wait)

    def _keep_time(self, where: str) -> None:
        """Refuse to go on for ever."""
        now = self._policy.clock()
        self._ends_at = now + self._policy.pull_seconds if self._ends_at is None else self._ends_at
        if now > self._ends_at:
            raise TooMuchError(
                f"{where}: the pull has taken {self._policy.pull_seconds:,.0f} s, the limit; what was received stays, "
                f"run again to go on, or raise {PULL_VARIABLE}"
            )

    def _keep_rate(self) -> None:
        """Space requests out to the rate budget."""
        if not self._policy.requests_per_minute:
            return
        now = self._policy.clock()
        if now < self._next_at:
            self._policy.sleep(self._next_at - now)
            now = self._next_at
        self._next_at = now + 60.0 / self._policy.requests_per_minute

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets)


def _message(response: requests.Response) -> str:
    """What the provider says about an error: its message, else the beginning of the body."""
    text = response.content[: 20 * SHOWN_BODY].decode("utf-8", "replace")
    try:
        body = loads(text)
        error = body.get("error", body)
        found = error.get("message") if isinstance(error, dict) else error
        text = found if isinstance(found, str) else text
    except (ValueError, AttributeError, RecursionError):
        pass
    return " ".join(text.split())[:SHOWN_BODY]


def _seconds(text: str | None) -> float | None:
    """`retry-after` as seconds or as a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
