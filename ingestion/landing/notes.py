"""What landing noticed and a person should know: what happened to which file, and how pressing it is (`note_kinds`).

Put here: a note. Keep out: rows that could not be landed (`QuarantinedRow`), keeping (`noting`), printing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from ingestion.landing.note_kinds import NOTE_KINDS
from ingestion.landing.redaction import masked_message


def _names(message: str, file: str) -> bool:
    """Whether a message names a file, and not another whose path this one is the end or beginning of."""
    return re.search(rf"(?<![\w/.-]){re.escape(file)}(?![\w/-]|\.\w)", message) is not None


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
        object.__setattr__(self, "message", masked_message(self.message))

    def __str__(self) -> str:
        """The message, behind the file and row where it does not name the file itself."""
        if self.file is None or _names(self.message, self.file):
            return self.message
        return f"{self.file}{f', row {self.row}' if self.row is not None else ''}: {self.message}"
