"""Headings of what landing noticed read as sentences for one thing and for several."""

from __future__ import annotations

import re

import pytest

from ingestion.landing.counting import counted
from ingestion.landing.note_kinds import NOTE_KINDS
from ingestion.landing.notes import Note
from orchestration.running.landing_notes import group_notes

PLURAL = re.compile(r"^\w+s\b|^(other|closed|drop|landed|known|forked) \w+s\b")


@pytest.mark.parametrize("kind", NOTE_KINDS)
def test_one_note_has_a_heading_in_the_singular_and_several_in_the_plural(kind: str) -> None:
    one, several = NOTE_KINDS[kind].one, NOTE_KINDS[kind].title
    assert PLURAL.search(several), several
    assert not PLURAL.search(one), one
    assert not re.search(r"\b(are|were|their)\b", one), one


def test_the_number_decides_which_heading_is_shown() -> None:
    note = Note("passed_over", "x.xlsx")
    assert [group.heading for group in group_notes([note])] == ["1 file that was passed over"]
    assert [group.heading for group in group_notes([note, note])] == ["2 files that were passed over"]
    assert counted(1000, "row", "rows") == "1,000 rows"
