"""What is said of a sure replacement that changes a sum, and of manifests that cannot be read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.landing.delivery_rules import DeliveryRules
from ingestion.sources.billing.manifests import Manifests, read_manifests
from ingestion.sources.billing.restated import overwritten
from ingestion.sources.billing.restatements import Restatements
from tests.unit.ingestion.billing.landed import registered

OLD, NEW = "x/20260601/bill.csv", "x/20260602/bill.csv"


def told(*amounts: str | None, newer: str = "a|2026-06|1-30") -> list[tuple[str, Decimal | None, str | None]]:
    files = [
        registered(OLD, 1, "a|2026-06|1-30", amount=amounts[0]),
        registered(NEW, 2, newer, amount=amounts[1]),
    ]
    found = Restatements(Manifests(), DeliveryRules())
    found.find(files)
    return [(note.message, note.amount, note.currency) for note in found.notes if note.kind == "restated"]


def test_the_same_days_with_another_sum_are_told_with_old_new_and_difference() -> None:
    [(message, amount, currency)] = told("300.00", "302.50")
    assert "300.00 became 302.50 USD, difference +2.50" in message
    assert "2026-06-01 to 2026-06-30" in message
    assert (amount, currency) == (Decimal("2.50"), "USD")


def test_what_changes_no_sum_or_only_grows_is_not_told() -> None:
    assert told("300.00", "300.00") == []
    assert told("300.00", "310.00", newer="a|2026-06|1-31") == []


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "\x00"])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text(text)
    found = Restatements(read_manifests(tmp_path), DeliveryRules())
    found.find([])
    assert [(note.kind, note.file) for note in found.notes] == [("manifest_unreadable", "run/manifest.json")]


def test_a_manifest_of_an_empty_run_is_none_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"blobs": []}')
    assert read_manifests(tmp_path).unreadable == {}


def test_what_an_older_delivery_keeps_until_somebody_answers_is_no_restatement() -> None:
    files = [
        registered("x/a.csv", 1, "a|2026-06|1-30", amount="300.00", sample=(1,)),
        registered("y/b.csv", 2, "a|2026-06|1-30", amount="2.00", sample=(2,)),
    ]
    found = Restatements(Manifests(), DeliveryRules())
    found.find(files)
    assert [note.kind for note in found.notes] == ["delivery_question"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("a>s|2026-05|1-30", "300.00"), ("a>s|2026-05|1-10", "100.00"), "-200.00"),
        (("a>s|2026-05|1-30", "300.00"), ("a>t|2026-05|1-30", "300.00"), "-300.00"),
        (("a>s|2026-05|1-30", "300.00"), ("a>s|2026-05|1-30", "330.00"), "+30.00"),
        (("a>s|2026-05|1-10", "100.00"), ("a>s|2026-05|1-30", "300.00"), None),
        (("a>s|2026-05|1-30", "300.00"), ("a>s|2026-05|1-30", "300.00"), None),
    ],
)
def test_what_a_file_takes_back_by_being_overwritten_is_told(
    before: tuple[str, str], after: tuple[str, str], told: str | None
) -> None:
    old, new = (
        registered("x/bill.csv", day, scope, amount=amount, content=str(day))
        for day, (scope, amount) in enumerate((before, after), 1)
    )
    said = [(note.kind, note.message, note.file) for note in overwritten([old], [new])]
    assert [message.partition("difference ")[2].partition(";")[0] for _, message, _ in said] == ([told] if told else [])
    assert [(kind, file) for kind, _, file in said] == ([("restated", "x/bill.csv")] if told else [])
    assert list(overwritten([old], [old])) == []


def test_what_another_version_reads_of_the_same_bytes_is_not_said_to_be_overwritten() -> None:
    old = registered("x/bill.csv", 1, "a>s|2026-05|1-30", amount="330.00", content="h+readers:one")
    new = registered("x/bill.csv", 1, "a>s|2026-05|1-30", amount="300.00", content="h+readers:other")
    (note,) = overwritten([old], [new])
    assert "it was read anew by this version: 330.00 of what it charged before became 300.00 USD" in note.message


def test_days_of_an_export_by_the_day_are_told_in_one_sentence() -> None:
    old = registered("openai/a.csv", 1, *(f"o|2026-06-{day:02}|1-1" for day in (1, 2, 3, 5)), source_format="openai")
    new = registered(
        "openai/b.csv", 2, *(f"o|2026-06-{day:02}|1-1" for day in (1, 2, 3, 5)), source_format="openai", amount="1.25"
    )
    found = Restatements(Manifests(), DeliveryRules())
    found.find([old, new])
    [message] = [note.message for note in found.notes]
    assert "on 2026-06-01 to 2026-06-03, 2026-06-05: 4.00 became 5.00 USD, difference +1.00" in message
