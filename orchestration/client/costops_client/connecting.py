"""How a server is reached: url, key, timeouts; or a home of this machine instead. And pages of Arrow streams.

Put here: what sync and async share. Keep out: sending.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from costops_client.costs import Record, RecordPage
from costops_client.errors import CostOpsError, MissingPackage, UnexpectedAnswer
from costops_client.questions import Call
from costops_client.tables import cast, columns_of, needed_pyarrow

if TYPE_CHECKING:
    import pyarrow

    from costops_client.in_process import InProcess

KEY, URL = "COSTOPS_API_KEY", "COSTOPS_URL"
DEFAULT_URL = "http://127.0.0.1:8080"
LOCAL_URL = "http://localhost"
CURSOR = "costops-next-cursor"
"""A header of pages in every form; empty after the last."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def connection_of(api_key: str | None, url: str | None, timeout: float, *, needs_key: bool) -> dict[str, Any]:
    """What an httpx client is made with. A proxy of the environment is not asked for this machine.

    Raises:
        CostOpsError: there is no key, the url is none, or the key would travel unencrypted.
    """
    key = (api_key or (os.environ.get(KEY, "") if needs_key else "")).strip()
    if needs_key and not key:
        raise CostOpsError("no key", remedy=f"give api_key, or set {KEY}; costops keys create NAME makes one")
    if key and not (key.isascii() and key.isprintable()):
        raise CostOpsError("the key is none: it has other characters", remedy="copy it anew")
    text = url or os.environ.get(URL) or DEFAULT_URL
    try:
        place = httpx.URL(text)
    except httpx.InvalidURL:
        place = httpx.URL()
    if place.scheme not in ("http", "https") or not place.host:
        raise CostOpsError(f"{text!r} is no url", remedy=f"write {DEFAULT_URL}")
    if key and place.scheme == "http" and place.host not in _LOOPBACK:
        raise CostOpsError(
            f"the key would travel unencrypted to {place.host}",
            remedy="use https:// (plain http is for this machine alone)",
        )
    headers = {"User-Agent": f"costops-client/{_version()}"} | ({"Authorization": f"Bearer {key}"} if key else {})
    return {"base_url": place, "headers": headers, "timeout": timeout, "trust_env": place.host not in _LOOPBACK}


def local_transport(
    place: str | os.PathLike[str], principal: str | None, api_key: str | None, *, allow_writes: bool
) -> InProcess:
    """The server's own application in this process.

    Raises:
        CostOpsError: there is nothing at this place, or nobody of this name or key.
        MissingPackage: the server is not installed.
    """
    from costops_client.in_process import InProcess

    try:
        from orchestration.serving.faults import Fault
        from orchestration.serving.http.local import local_app
    except ImportError:
        raise MissingPackage("a local copy needs more packages", remedy="pip install 'llm-cost-ops[serve]'") from None
    try:
        return InProcess(local_app(Path(place), principal, api_key, allow_writes=allow_writes))
    except Fault as fault:
        raise CostOpsError(fault.message, remedy=fault.remedy) from None


class Pages:
    """Pages of single requests as Arrow streams; `call` asks for the next, and is None after the last."""

    def __init__(self, call: Call[RecordPage]) -> None:
        self.call: Call[RecordPage] | None = call
        self._tables: list[pyarrow.Table] = []

    def take(self, response: httpx.Response) -> None:
        """Keep a page."""
        pa = needed_pyarrow()
        try:
            with pa.ipc.open_stream(response.content) as stream:
                self._tables.append(cast(stream.read_all(), columns_of(Record)))
        except (KeyError, pa.ArrowException):
            raise UnexpectedAnswer("the stream is none of requests", remedy="update the client or server") from None
        following = response.headers.get(CURSOR)
        if following is None:
            raise UnexpectedAnswer("the server does not say whether there are more", remedy="update the server")
        self.call = self.call.with_parameter("cursor", following) if self.call and following else None

    def table(self) -> pyarrow.Table:
        """All pages as one table."""
        table: pyarrow.Table = needed_pyarrow().concat_tables(self._tables)
        return table


def _version() -> str:
    try:
        return version("llm-cost-ops")
    except PackageNotFoundError:
        return "0"
