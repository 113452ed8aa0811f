"""Pages behind a login: what there is, dashboards, reports, the API in words. Each holds the rows of who looks.

Put here: which page, from which publication, remembered for how long. Keep out: what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from orchestration.dashboards.catalog import Found, find
from orchestration.dashboards.rendering import Link, render
from orchestration.serving.faults import AskedWrongly, NotAllowed, NotFound
from orchestration.serving.http.asking import etag, note, server_of
from orchestration.serving.http.layout import page
from orchestration.serving.http.login import SignedIn, SignInFirst
from orchestration.serving.http.remembering import Given
from orchestration.serving.reading import Reading, reading
from orchestration.serving.viewers import Viewer

router = APIRouter(include_in_schema=False)
_BEYOND = re.compile(r"\bpublished\b|\bteams_[0-9a-f]|duckdb_|information_schema|pg_catalog", re.IGNORECASE)
"""What a dashboard of one's own may not name where rows are somebody's: other ways to the same marts."""
TYPES = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def install(app: FastAPI) -> None:
    """Who is not signed in is sent to the form."""

    @app.exception_handler(SignInFirst)
    async def sign_in_first(request: Request, error: SignInFirst) -> Response:
        return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})


@router.get("/")
def index(request: Request, viewer: SignedIn) -> Response:
    """What there is."""
    server = server_of(request)
    with server.publications.current() as publication:
        published = publication.published_at_utc
    boards = "".join(
        f'<li><a href="/dashboards/{escape(each.dashboard.name)}">{escape(each.dashboard.title)}</a> '
        f"<small>{escape(each.dashboard.description)}</small></li>"
        for each in find(server.settings.dashboards_dir) if each.dashboard
    )  # fmt: skip
    reports = "".join(
        f'<li><a href="/reports/{escape(name)}">{escape(each.title)}</a> <small>{escape(each.description)}</small></li>'
        for name, each in sorted(_templates(server).items())
    )
    whose = "every row" if viewer.sees_all else f"rows of {', '.join(sorted(viewer.teams))}"
    content = (
        f"<p>{escape(viewer.principal_id)} ({escape(viewer.role)}): {escape(whose)}. "
        f"Published {escape(f'{published:%Y-%m-%d %H:%M} UTC' if published else 'at an unknown time')}.</p>"
        f"<h2>Dashboards</h2><ul>{boards}</ul><h2>Reports</h2><ul>{reports}</ul>"
        '<h2>Programs</h2><ul><li><a href="/api">The API</a></li></ul>'
        "<form method=post action=/logout><button>Sign out</button></form>"
    )
    return HTMLResponse(page("LLM Cost Ops", content), headers={"Cache-Control": "private, no-cache"})


@router.get("/dashboards/{name}")
def dashboard(request: Request, viewer: SignedIn, name: str) -> Response:
    """A dashboard with the rows of who looks."""
    server = server_of(request)
    every = [each for each in find(server.settings.dashboards_dir) if each.dashboard]
    found = next((each for each in every if each.dashboard and each.dashboard.name == name), None)
    if found is None or found.dashboard is None:
        raise NotFound(f"there is no dashboard {name[:60]!r}", remedy="/ lists them", field="name")
    _may_show(found, viewer)
    links = [Link("dashboards", "All dashboards", "/"), Link("reports", "Reports", "/")]
    links += [Link(each.dashboard.section, each.dashboard.title, f"/dashboards/{each.dashboard.name}")
              for each in every if each.dashboard]  # fmt: skip
    shown = found.dashboard
    return _page(request, viewer, ("dashboard", name, str(found.path.stat().st_mtime_ns)), "html",
                 lambda look: render(look.connection, shown, links)[0].encode())  # fmt: skip


def _may_show(found: Found, viewer: Viewer) -> None:
    if viewer.sees_all or found.is_shipped:
        return
    if _BEYOND.search(found.path.read_text("utf-8", "replace")):
        raise NotAllowed(
            "this dashboard names tables by another way than their own names", remedy="ask its author for plain names"
        )


@router.get("/reports/{name}")
def report(
    request: Request,
    viewer: SignedIn,
    name: str,
    period: Annotated[str | None, Query(max_length=40)] = None,
    team: Annotated[str | None, Query(max_length=200)] = None,
    customer: Annotated[str | None, Query(max_length=200)] = None,
    provider: Annotated[str | None, Query(max_length=200)] = None,
    format: Annotated[str, Query(max_length=10)] = "html",
) -> Response:
    """A report over the rows of who looks."""
    from orchestration.reports.building import Asked, ReportError, build_report
    from orchestration.reports.rendering import rendered

    template = _templates(server_of(request)).get(name)
    if template is None:
        raise NotFound(f"there is no report {name[:60]!r}", remedy="/ lists them", field="name")
    if format not in TYPES:
        raise AskedWrongly(f"format {format!r} is not known", remedy=f"write {', '.join(TYPES)}", field="format")
    own = next(iter(viewer.teams)) if len(viewer.teams) == 1 and "team" in template.needs else None
    asked = Asked(period, team or own, customer, provider)

    def build(look: Reading) -> bytes:
        try:
            return rendered(build_report(look.connection, template, asked), format)
        except ReportError as error:
            said = str(error).replace("add --", "add ?")
            raise AskedWrongly(said, remedy="write it after the address: ?period=2026-10&team=…") from None

    return _page(request, viewer, ("report", name, *map(str, (period, asked.team, customer, provider))), format, build)


def _page(
    request: Request, viewer: Viewer, key: tuple[str, ...], form: str, build: Callable[[Reading], bytes]
) -> Response:
    """A page of the newest publication, built once for those who see the same rows."""
    server = server_of(request)
    with server.publications.current() as publication:
        tag = etag(publication, viewer, *key, form)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"}
        note(request, publication=publication.id)
        if request.headers.get("if-none-match") == tag:
            return Response(None, 304, headers)
        given = server.answers.find((tag, *key))
        if given is None:
            with reading(publication, viewer) as look:
                given = Given(build(look), None)
            server.answers.keep((tag, *key), given)
    return Response(given.content, headers=headers, media_type=TYPES[form])


def _templates(server: Any) -> dict[str, Any]:
    from orchestration.reports.template import load_templates

    return load_templates(server.settings.home / "reports")[0]


@router.get("/api")
def api(request: Request) -> Response:
    """The API in words; it loads nothing from elsewhere."""
    parts = []
    for path, methods in request.app.openapi()["paths"].items():
        for method, each in methods.items():
            rows = "".join(
                f"<tr><td><code>{escape(item['name'])}</code></td><td>{'required' if item.get('required') else ''}</td>"
                f"<td>{escape(item.get('description', ''))}</td></tr>"
                for item in each.get("parameters", [])
                if item["name"] not in ("format", "decimals")
            )
            rows += _body_rows(each, request.app.openapi())
            table = f"<table>{rows}</table>" if rows else ""
            said = _worded(each.get("description", ""))
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{said}</p>{table}")
    head = f'<p>{_worded(request.app.description)}</p><p><a href="/openapi.json">openapi.json</a></p>'
    return HTMLResponse(page("API", head + "".join(parts)))


def _worded(text: str) -> str:
    """Text with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _body_rows(route: dict[str, Any], document: dict[str, Any]) -> str:
    """The fields of a JSON body."""
    schema = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if name := schema.get("$ref", "").rsplit("/", 1)[-1]:
        schema = document["components"]["schemas"][name]
    needed = schema.get("required", [])
    return "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{'required' if field in needed else ''}</td>"
        f"<td>{escape(each.get('description', ''))}</td></tr>"
        for field, each in schema.get("properties", {}).items()
    )
