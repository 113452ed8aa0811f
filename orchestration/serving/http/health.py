"""Whether the server lives, and whether what it would answer is fresh.

Put here: both. Keep out: figures. Neither needs a key; neither says what is spent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from orchestration.home.clock import utc_now
from orchestration.serving.faults import NotNow
from orchestration.serving.http.asking import server_of
from orchestration.serving.http.formats import JSON, json_bytes
from orchestration.serving.http.shapes import FLAG, NUMBER, TEXT, fields, problems

router = APIRouter(tags=["health"])
_READY = fields(ready=FLAG, publication=TEXT, published_at_utc=TEXT, age_seconds=NUMBER, held_back=NUMBER)


@router.get("/healthz", responses={200: {"content": {JSON: {"schema": fields(status=TEXT)}}}, **problems()})
def healthz() -> Response:
    """Whether it lives."""
    return Response(json_bytes({"status": "ok"}), media_type=JSON)


@router.get("/readyz", responses={200: {"content": {JSON: {"schema": _READY}}}, **problems()})
def readyz(
    request: Request,
    max_age_hours: Annotated[float, Query(gt=0, le=10_000, description="older than that is not ready")] = 10_000,
) -> Response:
    """Whether there is a publication to answer from, how old it is, and how many marts of it are held back."""
    with server_of(request).publications.current() as publication:
        published = publication.published_at_utc
        age = (utc_now() - published).total_seconds() if published else None
        held = publication.kept("held back", lambda: _held_back(publication))
        if age is not None and timedelta(seconds=age) > timedelta(hours=max_age_hours):
            raise NotNow(f"the publication is {age / 3600:.1f} hours old", remedy="run: costops run")
        body: dict[str, Any] = {
            "ready": True, "publication": publication.id, "published_at_utc": published, "age_seconds": age,
            "held_back": held,
        }  # fmt: skip
        return Response(json_bytes(body), media_type=JSON)


def _held_back(publication: Any) -> int | None:
    if "rpt_mart_status" not in publication.columns:
        return None
    statement = "select count(*) from published.marts.rpt_mart_status where status <> 'current'"
    row = publication.connection.cursor().execute(statement).fetchone()
    return int(row[0]) if row else None
