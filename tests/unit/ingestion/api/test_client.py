"""Requests: what is tried again, how long, what is refused, and that no secret is told."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from requests.adapters import BaseAdapter

from ingestion.api import (
    ApiClient,
    BadRequestError,
    CursorPaginator,
    MalformedResponseError,
    NotFoundError,
    RetryPolicy,
    TransportError,
    WrongCredentialError,
)
from ingestion.api.errors import redact

KEY = "secret-without-any-shape"
OK = b'{"data": [1.10], "has_more": false}'


class Script(BaseAdapter):
    """Answers one after the other: (status, body, headers) or an exception."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.urls: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The next answer."""
        self.urls.append(request.url or "")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, content, headers = (*answer, {})[:3]
        response.raw = io.BytesIO(content)
        response.headers.update(headers)
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Nothing to close."""


def client(*answers: Any, **policy: Any) -> tuple[ApiClient, Script, list[float]]:
    waits: list[float] = []
    options = {"max_attempts": 4, "sleep": waits.append} | policy
    made = ApiClient(
        "https://provider.example/v1",
        auth=BearerTokenAuth(KEY),
        secrets=(KEY,),
        credential_variable="SOME_KEY",
        policy=RetryPolicy(**options),
    )
    script = Script(*answers)
    made._session.mount("https://", script)
    return made, script, waits


@pytest.mark.parametrize(
    "problem",
    [
        (429, b""),
        (500, b""),
        (503, b"<html>"),
        (200, b"<html>"),
        (200, b'{"data": ['),
        (200, b"\xff\xfe{}"),
        (200, b'"text"'),
        requests.ConnectionError("reset"),
        requests.ReadTimeout("slow"),
        requests.exceptions.ChunkedEncodingError("cut"),
    ],
)
def test_what_may_pass_is_tried_again_with_growing_pauses(problem: Any) -> None:
    made, _, waits = client(problem, problem, (200, OK))
    assert repr(made.get("/x").body["data"]) == "[1.10]"
    assert made.request_count == 3
    assert 0.25 <= waits[0] <= 0.5 <= waits[1] <= 1.0


def test_patience_ends_with_an_error_that_says_how_often_it_was_tried() -> None:
    made, _, waits = client(*[(500, b"")] * 4)
    with pytest.raises(TransportError, match="tried 4 times"):
        made.get("/x")
    assert len(waits) == 3


def test_the_pause_the_provider_asks_for_is_kept_and_the_longest_of_several_wins() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    answers = [
        (429, b"", {"Retry-After": "7"}),
        (429, b"", {"Retry-After": soon}),
        (429, b"", {"x-qpu": "9", "x-t": "40"}),
    ]
    made, _, waits = client(*answers, (200, OK), retry_after_headers=("retry-after", "x-qpu", "x-t"))
    made.get("/x")
    assert (waits[0], waits[2]) == (7, 40)
    assert 25 < waits[1] <= 30


def test_a_pause_beyond_patience_is_an_error_at_once() -> None:
    made, _, waits = client((429, b"", {"Retry-After": "86400"}))
    with pytest.raises(TransportError, match="asks to wait 86400 s"):
        made.get("/x")
    assert waits == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, WrongCredentialError), (403, WrongCredentialError), (404, NotFoundError), (400, BadRequestError)],
)
def test_refusals_are_not_tried_again_and_do_not_repeat_the_key(status: int, error: type[Exception]) -> None:
    made, _, _ = client((status, b'{"error": {"message": "key %s and sk-proj-abcdef123456 are wrong"}}' % KEY.encode()))
    with pytest.raises(error) as caught:
        made.get("/x")
    assert made.request_count == 1
    assert KEY not in str(caught.value)
    assert "sk-proj" not in str(caught.value)
    assert ("SOME_KEY" in str(caught.value)) is (status in (401, 403))


def test_requests_keep_to_the_rate_budget() -> None:
    made, _, waits = client(*[(200, OK)] * 3, requests_per_minute=60, clock=lambda: 100.0)
    for _ in range(3):
        made.get("/x")
    assert waits == [1.0, 2.0]


def test_no_other_host_gets_the_credential() -> None:
    made, script, _ = client((302, b"", {"Location": "https://elsewhere.example/"}), (200, OK))
    with pytest.raises(BadRequestError):
        made.get("/x")
    with pytest.raises(MalformedResponseError, match="another host"):
        made.get("https://elsewhere.example/x")
    assert len(script.urls) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"data": [], "has_more": true, "next_page": null}', "names no page"),
        (b'{"data": [], "has_more": true}', "names no page"),
        (b'{"data": [], "next_page": "p"}', "true or false is due"),
        (b'{"data": [], "has_more": "yes", "next_page": "p"}', "true or false is due"),
    ],
)
def test_a_page_that_cannot_be_followed_is_an_error_never_the_end(body: bytes, message: str) -> None:
    made, _, _ = client((200, body))
    with pytest.raises(MalformedResponseError, match=message):
        list(made.pages("/x", paginator=CursorPaginator()))


def test_paging_in_circles_is_an_error() -> None:
    page = b'{"data": [], "has_more": true, "next_page": "p"}'
    made, _, _ = client((200, page), (200, page))
    with pytest.raises(MalformedResponseError, match="never end"):
        list(made.pages("/x", paginator=CursorPaginator()))


def test_short_and_empty_pages_are_followed_to_the_end() -> None:
    bodies = [
        b'{"data": [1], "has_more": true, "next_page": "a"}',
        b'{"data": [], "has_more": true, "next_page": "b"}',
        b'{"data": [2], "has_more": false, "next_page": null}',
    ]
    made, _, _ = client(*((200, body) for body in bodies))
    pages = list(made.pages("/x", {"limit": 2}, paginator=CursorPaginator()))
    assert [(page.body["data"], page.cursor, page.number) for page in pages] == [
        ([1], None, 1),
        ([], "a", 2),
        ([2], "b", 3),
    ]


def test_keys_of_any_provider_are_redacted_by_their_shape() -> None:
    text = "sk-ant-admin01-abc123 and gsk-1234567 with Bearer abcdefgh.ijk and plain words"
    assert redact(text, ()) == "*** and *** with *** and plain words"
