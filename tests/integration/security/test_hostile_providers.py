"""Providers that answer slowly, without end, with bombs or from elsewhere cost a bounded pull and a clear error."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.api import ApiClient, ApiError, CursorPaginator, RetryPolicy
from ingestion.api.errors import BadRequestError, InsecureAddressError, MalformedResponseError, TooMuchError
from ingestion.config import ApiSettings, Settings
from ingestion.sources.anthropic.pipeline import client as anthropic
from ingestion.sources.aws.explorer import CostExplorer
from ingestion.sources.azure.access import connect as azure
from ingestion.sources.groq.pipeline import client as groq
from ingestion.sources.openai.pipeline import client as openai
from ingestion.sources.openrouter.pipeline import client as openrouter
from tests.support.http_stub import Answer, Asked, serving

KEY = "planted-key-that-goes-nowhere-else"


@contextmanager
def talking(speak: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that is spoken by hand on each connection; its address and the requests it got."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                heard.append(connection.recv(65_536))
                with connection, suppress(OSError):
                    speak(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        listener.close()


def asking(url: str, **policy: Any) -> ApiClient:
    """A client with little patience."""
    options: dict[str, Any] = {"max_attempts": 2, "base_seconds": 0.0, "request_seconds": 0.4} | policy
    return ApiClient(url, auth=BearerTokenAuth(KEY), secrets=(KEY,), policy=RetryPolicy(**options))


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def _drip(start: bytes) -> Callable[[socket.socket], None]:
    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    return speak


@pytest.mark.parametrize(
    "start",
    [HEAD + b"content-length: 1000\r\n\r\n", HEAD + b"x-slow: ", b"HTTP/1.1 200", HEAD + b"\r\n"],
    ids=["body", "header", "status line", "without a length"],
)
def test_an_answer_of_a_byte_at_a_time_ends_in_time(start: bytes) -> None:
    begun = time.monotonic()
    with talking(_drip(start)) as (url, _), pytest.raises(TooMuchError, match="COSTOPS_API_MAX_REQUEST_SECONDS"):
        asking(url).get("/usage")
    assert time.monotonic() - begun < 2


def _chunked(content: bytes) -> bytes:
    parts = [content[at : at + 50_000] for at in range(0, len(content), 50_000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_answer_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory(is_chunked: bool) -> None:
    bomb = gzip.compress(b"[" + b" " * 200_000_000 + b"]", 9)
    head = HEAD + b"content-encoding: gzip\r\n"
    if is_chunked:
        answer = head + b"transfer-encoding: chunked\r\n\r\n" + _chunked(bomb)
    else:
        answer = head + b"content-length: %d\r\n\r\n" % len(bomb) + bomb
    tracemalloc.start()
    try:
        with (
            talking(lambda connection: connection.sendall(answer)) as (url, heard),
            pytest.raises(TooMuchError, match="COSTOPS_API_MAX_ANSWER_BYTES"),
        ):
            asking(url, answer_bytes=1_000_000, request_seconds=20).get("/usage")
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
    assert len(heard) == 1


def test_an_answer_without_end_is_refused() -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b" " * 65_536)

    with talking(speak) as (url, _), pytest.raises(TooMuchError, match="COSTOPS_API_MAX_ANSWER_BYTES"):
        asking(url, answer_bytes=1_000_000, request_seconds=20).get("/usage")


def test_pages_without_end_are_refused() -> None:
    count = iter(range(1_000_000))

    def answer(_: Asked) -> Answer:
        return Answer({"data": [], "has_more": True, "next_page": f"page-{next(count)}"})

    with serving(answer) as stub, pytest.raises(TooMuchError, match="COSTOPS_API_MAX_PAGES"):
        list(asking(stub.url, max_pages=20, request_seconds=20).pages("/usage", paginator=CursorPaginator()))
    assert next(count) == 21


def test_a_pull_of_many_slow_pages_ends_in_time() -> None:
    times = iter(range(0, 10_000, 50))
    count = iter(range(1_000_000))

    def answer(_: Asked) -> Answer:
        return Answer({"data": [], "has_more": True, "next_page": f"page-{next(count)}"})

    with serving(answer) as stub:
        client_ = asking(stub.url, pull_seconds=300, clock=lambda: float(next(times)), request_seconds=20)
        with pytest.raises(TooMuchError, match="COSTOPS_API_MAX_PULL_SECONDS"):
            list(client_.pages("/usage", paginator=CursorPaginator()))
    assert next(count) == 7


def test_deep_json_is_no_answer() -> None:
    with serving(lambda _: Answer('{"a": ' + "[" * 200_000)) as stub, pytest.raises(MalformedResponseError):
        asking(stub.url, request_seconds=20).get("/usage")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_key_does_not_follow_a_redirect(status: int) -> None:
    with serving(lambda _: Answer({"data": []})) as elsewhere:
        to = {"location": f"{elsewhere.url}/stolen"}
        with serving(lambda _: Answer({}, status, to)) as stub, pytest.raises(BadRequestError, match="not followed"):
            asking(stub.url, request_seconds=20).get("/usage")
        assert elsewhere.asked == []


ADDRESSES: dict[str, tuple[str, Callable[[ApiSettings], object]]] = {
    "openai_base_url": ("OPENAI_BASE_URL", lambda api: openai(_settings(api))),
    "anthropic_base_url": ("ANTHROPIC_BASE_URL", lambda api: anthropic(_settings(api))),
    "groq_base_url": ("GROQ_BASE_URL", lambda api: groq(_settings(api))),
    "openrouter_base_url": ("OPENROUTER_BASE_URL", lambda api: openrouter(_settings(api))),
    "azure_management_url": ("AZURE_MANAGEMENT_URL", azure),
    "azure_authority_url": ("AZURE_AUTHORITY_HOST", azure),
    "aws_cost_explorer_url": ("AWS_ENDPOINT_URL_COST_EXPLORER", CostExplorer),
}
KEYS = dict.fromkeys(
    "openai_admin_key anthropic_admin_key groq_api_key openrouter_api_key azure_tenant_id azure_client_id "
    "azure_client_secret aws_access_key_id aws_secret_access_key".split(),
    KEY,
)


def _settings(api: ApiSettings) -> Settings:
    from dataclasses import replace

    return replace(Settings.from_env({}), api=api)


@pytest.mark.parametrize("setting", ADDRESSES)
@pytest.mark.parametrize(
    "address",
    [
        "http://provider.example",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "http://10.0.0.1",
        "ftp://provider.example",
        "provider.example",
        "http://[",
    ],
)
def test_no_key_goes_over_plain_http_to_another_machine(setting: str, address: str) -> None:
    variable, make = ADDRESSES[setting]
    with pytest.raises(InsecureAddressError, match=variable) as refused:
        make(ApiSettings(**(KEYS | {setting: address})))
    assert isinstance(refused.value, ApiError)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("setting", ADDRESSES)
@pytest.mark.parametrize(
    "address", ["https://provider.example", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"]
)
def test_this_machine_and_https_are_asked(setting: str, address: str) -> None:
    ADDRESSES[setting][1](ApiSettings(**(KEYS | {setting: address})))
