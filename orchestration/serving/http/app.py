"""The application: routes, faults, what happens around each request.

Put here: putting it together, the page of the API. Keep out: routes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from ingestion.config import Settings
from orchestration.serving.http import assistants, changing, costs, health, login, pages, problems, spending, subjects
from orchestration.serving.http.accounting import Accounting
from orchestration.serving.http.server import Options, Server

_ABOUT = """What your LLMs cost, from the published marts. Every answer belongs to one publication (`publication`,
`ETag`) and names the tables and filters it was read from. Decimals are text unless `decimals=number`; `null` is
unknown, never zero. Lists come as JSON, CSV or Arrow (`format`, or `Accept`). What goes wrong is
`application/problem+json` with the field and the remedy."""


def create_app(settings: Settings, options: Options | None = None) -> FastAPI:
    """The application of a home. Nothing is opened before the first request."""
    server = Server(settings, options or Options())
    speaks = server.options.answers_assistants and assistants.are_installed()
    helping = assistants.Assistants(server) if speaks else None

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        server.receiver.recover()
        rotating = asyncio.create_task(_rotate(server))
        async with helping.running() if helping else nullcontext():
            yield
        rotating.cancel()
        server.close()

    app = FastAPI(
        title="LLM Cost Ops", version=version("llm-cost-ops"), description=_ABOUT, docs_url=None, redoc_url=None,
        lifespan=living, separate_input_output_schemas=False,
    )  # fmt: skip
    app.state.server = server
    for each in (spending, health, costs, changing, subjects, login, pages):
        app.include_router(each.router)
    if helping is not None:
        app.router.routes.append(Route(assistants.PATH, helping, methods=["POST"]))
    problems.install(app)
    pages.install(app)
    app.add_middleware(Accounting, server=server)
    return app


async def _rotate(server: Server) -> None:
    """Show received files as they become old enough."""
    while True:
        await asyncio.sleep(min(server.options.segment_seconds, 1.0))
        await run_in_threadpool(server.receiver.rotate)
