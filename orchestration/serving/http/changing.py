"""Routes that take something in: budgets, rules of alerts, acknowledged alerts, events, OTLP.

Put here: parameters and bodies. Keep out: what is done with them (`writes`, `alert_rules`, `receiving`).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from orchestration.serving.alert_rules import create_alert_rule
from orchestration.serving.faults import NotNow
from orchestration.serving.http.asking import Asked, Authenticated, note, server_of
from orchestration.serving.http.formats import JSON, json_bytes
from orchestration.serving.http.problems import Refused
from orchestration.serving.http.shapes import COUNT, TEXT, documented, fields, problems, rows
from orchestration.serving.queries import prices
from orchestration.serving.queries.answers import Answer
from orchestration.serving.receiving import Received, TooLarge, events_of, needs_right, unpacked
from orchestration.serving.writes import acknowledge, create_budget, needs_writes

router = APIRouter()
PROTOBUF = "application/x-protobuf"
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {
    JSON: {"schema": {"type": "object"}}, PROTOBUF: {"schema": {"type": "string", "format": "binary"}},
}}}  # fmt: skip
_EVENTS: dict[str, Any] = {"requestBody": {"required": True, "content": {
    JSON: {"schema": {"type": "object", "properties": {"events": {"type": "array", "items": {"type": "object"}}},
                      "required": ["events"]}},
}}}  # fmt: skip


class NewBudget(BaseModel):
    """A row of `budgets.csv`."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    limit: Decimal = Field(ge=0, le=10**12, description="USD")
    period: Literal["hourly", "daily", "weekly", "monthly", "quarterly", "yearly"] = "monthly"
    alert_thresholds: list[Decimal] = Field([Decimal(75), Decimal(90), Decimal(100)], min_length=1, max_length=20)
    user_id: str | None = Field(None, max_length=200)
    scope_type: Literal["global", "team", "project", "user", "model", "feature", "tag", "cost_center", "provider"] | (
        None
    ) = None
    scope_id: str | None = Field(None, max_length=200)
    counts: Literal["llm", "infrastructure", "own", "total"] = "llm"
    owner: str = Field("", max_length=200)


class NewAlertRule(BaseModel):
    """A row of `alert_rules.csv`."""

    model_config = ConfigDict(extra="forbid")
    rule: str = Field(min_length=1, max_length=80, description="a rule of docs/alerts.md, or * for every one")
    threshold: Decimal | None = Field(None, ge=0)
    critical_threshold: Decimal | None = Field(None, ge=0)
    minimum_usd: Decimal | None = Field(None, ge=0)
    subject: str = Field("", max_length=200)
    team: str = Field("", max_length=200)
    enabled: bool | None = None
    severity: Literal["", "info", "warning", "critical"] = ""
    owner: str = Field("", max_length=200)
    channels: list[str] = Field([], max_length=20)
    comment: str = Field("", max_length=200)


