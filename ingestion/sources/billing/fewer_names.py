"""The same charges told once with and once without a name: of the billing account, the sub account or the currency.

A bill exported again with fewer columns, or an older one from before a column was chosen, has scopes that match none of
the other's; so has one whose account ids a spreadsheet rounded, which name no account. Runs after `precedence`, over
what still counts. Put here: scopes of which one names more than the other. Keep out: other kinds of the same charges
(`rivals`), scopes that are named otherwise (`relations.renamed`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.reading.tabular.values import ROUNDED_ID
from ingestion.sources.billing.deliveries import Delivery
from ingestion.sources.billing.precedence import Decision, Question
from ingestion.sources.billing.relations import is_same_stream, union_of
from ingestion.sources.billing.scopes import CORRECTION, Coverage

NAMES = {"parent": "billing account", "account": "sub account", "currency": "currency"}
_Kind = tuple[str, str, str]


def settle_fewer_names(decision: Decision, rules: DeliveryRules) -> None:
    """Let charges count once that two deliveries tell under more and under fewer names, and ask about them."""
    order = {id(delivery): position for position, delivery in enumerate(decision.deliveries)}
    for (_, _, period), there in _by_kind(decision).items():
        if len({_named(each) for _, scopes in there for each in scopes}) == 1:
            continue
        for lacking, scopes in there:
            for scope in scopes:
                for naming, theirs in there:
                    if naming is not lacking:
                        fuller = [each for each in theirs if _names_more(each, scope)]
                        found = _settled(lacking, scope, naming, fuller, rules, order) if fuller else None
                        if found:
                            decision.questions.append(_question(*found, scope, lacking, period, order))


def _by_kind(decision: Decision) -> dict[_Kind, list[tuple[Delivery, list[Coverage]]]]:
    """What counts of ordinary charges: by format, type of cost and period, then by delivery."""
    found: dict[_Kind, dict[int, tuple[Delivery, list[Coverage]]]] = defaultdict(dict)
    for delivery in decision.deliveries:
        for scope, days in delivery.live.items():
            if days and not scope.endswith(CORRECTION):
                each = delivery.coverage[scope]
                kind = (delivery.source_format, delivery.dataset_type or "actual", each.parts["period"])
                found[kind].setdefault(id(delivery), (delivery, []))[1].append(each)
    return {kind: list(there.values()) for kind, there in found.items() if len(there) > 1}


def _named(coverage: Coverage) -> tuple[bool, ...]:
    return tuple(is_told(coverage.parts[name]) for name in NAMES)


def is_told(account: str) -> bool:
    """Whether a name tells which one it is: an id that a spreadsheet rounded (`1.23457E+11`) does not."""
    return bool(account) and re.match(ROUNDED_ID, account) is None


def _may_be(said: str, exact: str) -> bool:
    """Whether a name may be another one: none, the same, or what is left of its digits."""
    if is_told(said):
        return said == exact
    if not said:
        return True
    mantissa, _, power = said.lower().replace(",", ".").partition("e+")
    unit = Decimal(1).scaleb(int(power[:2]) - len(mantissa.partition(".")[2]))
    return exact.isdigit() and 2 * abs(Decimal(exact) - Decimal(mantissa).scaleb(int(power[:2]))) <= unit


def _names_more(one: Coverage, other: Coverage) -> bool:
    """Whether a scope has all names that another has, and one more, of the same vendor."""
    mine, theirs = one.folded, other.folded
    if mine["provider"] != theirs["provider"] or (
        mine["issuer"] != theirs["issuer"] and mine["issuer"] and theirs["issuer"]
    ):
        return False
    return _named(one) != _named(other) and all(_may_be(theirs[name], mine[name]) for name in NAMES)


def _settled(
    lacking: Delivery,
    scope: Coverage,
    naming: Delivery,
    fuller: Sequence[Coverage],
    rules: DeliveryRules,
    order: dict[int, int],
) -> tuple[Delivery, Delivery, int] | None:
    """Who else tells a scope's charges, who of both counts and on which days; what loses them is done.

    None where they are other charges, or where a rule has said what holds.
    """
    theirs = {each.row_scope: naming.live.get(each.row_scope, 0) for each in fuller}
    days = lacking.live.get(scope.row_scope, 0) & union_of(theirs.values())
    said = rules.between(lacking.paths, naming.paths) or rules.between(naming.paths, lacking.paths)
    if not days or said == "adds":
        return None
    whole = fuller[0]
    for each in fuller[1:]:
        whole = whole.joined(each)
    is_equal = scope.amount == whole.amount != 0 and scope.mask == whole.mask
    # A folder stands for an account that no bill names.
    is_of_one = lacking.folder == naming.folder or any(is_told(scope.parts[name]) for name in ("parent", "account"))
    if not (said or is_equal or (is_of_one and _is_alike(scope, whole, days))):
        return None
    goes_on = is_same_stream(lacking, naming) and order[id(lacking)] > order[id(naming)]
    keeps_fewer = rules.between(lacking.paths, naming.paths) == "replaces" or (not said and goes_on)
    if keeps_fewer:
        for name in theirs:
            naming.live[name] = theirs[name] & ~days
    else:
        lacking.live[scope.row_scope] &= ~days
    return None if said else (naming, lacking if keeps_fewer else naming, days)


def _is_alike(scope: Coverage, whole: Coverage, days: int) -> bool:
    """Whether both have as many rows on the same days, and the one that charges no other days is in the other."""
    if scope.rows_of(days) != whole.rows_of(days) or not scope.sample & whole.sample:
        return False
    if not scope.mask & ~whole.mask:
        return not whole.lacks_rows_of(scope)
    return bool(whole.mask & ~scope.mask) or not scope.lacks_rows_of(whole)


def _question(
    naming: Delivery,
    counts: Delivery,
    days: int,
    scope: Coverage,
    lacking: Delivery,
    period: str,
    order: dict[int, int],
) -> Question:
    older, newer = sorted((naming, lacking), key=lambda each: order[id(each)])
    who = "it" if lacking is newer else "the older one"
    missing = " or ".join(NAMES[name] for name in _lacked(scope, naming))
    why = f"{who} names no {missing}, and both hold the same charges"
    parts = scope.folded
    bucket = (lacking.source_format, parts["parent"] or parts["account"] or f"folder {lacking.folder}", period)
    kept = "newer" if counts is newer else "older"
    return Question("delivery_question", newer, older, why, bucket, days, kept)


def _lacked(scope: Coverage, naming: Delivery) -> Iterator[str]:
    return (
        name
        for name in NAMES
        if not is_told(scope.parts[name]) and any(is_told(each.parts[name]) for each in naming.coverage.values())
    )
