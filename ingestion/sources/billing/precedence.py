"""What a newer delivery replaces: rows of days that it surely speaks of, and nothing by guess.

Deliveries are taken in order. Each meets those before it that still count, account by account and period by period, and
one of four things follows: the older loses days, the newer adds, the newer is held, or, beside holding, the run asks.
Put here: that decision for two deliveries. Keep out: other kinds of the same bill (`rivals`), deleting rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.sources.billing.deliveries import Bucket, Delivery, Proof
from ingestion.sources.billing.meetings import (
    CORRECTIONS,
    Days,
    corrections_of_both,
    covers_all,
    days_lost,
    days_of_both,
    doubt_about,
    speaks_of_corrections,
)
from ingestion.sources.billing.paths import may_be_of_one_period
from ingestion.sources.billing.relations import (
    charged_days,
    covered_days,
    described,
    differ_in_type,
    doubtful_order,
    is_coarse,
    is_same_stream,
    matching,
    names_none_of_several,
    nesting,
    ordinary,
    renamed,
    same_stream_of_one_vendor,
    span_of,
    span_to,
    speaks_of_provider,
    total,
    union_of,
    with_issuer,
)
from ingestion.sources.billing.scopes import Coverage


@dataclass
class Question:
    """Two deliveries that meet, why neither is sure, and where."""

    kind: str
    newer: Delivery
    older: Delivery | None
    why: str
    bucket: Bucket
    days: int
    counts: str = "older"
    """Which of them counts for now: older, newer or both."""


@dataclass
class Decision:
    """Which rows do not count, and what the run asks."""

    deliveries: Sequence[Delivery]
    questions: list[Question] = field(default_factory=list)

    def lost(self) -> Iterator[tuple[Delivery, Days]]:
        """Deliveries with the days of their scopes whose rows must go."""
        for delivery in self.deliveries:
            days = {scope: each.mask & ~delivery.live.get(scope, 0) for scope, each in delivery.coverage.items()}
            yield delivery, {scope: gone for scope, gone in days.items() if gone}


@dataclass
class _Verdict:
    """What follows of one meeting."""

    loses: Days = field(default_factory=dict)
    holds: Days = field(default_factory=dict)
    question: Question | None = None


def decide(deliveries: Sequence[Delivery], rules: DeliveryRules) -> Decision:
    """Fill in what of each delivery counts. `deliveries` are in order."""
    decision = Decision(deliveries)
    before: dict[Bucket, list[Delivery]] = defaultdict(list)
    for newer in deliveries:
        newer.live = {scope: coverage.mask for scope, coverage in newer.coverage.items()}
        if rules.ignores(newer.paths):
            newer.live = {}
            continue
        if not newer.coverage:
            _take_out_by_empty(newer, before, decision)
            continue
        is_incomplete = newer.proof[0] is Proof.INCOMPLETE
        was_told = False
        for bucket in newer.buckets:
            decision.questions += _renamings(newer, before[bucket], bucket, rules)
            is_anyones = names_none_of_several(newer, before[bucket], bucket)
            verdicts = [
                (older, _meet(newer, older, bucket, rules.between(newer.paths, older.paths), is_anyones=is_anyones))
                for older in before[bucket]
                if (rules.rules or _can_meet(newer, older, bucket))
                and any(older.live.get(scope) for scope in older.buckets[bucket])
            ]
            for _, verdict in verdicts:
                for scope, mask in verdict.holds.items():
                    newer.live[scope] &= ~mask
                if verdict.question:
                    decision.questions.append(verdict.question)
                    was_told = was_told or verdict.question.kind == "delivery_incomplete"
            for older, verdict in verdicts:
                for scope, mask in verdict.loses.items():
                    older.live[scope] &= ~(mask & ~_held_days(newer, bucket, older.coverage[scope]))
            before[bucket].append(newer)
        if is_incomplete and not was_told:
            bucket = next(iter(newer.buckets))
            decision.questions.append(Question("delivery_incomplete", newer, None, newer.proof[1], bucket, 0, "newer"))
    return decision


def _renamings(newer: Delivery, before: Sequence[Delivery], bucket: Bucket, rules: DeliveryRules) -> Iterator[Question]:
    """Has sub accounts and vendors that were renamed meet under both names; asks whether they were."""
    for older in before:
        said = rules.between(newer.paths, older.paths)
        if said == "adds" or differ_in_type(newer, older) or not _can_meet(newer, older, bucket):
            continue
        for theirs, mine in renamed(newer, older, bucket).items():
            was, now = older.coverage[theirs], newer.coverage[mine]
            newer.stands_for[theirs] = mine
            if not said:
                why = f"it charges as {with_issuer(now)} what the older one charges as {with_issuer(was)}"
                yield Question("delivery_question", newer, older, why, bucket, older.live[theirs], "newer")


def _can_meet(newer: Delivery, older: Delivery, bucket: Bucket) -> bool:
    """Cheap: false only where nothing can follow, as for files of single hours."""
    if newer.proof[0] is Proof.COMPLETE and is_same_stream(newer, older):
        return True
    mine, theirs = newer.times[bucket], older.times[bucket]
    return (mine[0] <= theirs[1] and theirs[0] <= mine[1]) or (mine[2] and theirs[2])


def _held_days(newer: Delivery, bucket: Bucket, theirs: Coverage) -> int:
    """The days of a scope on which the newer one's rows are held: there the older one keeps its own."""
    return union_of(newer.coverage[scope].mask & ~newer.live[scope] for scope in matching(newer, bucket, theirs))


