"""May this much be spent? Answered from memory: budgets as of the publication, and what was used since.

Put here: the decision for each budget that a scope touches. Keep out: reading budgets (`budgets`), capturing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orchestration.serving.captured import SCOPES, Captured, CapturedUsage
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.queries.answers import Answer
from orchestration.serving.queries.budgets import STATUS, read_budgets
from orchestration.serving.questions import amount_of
from orchestration.serving.reading import Reading

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
KINDS = (*SCOPES, "cost_center", "tag", "global", "budget")


@dataclass(frozen=True)
class Standing:
    """Every budget that a viewer sees, as of a publication."""

    budgets: Sequence[Mapping[str, Any]]


def standing_of_budgets(reading: Reading) -> Standing:
    """Read once for a publication and a viewer."""
    return Standing(read_budgets(reading))


def check(
    standing: Standing, used: CapturedUsage, scopes: Sequence[str], amount: str | Decimal, published: datetime | None,
    now: datetime, shown: Callable[[str], str] = str,
) -> Answer:  # fmt: skip
    """Whether every budget that one of the scopes touches has room for an amount; global budgets are always asked.

    `shown`: what marts have for the id of a user. Of events that were captured, users are known by that.

    `allowed` is None where a budget's spend is not known.

    Raises:
        AskedWrongly: with the parameter.
    """
    wanted = amount_of(amount, "amount")
    asked = [(kind, shown(name) if kind == "user" and name else name) for kind, name in map(_scope, scopes)]
    budgets = [_of_user(budget, shown) for budget in standing.budgets]
    found = [_one(budget, used, wanted, now) for budget in budgets if _touches(budget, asked)]
    answers = [each["allowed"] for each in found]
    allowed: bool | None = False if False in answers else None if None in answers else True
    body = {
        "allowed": allowed, "scope": list(scopes), "amount": wanted, "currency": "USD", "budgets": found,
        "reason": _reason(found, allowed),
        "age_seconds": None if published is None else max((now - published).total_seconds(), 0.0),
        "captured_event_count": used.event_count, "captured_forgotten_count": used.forgotten_count,
        "unpriced_event_count": max((each["unpriced_since_publication"] for each in found), default=0),
    }  # fmt: skip
    return Answer(body, "budgets", (STATUS,), {"scope": list(scopes)})


def _scope(text: str) -> tuple[str, str | None]:
    kind, _, name = text.partition(":")
    if kind not in KINDS or (kind != "global" and not name):
        raise AskedWrongly(
            f"scope {text[:60]!r} is not known", remedy=f"write kind:id, kind one of {', '.join(KINDS)}", field="scope"
        )
    return kind, name or None


def _of_user(budget: Mapping[str, Any], shown: Callable[[str], str]) -> Mapping[str, Any]:
    """A budget of a user by the pseudonym; a publication from before there were any has the id."""
    return {**budget, "scope_id": shown(budget["scope_id"])} if budget["scope_type"] == "user" else budget


def _touches(budget: Mapping[str, Any], asked: Sequence[tuple[str, str | None]]) -> bool:
    if budget["scope_type"] == "global":
        return True
    mine = (budget["scope_type"], budget["scope_id"])
    return mine in asked or ("budget", budget["budget_id"]) in asked or ("budget", budget["name"]) in asked


def _one(budget: Mapping[str, Any], used: CapturedUsage, amount: Decimal, now: datetime) -> dict[str, Any]:
    start, spent, is_new = _period(budget, now)
    since = used.since(start, lambda event: _counts(event, budget))
    total = None if spent is None else spent + since.cost_usd
    limit = budget["limit"]
    remaining = None if total is None or limit is None else limit - total
    after = None if remaining is None else remaining - amount
    return {
        "budget_id": budget["budget_id"], "name": budget["name"], "scope_type": budget["scope_type"],
        "scope_id": budget["scope_id"], "period": budget["period"], "limit": limit, "spent_as_published": spent,
        "spent_since_publication": since.cost_usd, "unpriced_since_publication": since.unpriced_count,
        "remaining": remaining, "remaining_after": after, "is_new_period": is_new,
        "thresholds_crossed": _crossed(budget, total, amount), "allowed": None if after is None else after >= 0,
    }  # fmt: skip


def _period(budget: Mapping[str, Any], now: datetime) -> tuple[datetime, Decimal | None, bool]:
    """Where the running period began, what was spent of it as published, whether it began after the publication."""
    if budget["period"] == "hour":
        return now.replace(minute=0, second=0, microsecond=0), Decimal(0), True
    first, last = budget["period_start_date"], budget["period_end_date"]
    if first is None or last is None:
        return EPOCH, None, False
    if now.date() > last:
        day = last + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None), Decimal(0), True
    return datetime(first.year, first.month, first.day, tzinfo=UTC).replace(tzinfo=None), budget["current_spend"], False


def _counts(event: Captured, budget: Mapping[str, Any]) -> bool:
    """Whether an event, which is always use of a model, is held against a budget."""
    if budget["counts"] not in ("llm", "total"):
        return False
    kind = budget["scope_type"]
    return kind == "global" or (kind in SCOPES and event.scopes.get(kind) == budget["scope_id"])


def _crossed(budget: Mapping[str, Any], total: Decimal | None, amount: Decimal) -> list[float]:
    limit = budget["limit"]
    if total is None or not limit:
        return []
    before, after = total * 100 / limit, (total + amount) * 100 / limit
    return [mark for mark in budget["alert_thresholds"] if before < Decimal(str(mark)) <= after]


def _reason(found: Sequence[Mapping[str, Any]], allowed: bool | None) -> str:
    if not found:
        return "no budget that you may see covers this scope"
    if allowed is None:
        return "the spend of a budget is not known"
    over = [each["name"] for each in found if each["allowed"] is False]
    return f"over: {', '.join(over)}" if over else "within every budget"
