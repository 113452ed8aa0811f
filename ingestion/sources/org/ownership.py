"""What one row of `ownership.csv` must satisfy, and its subjects as people write them: in a column of their kind
(`Account ID`, `API key`), several in a cell.

Put here: rules of a single row. Keep out: reading, who owns what at a time (`checks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingestion.reading.tabular.values import ROUNDED_ID
from ingestion.sources.org.model import Row
from ingestion.sources.org.spellings import choice, word
from ingestion.sources.org.tags import complete_tag

_KINDS = ("api_key", "workspace", "account")
"""Kinds whose ids have no commas and whose name as a header is a subject; so is a tag's. A project is the owner."""
_TAG = ("tag_key", "tag_value")
_WHOLE = re.compile(r"(\d{6,})\.0+", re.ASCII)
_BETWEEN = re.compile(r"\s*[;|\n]\s*")
_COMMAS = re.compile(r"\s*,\s*")


@dataclass(frozen=True)
class SubjectSheet:
    """Columns that are subjects by their kind."""

    kind: str
    columns: tuple[int, ...]

    @property
    def places(self) -> set[int]:
        """The columns that are used."""
        return {*self.columns}

    @property
    def tells(self) -> set[str]:
        """The columns of the file that it has in its own way."""
        return {"subject_type", "subject_id"}

    def fill(self, row: dict[str, str | None], cells: Mapping[int, str | None]) -> None:
        """Give a row its subject."""
        said = [cells[place] for place in self.columns]
        if all(said):
            row["subject_type"], row["subject_id"] = self.kind, "=".join(each or "" for each in said)

    def name(self, row: dict[str, str | None]) -> None:
        """Owners have no ids."""


def subject_sheet(others: Mapping[int, str], places: Mapping[str, int]) -> SubjectSheet | None:
    """The one column, or key and value of a tag, that says who is owned."""
    if "subject_type" in places or "subject_id" in places:
        return None
    words = {word(header): place for place, header in others.items()}
    found = {
        place: kind for said, place in words.items() if (kind := choice(said.removesuffix("_id"), (*_KINDS, "tag")))
    }
    is_tag = all(each in words for each in _TAG)
    if len(found) + is_tag != 1:
        return None
    if is_tag:
        return SubjectSheet("tag", tuple(words[each] for each in _TAG))
    [(place, kind)] = found.items()
    return SubjectSheet(kind, (place,))


def rows_of_subjects(cells: dict[str, str | None]) -> Iterator[dict[str, str | None]]:
    """A row for each id of a cell: apart by semicolons, bars or lines, and by commas where ids have none."""
    said = cells.get("subject_id") or ""
    kind = choice(cells.get("subject_type") or "", (*_KINDS, "project", "tag"))
    several = [said] if kind in (None, "tag") else [each for each in _BETWEEN.split(said) if each]
    if len(several) == 1 and kind in (*_KINDS, "project"):
        parts = [each for each in _COMMAS.split(said) if each]
        if kind != "account" or all(map(str.isdigit, parts)):
            several = parts
    for each in several or [said]:
        yield {**cells, "subject_id": each} if each != said else cells


def complete_ownership(row: Row) -> None:
    """Checks one row: an owner, a subject that can be met."""
    values = row.values
    if not (values["team_id"] or values["project_id"] or values["cost_center_id"]):
        row.reject("team_id", "missing_owner", "no owner; fill in team_id, project_id or cost_center_id")
    subject = values["subject_id"] or ""
    if "*" in subject:
        row.reject("subject_id", "invalid_value", f"{subject!r} is no pattern: write a row for each id")
    if values["subject_type"] == "tag":
        complete_tag(row, "subject_id")
    elif re.match(ROUNDED_ID, subject):
        said = f"{subject!r} lost digits in a spreadsheet; write all of them, in a column of text"
        row.reject("subject_id", "invalid_number", said)
    elif found := _WHOLE.fullmatch(subject):
        values["subject_id"] = found[1]
