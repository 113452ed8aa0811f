"""Asks which rows of the billing folder count, and words what a person should know about it.

Put here: the way from landed files to rows that must go, and the notes. Keep out: the rules themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.landing.delivery_rules import FILE_NAME, DeliveryRules, as_rule
from ingestion.landing.notes import Note
from ingestion.landing.registry import RegisteredFile
from ingestion.landing.source import Superseded
from ingestion.sources.billing.alike_invoices import alike_invoices
from ingestion.sources.billing.deliveries import Delivery, scopes_of, spelled
from ingestion.sources.billing.fewer_names import settle_fewer_names
from ingestion.sources.billing.grouping import group
from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.precedence import Decision, Question, decide
from ingestion.sources.billing.relations import differ_in_type
from ingestion.sources.billing.restated import restated, shown
from ingestion.sources.billing.rivals import settle_rivals
from ingestion.sources.billing.settled import open_questions

ACCOUNTS_TOLD = 3


@dataclass
class Restatements:
    """Finds what newer deliveries restate and remembers what a reader should know about it."""

    manifests: Manifests
    rules: DeliveryRules
    notes: list[Note] = field(default_factory=list)

    def find(self, files: list[RegisteredFile]) -> list[Superseded]:
        """File, scope and days of the rows that must go. The notes are those of the last call."""
        deliveries = group(files, self.manifests)
        decision = decide(deliveries, self.rules)
        settle_fewer_names(decision, self.rules)
        settle_rivals(decision, self.rules)
        misspelled = self.rules.misspelled(file.path for file in files)
        self.notes = [*self.rules.notes, *misspelled, *_questions(decision), *_without_account(deliveries)]
        self.notes += [*_unreadable(self.manifests), *restated(decision), *alike_invoices(decision.deliveries)]
        return list(_lost_rows(decision))


def _lost_rows(decision: Decision) -> Iterator[Superseded]:
    for delivery, lost in decision.lost():
        for file in delivery.files:
            for each in scopes_of(file):
                gone = lost.get(each.row_scope, 0) & each.mask
                if gone:
                    yield file.file_id, each.row_scope, gone


def _unreadable(manifests: Manifests) -> list[Note]:
    return [
        Note("manifest_unreadable", f"{path} cannot be read: {why}", file=path)
        for path, why in manifests.unreadable.items()
    ]


def _without_account(deliveries: list[Delivery]) -> list[Note]:
    return [
        Note(
            "account_assumed",
            f"{delivery.name} names no account: its provider and the folder {delivery.folder} count as the account",
            file=delivery.files[0].path,
        )
        for delivery in deliveries
        if delivery.has_no_account
    ]


def _questions(decision: Decision) -> list[Note]:
    """One note for two deliveries and one reason, whatever the number of accounts."""
    together: dict[tuple[str, int, int, str], list[Question]] = defaultdict(list)
    for question in open_questions(decision):
        together[question.kind, id(question.newer), id(question.older), question.counts].append(question)
    return [_note(questions) for questions in together.values()]


def _note(questions: list[Question]) -> Note:
    first = questions[0]
    newer, older = first.newer, first.older
    if older is None:
        return Note(
            first.kind,
            f"{newer.name} ({_amounts(newer, questions)}) is not complete: {first.why}. It counts as far as it goes",
            file=newer.files[0].path,
        )
    accounts = sorted({question.bucket[1] or "no account" for question in questions})
    shown = ", ".join(accounts[:ACCOUNTS_TOLD])
    shown += f" and {len(accounts) - ACCOUNTS_TOLD} more accounts" if len(accounts) > ACCOUNTS_TOLD else ""
    masks: dict[str, int] = defaultdict(int)
    for question in questions:
        masks[question.bucket[2]] |= question.days
    days = spelled(masks)
    counting = {
        "older": f"{older.name} counts for now",
        "newer": f"{newer.name} counts for now",
        "both": "both count for now",
    }[first.counts]
    message = (
        f"{newer.name} ({_amounts(newer, questions)}) meets {older.name} ({_amounts(older, questions)}) on {days}, "
        f"account {shown}: {first.why}. {counting}"
    )
    if first.kind == "delivery_question" and differ_in_type(newer, older):
        mine, theirs = (_pattern(each, other) for each, other in ((newer, older), (older, newer)))
        message += f"; to decide, write in {FILE_NAME} which of both never counts: {as_rule(mine, 'ignore')} or "
        message += as_rule(theirs, "ignore")
    elif first.kind == "delivery_question":
        mine, theirs = newer.files[0].path, older.files[0].path
        message += f"; to decide, write in {FILE_NAME}: {as_rule(mine, 'replaces', theirs)}, or then: adds where "
        message += f"both count, or {as_rule(mine, 'ignore')}"
        if any("lacks days" in question.why for question in questions):
            message += f"; if it tells all those days in fewer rows: {as_rule(theirs, 'ignore')}"
    totals = _totals(newer, questions)
    one = next(iter(totals.items())) if len(totals) == 1 else (None, None)
    return Note(first.kind, message, file=newer.files[0].path, amount=one[1], currency=one[0] or None)


def _pattern(delivery: Delivery, other: Delivery) -> str:
    """What matches a delivery and those that its export brings later: its folder, where the other one's is another."""
    folder = delivery.folder
    is_own = "/" in folder and not f"{other.folder}/".startswith(f"{folder}/")
    return f"{folder}/*" if is_own else delivery.files[0].path


def _totals(delivery: Delivery, questions: list[Question]) -> dict[str, Decimal]:
    """What a delivery charges in the accounts and periods of a question, by currency."""
    accounts = {question.bucket[1:] for question in questions}
    buckets = [bucket for bucket in delivery.buckets if bucket[1:] in accounts]
    buckets = buckets or [bucket for bucket in delivery.buckets if bucket[2] in {each for _, each in accounts}]
    found: dict[str, Decimal] = {}
    for bucket in buckets:
        for scope in delivery.buckets[bucket]:
            coverage = delivery.coverage[scope]
            currency = coverage.parts["currency"]
            found[currency] = found.get(currency, Decimal(0)) + coverage.amount
    return found


def _amounts(delivery: Delivery, questions: list[Question]) -> str:
    totals = _totals(delivery, questions)
    return " + ".join(f"{shown(amount)} {currency}".strip() for currency, amount in sorted(totals.items())) or "empty"
