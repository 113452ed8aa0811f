"""The question before spending: may this amount be spent?

Gateways ask it before each call, so it is answered on the event loop from what is in memory. Reading parameters the way
other routes do costs three times what the answer does: a plain question is read here, and every other one, wrong ones
too, goes the ordinary way. Put here: this route. Keep out: the decision (`queries.checking`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from orchestration.home.clock import utc_now
from orchestration.serving.http import shapes
from orchestration.serving.http.asking import Authenticated, about, authenticated, etag, key_in, note, server_of
from orchestration.serving.http.formats import JSON, json_bytes
from orchestration.serving.http.server import Server
from orchestration.serving.http.shapes import AMOUNT, COUNT, FLAG, NUMBER, TEXT, documented, fields, rows
from orchestration.serving.queries import checking
from orchestration.serving.reading import reading
from orchestration.serving.viewers import Right

LONGEST_AMOUNT = 40
_log = logging.getLogger("costops.serve")
_CHECK = fields(
    allowed=FLAG, scope=shapes.ANY, amount=AMOUNT, reason=TEXT, age_seconds=NUMBER, captured_event_count=COUNT,
    budgets=rows(budget_id=TEXT, name=TEXT, limit=AMOUNT, remaining=AMOUNT, remaining_after=AMOUNT, allowed=FLAG),
)  # fmt: skip


class _PlainRoute(APIRoute):
    """A route that reads the plain form of its parameters itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The short way where it can be gone, else the ordinary one."""
        ordinary = super().get_route_handler()

        async def handle(request: Request) -> Response:
            given = request.query_params.multi_items()
            amounts = [value for name, value in given if name == "amount"]
            is_plain = len(amounts) == 1 and len(amounts[0]) <= LONGEST_AMOUNT
            is_plain = is_plain and all(name in ("amount", "scope") for name, _ in given)
            if not is_plain or request.app.dependency_overrides:  # a local copy knows otherwise who asks
                return await ordinary(request)
            viewer = await authenticated(request, *await key_in(request))
            scope = [value for name, value in given if name == "scope"]
            return await check_budgets(request, viewer, amounts[0], scope or None)

        return handle


router = APIRouter(route_class=_PlainRoute)


@router.get("/api/v1/cost/budgets/check", tags=["budgets"], responses=documented(_CHECK, tables=False))
async def check_budgets(
    request: Request,
    viewer: Authenticated,
    amount: Annotated[str, Query(max_length=LONGEST_AMOUNT, description="USD that are about to be spent")],
    scope: Annotated[list[str] | None, Query(description="team:ID, user:ID, project:ID, feature:ID, …; repeat")] = None,
    decimals: Literal["text", "number"] = "text",
) -> Response:
    """Whether there is room for an amount: from memory, as of the last publication and what was sent here since."""
    server = server_of(request)
    now = utc_now()
    await _opened(server)
    # Who may send usage or look people up knows ids; nobody else learns whose a pseudonym is by asking.
    knows_ids = viewer.may(Right.SEND_USAGE) or viewer.may(Right.RESOLVE_PEOPLE)
    shown = server.shown if knows_ids else str
    with server.publications.at_hand() as publication:
        if not server.captured.is_settled(publication):
            await run_in_threadpool(server.captured.settle, publication)
        name = f"budgets {etag(publication, viewer)} {knows_ids}"

        def read() -> checking.Standing:
            with reading(publication, viewer) as look:
                return checking.standing_of_budgets(look, shown)

        standing = publication.peek(name)
        if standing is None:
            standing = await run_in_threadpool(publication.kept, name, read)
        found = checking.check(standing, server.captured, scope or [], amount, publication.published_at_utc, now, shown)
        note(request, publication=publication.id, rows=found.row_count)
        return Response(
            json_bytes(found.body | about(publication, found), decimals), media_type=JSON,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip


async def _opened(server: Server) -> None:
    """Have a copy open. While a newer one is opened (a tenth of a second for 180 MB), the one before answers."""
    publications = server.publications
    if not publications.is_due():
        return
    opening = asyncio.create_task(run_in_threadpool(publications.open_newest))
    if not publications.is_open:
        await opening
        return

    def done(task: asyncio.Task[None]) -> None:
        server.openings.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.warning("the copy before still answers: %s", error)

    server.openings.add(opening)
    opening.add_done_callback(done)
