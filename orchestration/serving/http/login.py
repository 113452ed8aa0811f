"""Signing in to the pages: by an API key, or by the identity provider that is configured.

Put here: the form, the cookie, who a cookie stands for. Keep out: pages.
"""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from orchestration.serving.http.asking import COOKIE, admit, note, server_of, viewer_of_key
from orchestration.serving.http.layout import page
from orchestration.serving.http.problems import Refused
from orchestration.serving.http.server import Server
from orchestration.serving.oidc import Oidc, SignInError
from orchestration.serving.sessions import LIFE
from orchestration.serving.viewers import Viewer

router = APIRouter(include_in_schema=False)
LONGEST_FORM = 4096


class SignInFirst(Exception):
    """A page is asked for by nobody that is known."""


def signed_in(request: Request) -> Viewer:
    """Who looks at a page.

    Raises:
        SignInFirst: nobody.
    """
    server = server_of(request)
    session = server.sessions.find(request.cookies.get(COOKIE, ""))
    principal = server.principals.valid(session.principal_id) if session else None
    if session is None or principal is None:
        raise SignInFirst
    if session.key_id is not None:
        key = server.keys.keys().get(session.key_id)
        if key is None or key.revoked_at_utc is not None:
            raise SignInFirst
    viewer = principal.viewer(key_id=session.key_id)
    admit(request, viewer)
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in)]


@router.get("/login")
def form(request: Request) -> Response:
    """Where one signs in."""
    return _form(server_of(request))


def _form(server: Server, wrong: str = "", status: int = 200) -> Response:
    said = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    other = '<p><a href="/login/oidc">Sign in by your organisation</a></p>' if server.oidc else ""
    content = (
        f"{said}<form method=post action=/login><label for=key>API key</label>"
        '<input id=key name=key type=password autocomplete="current-password" required autofocus>'
        f"<button>Sign in</button></form>{other}"
        "<p class=hint>A key is made by <code>costops keys create NAME</code>.</p>"
    )
    return HTMLResponse(page("Sign in", content), status, {"Cache-Control": "no-store"})


@router.post("/login")
async def sign_in(request: Request) -> Response:
    """By a key."""
    _same_site(request)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise Refused(413, "the form is too large", "paste the key alone")
    text = parse_qs(body.decode("utf-8", "replace")).get("key", [""])[0].strip()
    server = server_of(request)
    try:
        viewer = viewer_of_key(server, text, request.client.host if request.client else "")
    except Refused as error:
        return _form(server, error.message, error.status)
    note(request, principal_id=viewer.principal_id, key_id=viewer.key_id, change="signed in")
    return _welcome(request, server, viewer.principal_id, viewer.key_id)


@router.post("/logout")
def sign_out(request: Request) -> Response:
    """End the session."""
    _same_site(request)
    server_of(request).sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/login/oidc")
async def leave(request: Request) -> Response:
    """To the identity provider."""
    server, oidc = _provider(request)
    try:
        return RedirectResponse(await run_in_threadpool(oidc.begin, _back(request, server)), 303)
    except SignInError as error:
        return _form(server, str(error), 503)


@router.get("/login/callback")
async def come_back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """From the identity provider."""
    server, oidc = _provider(request)
    if error or not code:
        return _form(server, "the identity provider did not sign you in", 401)
    try:
        email = await run_in_threadpool(oidc.finish, _back(request, server), state, code)
    except SignInError as failed:
        return _form(server, str(failed), 401)
    principal = server.principals.by_email(email)
    if principal is None:
        return _form(server, "your address is of no principal; ask an admin for a row in principals.csv", 403)
    note(request, principal_id=principal.principal_id, change="signed in")
    return _welcome(request, server, principal.principal_id, None)


def _provider(request: Request) -> tuple[Server, Oidc]:
    server = server_of(request)
    if server.oidc is None:
        raise Refused(404, "no identity provider is configured", "set COSTOPS_SERVE_OIDC_ISSUER and _CLIENT_ID")
    return server, server.oidc


def _back(request: Request, server: Server) -> str:
    base = server.options.base_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return base.rstrip("/") + "/login/callback"


def _welcome(request: Request, server: Server, principal_id: str, key_id: str | None) -> Response:
    token = server.sessions.begin(principal_id, key_id)
    answer = RedirectResponse("/", 303)
    is_secure = (server.options.base_url or "").startswith("https://") or request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, max_age=int(LIFE.total_seconds()), httponly=True, samesite="lax", secure=is_secure)
    return answer


def _same_site(request: Request) -> None:
    """Refuse a form that another site sent."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "the form comes from another site", "open /login here")
