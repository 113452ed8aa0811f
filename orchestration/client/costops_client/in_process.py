"""The server's application in this process instead of a connection: the same routes, the same answers.

Put here: running it. Keep out: the application (`orchestration.serving.http`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An ASGI application with its own event loop in a thread, for sync and async clients alike."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="costops-local", daemon=True)
        self._thread.start()
        self._life = app.router.lifespan_context(app)
        self._wait(self._life.__aenter__())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, waited for."""
        return self._wait(self._handled(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, awaited in whichever loop asks."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._handled(request), self._loop))

    def close(self) -> None:
        """Let the copy go."""
        if not self._loop.is_closed():
            self._wait(self._life.__aexit__(None, None, None))
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def aclose(self) -> None:
        """Let the copy go."""
        await asyncio.to_thread(self.close)

    async def _handled(self, request: httpx.Request) -> httpx.Response:
        whole = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        found = await self._transport.handle_async_request(whole)
        return httpx.Response(found.status_code, headers=found.headers, content=await found.aread())

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
