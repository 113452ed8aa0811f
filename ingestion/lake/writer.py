"""What a home knows of the lake it writes, kept in the home: the store is not asked for it.

Put here: that note. Keep out: versions, whose a lake is (`versions`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ingestion.whole_files import replace_file

NOTE = "lake/writer.json"
"""In the home: what it wrote last and meant to write next."""


@dataclass(frozen=True)
class WriterNote:
    """What a home knows of the lake it writes."""

    writer: str
    place: str
    token: str = ""
    next_token: str = ""
    removed_to: int = 0
    """Up to this version, what was dropped is taken out."""
    is_unfinished: bool = False
    """Whether objects may be there that no version names."""
    history: Mapping[str, tuple[str, list[str]]] = field(default_factory=dict)
    """By number of each version that stays readable: when it was written, and what it dropped."""
    purge_due: bool = False
    """Whether all but the version to come has to go: somebody is to be forgotten."""


class Writer:
    """The note of a home on the lake at a place."""

    def __init__(self, home: Path, place: str) -> None:
        self._path = home / NOTE
        self.note = self._read_note(place)

    def remember(self, **changes: object) -> None:
        """Change what the home knows; on disk when this returns."""
        self.note = replace(self.note, **changes)  # type: ignore[arg-type]
        replace_file(self._path, json.dumps(asdict(self.note)))

    def _read_note(self, place: str) -> WriterNote:
        try:
            note = WriterNote(**json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return WriterNote(secrets.token_hex(8), place)
        return note if note.place == place else WriterNote(note.writer, place)
