"""What a kind of note is.

Put here: its parts. Keep out: kinds (`note_kinds`), a note itself (`notes`).
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """`title` heads a group of notes in the run's output, `one` a single note; `remedy` is a sentence: what to do.

    `warns`: the run counts as one with warnings. `is_lasting`: whether it is kept and told again while it holds, or
    belongs to the run that said it.
    """

    pressing: Pressing
    one: str
    title: str
    remedy: str
    warns: bool = False
    is_lasting: bool = True
