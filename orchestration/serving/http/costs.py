"""Routes of costs: estimate, metrics, breakdown, trend, report, aggregate, records.

Put here: parameters. Keep out: what is answered (`queries`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from orchestration.serving.http import shapes
from orchestration.serving.http.asking import Asked
from orchestration.serving.http.shapes import documented
from orchestration.serving.queries import aggregate as grouping
from orchestration.serving.queries import costs, prices, records

router = APIRouter(prefix="/api/v1/cost", tags=["costs"])
Text = Annotated[str | None, Query(max_length=200)]
Texts = Annotated[list[str] | None, Query(max_length=200)]
Day = Annotated[
    str | None,
    Query(max_length=40, description="2026-01-31, or an instant: its day counts", json_schema_extra={"format": "date"}),
]
Kind = Annotated[Literal["llm", "infrastructure", "own", "total"], Query(description="which kind of money counts")]
Metric = Literal["sum", "count", "tokens", "avg", "min", "max", "stddev", "p50", "p75", "p90", "p95", "p99"]
_TOKENS = Field(ge=0, le=10**12)


class EstimateQuestion(BaseModel):
    """What a request would use."""

    model_config = ConfigDict(extra="forbid")
    model: str = Field(min_length=1, max_length=200, examples=["gpt-5"])
    input_tokens: int = _TOKENS
    output_tokens: int = _TOKENS
    cached_tokens: int = Field(0, ge=0, le=10**12, description="read from a cache, besides input_tokens")
    provider: str = Field("", max_length=100, description="who serves it; default: by the model's name")
    is_batch: bool = False


class AggregateQuestion(BaseModel):
    """What to add up, by what, of which days."""

    model_config = ConfigDict(extra="forbid")
    start_date: str | None = Field(None, max_length=40)
    end_date: str | None = Field(None, max_length=40)
    time_range: str | None = Field(None, max_length=40, examples=["30d"])
    group_by: list[str] = Field([], max_length=6)
    metrics: list[Metric] = Field(["sum", "count"], max_length=12)
    filters: dict[str, str | list[str]] = Field({}, max_length=20)
    order_by: str | None = Field(None, max_length=100, examples=["-sum"])
    limit: int = Field(1000, ge=1, le=10_000)
    offset: int = Field(0, ge=0, le=10**9)
    of: Literal["spend", "usage", "requests"] = "spend"
    cost_kind: Literal["llm", "infrastructure", "own", "total"] = "llm"


@router.post("/estimate", responses=documented(shapes.ESTIMATE))
def estimate(asked: Asked, question: EstimateQuestion) -> Response:
    """What a request would cost, at contracted prices, the list price beside it."""
    return asked.answer(lambda look: prices.estimate(
        prices.prices_of(look.publication, asked.server.settings), question.model, question.input_tokens,
        question.output_tokens, question.cached_tokens, question.provider, question.is_batch,
    ))  # fmt: skip


@router.get("/metrics", responses=documented(shapes.METRICS))
def metrics(
    asked: Asked, period_start: Day = None, period_end: Day = None, user_id: Text = None, cost_kind: Kind = "llm"
) -> Response:
    """Totals of a period, of everybody or one user; default: the last 30 days."""
    return asked.answer(lambda look: costs.totals(look, period_start, period_end, user_id, cost_kind))


@router.get("/breakdown", responses=documented(shapes.BREAKDOWN))
def breakdown(
    asked: Asked,
    period_start: Annotated[str, Query(max_length=40, json_schema_extra={"format": "date"})],
    period_end: Annotated[str, Query(max_length=40, json_schema_extra={"format": "date"})],
    cost_kind: Kind = "llm",
) -> Response:
    """A period by model, provider, team, user and feature."""
    return asked.answer(lambda look: costs.breakdown(look, period_start, period_end, cost_kind))


@router.get("/trend", responses=documented(shapes.TREND))
def trend(
    asked: Asked,
    period: Literal["hourly", "daily", "weekly", "monthly"] = "daily",
    num_periods: Annotated[int, Query(ge=1, le=costs.MOST_PERIODS)] = 30,
    team_id: Text = None,
) -> Response:
    """The last complete periods, their direction, and a forecast of the next with its interval."""
    return asked.answer(lambda look: costs.trend(look, period, num_periods, team_id))


@router.get("/report", responses=documented(shapes.REPORT))
def report(asked: Asked, period_days: Annotated[int, Query(ge=1, le=3660)] = 30) -> Response:
    """The last days in full: summary, where the month ends, parts, top users and features, day by day."""
    return asked.answer(lambda look: costs.report(look, period_days))


@router.get("/aggregate", responses=documented(shapes.AGGREGATE))
def aggregate(
    request: Request,
    asked: Asked,
    start_date: Day = None,
    end_date: Day = None,
    time_range: Annotated[str | None, Query(description="month, 30d, 12m, 2026-Q3 …", max_length=40)] = None,
    group_by: Annotated[
        list[str] | None, Query(description="date, week, month, model, team_id … or tag:KEY; repeat or join by commas")
    ] = None,
    metrics: Annotated[list[str] | None, Query(description=", ".join(grouping.METRICS))] = None,
    filter: Annotated[list[str] | None, Query(description="name:value; repeated names are either-or")] = None,
    model: Texts = None,
    team_id: Texts = None,
    order_by: Annotated[str | None, Query(description="a group or metric, - for descending", max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    of: Annotated[
        Literal["spend", "usage", "requests"],
        Query(description="what was paid; what was used of LLMs, at contract prices; or single calls"),
    ] = "spend",
    cost_kind: Kind = "llm",
) -> Response:
    """Money and requests of a period, grouped, filtered, ordered, cut."""
    filters = named(filter) | _given(model=model, team_id=team_id)
    question = grouping.Question(
        start_date, end_date, time_range, _split(group_by), _split(metrics) or ("sum", "count"), filters, order_by,
        limit, offset, of, cost_kind,
    )  # fmt: skip
    return asked.answer(lambda look: grouping.aggregate(look, question))


@router.post("/aggregate", responses=documented(shapes.AGGREGATE))
def aggregate_by_body(asked: Asked, question: AggregateQuestion) -> Response:
    """The same question as a body."""
    given = question.model_dump()
    given["filters"] = {name: [value] if isinstance(value, str) else value for name, value in question.filters.items()}
    return asked.answer(lambda look: grouping.aggregate(look, grouping.Question(**given)))


@router.get("/records", responses=documented(shapes.RECORDS))
def single_requests(
    asked: Asked,
    start_date: Day = None,
    end_date: Day = None,
    time_range: Annotated[str | None, Query(max_length=40)] = None,
    filter: Annotated[list[str] | None, Query(description="name:value")] = None,
    model: Texts = None,
    team_id: Texts = None,
    user_id: Texts = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = records.PAGE,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Single requests, oldest first, page by page: take `next_cursor` until there is none."""
    filters = named(filter) | _given(model=model, team_id=team_id, user_id=user_id)
    return asked.answer(
        lambda look: records.records(look, start_date, end_date, time_range, filters, limit, offset, cursor)
    )


def named(given: list[str] | None) -> dict[str, list[str]]:
    """`name:value` by name."""
    found: dict[str, list[str]] = {}
    for text in given or []:
        name, _, value = text.partition(":")
        found.setdefault(name, []).append(value)
    return found


def _given(**values: list[str] | None) -> dict[str, Any]:
    return {name: each for name, each in values.items() if each}


def _split(given: list[str] | None) -> list[str]:
    """Repeated or joined by commas; the rest of a `tag:` is its key, commas and all."""
    found = []
    for text in given or []:
        found += [text] if text.startswith(grouping.TAG) else [part for part in text.split(",") if part]
    return found
