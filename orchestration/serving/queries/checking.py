"""May this much be spent? Answered from memory: budgets as of the publication, and what was used since.

Put here: the decision for each budget that a scope touches. Keep out: reading budgets (`budgets`), capturing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orchestration.serving.captured import EVERYONE, SCOPES, CapturedUsage, Since
from orchestration.serving.faults import AskedWrongly
from orchestration.serving.queries.answers import Answer
from orchestration.serving.queries.budgets import STATUS, read_budgets
from orchestration.serving.questions import amount_of
from orchestration.serving.reading import Reading

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
KINDS = (*SCOPES, "cost_center", "tag", "global", "budget")


@dataclass(frozen=True)
class Standing:
    """Every budget that a viewer sees, as of a publication, found by what it is held against."""

    budgets: Sequence[Mapping[str, Any]]
    _places: dict[tuple[str, str | None], list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for place, budget in enumerate(self.budgets):
            scope = EVERYONE if budget["scope_type"] == "global" else (budget["scope_type"], budget["scope_id"])
            for each in {scope, ("budget", budget["budget_id"]), ("budget", budget["name"])}:
                self._places.setdefault(each, []).append(place)

    def touched(self, scopes: Sequence[tuple[str, str | None]]) -> list[Mapping[str, Any]]:
        """Those that one of the scopes touches, in their order; global ones always."""
        places = {place for scope in (EVERYONE, *scopes) for place in self._places.get(scope, ())}
        return [self.budgets[place] for place in sorted(places)]


def standing_of_budgets(reading: Reading, shown: Callable[[str], str] = str) -> Standing:
    """Read once for a publication and a viewer. `shown`: what marts have for the id of a user."""
    return Standing([_of_user(budget, shown) for budget in read_budgets(reading)])


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
    found = [_one(budget, used, wanted, now) for budget in standing.touched(asked)]
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


def _one(budget: Mapping[str, Any], used: CapturedUsage, amount: Decimal, now: datetime) -> dict[str, Any]:
    start, spent, is_new = _period(budget, now)
    since = _since(budget, used, start)
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


def _since(budget: Mapping[str, Any], used: CapturedUsage, start: datetime) -> Since:
    """What was captured since and is held against a budget; an event is always use of a model."""
    kind = budget["scope_type"]
    if budget["counts"] not in ("llm", "total") or kind not in (*SCOPES, EVERYONE[0]):
        return Since()
    return used.since(start, *(EVERYONE if kind == EVERYONE[0] else (kind, budget["scope_id"])))


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