class Seen(BaseModel):
    """Why an alert needs nobody else."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=200)


@router.post(
    "/api/v1/cost/budgets", status_code=201, tags=["budgets"],
    responses=documented(fields(budget_id=TEXT, budget_name=TEXT, counts_from=TEXT), status=201),
)  # fmt: skip
def new_budget(asked: Asked, budget: NewBudget) -> Response:
    """Add a budget: a row of budgets.csv that passes its checks. Off unless started with --allow-writes."""
    needs_writes(asked.viewer, are_on=asked.server.options.allow_writes)
    kind = budget.scope_type or ("user" if budget.user_id else "global")
    scope = budget.user_id if budget.user_id else budget.scope_id
    note(asked.request, change="budget", name=budget.name, limit=str(budget.limit), scope=f"{kind}:{scope}")

    def question(look: Any) -> Answer:
        row = create_budget(
            asked.server.settings, look, budget.name, budget.limit, budget.period, budget.alert_thresholds, kind,
            scope, budget.counts, budget.owner,
        )  # fmt: skip
        return Answer({**row, "counts_from": "the next run"})

    return asked.answer(question, status=201)


@router.post(
    "/api/v1/cost/alerts", status_code=201, tags=["alerts"],
    responses=documented(fields(rule=TEXT, counts_from=TEXT), status=201),
)  # fmt: skip
def new_alert_rule(asked: Asked, rule: NewAlertRule) -> Response:
    """Make or change a rule of alerts: a row of alert_rules.csv that passes its checks. Off unless started with
    --allow-writes."""
    needs_writes(asked.viewer, are_on=asked.server.options.allow_writes)
    note(asked.request, change="alert rule", rule=rule.rule, subject=rule.subject, threshold=str(rule.threshold))

    def question(look: Any) -> Answer:
        row = create_alert_rule(asked.server.settings, look.viewer, **rule.model_dump())
        return Answer({**row, "counts_from": "the next run"})

    return asked.answer(question, status=201)


@router.post(
    "/api/v1/cost/alerts/{alert_id}/acknowledge", tags=["alerts"],
    responses=documented(fields(id=TEXT, acknowledged_at_utc=TEXT)),
)  # fmt: skip
def acknowledge_alert(asked: Asked, alert_id: Annotated[str, Path(max_length=200)], seen: Seen) -> Response:
    """Say that somebody has seen an alert. Off unless the server was started with --allow-writes."""
    needs_writes(asked.viewer, are_on=asked.server.options.allow_writes)
    note(asked.request, change="acknowledge", alert=alert_id)

    def question(look: Any) -> Answer:
        at = acknowledge(asked.server.settings, look, alert_id, seen.reason)
        asked.server.acknowledged.setdefault(alert_id, at)
        return Answer({"id": alert_id, "acknowledged_at_utc": at})

    return asked.answer(question)


@router.post(
    "/api/v1/events", tags=["usage"], openapi_extra=_EVENTS,
    responses=documented(
        fields(accepted=COUNT, rejected=rows(row=COUNT, field=TEXT, message=TEXT)), tables=False, status=202
    ),
    status_code=202,
)  # fmt: skip
async def events(request: Request, viewer: Authenticated) -> Response:
    """Canonical events (docs/sources/events.md): on disk before this answers, counted by the next run, held against
    budgets at once. What people and models said is dropped."""
    needs_right(viewer)
    body = await _body(request)
    given = events_of(body, request.headers.get("content-type", ""))
    server = server_of(request)
    known = await run_in_threadpool(_prices, server)
    found: Received = await run_in_threadpool(_take, server.receiver.take_events, given, viewer, known)
    await run_in_threadpool(server.captured.add, found.captured)
    note(request, rows=found.accepted, change="events")
    return Response(
        json_bytes({"accepted": found.accepted, "rejected": found.rejected[:100],
                    "rejected_count": len(found.rejected)}), 202, media_type=JSON,
    )  # fmt: skip


@router.post(
    "/v1/traces", tags=["usage"], openapi_extra=_BODY,
    responses={200: {"content": {JSON: {}, PROTOBUF: {}}}, **problems()},
)  # fmt: skip
async def traces(request: Request, viewer: Authenticated) -> Response:
    """OTLP traces, protobuf or JSON, plain or gzip: any OpenTelemetry exporter may point here."""
    return await _export(request, viewer, "traces")


@router.post(
    "/v1/logs", tags=["usage"], openapi_extra=_BODY,
    responses={200: {"content": {JSON: {}, PROTOBUF: {}}}, **problems()},
)  # fmt: skip
async def logs(request: Request, viewer: Authenticated) -> Response:
    """OTLP log records, likewise."""
    return await _export(request, viewer, "logs")


async def _export(request: Request, viewer: Any, signal: str) -> Response:
    needs_right(viewer)
    is_protobuf = "protobuf" in request.headers.get("content-type", "")
    body = await _body(request)
    receiver = server_of(request).receiver
    count = await run_in_threadpool(_take, receiver.take_export, signal, body, is_protobuf=is_protobuf)
    note(request, rows=count, change=signal)
    if is_protobuf:
        return Response(b"", media_type=PROTOBUF)
    return Response(b'{"partialSuccess":{}}', media_type=JSON)


def _take(take: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return take(*arguments, **options)
    except OSError as error:
        raise NotNow(
            f"what was sent could not be kept ({error.strerror})", remedy="see to the disk, then send it again"
        ) from None


async def _body(request: Request) -> bytes:
    """The whole body, unpacked, within its limit."""
    most = server_of(request).options.body_bytes
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    try:
        return unpacked(b"".join(parts), request.headers.get("content-encoding", "").lower(), most)
    except TooLarge:
        raise _too_large(most) from None


def _too_large(most: int) -> Refused:
    return Refused(413, f"the body has more than {most} bytes", "send it in parts")


def _prices(server: Any) -> prices.Prices | None:
    try:
        with server.publications.current() as publication:
            return prices.prices_of(publication, server.settings)
    except NotNow:
        return None
