"""What was used since the publication, against a plain sum over every event that is still held."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.serving import captured as module
from orchestration.serving.captured import EVERYONE, SCOPES, Captured, CapturedUsage
from orchestration.serving.queries.checking import Standing, check

BEGIN = datetime.fromisoformat("2026-03-01T00:00:00")


def some(random_: random.Random, number: int) -> Captured:
    scopes = {kind: random_.choice(["a", "b", None]) for kind in SCOPES if random_.random() < 0.9}
    cost = None if random_.random() < 0.2 else Decimal(random_.randrange(10**15)) / 10**12
    return Captured(f"e{number}", BEGIN + timedelta(minutes=random_.randrange(6000)), scopes, cost)


def test_sums_are_those_of_the_events_that_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 300)
    random_ = random.Random(7)
    used, held = CapturedUsage(), {}
    for round_ in range(12):
        new = [some(random_, random_.randrange(900)) for _ in range(60)]
        used.add(new)
        for event in new:
            held.setdefault(event.event_id, event)
        while len(held) > 300:
            del held[next(iter(held))]
        published = random_.sample(sorted(held), 20)
        monkeypatch.setattr(module, "_held", lambda publication, known, published=published: published)
        used.settle(SimpleNamespace(id=f"p{round_}"))  # type: ignore[arg-type]
        for event_id in published:
            del held[event_id]
        for kind, name in [EVERYONE, *((kind, name) for kind in SCOPES for name in ("a", "b", None, "nobody"))]:
            start = BEGIN + timedelta(hours=random_.randrange(110))
            mine = [
                event.cost_usd for event in held.values()
                if event.at_utc >= start and (kind == "global" or event.scopes.get(kind) == name)
            ]  # fmt: skip
            since = used.since(start, kind, name)
            known = [cost for cost in mine if cost is not None]
            assert (since.event_count, since.unpriced_count) == (len(mine), len(mine) - len(known))
            assert since.cost_usd == sum(known, Decimal(0))
    assert used.event_count == len(held)
    assert used.forgotten_count > 0
    used.settle(SimpleNamespace(id="all"))  # type: ignore[arg-type]
    monkeypatch.setattr(module, "_held", lambda publication, known: known)
    used.settle(SimpleNamespace(id="none is left"))  # type: ignore[arg-type]
    assert (used.event_count, used._sums) == (0, {})


def budget(number: int, kind: str, name: str | None, counts: str = "llm") -> dict[str, Any]:
    return {
        "budget_id": f"b{number}", "name": f"Budget {number}", "scope_type": kind, "scope_id": name, "counts": counts,
        "period": "month", "period_start_date": BEGIN.date(), "period_end_date": BEGIN.date() + timedelta(days=30),
        "limit": Decimal(10), "current_spend": Decimal(1), "alert_thresholds": [50.0],
    }  # fmt: skip


def test_of_many_budgets_those_are_asked_that_a_scope_touches() -> None:
    many = [budget(number, "user", f"u{number}") for number in range(5000)]
    budgets = [*many, budget(5000, "global", None), budget(5001, "team", "a", "own"), budget(5002, "tag", "x:y")]
    standing, used = Standing(budgets), CapturedUsage()
    used.add([Captured("1", BEGIN, {"team": "a", "user": "u7"}, Decimal("2.5"))])

    def asked(*scopes: str) -> dict[str, Decimal]:
        found = check(standing, used, scopes, "8", None, BEGIN + timedelta(days=1))
        return {each["budget_id"]: each["remaining_after"] for each in found.body["budgets"]}

    everyone = {"b5000": Decimal("-1.5")}
    assert asked() == everyone
    assert asked("user:u7", "user:u8") == {"b7": Decimal("-1.5"), "b8": Decimal(1), **everyone}
    assert asked("budget:b9", "budget:Budget 9", "user:u9", "user:nobody") == {"b9": Decimal(1), **everyone}
    assert asked("team:a", "tag:x:y") == {**everyone, "b5001": Decimal(1), "b5002": Decimal(1)}
    assert list(asked("tag:x:y", "user:u1")) == ["b1", "b5000", "b5002"]
