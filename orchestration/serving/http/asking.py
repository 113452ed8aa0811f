"""One request: who asks, from which publication, in which form it is answered, what of it is logged.

Put here: authentication by key or session, the way from a question to bytes. Keep out: questions, routes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from orchestration.serving.http.formats import FORMATS, chosen, rendered
from orchestration.serving.http.problems import Refused
from orchestration.serving.http.remembering import NO_PAGES, Given
from orchestration.serving.http.server import Server
from orchestration.serving.publications import Publication
from orchestration.serving.queries.answers import Answer, answered
from orchestration.serving.reading import Reading, reading
from orchestration.serving.viewers import Viewer

_bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer costops_…` (see `costops keys create`)")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key under another name")
COOKIE = "costops_session"
NEXT_CURSOR = "Costops-Next-Cursor"
"""Of pages in every form; empty after the last."""


def server_of(request: Request) -> Server:
    """The server that the request came to."""
    return request.app.state.server


def viewer_of_key(server: Server, text: str, address: str) -> Viewer:
    """Who shows this key.

    Raises:
        Refused: nobody, or too often.
    """
    key = server.keys.find(text)
    principal = server.principals.valid(key.principal_id) if key else None
    if key is None or principal is None:
        if server.failures.take(address):
            raise Refused(429, "too many attempts without a good key", "wait a minute", {"Retry-After": "60"})
        raise Refused(
            401, "the key is unknown, revoked, expired, or its principal is gone",
            "ask an admin: costops keys create NAME", {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip
    return principal.viewer(sends=key.sends, key_id=key.key_id)


async def key_in(request: Request) -> tuple[HTTPAuthorizationCredentials | None, str | None]:
    """The key that a request shows, under both names it may have."""
    return await _bearer(request), await _header(request)


def note(request: Request, **fields: Any) -> None:
    """What the audit log says of this request."""
    request.scope.setdefault("costops.audit", {}).update(fields)


async def authenticated(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
    header: Annotated[str | None, Security(_header)] = None,
) -> Viewer:
    """Who asks. Answered on the event loop: keys and principals are in memory, and two looks at files say whether they
    still hold; a thread costs more.

    Raises:
        Refused: nobody that is known, or too often.
    """
    server = server_of(request)
    text = bearer.credentials if bearer else header
    if text is None:
        raise Refused(
            401, "no key", "send Authorization: Bearer costops_…; an admin makes keys: costops keys create NAME",
            {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip
    viewer = viewer_of_key(server, text, request.client.host if request.client else "")
    admit(request, viewer)
    return viewer


def admit(request: Request, viewer: Viewer) -> None:
    """Note who asks and count it.

    Raises:
        Refused: more than the limit.
    """
    note(request, principal_id=viewer.principal_id, key_id=viewer.key_id)
    if wait := server_of(request).requests.take(viewer.principal_id):
        seconds = str(int(wait) + 1)
        raise Refused(429, "more requests than a minute allows", f"wait {seconds} s", {"Retry-After": seconds})


Authenticated = Annotated[Viewer, Depends(authenticated)]
Form = Annotated[
    Literal["json", "csv", "arrow"] | None,
    Query(alias="format", description="json, csv or arrow; default: what `Accept` asks for, else json"),
]
Decimals = Annotated[
    Literal["text", "number"], Query(description="JSON: decimals as text, or as numbers with all their digits")
]


class Asking:
    """A question on its way to bytes."""

    def __init__(self, request: Request, viewer: Viewer, form: str | None, decimals: str) -> None:
        self.request, self.viewer, self.decimals = request, viewer, decimals
        self.form = chosen(form, request.headers.get("accept", ""))
        self.server = server_of(request)

    def answer(
        self, question: Callable[[Reading], Answer], *, changes: str = "", status: int = 200, is_kept: bool = True
    ) -> Response:
        """Ask one publication. `changes`: what of the answer is not the publication's; `is_kept`: that is all of it."""
        is_kept = is_kept and self.request.method == "GET"
        with self.server.publications.current() as publication:
            tag = etag(publication, self.viewer, self.form, self.decimals, changes)
            headers = self._headers(publication, tag)
            note(self.request, publication=publication.id)
            if self.request.method == "GET" and _matches(self.request.headers.get("if-none-match"), tag):
                return Response(None, 304, headers)
            key = (tag, self.request.url.path, self.request.url.query)
            given = self.server.answers.find(key) if is_kept else None
            if given is None:
                with reading(publication, self.viewer) as look:
                    found = answered(question, look)
                content = rendered(found, self.form, self.decimals, about(publication, found))
                given = Given(content, found.row_count, found.body.get("next_cursor", NO_PAGES))
        if is_kept:
            self.server.answers.keep(key, given)
        if given.next_cursor is not NO_PAGES:
            headers[NEXT_CURSOR] = given.next_cursor or ""
        note(self.request, rows=given.row_count)
        return Response(given.content, status, headers, media_type=FORMATS[self.form])

    def _headers(self, publication: Publication, tag: str) -> dict[str, str]:
        published = publication.published_at_utc
        return {
            "ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key, Accept",
            "Costops-Publication": publication.id,
        } | ({"Costops-Published-At": published.isoformat() + "Z"} if published else {})  # fmt: skip


def about(publication: Publication, answer: Answer) -> dict[str, Any]:
    """Which publication an answer belongs to, and what it was read from."""
    return {
        "publication": {"id": publication.id, "published_at_utc": publication.published_at_utc},
        "source": {"tables": list(answer.sources), "filters": answer.filters},
    }


def etag(publication: Publication, viewer: Viewer, *parts: str) -> str:
    """Changes with the publication, with whose rows are seen, and with the form."""
    whose = "*" if viewer.sees_all else "\0".join(sorted(viewer.teams))
    seen = hashlib.sha256("\0".join((viewer.role, whose, *parts)).encode()).hexdigest()[:12]
    return f'"{publication.id}-{seen}"'


def _matches(given: str | None, tag: str) -> bool:
    return given is not None and tag in (each.strip().removeprefix("W/") for each in given.split(","))


async def asking(request: Request, viewer: Authenticated, form: Form = None, decimals: Decimals = "text") -> Asking:
    """A question of who is known, in the form that is asked for."""
    return Asking(request, viewer, form, decimals)


Asked = Annotated[Asking, Depends(asking)]
