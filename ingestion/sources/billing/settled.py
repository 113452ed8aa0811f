"""Questions that a later delivery has answered: what was asked about counts no more.

An incomplete run between two complete ones, or two files of one service each that a file of both has replaced, is
nothing that a person could still decide. Put here: telling such questions. Keep out: asking them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.sources.billing.deliveries import Delivery
from ingestion.sources.billing.precedence import Decision, Question
from ingestion.sources.billing.relations import union_of


def open_questions(decision: Decision) -> Iterator[Question]:
    """The questions of which the side that is said to count still does."""
    for question in decision.questions:
        newer, older = question.newer, question.older
        sides = [newer] if older is None or question.counts != "older" else []
        sides += [older] if older is not None and question.counts != "newer" else []
        if all(_counts(each, question) for each in sides):
            yield question


def _counts(delivery: Delivery, question: Question) -> bool:
    """Whether something of a delivery counts on the days of a question, or nobody can tell."""
    scopes = delivery.buckets.get(question.bucket)
    if scopes is None:
        return not delivery.coverage or any(delivery.live.values())
    live = union_of(delivery.live.get(scope, 0) for scope in scopes)
    is_of_days = question.days and question.counts != "both"  # where both count, each may have other days
    return bool(live & question.days if is_of_days else live)