def _meet(newer: Delivery, older: Delivery, bucket: Bucket, said: str, *, is_anyones: bool) -> _Verdict:
    """What follows where two deliveries charge the same account in the same period."""
    if said == "adds" or differ_in_type(newer, older):
        return _Verdict()
    pairs = days_of_both(newer, older, bucket)
    meeting = union_of(pairs.values()) & ~CORRECTIONS
    same_stream = is_same_stream(newer, older)
    if said == "replaces":
        return _Verdict(
            loses=days_lost(newer, older, bucket, pairs, covered_days(newer, bucket) | CORRECTIONS, everything=True)
        )
    state = newer.proof[0]
    if state is Proof.INCOMPLETE:
        if meeting and older.proof[0] is Proof.INCOMPLETE:
            return _hold_meeting(newer, older, bucket, pairs, f"{newer.proof[1]}, and {older.proof[1]}")
        is_met = meeting or corrections_of_both(newer, older, bucket)
        return _hold_whole(newer, older, bucket, meeting, newer.proof[1]) if is_met else _Verdict()
    if meeting and same_stream and newer.manifest is None and older.manifest is not None:
        return _hold_whole(newer, older, bucket, meeting, "no manifest lists it yet, as one lists the older")
    if meeting and total(newer, bucket) != total(older, bucket) and (why := doubtful_order(newer, older)):
        return _hold_meeting(newer, older, bucket, pairs, why)
    if state is Proof.COMPLETE and same_stream:
        claims = newer.claims(bucket[2]) or span_of(covered_days(newer, bucket))
        claims |= CORRECTIONS if covers_all(newer, older, bucket, claims) else 0
        return _Verdict(loses=days_lost(newer, older, bucket, pairs, claims, everything=True))
    if meeting and is_anyones and not same_stream_of_one_vendor(newer, older, bucket):
        return _hold_meeting(newer, older, bucket, pairs, "it names no vendor, and several charge this account")
    if not meeting:
        return _repeated_corrections(newer, older, bucket) or _of_other_grain(newer, older, bucket)
    scope_says = nesting(newer, older)
    if scope_says == "apart":
        return _Verdict()
    return _by_content(newer, older, bucket, pairs, scope_says)


def _by_content(newer: Delivery, older: Delivery, bucket: Bucket, pairs: Days, scope_says: str) -> _Verdict:
    """Nothing proves that the newer one restates the older one whole: what they hold has to show it."""
    meeting = union_of(pairs.values()) & ~CORRECTIONS
    is_complete = newer.proof[0] is Proof.COMPLETE
    stated = newer.stated_days(bucket[2])
    asked = meeting if is_complete else stated
    asked = asked or ~CORRECTIONS
    doubt = "" if scope_says != "inside" else f"it exports {newer.manifest.scope if newer.manifest else ''} only"
    doubt = doubt or doubt_about(newer, older, bucket, asked, only=pairs if is_complete else None)
    if doubt and older.proof[0] is Proof.INCOMPLETE:
        question = Question("delivery_question", newer, older, doubt, bucket, meeting, "newer")
        return _Verdict(loses=pairs, question=question)
    if doubt:
        return _hold_meeting(newer, older, bucket, pairs, doubt)
    days = (asked if asked >= 0 else charged_days(newer, bucket)) & ~CORRECTIONS
    if covers_all(newer, older, bucket, days) and speaks_of_corrections(newer, older, bucket):
        days |= CORRECTIONS
    loses = days_lost(newer, older, bucket, pairs, days, everything=False)
    return _Verdict(loses=loses, question=_left_over(newer, older, bucket, loses) if is_complete else None)


