"""What landing noticed and a person should know: kinds of notes, how pressing each is, and its remedy.

A note says what happened to which file; its kind says, once for all sources, how pressing that is and what to do.
Put here: kinds of notes. Keep out: rows that could not be landed (`QuarantinedRow`), printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum


class Pressing(IntEnum):
    """How pressing a note is; the first is told first."""

    QUESTION = 0
    """Money counts in a way that only the organisation can confirm: nothing was deleted or doubled meanwhile."""
    LOSS = 1
    """Something in a file counts nowhere."""
    ASSUMPTION = 2
    """A value was read in one of several possible ways."""
    INFORMATION = 3


@dataclass(frozen=True)
class NoteKind:
    """`title` heads a group of notes in the run's output; `remedy` is one sentence that says what to do."""

    pressing: Pressing
    title: str
    remedy: str


NOTE_KINDS: dict[str, NoteKind] = {
    "delivery_question": NoteKind(
        Pressing.QUESTION,
        "deliveries that may or may not replace one another",
        "say in deliveries.yml which file replaces, adds or is ignored",
    ),
    "delivery_incomplete": NoteKind(
        Pressing.QUESTION,
        "deliveries that are not complete; the older one counts",
        "let the export finish, or drop the missing part beside the others",
    ),
    "delivery_rules": NoteKind(
        Pressing.QUESTION,
        "rules of deliveries.yml that do not hold",
        "correct the rule as docs/sources/billing.md says",
    ),
    "folder_gone": NoteKind(
        Pressing.QUESTION,
        "drop folders that are gone; what was landed from them still counts",
        "mount or restore the folder, or put an empty README.txt there if its files were removed on purpose",
    ),
    "account_assumed": NoteKind(
        Pressing.ASSUMPTION,
        "bills that name no account; their folder counts as the account",
        "deliver BillingAccountId, or keep the bills of one account in one folder",
    ),
    "withdrawn": NoteKind(
        Pressing.INFORMATION,
        "files that were removed; their rows were withdrawn",
        "put the file back if it was removed by mistake",
    ),
    "unknown_format": NoteKind(
        Pressing.LOSS, "files of no known format", "compare the header with docs/sources, or take the file away"
    ),
    "unused_columns": NoteKind(
        Pressing.LOSS, "columns that nothing reads", "rename the column as docs/sources says, or ignore this"
    ),
    "unreadable_file": NoteKind(
        Pressing.LOSS, "files that cannot be read", "check that the file is complete and readable, then drop it again"
    ),
    "restated": NoteKind(Pressing.INFORMATION, "amounts that a newer delivery restated", ""),
    "time_zone_assumed": NoteKind(
        Pressing.ASSUMPTION, "times without a zone", "set the zone as docs/sources says if it is another"
    ),
    "rate_missing": NoteKind(Pressing.LOSS, "usage without a rate, of unknown cost", "add a rate, see docs/sources"),
    "other": NoteKind(Pressing.INFORMATION, "also noticed", ""),
}


@dataclass(frozen=True)
class Note:
    """One thing noticed. `message` is a sentence that names what was found, `amount` the money at stake, as delivered.

    `file` is the path below the drop folder, `row` the first row it concerns, `count` how many rows or files.
    """

    kind: str
    message: str
    file: str | None = None
    row: int | None = None
    count: int | None = None
    amount: Decimal | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in NOTE_KINDS:
            raise ValueError(f"no kind of note is called {self.kind!r}; add it to NOTE_KINDS")

    def __str__(self) -> str:
        return self.message
