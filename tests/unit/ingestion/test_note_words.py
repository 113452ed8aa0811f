"""A note says which file it is about, whatever other files its words name."""

from __future__ import annotations

import pytest

from ingestion.landing.notes import Note


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("passed over; expected teams.csv, tag_keys.csv", "keys.csv: passed over; expected teams.csv, tag_keys.csv"),
        ("keys.csv was removed", "keys.csv was removed"),
        ("keys.csv.gz is read instead", "keys.csv: keys.csv.gz is read instead"),
        ("old/keys.csv counts", "keys.csv: old/keys.csv counts"),
        ("bill.csv replaced keys.csv.", "bill.csv replaced keys.csv."),
    ],
)
def test_a_file_is_named_unless_the_words_name_it(message: str, shown: str) -> None:
    assert str(Note("passed_over", message, "keys.csv")) == shown
