# ruff: noqa: DTZ001 - instants are naive UTC
"""What the name of a file says of its delivery: parts, streams, periods, runs."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ingestion.sources.billing.paths import part_of, period_of, run_time_of, stem_of, stream_of
from tests.unit.ingestion.billing.landed import asked, gone, registered


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("x/20240901-20240930/run/part_0_0001.csv", "x/20240901-20240930/run/part"),
        ("x/part_1_0001.csv.gz", "x/part"),
        ("cur-00001.csv.gz", "cur"),
        ("cur-00002.snappy.parquet", "cur"),
        ("bill_1.csv", "bill"),
        ("bill.part2.csv", "bill"),
        ("bill-2024-09-01.csv", "bill-2024-09-01"),
        ("bill_20240901.csv", "bill_20240901"),
        ("bill_202409.csv", "bill_202409"),
        ("september_v2.csv", "september_v2"),
        ("a/00001.csv", "a/00001"),
    ],
)
def test_parts_share_a_stem(path: str, stem: str) -> None:
    assert stem_of(path) == stem


@pytest.mark.parametrize(
    ("name", "numbers", "of", "is_strict"),
    [
        ("part-2-of-3.csv", (2,), 3, True),
        ("bill 1 of 12.csv", (1,), 12, True),
        ("part_0_0001.csv", (0, 1), None, True),
        ("cur-00002.csv.gz", (2,), None, True),
        ("part-00003-8f3a2b1c-1111-2222-3333-444455556666-c000.snappy.parquet", (3,), None, True),
        ("bill_2.csv", (2,), None, False),
        ("bill-2024.csv", (2024,), None, False),
        ("bill_202409.csv", (), None, False),
    ],
)
def test_only_names_that_exporters_give_number_parts_for_sure(
    name: str, numbers: tuple[int, ...], of: int | None, is_strict: bool
) -> None:
    found = part_of(name)
    assert (found.numbers, found.of, found.is_strict) == (numbers, of, is_strict)


def test_streams_forget_runs_but_not_accounts() -> None:
    run = "azure/export/20240901-20240930/8f3a2b1c-1111-2222-3333-444455556666/part"
    assert stream_of(run) == "azure/export/*/*/part"
    assert stream_of("azure/8f3a2b1c-1111-2222-3333-444455556666/part") != stream_of(
        "azure/9f3a2b1c-1111-2222-3333-444455556666/part"
    )
    assert stream_of("aws_cur/123456789012/cur") == "aws_cur/123456789012/cur"
    assert run_time_of("azure/202410030200/guid/part_0.csv") == datetime(2024, 10, 3, 2)


def test_a_folder_names_its_period() -> None:
    assert period_of("azure/e/20260601-20260605/run/part_0.csv") == (
        date(2026, 6, 1),
        date(2026, 6, 5),
    )
    assert period_of("aws/r/20260601-20260701/x.csv") == (date(2026, 6, 1), date(2026, 6, 30))
    assert period_of("aws/r/x.csv") is None


JUNE, DAYS = "a|2026-06|1-30", {("", "2026-06", "1-30")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("june.csv", "june_v2.csv"),
        ("june_v9.csv", "june_v10.csv.gz"),
        ("june.csv", "june (1).csv"),
        ("june.csv", "June-Final.csv"),
        ("june.csv", "june corrected.xlsx"),
    ],
)
def test_a_name_says_that_it_is_the_later_version(one: str, other: str) -> None:
    """At one time the later version counts; where times say otherwise it counts and the run asks."""
    files = [registered(f"focus/{one}", 1, JUNE), registered(f"focus/{other}", 1, JUNE, amount="33")]
    assert gone(files) == {(f"focus/{one}", *each) for each in DAYS}
    assert asked(files) == []
    files = [registered(f"focus/{one}", 2, JUNE), registered(f"focus/{other}", 1, JUNE, amount="33")]
    assert gone(files) == {(f"focus/{one}", *each) for each in DAYS}
    (question,) = asked(files)
    assert "by the version in its name" in question


@pytest.mark.parametrize(
    "names", [("june_v2.csv", "june_final.csv"), ("june.csv", "june_v1.csv"), ("a.csv", "b_v2.csv")]
)
def test_names_that_order_nothing_leave_it_to_times(names: tuple[str, str]) -> None:
    one, other = (f"focus/{name}" for name in names)
    files = [registered(one, 1, JUNE), registered(other, 2, JUNE, amount="33")]
    assert (gone(files), asked(files)) == ({(one, *each) for each in DAYS}, [])


def test_versions_at_once_that_nothing_orders_are_asked_about() -> None:
    files = [registered("focus/june_v2.csv", 1, JUNE), registered("focus/june_final.csv", 1, JUNE, amount="33")]
    assert len(asked(files)) == 1
