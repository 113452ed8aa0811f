"""Rules of deliveries.yml as the run prints them: copied into the file they hold, whatever the file is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.landing.delivery_rules import FILE_NAME, as_rule, read_rules
from ingestion.landing.notes import Note
from ingestion.sources.billing.manifests import Manifests
from ingestion.sources.billing.pipeline import route
from ingestion.sources.billing.restatements import Restatements
from tests.unit.ingestion.billing.landed import registered

NAMES = (
    *(
        "june (2)",
        "june [final]",
        "june *new*",
        "june #2",
        "june: again",
        "'june'",
        "june?",
        "- june",
        "a, b",
        "{june}",
    ),
    *("Ünï juni", '"june"', "june & co @1%", "!june", "yes"),
)


def asked(folder: Path, name: str) -> Restatements:
    """A shorter file of other amounts beside a whole month: June has 30.00, the other 20 rows."""
    found = Restatements(Manifests({}), read_rules(folder))
    files = [registered("focus/june.csv", 1, "a>s|2025-06|1-30x1"), registered(name, 2, "a>s|2025-06|1-20x1")]
    found.find(files)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("then", ["replaces", "ignore"])
def test_a_rule_that_the_run_prints_settles_the_question_when_it_is_copied(
    tmp_path: Path, name: str, then: str
) -> None:
    path = f"focus/{name}.csv"
    [question] = asked(tmp_path, path).notes
    printed = as_rule(path, then, "focus/june.csv" if then == "replaces" else "")
    assert printed in question.message
    (tmp_path / FILE_NAME).write_text(printed)
    assert asked(tmp_path, path).notes == []
    (tmp_path / FILE_NAME).write_text(printed.removeprefix("- "))
    assert asked(tmp_path, path).notes == []


def test_a_rule_that_fits_no_file_is_said_and_a_glob_that_fits_one_is_not(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        "- {match: focus/agian.csv, then: ignore}\n- {match: old/*, then: ignore}\n- {match: focus/ag*, then: adds}\n"
    )
    notes = asked(tmp_path, "focus/again.csv").notes
    said = [note.message for note in notes]
    assert said == [
        f"{FILE_NAME}: {text!r} is no file that is there: its rule does nothing until one is"
        for text in ("focus/agian.csv", "old/*")
    ]
    assert {note.kind for note in notes} == {"other"}


def test_rules_are_read_in_any_case_and_named_where_nothing_reads_them(tmp_path: Path) -> None:
    (tmp_path / "Deliveries.YML").write_text("- {match: focus/again.csv, then: ignore}\n")
    assert asked(tmp_path, "focus/again.csv").notes == []
    assert route(tmp_path, "Deliveries.YML") == ""
    note = route(tmp_path, "focus/deliveries.yml")
    assert isinstance(note, Note)
    assert "move them to deliveries.yml" in note.message
    assert read_rules(tmp_path / "gone").rules == []
