"""Routes of budgets, alerts, suggestions, metrics by name, teams, projects, the caller.

Put here: parameters. Keep out: what is answered (`queries`), changes (`changing`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from orchestration.home.clock import utc_now
from orchestration.serving.http import shapes
from orchestration.serving.http.asking import Asked, note
from orchestration.serving.http.costs import Day, Text, _split, named
from orchestration.serving.http.shapes import DAY, FLAG, TEXT, documented, fields, rows
from orchestration.serving.queries import alerts as alerting
from orchestration.serving.queries import budgets as budgeting
from orchestration.serving.queries import costs, directory, semantic, suggestions
from orchestration.serving.queries.answers import Answer
from orchestration.serving.reading import Reading
from orchestration.serving.viewers import Right

router = APIRouter(prefix="/api/v1")
Name = Annotated[str, Path(max_length=200)]
_BUDGETS = fields(budgets=rows(**shapes.BUDGET))
_ALERTS = fields(alerts=rows(**shapes.ALERT))
_LOOK_BACK = Query(ge=1, le=366, description="how old the newest day of its evidence may be")
ADMIN_DAYS = 7


@router.get("/cost/budgets", tags=["budgets"], responses=documented(_BUDGETS))
def budgets(asked: Asked) -> Response:
    """Budgets that hold today, with what was spent of each."""
    return asked.answer(budgeting.budgets)


@router.get("/cost/budgets/{name}/status", tags=["budgets"], responses=documented(fields(**shapes.BUDGET)))
def budget_status(asked: Asked, name: Name) -> Response:
    """One budget by name or id."""
    return asked.answer(lambda look: budgeting.status(look, name))


@router.get("/cost/alerts", tags=["alerts"], responses=documented(_ALERTS))
def alerts(
    asked: Asked,
    acknowledged: bool | None = None,
    severity: Literal["info", "warning", "critical"] | None = None,
    is_open: bool | None = None,
) -> Response:
    """Alerts, open ones first."""
    since = asked.server.acknowledged
    return asked.answer(
        lambda look: alerting.alerts(look, acknowledged, severity, is_open, since), changes=",".join(sorted(since))
    )


@router.get("/cost/suggestions", tags=["suggestions"], responses=documented(shapes.SUGGESTIONS))
def suggested(asked: Asked, lookback_days: Annotated[int, _LOOK_BACK] = suggestions.LOOK_BACK_DAYS) -> Response:
    """What could cost less, what pays most first."""
    return asked.answer(lambda look: suggestions.suggestions(look, lookback_days))


@router.get("/cost/suggestions/{suggestion_id}/roi", tags=["suggestions"], responses=documented(shapes.ROI))
def roi(
    asked: Asked,
    suggestion_id: Name,
    implementation_cost: Annotated[str, Query(description="USD", max_length=40)] = "500",
    implementation_days: Annotated[str, Query(max_length=40)] = "5",
) -> Response:
    """Whether a suggestion pays for its work."""
    return asked.answer(lambda look: suggestions.roi(look, suggestion_id, implementation_cost, implementation_days))


@router.get("/cost/admin/optimize", tags=["admin"], responses=documented(shapes.SUGGESTIONS))
def admin_optimize(asked: Asked, lookback_days: Annotated[int, _LOOK_BACK] = suggestions.LOOK_BACK_DAYS) -> Response:
    """Suggestions of all teams, for admins."""
    asked.viewer.needs(Right.ADMINISTER)
    return asked.answer(lambda look: suggestions.suggestions(look, lookback_days))


@router.get(
    "/cost/admin/costs", tags=["admin"],
    responses=documented(fields(
        report=shapes.REPORT, budgets=rows(**shapes.BUDGET), unacknowledged_alerts=rows(**shapes.ALERT)
    )),
)  # fmt: skip
def admin_costs(asked: Asked) -> Response:
    """Seven days, all budgets, alerts that nobody has acknowledged, for admins."""
    asked.viewer.needs(Right.ADMINISTER)
    since = asked.server.acknowledged

    def question(look: Reading) -> Answer:
        report = costs.report(look, ADMIN_DAYS)
        unseen = alerting.alerts(look, acknowledged=False, acknowledged_since=since)
        body = {
            "report": report.body, "budgets": budgeting.read_budgets(look),
            "unacknowledged_alerts": unseen.body["alerts"],
        }  # fmt: skip
        return Answer(body, "budgets", (*report.sources, budgeting.STATUS, alerting.MART), report.filters)

    return asked.answer(question, changes=",".join(sorted(since)))


@router.get(
    "/metrics", tags=["metrics"],
    responses=documented(fields(metrics=rows(name=TEXT, label=TEXT, description=TEXT, unit=TEXT, mart=TEXT))),
)  # fmt: skip
def metric_names(asked: Asked) -> Response:
    """Metrics by name: what each is and what it can be grouped by."""
    return asked.answer(lambda look: semantic.metric_list(look, asked.server.model))


@router.get(
    "/metrics/{name}", tags=["metrics"],
    responses=documented(fields(
        metric=TEXT, unit=TEXT, mart=TEXT, start_date=DAY, end_date=DAY, rows=shapes.ANY, has_more=FLAG
    )),
)  # fmt: skip
def metric(
    asked: Asked,
    name: Name,
    group_by: Annotated[list[str] | None, Query(description="day, week, month, or a dimension of the metric")] = None,
    filter: Annotated[list[str] | None, Query(description="dimension:value")] = None,
    start_date: Day = None,
    end_date: Day = None,
    time_range: Text = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    order_by: Annotated[str | None, Query(description="a group or the metric, - for descending", max_length=100)] = (
        None
    ),
) -> Response:
    """One metric over days."""
    question = semantic.Question(
        name, _split(group_by), named(filter), start_date, end_date, time_range, limit, order_by
    )
    return asked.answer(lambda look: semantic.metric(look, asked.server.model, question))


@router.get("/me", tags=["caller"], responses=documented(fields(name=TEXT, role=TEXT, rights=shapes.ANY)))
def me(asked: Asked) -> Response:
    """Who the key belongs to, and what it may do."""
    return asked.answer(directory.me, changes=asked.viewer.principal_id + str(asked.viewer.key_id))


@router.get(
    "/people/{user}", tags=["organisation"],
    responses=documented(fields(user_id=TEXT, name=TEXT, email=TEXT, team_id=TEXT)),
)  # fmt: skip
def people(asked: Asked, user: Name) -> Response:
    """Who a user id or label is: marts have neither names nor addresses. For admins."""
    note(asked.request, change="resolved a person")
    return asked.answer(lambda look: directory.person(look, asked.server.settings, user), changes=user, is_kept=False)


@router.get(
    "/identities/{pseudonym}", tags=["organisation"],
    responses=documented(fields(
        pseudonym=TEXT, user_id=TEXT, display_name=TEXT, email=TEXT, found_in=TEXT, first_seen_at_utc=TEXT
    )),
)  # fmt: skip
def identity(asked: Asked, pseudonym: Name) -> Response:
    """Who a pseudonym is, from the table that is never published. For admins; each call is in the audit log."""
    note(asked.request, change="resolved a pseudonym")
    return asked.answer(
        lambda look: directory.identity(look, asked.server.settings, pseudonym), changes=str(utc_now()), is_kept=False
    )


@router.get(
    "/teams", tags=["organisation"],
    responses=documented(fields(teams=rows(id=TEXT, name=TEXT, department=TEXT, budget=shapes.AMOUNT))),
)  # fmt: skip
def teams(asked: Asked) -> Response:
    """Teams that the caller sees."""
    return asked.answer(directory.teams)


@router.get(
    "/projects", tags=["organisation"],
    responses=documented(fields(projects=rows(id=TEXT, name=TEXT, team_id=TEXT, revenue=shapes.AMOUNT))),
)  # fmt: skip
def projects(asked: Asked) -> Response:
    """Projects that the caller sees."""
    return asked.answer(directory.projects)