def _left_over(newer: Delivery, older: Delivery, bucket: Bucket, loses: Days) -> Question | None:
    """A complete delivery of another stream lacks rows that the older one has on the days it speaks of."""
    span = span_of(charged_days(newer, bucket))
    for scope in older.buckets[bucket]:
        theirs = older.coverage[scope]
        left = older.live.get(scope, 0) & ~loses.get(scope, 0) & span & ~CORRECTIONS
        if left and speaks_of_provider(newer, bucket, theirs):
            why = f"the older one has rows of {described(theirs)} on days of which the newer one has none"
            return Question("delivery_question", newer, older, why, bucket, left, "both")
    return None


def _hold_whole(newer: Delivery, older: Delivery, bucket: Bucket, meeting: int, why: str) -> _Verdict:
    holds = {scope: newer.coverage[scope].mask for scope in newer.buckets[bucket]}
    return _Verdict(holds=holds, question=Question("delivery_incomplete", newer, older, why, bucket, meeting))


def _hold_meeting(newer: Delivery, older: Delivery, bucket: Bucket, pairs: Days, why: str) -> _Verdict:
    """Only rows that the older one has too are held: what it has not, adds."""
    holds: Days = {}
    for theirs, days in pairs.items():
        for scope in matching(newer, bucket, older.coverage[theirs]):
            met = days & newer.coverage[scope].mask
            if met:
                holds[scope] = holds.get(scope, 0) | met
    question = Question("delivery_question", newer, older, why, bucket, union_of(pairs.values()))
    return _Verdict(holds=holds, question=question)


def _of_other_grain(newer: Delivery, older: Delivery, bucket: Bucket) -> _Verdict:
    """One charges by the month or week, the other by the day: nothing tells whether these are the same charges."""
    is_mine, is_theirs = (is_coarse(each, bucket) for each in (newer, older))
    days = 0
    for theirs in ordinary(older, bucket) if is_mine or is_theirs else ():
        for scope in matching(newer, bucket, theirs):
            if older.live.get(theirs.row_scope):
                days |= span_to(newer.coverage[scope], is_mine) & span_to(theirs, is_theirs)
    if not days & ~CORRECTIONS:
        return _Verdict()
    whose = "its rows charge" if is_mine else "the rows of the older one charge"
    why = f"{whose} for many days each, which the other charges too"
    return _Verdict(question=Question("delivery_question", newer, older, why, bucket, days, "both"))


def _repeated_corrections(newer: Delivery, older: Delivery, bucket: Bucket) -> _Verdict | None:
    """Corrections add, unless they are the same ones again; nothing where there are none."""
    again = corrections_of_both(newer, older, bucket)
    if not again:
        return None
    if {file.content_hash for file in newer.files} == {file.content_hash for file in older.files}:
        return _Verdict(loses=dict.fromkeys(again.values(), CORRECTIONS))
    why = "it has corrections that the older one has too"
    question = Question("delivery_question", newer, older, why, bucket, CORRECTIONS)
    return _Verdict(holds=dict.fromkeys(again, CORRECTIONS), question=question)


def _take_out_by_empty(newer: Delivery, before: dict[Bucket, list[Delivery]], decision: Decision) -> None:
    """A delivery without rows: the days are empty if a manifest says so, else nobody knows."""
    asked: Question | None = None
    for bucket, rivals in before.items():
        for older in rivals:
            live = [scope for scope in older.buckets[bucket] if older.live.get(scope)]
            if not live or not is_same_stream(newer, older) or newer.source_format != older.source_format:
                continue
            claims = newer.claims(bucket[2]) if newer.manifest and not newer.manifest.is_whole_period else 0
            if newer.proof[0] is Proof.COMPLETE and claims:
                for scope in live:
                    older.live[scope] &= ~claims
            elif newer.proof[0] is not Proof.COMPLETE and may_be_of_one_period(newer.key, older.key):
                kind = "delivery_incomplete" if newer.proof[0] is Proof.INCOMPLETE else "delivery_question"
                why = newer.proof[1] if kind == "delivery_incomplete" else "it holds a header and no row"
                if asked is None or older.order >= (asked.older or older).order:
                    asked = Question(kind, newer, older, why, bucket, charged_days(older, bucket))
    if asked:
        decision.questions.append(asked)
