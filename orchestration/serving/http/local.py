"""The application for somebody of this machine, without a server: of a home, or of a published file alone.

Put here: what differs from a server: no key is asked for, and of a file nothing is written. Keep out: answers.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

from ingestion.config import Settings
from orchestration.serving.faults import NotNow
from orchestration.serving.http.app import create_app
from orchestration.serving.http.asking import authenticated, note
from orchestration.serving.http.problems import problem
from orchestration.serving.http.server import Options
from orchestration.serving.local import viewer_on_this_machine
from orchestration.serving.publications import Publications
from orchestration.serving.viewers import Viewer

_QUESTIONS = ("/api/v1/cost/estimate", "/api/v1/cost/aggregate")
"""What is sent as a body and changes nothing."""


def local_app(place: Path, principal: str | None, key: str | None, *, allow_writes: bool) -> FastAPI:
    """The application of a home, or of a published file.

    Raises:
        NotNow: there is nothing at this place.
        NotAllowed: nobody of this name or key.
    """
    if not place.exists():
        raise NotNow(f"{place} is not there", remedy="name a home, or its published/costops.duckdb")
    if place.is_file():
        return _of_file(place.resolve(), principal, key)
    settings = Settings.from_env(home=place)
    return _asked_by(
        create_app(settings, Options(allow_writes=allow_writes, answers_assistants=False)), settings, principal, key
    )


def _of_file(file: Path, principal: str | None, key: str | None) -> FastAPI:
    """A file has no organisation, no keys, no log, and takes nothing in."""
    scratch = tempfile.TemporaryDirectory(prefix="costops-client-")
    settings = Settings.from_env({}, home=Path(scratch.name))
    app = _asked_by(create_app(settings, Options(answers_assistants=False)), settings, principal, key)
    app.state.server.publications = Publications(file)
    app.state.server.audit = _NoLog()
    living = app.router.lifespan_context

    @asynccontextmanager
    async def with_scratch(served: Any) -> AsyncIterator[Any]:
        async with living(served) as state:
            yield state
        scratch.cleanup()

    app.router.lifespan_context = with_scratch
    app.add_middleware(_TakesNothing)
    return app


def _asked_by(app: FastAPI, settings: Settings, principal: str | None, key: str | None) -> FastAPI:
    viewer = viewer_on_this_machine(settings, principal, key)

    def known(request: Request) -> Viewer:
        note(request, principal_id=viewer.principal_id, key_id=viewer.key_id)
        return viewer

    app.dependency_overrides[authenticated] = known
    return app


class _NoLog:
    """A file that somebody holds has no log of who reads it."""

    def write(self, entry: Mapping[str, Any]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _TakesNothing:
    """Refuses what would be written beside a file."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] != "GET" and scope["path"] not in _QUESTIONS:
            refusal = problem(403, "a published file takes nothing in", "open its home, or ask a server")
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)
