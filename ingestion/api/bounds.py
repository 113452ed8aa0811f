"""What one request may take: seconds in all, bytes once unpacked; and where a credential may go unencrypted.

A socket's time-out starts anew with every byte, so a provider that sends one a second holds a run for years, and a
few megabytes of gzip unpack to gigabytes. Put here: these bounds. Keep out: retries, paging.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from ingestion.api.errors import InsecureAddressError, TooMuchError
from ingestion.limits import readable_size
from ingestion.vocabulary.addresses import travels_openly

T = TypeVar("T")
PIECE_BYTES = 1 << 16
ANSWER_VARIABLE = "COSTOPS_API_MAX_ANSWER_BYTES"
REQUEST_VARIABLE = "COSTOPS_API_MAX_REQUEST_SECONDS"
PULL_VARIABLE = "COSTOPS_API_MAX_PULL_SECONDS"
PAGES_VARIABLE = "COSTOPS_API_MAX_PAGES"


def within(seconds: float, work: Callable[[threading.Event], T], what: str) -> T:
    """The result of `work`, which is told by the event that nobody waits for it any more.

    Raises:
        TooMuchError: it is not there in time.
    """
    given_up = threading.Event()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work(given_up))
        except BaseException as error:
            failure.append(error)

    worker = threading.Thread(target=run, name=f"request of {what}", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        given_up.set()
        raise TooMuchError(
            f"{what}: no whole answer after {seconds:,.0f} s, the limit; what was received stays, run again to go on, "
            f"or raise {REQUEST_VARIABLE}"
        )
    if failure:
        raise failure[0]
    return outcome[0]


def take_body(response: requests.Response, most: int, given_up: threading.Event, what: str) -> requests.Response:
    """Read an answer that was asked for as a stream into its `content`.

    Raises:
        TooMuchError: it has more bytes.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(PIECE_BYTES):
        size += len(piece)
        if size > most or given_up.is_set():
            response.close()
            raise TooMuchError(
                f"{what}: the answer has more than {readable_size(most)}, the limit; if that is what the provider "
                f"means, raise {ANSWER_VARIABLE}"
            )
        pieces.append(piece)
    response.__dict__["_content"] = b"".join(pieces)
    return response


def require_encryption(url: str, variable: str, *, carries_credential: bool = True) -> None:
    """Refuse an address at which a credential could be read on its way.

    Raises:
        InsecureAddressError: it is neither https nor this machine.
    """
    try:
        address = urlsplit(url)
        host = address.hostname
    except ValueError:
        raise InsecureAddressError(f"{variable} is no address; write it as https://host/path") from None
    if address.scheme not in ("http", "https") or not host:
        raise InsecureAddressError(f"{variable} is no address; write it as https://host/path")
    if carries_credential and travels_openly(url):
        raise InsecureAddressError(
            f"{variable} is {address.scheme}://{host}: a credential would travel unencrypted. Use https:// (plain http "
            "is for this machine alone)"
        )


def answer_of(
    send: Callable[..., requests.Response], request: Any, kwargs: Any, *, seconds: float, most: int, what: str
) -> requests.Response:
    """Send a request and read the whole answer within both bounds."""

    def work(given_up: threading.Event) -> requests.Response:
        return take_body(send(request, **{**kwargs, "stream": True}), most, given_up, what)

    return within(seconds, work, what)
