"""From proposed to verified: what became of each recommendation that was acted on.

Put here: states, and the row of `verified_savings`. Keep out: the measuring (`repricing`, `counterfactual`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ml.contracts import columns_of
from ml.money import to_decimal
from ml.optimization.recurring import without_one_offs
from ml.optimization.verification.counterfactual import WEEKS_BEFORE, estimate_saving
from ml.optimization.verification.facts import Facts, days_of, slice_ids
from ml.optimization.verification.repricing import (
    Repriced,
    reprice_cache,
    reprice_gpus,
    reprice_model,
    reprice_tier,
)
from ml.optimization.workloads import clean_rows

if TYPE_CHECKING:
    import pandas as pd

NAME = "savings_verification"
VERSION = "1"
SHORTEST_DAYS = 7
"""Fewer days say nothing of what a change brings."""
NEWEST_DAYS = 14
MOST_WEEKS_AFTER = 13
"""Of so many weeks a volume is measured: later its part of the spend says more of other changes."""
FADED_RATIO = Decimal("0.2")
"""A saving whose newest days bring less than this part of what its first days brought has faded."""
CLOSED = {"accept": "accepted", "reject": "rejected", "dismiss": "dismissed"}
TIERS = {"batch_tier": "processing=batch", "flex_tier": "service_tier=flex"}


@dataclass(frozen=True)
class Measured:
    """What came out of the days measured; `newest` is the saving of the newest days, which may lie after them."""

    method: str
    counterfactual: Decimal
    actual: Decimal
    lower: Decimal
    upper: Decimal
    first: date
    last: date
    newest: Decimal | None
    newest_from: date
    newest_is_nothing: bool
    remark: str

    @property
    def saving(self) -> Decimal:
        return self.counterfactual - self.actual


def verify(inputs: Mapping[str, pd.DataFrame], *, as_of: date, scored_at_utc: datetime) -> pd.DataFrame:
    """Rows of `verified_savings`: one per recommendation whose newest action is not to reopen it.

    `actions`: recommendation_id, action, valid_from_utc; `snapshots`: the recommendations as they were then; `usage`,
    `totals`, `prices`, `gpus`: see `orchestration.warehouse.verifying`.
    """
    import pandas as pd

    facts = Facts(inputs)
    rows = []
    for identifier, (action, since) in sorted(_newest_actions(inputs["actions"]).items()):
        snapshot = facts.snapshots.get(identifier)
        row: dict[str, Any] = dict.fromkeys(columns_of("verified_savings"))
        row |= {
            "recommendation_id": identifier,
            "strategy": snapshot["strategy"] if snapshot else None,
            "model_name": NAME,
            "model_version": VERSION,
            "scored_at_utc": scored_at_utc,
        }
        if action in CLOSED:
            rows.append(row | {"status": CLOSED[action], "reason": f"since {since}"})
        elif action == "implement" and snapshot is None:
            reason = "no recommendation of this id is known: compare it with rpt_recommendations"
            rows.append(row | {"status": "not_verifiable", "implemented_date": since, "reason": reason})
        elif action == "implement" and snapshot is not None:
            rows.append(row | _outcome(snapshot, since, as_of, facts))
    return pd.DataFrame(rows, columns=columns_of("verified_savings"))


def _outcome(snapshot: Mapping[str, Any], since: date, as_of: date, facts: Facts) -> dict[str, Any]:
    measured = (
        _by_prices(snapshot, since, as_of, facts)
        if snapshot["saving_kind"] == "price"
        else _by_volume(snapshot, since, as_of, facts)
        if snapshot["saving_kind"] == "volume"
        else "there are no dollars to it"
    )
    row: dict[str, Any] = {"implemented_date": since}
    if isinstance(measured, str):
        too_early = (as_of - since).days < SHORTEST_DAYS
        return row | {"status": "implemented" if too_early else "not_verifiable", "reason": measured}
    days = (measured.last - measured.first).days + 1
    status, reason = _status(measured, days)
    return row | {
        "status": status,
        "method": measured.method,
        "measured_from_date": measured.first,
        "measured_through_date": measured.last,
        "counterfactual_cost_usd": to_decimal(measured.counterfactual),
        "actual_cost_usd": to_decimal(measured.actual),
        "realised_saving_usd": to_decimal(measured.saving),
        "realised_lower_usd": to_decimal(measured.lower),
        "realised_upper_usd": to_decimal(measured.upper),
        "expected_saving_usd": to_decimal(Decimal(snapshot["saving_usd"] or 0) * days / 30),
        "newest_saving_usd": None if measured.newest is None else to_decimal(measured.newest),
        "reason": "; ".join(part for part in (reason, measured.remark) if part),
    }


def _status(measured: Measured, days: int) -> tuple[str, str]:
    if days < SHORTEST_DAYS:
        return "implemented", f"{days} days are too few to say"
    if measured.newest is not None and measured.newest_is_nothing and measured.upper > 0:
        is_within = measured.newest_from <= measured.last
        earlier = measured.saving - measured.newest if is_within else measured.saving
        a_day = earlier / (days - NEWEST_DAYS if is_within else days)
        if earlier > 0 and measured.newest / NEWEST_DAYS < FADED_RATIO * a_day:
            return (
                "reversed",
                f"it saved {earlier:.2f} USD at first, and {measured.newest:.2f} in the newest {NEWEST_DAYS} days",
            )
    if measured.lower > 0:
        return "verified", ""
    if measured.upper < 0 or (measured.method == "repriced" and measured.saving < 0):
        return "negative", "it costs more than before"
    if measured.method == "repriced":
        return "below_noise", "it saves nothing"
    return (
        "below_noise",
        f"between {measured.lower:.2f} and {measured.upper:.2f} USD: what it brings cannot be told from ordinary ups "
        "and downs",
    )


def _by_prices(snapshot: Mapping[str, Any], since: date, as_of: date, facts: Facts) -> Measured | str:
    evidence = json.loads(snapshot["evidence"] or "{}")
    rows = [
        row for row in facts.usage.get((snapshot["scope_type"], snapshot["scope_id"]), []) if row["usage_date"] < as_of
    ]
    old = (snapshot["provider_id"], snapshot["current_model_id"])
    lever = snapshot["lever"]
    if lever == "model" and snapshot["suggested_model_id"]:
        new = (evidence.get("provider_id") or snapshot["provider_id"], snapshot["suggested_model_id"])
        found = reprice_model(rows, facts.prices, since, old, new)
    elif lever == "tier" and snapshot["strategy"] in TIERS:
        found = reprice_tier(rows, facts.prices, since, old, TIERS[snapshot["strategy"]])
    elif lever == "cache":
        found = reprice_cache(rows, facts.prices, since, old)
    elif snapshot["scope_type"] == "host":
        rate = Decimal(evidence.get("usd_per_hour") or 0)
        hours = [row for row in facts.gpus if row["usage_date"] < as_of]
        found = reprice_gpus(hours, since, snapshot["scope_id"], rate)
    elif lever == "model" and evidence.get("moves"):
        found = _by_moves(snapshot, evidence["moves"], since, as_of, facts)
    else:
        return "it moves several workloads: say which with recommendations of their own"
    if found.why_not:
        return found.why_not
    if not found.days:
        return f"nothing of {snapshot['scope_id']} has been served the new way since {since}: is the change in effect?"
    return _exact(found, since, as_of - timedelta(days=1))


def _by_moves(
    snapshot: Mapping[str, Any], moves: Sequence[Mapping[str, str]], since: date, as_of: date, facts: Facts
) -> Repriced:
    """Several workloads, each to a model of its own. Where two of one scope moved to one, the cheaper card counts."""
    options: dict[tuple[str, str, str], list[Repriced]] = {}
    for name, move in zip(slice_ids(snapshot), moves, strict=False):
        _, scope_type, scope_id, provider_id, model_id = name.split("|", 4)
        rows = [row for row in facts.usage.get((scope_type, scope_id), []) if row["usage_date"] < as_of]
        to_provider, _, to_model = str(move["to"]).partition("/")
        found = reprice_model(rows, facts.prices, since, (provider_id, model_id), (to_provider, to_model))
        options.setdefault((scope_type, scope_id, str(move["to"])), []).append(found)
    total, served = Repriced(), []
    for (_, scope_id, to), found_ones in sorted(options.items()):
        if lacking := next((each.why_not for each in found_ones if each.why_not), None):
            return Repriced(why_not=lacking)
        least = min(found_ones, key=lambda each: sum((before for before, _ in each.days.values()), Decimal(0)))
        for day, (before, actual) in sorted(least.days.items()):
            total.add(day, before, actual)
        served += [f"{scope_id} on {to}"] if least.days else []
    total.remark = f"moved so far: {', '.join(served)}" if served else ""
    return total


def _exact(found: Repriced, first: date, last: date) -> Measured:
    before = sum((amounts[0] for amounts in found.days.values()), Decimal(0))
    actual = sum((amounts[1] for amounts in found.days.values()), Decimal(0))
    newest, edge = None, last - timedelta(days=NEWEST_DAYS - 1)
    if (last - first).days + 1 >= 2 * NEWEST_DAYS:
        newest = sum((a - b for day, (a, b) in found.days.items() if day >= edge), Decimal(0))
    saving = before - actual
    return Measured("repriced", before, actual, saving, saving, first, last, newest, edge, True, found.remark)


def _by_volume(snapshot: Mapping[str, Any], since: date, as_of: date, facts: Facts) -> Measured | str:
    names = slice_ids(snapshot)
    start, last = since - timedelta(days=7 * WEEKS_BEFORE), as_of - timedelta(days=1)
    if snapshot["scope_type"] == "host":
        costs = facts.host_costs({snapshot["scope_id"]})
        others = facts.host_costs(set(), others=True)
        what = "all other hosts"
    else:
        costs = facts.slice_costs(names)
        others = facts.other_costs(days_of(start, last))
        what = "all other LLM spend"
    used = [day for day in costs if start <= day < since]
    first_used = min(used, default=since)
    before = days_of(first_used, since - timedelta(days=1))
    since_then = days_of(since, last)
    after = since_then[: 7 * MOST_WEEKS_AFTER]
    usual = without_one_offs({day: _money(amount) for day, amount in costs.items() if day < since}, before)
    costs |= {day: float(amount) for day, amount in usual.items()}
    if not any(others.get(day) for day in before):
        others = dict.fromkeys([*before, *since_then], 1.0)
        what = "its own past, as there is nothing else to compare it with"
    estimate = estimate_saving(
        [costs.get(day, 0.0) for day in before],
        [others.get(day, 0.0) for day in before],
        [costs.get(day, 0.0) for day in after],
        [others.get(day, 0.0) for day in after],
    )
    if estimate is None:
        return f"too few whole weeks: four before {since} and one since are needed"
    newest, is_nothing = None, False
    if estimate.weeks_after >= 4:
        late = estimate_saving(
            [costs.get(day, 0.0) for day in before],
            [others.get(day, 0.0) for day in before],
            [costs.get(day, 0.0) for day in since_then[-NEWEST_DAYS:]],
            [others.get(day, 0.0) for day in since_then[-NEWEST_DAYS:]],
        )
        newest = _money(late.saving) if late else None
        is_nothing = late is not None and late.lower <= 0
    end = since + timedelta(days=7 * estimate.weeks_after - 1)
    return Measured(
        "counterfactual",
        _money(estimate.counterfactual),
        _money(estimate.actual),
        _money(estimate.lower),
        _money(estimate.upper),
        since,
        end,
        newest,
        last - timedelta(days=NEWEST_DAYS - 1),
        is_nothing,
        f"compared with {what}, {estimate.weeks_before} weeks before",
    )


def _newest_actions(actions: pd.DataFrame) -> dict[str, tuple[str, date]]:
    found: dict[str, tuple[str, date]] = {}
    rows = sorted(clean_rows(actions), key=lambda row: (row["valid_from_utc"], int(row["_source_row"])))
    for row in rows:
        found[str(row["recommendation_id"])] = (str(row["action"]), row["valid_from_utc"].date())
    return found


def _money(amount: float) -> Decimal:
    return to_decimal(amount) or Decimal(0)
