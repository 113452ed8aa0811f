# ruff: noqa: DTZ001 - instants are naive UTC
"""Which delivery of a bill counts, by name, time, coverage and proof of completeness."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.sources.billing.delivery_rules import Rule
from ingestion.sources.billing.manifests import Listed, Manifest, Manifests, read_manifests
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


def test_the_newest_month_to_date_delivery_wins() -> None:
    files = [registered(f"focus/2025-09-{day:02}/b.csv", day, f"a>s|2025-09|1-{day}") for day in (3, 4, 5)]
    assert gone(files) == {
        (file.path, "s", "2025-09", file_days) for file, file_days in zip(files, ["1-3", "1-4"], strict=False)
    }
    assert asked(files) == []


def test_other_accounts_months_and_formats_stay() -> None:
    files = [
        registered("focus/one.csv", 3, "a>s|2025-09|1-30"),
        registered("focus/two.csv", 4, "b>s|2025-09|1-30", "a>s|2025-08|1-31", "a>t|2025-09|1-30"),
        registered("azure/three.csv", 5, "c>u|2025-09|1-30", source_format="azure"),
    ]
    assert (gone(files), asked(files)) == (set(), [])


def test_parts_of_one_delivery_add_up_and_replace_the_older_one_together() -> None:
    old = registered("aws_cur/old/cur-00001.csv", 2, "a>s|2025-09|1-30")
    new = [registered(f"aws_cur/new/cur-0000{i}.csv", 3 + i, "a>s|2025-09|1-30") for i in (1, 2)]
    assert gone([old, *new]) == {(old.path, "s", "2025-09", "1-30")}


def test_files_for_single_days_add_up() -> None:
    files = [registered(f"focus/b-2025-09-{day:02}.csv", day, f"a>s|2025-09|{day}-{day}") for day in (1, 2, 3)]
    files.append(registered("focus/again/b-2025-09-02.csv", 9, "a>s|2025-09|2-2"))
    assert gone(files) == {("focus/b-2025-09-02.csv", "s", "2025-09", "2")}


def test_a_correction_of_another_month_does_not_make_two_days_rivals() -> None:
    files = [
        registered("focus/b-2025-09-01.csv", 1, "a>s|2025-09|1-1"),
        registered("focus/b-2025-09-02.csv", 2, "a>s|2025-09|2-2", "a>s|2025-09+|0-0"),
    ]
    assert gone(files) == set()


def test_corrections_go_with_the_bill_that_restates_them_and_stay_beside_one_that_does_not() -> None:
    first = registered("focus/2025-10-02/b.csv", 2, "a>s|2025-10|1-2", "a>t|2025-10+|0-0")
    again = registered("focus/2025-10-03/b.csv", 3, "a>s|2025-10|1-3", "a>t|2025-10+|0-0")
    assert gone([first, again]) == {(first.path, "s", "2025-10", "1-2"), (first.path, "t", "2025-10+", "0")}
    alone = registered("focus/corrections.csv", 9, "a>s|2025-10+|0-0")
    assert gone([first, alone]) == set()


def test_corrections_delivered_twice_count_once_and_are_asked_about() -> None:
    one = registered("focus/c1.csv", 2, "a>s|2025-10+|0-0", sample=(1, 2))
    two = registered("focus/c2.csv", 3, "a>s|2025-10+|0-0", sample=(1, 2), content="other")
    assert gone([one, two]) == {("focus/c2.csv", "s", "2025-10+", "0")}
    (note,) = asked([one, two])
    assert "corrections that the older one has too" in note


def test_a_sub_account_missing_from_the_next_run_goes_only_if_the_run_is_proven_complete() -> None:
    old = registered("focus/x/20250901-20250930/202510010000/p_1.csv", 1, "a>s|2025-09|1-30", "a>t|2025-09|3-3")
    new = registered("focus/x/20250901-20250930/202510020000/p_1.csv", 2, "a>s|2025-09|1-30")
    other = registered("focus/y/20250901-20250930/202510030000/p_1.csv", 3, "a>u|2025-09|1-30")
    assert gone([old, new, other]) == {(new.path, "s", "2025-09", "1-30")}
    assert "it has no row of t" in asked([old, new, other])[0]
    proof = Manifests([Manifest(new.path.replace("p_1.csv", "manifest.json"), None, (new.path,), is_whole_period=True)])
    assert gone([old, new, other], proof) == {(old.path, "s", "2025-09", "1-30"), (old.path, "t", "2025-09", "3")}


def test_an_unproven_narrower_delivery_is_held_on_the_days_both_have() -> None:
    old = registered("focus/june.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/later.csv", 2, "a>s|2025-09|15-25")
    assert gone([old, new]) == {("focus/later.csv", "s", "2025-09", "15-20")}
    (note,) = asked([old, new])
    for part in (
        "focus/later.csv (11.00 USD)",
        "focus/june.csv (20.00 USD)",
        "deliveries.yml",
        "2025-09-15 to 2025-09-20",
    ):
        assert part in note


def test_a_one_off_export_that_has_every_day_its_folder_names_replaces_those_days() -> None:
    old = registered("azure/mtd/20250901-20250930/202510010400/part_0_0001.csv", 1, "a>s|2025-09|1-30")
    new = registered("azure/once/20250901-20250905/202510050400/part_0_0001.csv", 5, "a>s|2025-09|1-5")
    assert gone([old, new]) == {(old.path, "s", "2025-09", "1-5")}
    short = registered("azure/once/20250901-20250909/202510050400/part_0_0001.csv", 5, "a>s|2025-09|1-5")
    assert gone([old, short]) == {(short.path, "s", "2025-09", "1-5")}


def test_half_the_rows_or_other_charges_are_no_restatement() -> None:
    old = registered("focus/a.csv", 1, "a>s|2025-09|1-30x4", sample=(10, 20))
    few = registered("focus/b.csv", 2, "a>s|2025-09|1-30x1", sample=(10, 20))
    assert gone([old, few]) == {("focus/b.csv", "s", "2025-09", "1-30")}
    assert "30 rows where the older one has 120" in asked([old, few])[0]
    late = registered("focus/b.csv", 2, "a>s|2025-09|1-30x4", sample=(11, 21))
    assert "charge for other things" in asked([old, late])[0]


def test_files_whose_hours_do_not_meet_add_up() -> None:
    one = registered("focus/h1.csv", 1, "a>s|2025-09|1-2", seconds=(1_756_684_800, 1_756_810_800))
    two = registered("focus/h2.csv", 2, "a>s|2025-09|2-3", seconds=(1_756_814_400, 1_756_900_000))
    assert (gone([one, two]), asked([one, two])) == (set(), [])


def test_other_vendors_of_one_account_name_add_up() -> None:
    one = registered("focus/one.csv", 1, "a>s|2025-09|1-5", provider="One")
    two = registered("focus/two.csv", 2, "a>s|2025-09|1-5", provider="Two")
    assert (gone([one, two]), asked([one, two])) == (set(), [])
    issued = registered("focus/three.csv", 3, "a>s|2025-09|1-5", provider="One", issuer="Reseller")
    assert gone([two, issued]) == set()


def test_without_an_account_the_folder_is_the_account() -> None:
    one = registered("focus/x/june.csv", 1, ">|2025-09|1-5", provider="One")
    two = registered("focus/y/june.csv", 2, ">|2025-09|1-5", provider="One")
    again = registered("focus/x/june (1).csv", 3, ">|2025-09|1-5", provider="One")
    assert gone([one, two]) == set()
    assert gone([one, two, again]) == {("focus/x/june.csv", "", "2025-09", "1-5")}


def test_equal_times_are_decided_by_the_last_day_then_rows_and_asked_about_else() -> None:
    files = [registered("focus/b.csv", 3, "a>s|2025-09|1-2"), registered("focus/a.csv", 3, "a>s|2025-09|1-4")]
    assert gone(files) == {("focus/b.csv", "s", "2025-09", "1-2")}
    files = [registered("focus/b.csv", 3, "a>s|2025-09|1-4x1"), registered("focus/a.csv", 3, "a>s|2025-09|1-4x2")]
    assert gone(files) == {("focus/b.csv", "s", "2025-09", "1-4")}
    files = [
        registered("focus/b.csv", 3, "a>s|2025-09|1-4", amount="5", content="1"),
        registered("focus/a.csv", 3, "a>s|2025-09|1-4", amount="6", content="2"),
    ]
    assert gone(files) == {("focus/a.csv", "s", "2025-09", "1-4")}
    assert "same time, last day and number of rows" in asked(files)[0]


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (["part-1-of-3.csv", "part-3-of-3.csv"], "part 2 of 3"),
        (["cur-00001.csv", "cur-00003.csv"], "part 2"),
        (["part_0_0001.csv", "part_2_0001.csv"], "part 1"),
        (["cur-00002.csv"], "part 1"),
    ],
)
def test_a_delivery_that_misses_a_part_is_held_whole(new: list[str], problem: str) -> None:
    old = registered("focus/x/2025-10-01/b.csv", 1, "a>s|2025-09|1-20")
    parts = [registered(f"focus/x/2025-10-02/{name}", 2, "a>s|2025-09|1-21") for name in new]
    assert gone([old, *parts]) == {(part.path, "s", "2025-09", "1-21") for part in parts}
    (note,) = asked([old, *parts])
    assert problem in note


def test_a_damaged_file_is_held_and_counts_where_nothing_older_is() -> None:
    old = registered("focus/2025-10-01/b.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/2025-10-02/b.csv", 2, "a>s|2025-09|1-21", damage="it breaks off")
    assert gone([old, new]) == {(new.path, "s", "2025-09", "1-21")}
    assert gone([new]) == set()
    assert "breaks off. It counts as far as it goes" in asked([new])[0]


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        ((Listed("e/run2/a.csv", row_count=21), Listed("e/run2/b.csv")), "e/run2/b.csv is listed"),
        ((Listed("e/run2/a.csv", row_count=22),), "has 21 rows and 22"),
        ((Listed("e/run2/a.csv", byte_count=2),), "has 1 bytes and 2"),
    ],
)
def test_a_manifest_that_says_more_than_arrived_holds_the_delivery(listed: tuple[Listed, ...], problem: str) -> None:
    old = registered("azure/e/run1/a.csv", 1, "a>s|2025-09|1-20")
    new = registered("azure/e/run2/a.csv", 2, "a>s|2025-09|1-21")
    manifests = Manifests([Manifest("azure/e/run2/manifest.json", None, tuple(each.name for each in listed), listed)])
    assert gone([old, new], manifests) == {(new.path, "s", "2025-09", "1-21")}
    assert problem in asked([old, new], manifests)[0]


def test_an_export_of_a_resource_group_adds_to_that_of_another_and_never_replaces_the_subscription() -> None:
    def run(name: str, day: int, scope: str) -> tuple[Manifest, str]:
        return Manifest(f"azure/{name}/manifest.json", datetime(2025, 10, day), (f"{name}/a.csv",), scope=scope), name

    def files(*runs: tuple[Manifest, str]) -> tuple[set[tuple[str, str, str, str]], list[str]]:
        landed = [registered(f"azure/{name}/a.csv", 9, "a>s|2025-09|1-20", source_format="azure") for _, name in runs]
        manifests = Manifests([manifest for manifest, _ in runs])
        return gone(landed, manifests), asked(landed, manifests)

    group_1, group_2 = (
        run("g1", 1, "subscriptions/s/resourcegroups/1"),
        run("g2", 2, "subscriptions/s/resourcegroups/2"),
    )
    whole = run("whole", 1, "subscriptions/s")
    assert files(group_1, group_2) == (set(), [])
    held, notes = files(whole, group_2)
    assert held == {("azure/g2/a.csv", "s", "2025-09", "1-20")}
    assert "resourcegroups/2 only" in notes[0]
    assert files(group_1, run("later", 3, "subscriptions/s"))[0] == {("azure/g1/a.csv", "s", "2025-09", "1-20")}


def test_numbered_copies_are_no_parts() -> None:
    copies = [registered(f"focus/bill_{n}.csv", n, "a>s|2025-09|1-9", sample=(5, 6)) for n in (1, 2)]
    assert gone(copies) == {("focus/bill_1.csv", "s", "2025-09", "1-9")}
    parts = [registered(f"focus/bill_{n}.csv", n, "a>s|2025-09|1-9", sample=(5, 6 + n)[1:]) for n in (1, 2)]
    assert gone(parts) == set()


def test_a_header_without_rows_is_asked_about_and_a_manifest_can_say_that_there_were_none() -> None:
    old = registered("azure/e/20250901-20250930/run1/a.csv", 1, "a>s|2025-09|1-20")
    empty = registered("azure/e/20250901-20250930/run2/a.csv", 2)
    assert gone([old, empty]) == set()
    assert asked([registered("azure/e/a.csv", 1, "a>s|2025-09|1-20"), empty]) == []
    manifest = Manifest(
        "azure/e/20250901-20250930/run2/manifest.json", None, ("run2/a.csv",),
        first_day=date(2025, 9, 1), last_day=date(2025, 9, 5),
    )  # fmt: skip
    old = registered("azure/e/20250901-20250930/202510010000/a.csv", 1, "a>s|2025-09|1-20")
    empty = registered("azure/e/20250901-20250930/202510020000/a.csv", 2)
    assert "a header and no row" in asked([old, empty])[0]
    manifest = Manifest(
        "azure/e/20250901-20250930/202510020000/manifest.json", None, ("202510020000/a.csv",),
        first_day=date(2025, 9, 1), last_day=date(2025, 9, 5),
    )  # fmt: skip
    assert gone([old, empty], Manifests([manifest])) == {(old.path, "s", "2025-09", "1-5")}


def test_amortised_cost_never_adds_to_actual_cost_and_focus_counts_before_native() -> None:
    actual = registered("azure/actual/a.csv", 1, "a>s|2025-09|1-20", source_format="azure")
    amortized = registered("azure/amortized/a.csv", 2, "a>s|2025-09|10-25", source_format="azure")
    assert gone([actual, amortized]) == {("azure/amortized/a.csv", "s", "2025-09", "10-20")}
    assert "the same money twice" in asked([actual, amortized])[0]
    focus = registered("focus/a.csv", 3, "/x/a>/subscriptions/S|2025-09|1-30", provider="Microsoft")
    assert gone([actual, focus]) == {("azure/actual/a.csv", "s", "2025-09", "1-20")}


def test_a_subscription_under_two_agreements_and_a_bill_in_two_currencies_both_count_and_are_asked_about() -> None:
    one = registered("azure/a.csv", 1, "ea>s|2025-09|1-20", source_format="azure")
    two = registered("azure/b.csv", 2, "mca>s|2025-09|20-30", source_format="azure")
    assert gone([one, two]) == set()
    (note,) = asked([one, two])
    assert "s is billed under ea and under mca" in note
    assert "both count for now" in note
    euro = registered("azure/c.csv", 3, "ea>s|2025-09|1-20", source_format="azure", currency="EUR")
    assert gone([one, euro]) == set()
    assert "billed in USD and EUR" in asked([one, euro])[0]


def test_rules_decide() -> None:
    old = registered("focus/june.csv", 1, "a>s|2025-09|1-20")
    new = registered("focus/once.csv", 2, "a>s|2025-09|15-25")
    held = {("focus/once.csv", "s", "2025-09", "15-20")}
    assert gone([old, new]) == held
    assert gone([old, new], rules=[Rule("focus/once*", "adds")]) == set()
    assert gone([old, new], rules=[Rule("focus/once*", "replaces", "focus/june.csv")]) == {
        ("focus/june.csv", "s", "2025-09", "15-20")
    }
    assert gone([old, new], rules=[Rule("focus/once*", "ignore")]) == {("focus/once.csv", "s", "2025-09", "15-25")}
    assert gone([old, new], rules=[Rule("focus/once*", "adds", "focus/other*")]) == held
    assert asked([old, new], rules=[Rule("focus/once*", "adds")]) == []


def test_a_manifest_binds_files_and_dates_them() -> None:
    files = [
        registered("azure/e/p/run1/x.csv", 9, "a>s|2025-09|1-9"),
        registered("azure/e/p/run2/one.csv", 2, "a>s|2025-09|1-9"),
        registered("azure/e/p/run2/two.csv", 2, "a>s|2025-09|1-9"),
    ]
    manifests = Manifests(
        [
            Manifest("azure/e/p/run1/manifest.json", datetime(2025, 10, 1), ("c/e/p/run1/x.csv",)),
            Manifest(
                "azure/e/p/run2/manifest.json", datetime(2025, 10, 2), ("c/e/p/run2/one.csv", "c/e/p/run2/two.csv")
            ),
        ]
    )
    assert gone(files, manifests) == {("azure/e/p/run1/x.csv", "s", "2025-09", "1-9")}


def test_manifests_of_azure_and_aws_are_read(tmp_path: Path) -> None:
    azure = {
        "blobs": [{"blobName": "d/run/part_0_0001.csv"}],
        "runInfo": {"submittedTime": "2025-10-02T01:02:03.4567Z"},
    }
    aws = {"reportKeys": ["r/20250901-20251001/abc/r-00001.csv.gz"]}
    for name, content in {
        "azure/run/manifest.json": azure,
        "aws/abc/r-Manifest.json": aws,
        "bad/manifest.json": [],
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(json.dumps(content))
    manifests = read_manifests(tmp_path)
    found = manifests.listing("azure/run/part_0_0001.csv")
    assert found is not None
    assert found.submitted_at_utc == datetime(2025, 10, 2, 1, 2, 3, 456700)
    assert manifests.listing("aws/abc/r-00001.csv.gz") is not None
    assert manifests.listing("elsewhere/r-00001.csv.gz") is None


def test_oci_files_never_replace_one_another() -> None:
    files = [
        registered("oci/a.csv", 1, source_format="oci", lines=None),
        registered("oci/b.csv", 2, source_format="oci", lines=None),
    ]
    assert gone(files) == set()
