"""Parts that an earlier run left behind, and days in names where times of change say nothing or something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ingestion.landing.delivery_rules import DeliveryRules, Rule
from ingestion.landing.registry import RegisteredFile
from ingestion.sources.billing.paths import date_of
from tests.unit.ingestion.billing.landed import asked, gone, registered

PART = "aws_cur/data/BILLING_PERIOD=2026-06/d-0000{}.csv"


def part(number: int, hour: datetime, span: str, *sample: int) -> RegisteredFile:
    file = registered(PART.format(number), 1, f"a>s|2026-06|{span}", source_format="aws_cur", sample=sample)
    return replace(file, modified_at_utc=hour)


def test_a_part_that_an_overwritten_run_left_behind_does_not_count_beside_the_new_ones() -> None:
    yesterday, today = datetime(2026, 6, 20, 6), datetime(2026, 6, 21, 6)  # noqa: DTZ001
    left, new = part(2, yesterday, "11-20", 4, 5, 6), part(1, today, "1-21", 1, 2, 3, 4, 5, 6)
    assert gone([new, left]) == {(left.path, "s", "2026-06", "11-20")}
    assert asked([new, left]) == []
    soon = replace(left, modified_at_utc=datetime(2026, 6, 21, 1))  # noqa: DTZ001
    assert gone([new, soon]) == set()


def test_parts_of_two_runs_that_charge_the_same_days_are_asked_about() -> None:
    new, old = (
        registered(f"f/part-{number}-of-2.csv", 10 + day, f"a>s|2026-06|{span}", sample=sample)
        for number, day, span, sample in ((1, 3, "1-12", (1, 2, 3)), (2, 1, "9-20", (2, 3, 4)))
    )
    assert gone([new, old]) == {(new.path, "s", "2026-06", "9-12")}
    assert any("part 2 of 2 is missing" in each for each in asked([new, old]))


def test_parts_that_arrive_over_days_add_up_on_the_day_of_the_cut() -> None:
    files = [
        registered(f"f/part-{number}-of-3.csv", 10 + number, f"a>s|2026-06|{span}", sample=sample)
        for number, span, sample in ((1, "1-4", (1, 2)), (2, "4-7", (1, 2)), (3, "7-9", (5,)))
    ]
    assert (gone(files), asked(files)) == (set(), [])


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("focus/acme-2026-07-02.csv", "2026-07-02"),
        ("focus/acme_20260702.csv.gz", "2026-07-02"),
        ("focus/2026-07-02/bill.csv", "2026-07-02"),
        ("focus/2026-07-02/bill-2026-07-03.csv", "2026-07-03"),
        ("focus/20260601-20260630/bill.csv", "None"),
        ("focus/2026-07/bill-2026-07.csv", "None"),
        ("focus/x-20261399.csv", "None"),
    ],
)
def test_a_name_may_end_in_a_day(path: str, day: str) -> None:
    assert str(date_of(path)) == day


@pytest.mark.parametrize("folder", ["x/{}/bill.csv", "x/bill-{}.csv"])
def test_of_two_files_of_one_time_the_one_of_the_later_day_counts(folder: str) -> None:
    old, new = (
        registered(folder.format(day), 5, "a>s|2026-06|1-30", amount=amount)
        for day, amount in (("2026-07-01", "30"), ("2026-07-02", "30.3"))
    )
    for files in ([old, new], [new, old]):
        assert gone(files) == {(old.path, "s", "2026-06", "1-30")}
        assert asked(files) == []


def test_a_day_in_a_name_that_contradicts_the_time_of_change_is_asked_about() -> None:
    one = registered("x/2026-07-01/bill.csv", 9, "a>s|2026-06|1-30", amount="30")
    other = registered("x/2026-07-02/bill.csv", 8, "a>s|2026-06|1-30", amount="30.3")
    assert gone([one, other]) == {(one.path, "s", "2026-06", "1-30")}
    assert "the older one by the day in its name" in asked([one, other])[0]
    same = replace(one, period_key=other.period_key)
    assert (gone([same, other]), asked([same, other])) == ({(other.path, "s", "2026-06", "1-30")}, [])


def test_another_export_that_lacks_charges_of_the_older_one_is_asked_about_however_small_they_are() -> None:
    whole = registered(
        "azure/all/may.csv", 1, "b>s|2026-05|1-5x3", source_format="azure", sample=(1, 2, 3), amount="90"
    )
    group = registered("azure/group/may.csv", 2, "b>s|2026-05|1-5x2", source_format="azure", sample=(1, 2), amount="80")
    assert gone([whole, group]) == {(group.path, "s", "2026-05", "1-5")}
    assert "it lacks charges that the older one has" in asked([whole, group])[0]
    later = registered(
        "azure/all/may (1).csv", 2, "b>s|2026-05|1-5x2", source_format="azure", sample=(1, 2), amount="99"
    )
    assert gone([whole, later]) == {(whole.path, "s", "2026-05", "1-5")}
    stream = [replace(file, path=f"azure/all/2026060{day}/may.csv") for day, file in ((1, whole), (2, group))]
    assert gone(stream) == {(stream[0].path, "s", "2026-05", "1-5")}


@pytest.mark.parametrize(
    ("match", "write"),
    [
        ("one.csv", "focus/one.csv"),
        ("Focus/One.csv", "focus/one.csv"),
        ("focus\\one.csv", "focus/one.csv"),
        ("./focus/one.csv", "focus/one.csv"),
        ("drop/billing/focus/one.csv", "focus/one.csv"),
        ("two.csv", "focus/two.csv or other/two.csv"),
        ("focus/one.csv", None),
        ("*/one.csv", None),
        ("focus/not_yet.csv", None),
    ],
)
def test_a_rule_that_names_a_file_otherwise_than_by_its_path_is_told_what_to_write(
    match: str, write: str | None
) -> None:
    rules = DeliveryRules([Rule(match, "ignore")])
    notes = rules.misspelled(["focus/one.csv", "focus/two.csv", "other/two.csv"])
    notes = [note for note in notes if note.kind == "delivery_rules"]
    assert [f"write {write}, or" in note.message for note in notes] == ([] if write is None else [True])
