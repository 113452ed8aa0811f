"""The same money told twice in other ways: actual and amortised cost, FOCUS and native, two agreements, two currencies.

Runs after `precedence`, over what still counts. Of two kinds of the same charges one counts; where it may be other
money, both do; the run asks in any case. Put here: charges that meet across accounts, types and formats. Keep out:
newer and older deliveries of one kind.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.sources.billing.deliveries import Delivery
from ingestion.sources.billing.meetings import LEAST_SHARE_OF_ROWS
from ingestion.sources.billing.precedence import Decision, Question
from ingestion.sources.billing.relations import holds_all_of, is_same_stream
from ingestion.sources.billing.scopes import CORRECTION, Coverage

LONGEST_LAG = 3
"""So many days one of two exports that both go on may be behind the other."""
_RANK = {"focus": 0, "actual": 1, "": 1, "usage": 2, "amortized": 3}
_FAMILIES = {"azure": ("microsoft", "azure"), "aws": ("aws", "amazon")}


@dataclass(frozen=True)
class _Place:
    """One scope of one delivery."""

    delivery: Delivery
    scope: str
    family: str

    @property
    def coverage(self) -> Coverage:
        return self.delivery.coverage[self.scope]

    @property
    def live(self) -> int:
        return self.delivery.live.get(self.scope, 0)

    @property
    def kind(self) -> tuple[str, str]:
        return self.delivery.source_format, self.delivery.dataset_type or "actual"

    @property
    def parts(self) -> dict[str, str]:
        return self.coverage.parts


def settle_rivals(decision: Decision, rules: DeliveryRules) -> None:
    """Take out of the count what another kind of the same charges tells, and ask about what may be the same."""
    places: dict[tuple[str, str, str], list[_Place]] = defaultdict(list)
    for delivery in decision.deliveries:
        for scope, days in delivery.live.items():
            coverage = delivery.coverage[scope]
            account = _account(coverage)
            if days and not scope.endswith(CORRECTION):
                family = _family(delivery, coverage)
                places[family, account, coverage.parts["period"]].append(_Place(delivery, scope, family))
    for found in places.values():
        kinds = {(each.kind, each.parts["parent"], each.parts["currency"], each.delivery.folder) for each in found}
        if len(kinds) > 1:
            _other_kinds(found, decision, rules)
            _other_agreements(found, decision, rules)


def _other_kinds(places: list[_Place], decision: Decision, rules: DeliveryRules) -> None:
    ranked = sorted(places, key=lambda each: _RANK[each.delivery.dataset_type])
    for position, counts in enumerate(ranked):
        for other in ranked[position + 1 :]:
            if counts.kind == other.kind or not counts.live or not other.live:
                continue
            paths = other.delivery.paths, counts.delivery.paths
            said = rules.between(*paths) or rules.between(*reversed(paths))
            if said == "adds":
                continue
            if not counts.live & other.live:
                if not said and counts.kind[0] == other.kind[0]:
                    why = f"it tells other days of the period as {_kind(other)}: what is paid up front may count twice"
                    decision.questions.append(_question(other, counts, why, other.live, "both"))
                continue
            first, second = _by_size(counts, other)
            if rules.between(second.delivery.paths, first.delivery.paths) == "replaces":
                first, second = second, first
            days = first.live & second.live
            second.delivery.live[second.scope] &= ~days
            if not said:
                why = f"the same charges as {_kind(first)} and as {_kind(second)} are the same money twice"
                decision.questions.append(_question(second, first, why, days, "older"))


def _by_size(preferred: _Place, other: _Place) -> tuple[_Place, _Place]:
    """The preferred kind counts, unless it is plainly only a part of the charges, or an export that ended while the
    other went on: a period half in one kind and half in the other would have what is paid up front twice."""
    days = preferred.live & other.live
    has_ended = not preferred.live & ~other.live and other.live.bit_length() - preferred.live.bit_length() > LONGEST_LAG
    if has_ended and preferred.kind[0] == other.kind[0]:
        return other, preferred
    is_part = preferred.coverage.rows_of(days) < LEAST_SHARE_OF_ROWS * other.coverage.rows_of(days)
    return (other, preferred) if is_part and preferred.kind[0] != other.kind[0] else (preferred, other)


def _other_agreements(places: list[_Place], decision: Decision, rules: DeliveryRules) -> None:
    """One subscription and day under two billing accounts, or in two currencies."""
    for position, one in enumerate(places):
        for other in places[position + 1 :]:
            days = one.live & other.live
            if not days or one.kind != other.kind or one.delivery is other.delivery:
                continue
            mine, theirs = one.parts, other.parts
            vendors = [each.coverage.folded["provider"] for each in (one, other)]
            if rules.between(other.delivery.paths, one.delivery.paths) or vendors[0] != vendors[1]:
                continue
            parents = [each.coverage.folded["parent"] for each in (one, other)]
            if parents[0] != parents[1] and mine["parent"] and theirs["parent"] and mine["account"]:
                if is_same_stream(other.delivery, one.delivery) and holds_all_of(other.coverage, one.coverage):
                    why = f"it charges to {theirs['parent']} what the older one charges to {mine['parent']}"
                    one.delivery.live[one.scope] &= ~days
                    decision.questions.append(_question(other, one, why, days, "newer"))
                    continue
                if one.family not in _FAMILIES:
                    continue  # others' sub accounts are unique below their billing account only
                why = (
                    f"{mine['account']} is billed under {mine['parent']} and under {theirs['parent']} on the same days"
                )
            elif not _account(one.coverage) and mine["issuer"] == theirs["issuer"]:
                if one.delivery.folder == other.delivery.folder or not _hold_the_same(one, other):
                    continue
                folders = f"{one.delivery.folder} and {other.delivery.folder}"
                why = f"neither names an account, and {folders} hold the same charges"
                if (one.coverage.amount, one.coverage.days) == (other.coverage.amount, other.coverage.days):
                    other.delivery.live[other.scope] = 0
                    decision.questions.append(_question(other, one, why, days, "older"))
                    continue
            elif parents[0] == parents[1] and mine["currency"] != theirs["currency"]:
                why = f"the same days are billed in {mine['currency'] or 'no currency'} and {theirs['currency']}"
                is_again = holds_all_of(other.coverage, one.coverage, is_currency_free=True)
                if is_again and is_same_stream(other.delivery, one.delivery):
                    one.delivery.live[one.scope] &= ~days
                    decision.questions.append(_question(other, one, why, days, "newer"))
                    continue
            else:
                continue
            decision.questions.append(_question(other, one, why, days, "both"))


def _hold_the_same(one: _Place, other: _Place) -> bool:
    return bool(one.coverage.sample & other.coverage.sample)


def _question(newer: _Place, older: _Place, why: str, days: int, counts: str) -> Question:
    parts = newer.parts
    bucket = (newer.delivery.source_format, parts["parent"] or parts["account"], parts["period"])
    return Question("delivery_question", newer.delivery, older.delivery, why, bucket, days, counts)


def _account(coverage: Coverage) -> str:
    """Sub account, else billing account, as every format of a cloud spells it."""
    text = coverage.folded["account"] or coverage.folded["parent"]
    return text.rstrip("/").rpartition("/")[2]


def _family(delivery: Delivery, coverage: Coverage) -> str:
    """The cloud; charges of others have no second format, so they meet their own kind only."""
    if delivery.source_format != "focus":
        return delivery.source_format.split("_")[0]
    name = coverage.folded["provider"]
    return next((cloud for cloud, words in _FAMILIES.items() if any(word in name for word in words)), f"focus {name}")


def _kind(place: _Place) -> str:
    source_format, dataset_type = place.kind
    return source_format if dataset_type in ("focus", "actual") else f"{source_format} {dataset_type} cost"
